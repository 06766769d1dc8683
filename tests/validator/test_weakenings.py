"""Weakenings of the generated source, the spec unchanged: each changes a cell, or the list says why none does."""

from __future__ import annotations

import random

import pytest

from tests.support.weakened import judged
from tests.support.weakenings import UNSEEN, WEAKENINGS, Weakening

LEAST = 0.88
SAMPLE = 4


def changes(weakening: Weakening, before: dict[str, tuple[str, str]]) -> bool:
    return {row.id: (row.verdict.value, row.reason) for row in judged(weakening)} != before


@pytest.fixture(scope="module")
def before() -> dict[str, tuple[str, str]]:
    found = {row.id: (row.verdict.value, row.reason) for row in judged()}
    assert "fail" not in {verdict for verdict, _ in found.values()}
    return found


def test_each_name_is_given_once_and_most_weakenings_are_seen() -> None:
    names = [each.name for each in WEAKENINGS]
    assert len(set(names)) == len(names)
    assert set(UNSEEN) <= set(names)
    assert 1 - len(UNSEEN) / len(names) >= LEAST


@pytest.mark.parametrize(
    "weakening",
    random.Random(16).sample([each for each in WEAKENINGS if each.name not in UNSEEN], SAMPLE),  # noqa: S311 - no secret
    ids=lambda each: each.name,
)
def test_a_sample_is_seen(weakening: Weakening, before: dict[str, tuple[str, str]]) -> None:
    assert changes(weakening, before)


@pytest.mark.long
@pytest.mark.parametrize("weakening", WEAKENINGS, ids=lambda each: each.name)
def test_every_weakening_is_seen_or_says_why_not(weakening: Weakening, before: dict[str, tuple[str, str]]) -> None:
    assert changes(weakening, before) is (weakening.name not in UNSEEN)
