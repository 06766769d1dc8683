"""Systematic mutations of the generated source: each has the controls whose cells must change, or why none does.

`tests/data/mutations.json` holds them all: ``own`` changes cells that are asked of any source, ``spec`` those that a
field of the spec decides, ``unchanged`` gives the reason and the mutations for which it holds.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.mutations import Mutation, mutations
from tests.support.weakened import judged, source

TABLE: Mapping[str, Any] = json.loads((Path(__file__).parents[1] / "data" / "mutations.json").read_text("utf-8"))
OWN: Mapping[str, str] = TABLE["own"]
BY_SPEC: Mapping[str, str] = TABLE["spec"]
UNCHANGED: Mapping[str, str] = {name: why for why, names in TABLE["unchanged"].items() for name in names}
SEEN = {**OWN, **BY_SPEC}
DAILY = random.Random(13).sample(sorted(SEEN), 3) + random.Random(14).sample(sorted(UNCHANGED), 1)  # noqa: S311 - no secret
LEAST = 200


@cache
def by_name() -> Mapping[str, Mutation]:
    return {mutation.name: mutation for mutation in mutations(source().resolve())}


@cache
def state(spec: bool, name: str | None = None) -> Mapping[str, tuple[str, str, str]]:
    """By cell, the control, verdict and reason."""
    rows = judged(by_name()[name] if name is not None else None, spec=spec)
    return {row.id: (row.control, row.verdict.value, row.reason) for row in rows}


def changed(name: str, *, spec: bool) -> set[str]:
    """The controls of the cells that are not as before."""
    before, after = state(spec), state(spec, name)
    ids = {each for each in {**before, **after} if before.get(each) != after.get(each)}
    return {(after.get(each) or before[each])[0] for each in ids}


def holds(name: str) -> bool:
    """Whether the table says what happens."""
    if name in UNCHANGED:
        return not changed(name, spec=False) and not changed(name, spec=True)
    return set(SEEN[name].split()) <= changed(name, spec=name in BY_SPEC)


def test_every_mutation_has_its_cells_or_a_reason() -> None:
    assert set(by_name()) == {*SEEN, *UNCHANGED}
    assert len(SEEN) + len(UNCHANGED) == sum(map(len, (OWN, BY_SPEC, UNCHANGED)))
    assert len(OWN) >= LEAST


@pytest.mark.parametrize("name", DAILY)
def test_a_sample_holds(name: str) -> None:
    assert holds(name)


@pytest.mark.long
@pytest.mark.parametrize("name", sorted({*SEEN, *UNCHANGED}))
def test_each_holds(name: str) -> None:
    assert holds(name)
