"""Knowing less never turns a pass into a fail or back: it may only turn either into undetermined.

A whole baseline with random faults is judged twice: as it is, and with random values made unknown. This is the rule
that lets a plan, its source, a state and the live account refine one another.
"""

from __future__ import annotations

import random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from guardline.validator.controls import CATALOGUE
from guardline.validator.evaluate import evaluate
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector, Feature
from guardline.validator.model.resource import Place, Thing
from guardline.validator.model.value import Value, unknown
from tests.support.estates import estate, flow_log, trail, vpc
from tests.validator.controls.test_mutations import BASELINE, MUTATIONS, WITHIN

# More than one thing that may do, so that unknowns meet alternatives.
THINGS = (*BASELINE.things, trail("weak", logging=False), vpc("v"), flow_log("aws_vpc.v", "v", traffic="REJECT"))
LOST: Value[Any] = unknown("blurred")


def faulty(numbers: random.Random) -> Estate:
    """The baseline with up to three faults."""
    things: list[Thing] = list(THINGS)
    for _, change, _ in numbers.sample(MUTATIONS, numbers.randint(0, 3)):
        try:
            things = [after for thing in things if (after := change(thing)) is not None]
        except AssertionError:  # two faults of one feature
            continue
    return estate(*things)


def _without(thing: Thing, leaf: str) -> Thing:
    change: dict[str, Any] = {leaf: LOST}
    return replace(thing, **change)


def blurred(thing: Thing, numbers: random.Random) -> Thing:
    """The thing with one of its values unknown."""
    leaves = [name for name in thing.__struct_fields__ if isinstance(getattr(thing, name), Value)]
    choices: list[Thing] = [_without(thing, name) for name in leaves]
    choices.append(replace(thing, place=Place(thing.place.account, LOST)))
    if isinstance(thing, Detector):
        for name, declared in thing.features.items():
            lost: tuple[Feature, ...] = tuple(replace(each, enabled=LOST) for each in declared)
            choices.append(replace(thing, features={**thing.features, name: lost}))
            left = {other: each for other, each in thing.features.items() if other != name}
            choices.append(replace(thing, features=left, perhaps=("a feature of unknown name may be it",)))
    return numbers.choice(choices)


def verdicts(found: Estate) -> dict[tuple[object, ...], str]:
    """Cell -> verdict."""
    rows = evaluate(found, None, WITHIN, CATALOGUE, frozenset({"plan"}))
    return {(row.control, row.region, row.subject): row.verdict.value for row in rows}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32))
def test_less_knowledge_never_contradicts_more(seed: int) -> None:
    numbers = random.Random(seed)  # noqa: S311 - a reproducible choice, not a secret
    sharp = faulty(numbers)
    hidden = set(numbers.sample(range(len(sharp.things)), min(len(sharp.things), numbers.randint(1, 4))))
    vague = estate(*(blurred(thing, numbers) if at in hidden else thing for at, thing in enumerate(sharp.things)))
    clear, dim = verdicts(sharp), verdicts(vague)
    settled = {"pass", "fail"}
    contradicted = {
        cell: (dim[cell], clear[cell])
        for cell in clear.keys() & dim.keys()
        if dim[cell] in settled and clear[cell] in settled and dim[cell] != clear[cell]
    }
    assert not contradicted
