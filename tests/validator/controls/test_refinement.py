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
from guardline.validator.model.resource import Location, Resource
from guardline.validator.model.value import Value, unknown
from tests.support.estates import estate, flow_log, trail, vpc
from tests.validator.controls.test_mutations import BASELINE, MUTATIONS, WITHIN

# More than one thing that may do, so that unknowns meet alternatives.
THINGS = (*BASELINE.resources, trail("weak", logging=False), vpc("v"), flow_log("aws_vpc.v", "v", traffic="REJECT"))
LOST: Value[Any] = unknown("blurred")


def faulty(numbers: random.Random) -> Estate:
    """The baseline with up to three faults."""
    resources: list[Resource] = list(THINGS)
    for _, change, _ in numbers.sample(MUTATIONS, numbers.randint(0, 3)):
        try:
            resources = [after for resource in resources if (after := change(resource)) is not None]
        except AssertionError:  # two faults of one feature
            continue
    return estate(*resources)


def _without(resource: Resource, leaf: str) -> Resource:
    change: dict[str, Any] = {leaf: LOST}
    return replace(resource, **change)


def blurred(resource: Resource, numbers: random.Random) -> Resource:
    """The thing with one of its values unknown."""
    leaves = [name for name in resource.__struct_fields__ if isinstance(getattr(resource, name), Value)]
    choices: list[Resource] = [_without(resource, name) for name in leaves]
    choices.append(replace(resource, location=Location(resource.location.account, LOST)))
    if isinstance(resource, Detector):
        for name, declared in resource.features.items():
            lost: tuple[Feature, ...] = tuple(replace(each, enabled=LOST) for each in declared)
            choices.append(replace(resource, features={**resource.features, name: lost}))
            left = {other: each for other, each in resource.features.items() if other != name}
            choices.append(replace(resource, features=left, possible=("a feature of unknown name may be it",)))
    return numbers.choice(choices)


def verdicts(found: Estate) -> dict[tuple[object, ...], str]:
    """Cell -> verdict, without what AWS refuses: a second one of unknown region is assumed to be of another region.

    Nor is a trail taken for refused whose bucket has a policy that is unknown: before the first apply that is every
    trail. `trail-bucket-protected` is undetermined then.
    """
    rows = evaluate(found, None, WITHIN, CATALOGUE, frozenset({"plan"}))
    return {
        (row.control, row.region, row.subject): row.verdict.value
        for row in rows
        if "AWS allows one" not in row.reason and "cannot deliver" not in row.reason
    }


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32))
def test_less_knowledge_never_contradicts_more(seed: int) -> None:
    numbers = random.Random(seed)  # noqa: S311 - a reproducible choice, not a secret
    sharp = faulty(numbers)
    hidden = set(numbers.sample(range(len(sharp.resources)), min(len(sharp.resources), numbers.randint(1, 4))))
    vague = estate(
        *(blurred(resource, numbers) if at in hidden else resource for at, resource in enumerate(sharp.resources))
    )
    clear, dim = verdicts(sharp), verdicts(vague)
    settled = {"pass", "fail"}
    contradicted = {
        cell: (dim[cell], clear[cell])
        for cell in clear.keys() & dim.keys()
        if dim[cell] in settled and clear[cell] in settled and dim[cell] != clear[cell]
    }
    assert not contradicted
