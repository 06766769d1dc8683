"""Random specs: what is generated holds all that its spec asks, and a spec that says other at any leaf sees it."""

from __future__ import annotations

import random
import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, assume, given, seed, settings

from guardline.generator.baseline import Baseline
from tests.support.leaf_checks import Judged, is_seen
from tests.support.random_specs import RandomSpec, specs

LEAVES = 8
"""How many leaves of each spec are changed."""

# Where Terraform does more than the spec asks (denies regions, replicates a key), or nothing that the spec asks names
# the organization, all holds.
MORE = {"tamper.deny_regions", "trail.kms_key", "organization.id"}


def judged(spec: Path) -> Judged:
    """The source of a spec, judged by it."""
    Baseline.of(spec).write()
    folder = spec.parent
    roots = (path.parent for path in folder.rglob("providers.tf"))
    own = [root for root in roots if "modules" not in root.relative_to(folder).parts]
    # Exclusions and rules end on any day of the calendar: of the first one, none has.
    return Judged("random", RandomSpec.read(spec), folder, own, as_of=date.min)


def stays_off(source: Judged, leaf: str) -> bool:
    """Whether the leaf is the mode of a practice that is off: with another reason it is off as well."""
    block = source.data
    for name in leaf.split(".")[:-1]:
        block = block.get(name) or {}
    return leaf.endswith(".mode") and block.get("mode") == "off"


def check_random(examples: int, start: int) -> None:
    tried: list[int] = []

    @settings(
        deadline=None, max_examples=examples, phases=(Phase.generate,),
        database=None, suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much),
    )  # fmt: skip
    @seed(start)
    @given(specs())
    def every(random_spec: RandomSpec) -> None:
        assume(random_spec.data.get("partition", "aws") == "aws")
        with tempfile.TemporaryDirectory() as folder:
            source = judged(random_spec.write(Path(folder) / "env"))
            failing = {control for control, verdict, _ in source.cells.values() if verdict == "fail"}
            assert failing <= {"access-separated"}  # a spec may name a whole account as those who read
            leaves = random.Random(start).sample(source.leaves, min(LEAVES, len(source.leaves)))  # noqa: S311 - no secret
            for leaf in leaves:
                found = source.changed_by_any(leaf)
                seen = (
                    is_seen(leaf, found.values())
                    or source.never_passes(leaf)
                    or leaf in MORE
                    or stays_off(source, leaf)
                )
                assert seen or not found, (leaf, list(found))
                tried.append(len(found))

    every()
    assert len(tried) >= examples
    assert sum(tried) >= examples


@pytest.mark.environments
def test_a_few_random_specs() -> None:
    check_random(2, 1)


@pytest.mark.long
@pytest.mark.parametrize("start", range(10, 15))
def test_many_random_specs(start: int) -> None:
    check_random(8, start)
