"""Addresses: an instance key may hold anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardline.validator.sources.address import Address, AddressError, Step, join, parse, parse_modules, quote, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("aws_vpc.v", Address((), "managed", "aws_vpc", "v")),
        ("aws_vpc.v[0]", Address((), "managed", "aws_vpc", "v", 0)),
        ('aws_vpc.v["b.c"]', Address((), "managed", "aws_vpc", "v", "b.c")),
        ("data.aws_vpcs.all", Address((), "data", "aws_vpcs", "all")),
        ("module.data.aws_vpc.v", Address((Step("data"),), "managed", "aws_vpc", "v")),
        (
            'module.a["x].[y"].module.b[2].data.aws_vpcs.all["q\\"z"]',
            Address((Step("a", "x].[y"), Step("b", 2)), "data", "aws_vpcs", "all", 'q"z'),
        ),
        ('aws_vpc.v["$${a}%%{b}"]', Address((), "managed", "aws_vpc", "v", "${a}%{b}")),
        ('aws_vpc.v["\\u00e9\\n"]', Address((), "managed", "aws_vpc", "v", "é\n")),
        ('aws_vpc.v[""]', Address((), "managed", "aws_vpc", "v", "")),
    ],
)
def test_parse(text: str, expected: Address) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "aws_vpc", "aws_vpc.", ".v", 'aws_vpc.v["a', "aws_vpc.v[x]", "aws_vpc.v[0", "aws_vpc.v]", "aws_vpc[0].v",
     "module.a", 'aws_vpc.v["\\uZZZZ"]', "aws_vpc.v[0]x", "aws_vpc.v[²]"],
)  # fmt: skip
def test_not_an_address(text: str) -> None:
    with pytest.raises(AddressError):
        parse(text)


@given(st.one_of(st.none(), st.integers(0, 10**6), st.text()), st.text())
def test_a_key_survives_writing_and_reading(key: str | int | None, module_key: str) -> None:
    text = join((Step("m", module_key),), f"aws_vpc.v{quote(key)}")
    assert parse(text) == Address((Step("m", module_key),), "managed", "aws_vpc", "v", key)


def test_modules() -> None:
    assert parse_modules("") == ()
    assert parse_modules('module.a["k"].module.b') == (Step("a", "k"), Step("b"))
    with pytest.raises(AddressError):
        parse_modules("module.a.b")


def test_a_reference_may_index_twice() -> None:
    assert tokens('local.m["a"]["b"].id') == (("local", None), ("m", "a"), ("", "b"), ("id", None))
