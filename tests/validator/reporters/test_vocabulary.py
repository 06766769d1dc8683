"""Words and signs: one for each verdict, safe to print, and short where there are many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardline.spec.saying import printable
from guardline.validator.control import Status
from guardline.validator.reporters.vocabulary import (
    MEANINGS,
    NOTHING,
    SYMBOLS,
    ascii_text,
    count,
    listed,
    region_names,
)
from tests.support.realistic_report import DEFAULT_REGIONS


def test_every_verdict_has_a_sign_of_its_own_and_a_meaning() -> None:
    signs = [*SYMBOLS.values(), NOTHING]
    assert set(SYMBOLS) == set(MEANINGS) == set(Status)
    assert len(set(signs)) == len(signs) == len({ascii_text(sign) for sign in signs})
    assert all(len(ascii_text(sign)) == 1 for sign in signs)


@given(st.text(st.characters(codec=None)))
def test_plain_text_prints_and_is_one_line(text: str) -> None:
    found = printable(text)
    assert found.isprintable()
    assert len(f"{found}.".splitlines()) == 1
    assert printable(found) == found
    assert ascii_text(found).isascii()


@pytest.mark.parametrize(("text", "says"), [("a\nb", "a\\nb"), ("\x1b[0m", "\\x1b[0m"), ("\u202e", "\\u202e")])
def test_what_does_not_print_is_shown(text: str, says: str) -> None:
    assert printable(text) == says


def test_ascii_keeps_ascii_and_escapes_the_rest() -> None:
    assert ascii_text("✗ a × b → c … é") == "X a x b -> c ... \\xe9"


@pytest.mark.parametrize(
    ("number", "says"), [(0, "0 cells"), (1, "1 cell"), (9999, "9999 cells"), (10_000, "10,000 cells")]
)
def test_counts(number: int, says: str) -> None:
    assert count(number, "cell") == says


def test_an_irregular_plural() -> None:
    assert (count(1, "is", "are"), count(2, "is", "are")) == ("1 is", "2 are")


def test_lists_count_what_they_leave_out() -> None:
    assert (listed(["a", "b"], 2), listed(["a", "b", "c"], 2)) == ("a, b", "a, b and 1 more")


def test_few_regions_are_named_and_many_drawn_together() -> None:
    assert region_names(["eu-west-1", "eu-west-2"]) == "eu-west-1, eu-west-2"
    assert region_names(DEFAULT_REGIONS) == (
        "ap-northeast-1/2/3, ap-south-1, ap-southeast-1/2, ca-central-1, eu-central-1, eu-north-1, eu-west-1/2/3, "
        "sa-east-1, us-east-1/2, us-west-1/2"
    )
    assert region_names(["a", "b", "c", "d", "eu-west-1"]) == "a/b/c/d, eu-west-1"
