"""The wire format, beside examples of its own documentation and Terraform's values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.stubprovider import messages as m
from tests.support.stubprovider.values import UNKNOWN, Unknown, known, pack, unpack
from tests.support.stubprovider.wire import decoder, encode


@dataclass(frozen=True)
class Inner:
    a: Annotated[int, 1] = 0


@dataclass(frozen=True)
class Outer:
    b: Annotated[str, 2] = ""
    c: Annotated[Inner | None, 3] = None
    d: Annotated[tuple[int, ...], 4] = ()
    e: Annotated[Mapping[str, Inner], 5] = field(default_factory=dict)
    f: Annotated[bool, 6] = False
    g: Annotated[bytes, 7] = b""


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (Inner(150), "089601"),  # the documentation's own example
        (Outer(b="testing"), "120774657374696e67"),
        (Outer(c=Inner(150)), "1a03089601"),
        (Outer(c=Inner()), "1a00"),  # there, though it says nothing
        (Inner(-2), "08feffffffffffffffff01"),
        (Outer(e={"k": Inner(1)}), "2a070a016b12020801"),
        (Outer(), ""),
    ],
)
def test_the_bytes_are_those_of_the_documentation(message: Any, text: str) -> None:
    assert encode(message).hex() == text
    assert decoder(type(message))(bytes.fromhex(text)) == message


@given(
    st.builds(
        Outer,
        b=st.text(),
        c=st.none() | st.builds(Inner, a=st.integers(-(2**63), 2**63 - 1)),
        e=st.dictionaries(st.text(), st.builds(Inner, a=st.integers(0, 2**31))),
        f=st.booleans(),
        g=st.binary(),
    )
)
def test_what_is_written_is_read_back(message: Outer) -> None:
    assert decoder(Outer)(encode(message)) == message


def test_a_field_that_is_not_known_is_skipped() -> None:
    later = encode(Outer(b="x", g=b"y")) + bytes.fromhex("4d01020304") + bytes.fromhex("510102030405060708")
    assert decoder(Outer)(later) == Outer(b="x", g=b"y")


@pytest.mark.parametrize("text", ["1205", "08ff", "0b", "1a0a0896"])
def test_damaged_bytes_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"message|wire type"):
        decoder(Outer)(bytes.fromhex(text))


def test_an_unknown_value_travels_as_terraform_writes_it() -> None:
    assert pack(UNKNOWN).msgpack.hex() == "d40000"
    refined = Unknown(12, b"\x81\x01\xc2")
    assert unpack(pack({"a": [refined, None]})) == {"a": [refined, None]}
    assert unpack(m.DynamicValue(b"\xc0")) is None
    assert unpack(m.DynamicValue()) is None


def test_a_value_is_known_when_all_of_it_is() -> None:
    assert known({"a": [1, {"b": None}]})
    assert not known({"a": [1, {"b": UNKNOWN}]})


def test_what_is_no_value_is_refused() -> None:
    with pytest.raises(TypeError, match="no value of Terraform's"):
        pack({"a": object()})
