"""Every leaf of the spec is asked in plans as it is in source, in both styles: see `test_every_leaf`."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from guardline.generator.baseline import Baseline
from tests.support.leaf_checks import Judged, is_seen
from tests.support.spec_leaves import spec_data, write
from tests.support.stub_roots import Root
from tests.support.stubprovider.server import Attached

BASES = ("everything", "otherwise", "references", "off")  # of one account; an organization has its own tests
SAMPLE = 10


def planned(base: str, style: str, folder: Path, stub: Attached) -> Judged:
    """The first plan of a spec's root, judged by that spec."""
    data = spec_data(base, style)
    data["terraform"].pop("backend", None)  # the state lies beside the root
    for newer in ("ai_protection", "ai_analyst"):  # provider 5.100, which is asked what is valid, is older
        data.get("guardduty", {}).get("features", {}).pop(newer, None)
    baseline = Baseline.of(write(data, folder))
    baseline.write()
    (account,) = baseline.roots
    root = Root(baseline.root / account.folder, baseline.folders[0].path, account.account_id, stub)
    root.init()
    root.plan()
    return Judged(base, data, folder, [root.folder / "plan.json"])


@pytest.mark.parametrize(
    "style", [pytest.param("argument", marks=pytest.mark.environments), pytest.param("alias", marks=pytest.mark.long)]
)
def test_a_sample_of_leaves_is_asked_in_plans(style: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    plan = planned("everything", style, tmp_path, request.getfixturevalue(style))
    for leaf in random.Random(style).sample(plan.leaves, SAMPLE):  # noqa: S311 - no secret
        found = plan.changed_by_any(leaf)
        assert not found or is_seen(leaf, found.values()) or plan.never_passes(leaf), (
            f"nothing changes with {', '.join(found)}"
        )


@pytest.mark.long
@pytest.mark.parametrize("style", ["argument", "alias"])
def test_every_leaf_is_asked_in_plans(style: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    stub = request.getfixturevalue(style)
    plans = [planned(base, style, tmp_path / base, stub) for base in BASES]
    wrong: list[str] = []
    for leaf in sorted({leaf for plan in plans for leaf in plan.leaves}):
        asked = [plan for plan in plans if leaf in plan.leaves]
        found = {change: cells for plan in asked for change, cells in plan.changed_by_any(leaf).items()}
        # What a first plan alone cannot tell is undetermined, and green in no case.
        if found and not (is_seen(leaf, found.values()) or all(plan.never_passes(leaf) for plan in asked)):
            wrong.append(f"{leaf}: nothing changes with {'; '.join(found)}")
    assert not wrong, "\n".join(wrong)
