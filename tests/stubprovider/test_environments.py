"""Every example environment in the argument style, from init to destroy, with real Terraform and the stub."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

import pytest

from guardline.generator.baseline import Baseline
from guardline.localaws import LocalAws
from tests.support.stub_roots import (
    ENVIRONMENTS,
    HOME,
    Root,
    actions,
    as_alias,
    found,
    planned,
    roots,
    verdicts,
    written,
)
from tests.support.stubprovider.server import Attached

pytestmark = pytest.mark.terraform
LONG = pytest.mark.long


OF_THE_STATE = ":terraform"
"""How the provider of `terraform_data` is called, which makes nothing."""
# Every day: the smallest in a few regions. CI also takes the one with every practice; `make long` all, in all regions.
EVERY_DAY, CI = {("minimal", False)}, {("everything", False)}


def marks(path: Path, *, everywhere: bool) -> tuple[pytest.MarkDecorator, ...]:
    """When a case runs."""
    case = (path.name, everywhere)
    return () if case in EVERY_DAY else (pytest.mark.environments,) if case in CI else (LONG,)


CASES = [
    *(pytest.param(path, HOME, id=path.name, marks=marks(path, everywhere=False)) for path in ENVIRONMENTS),
    *(pytest.param(path, None, id=f"{path.name}, all regions", marks=marks(path, everywhere=True))
      for path in ENVIRONMENTS),
]  # fmt: skip


@pytest.mark.parametrize(("environment", "regions"), CASES)
def test_the_argument_style_from_init_to_destroy(
    environment: Path,
    regions: Collection[str] | None,
    tmp_path: Path,
    argument: Attached,
    alias: Attached,
    aws: LocalAws,
) -> None:
    baseline = written(environment, tmp_path / "argument", 6, regions)
    spec = tmp_path / "argument" / "guardline.yaml"
    found(baseline, aws)
    made = roots(baseline, argument)
    assert made
    for root in made:
        root.init()
        valid = json.loads(root.run("validate", "-json", "-no-color"))
        assert (valid["valid"], valid["diagnostics"]) == (True, [])
        first = root.plan()
        assert set(actions(first).values()) == {("create",)}
        assert {name for name in first["configuration"]["provider_config"] if not name.endswith(OF_THE_STATE)} == {
            "aws"
        }
        root.apply()
    named = {region for root in made for region in named_regions(root)}
    assert named == {baseline.spec.home_region, *(each.name for root in baseline.roots for each in root.regions)}

    judged = verdicts(spec, *made)
    assert judged
    assert {(*cell[:3], as_alias(cell[3] or "")): each for cell, each in judged.items()} == of_the_alias_style(
        written(environment, tmp_path / "alias", 5, regions), alias
    )

    for root in made:
        assert actions(root.plan()) == {}
    if len(made) == 1:  # the first plans of several roots are of different times
        now = verdicts(spec, *made)
        assert now.keys() == judged.keys()
        # What only AWS decides (an ARN in a policy) may have left a cell undetermined; nothing else may turn.
        turned = {
            cell: (judged[cell], each) for cell, each in now.items() if judged[cell] not in (each, "undetermined")
        }
        assert turned == {}
    for root in reversed(made):
        root.destroy()


def named_regions(root: Root) -> set[str]:
    """The regions that a plan's resources name themselves."""
    return {change["change"]["after"]["region"] for change in planned(root.plans[-1]).values()
            if "region" in change["change"]["after"]}  # fmt: skip


def of_the_alias_style(baseline: Baseline, alias: Attached) -> dict[tuple[str | None, ...], str]:
    """The verdicts of the same spec in the alias style."""
    made = roots(baseline, alias)
    for root in made:
        root.init()
        root.plan()
    return {
        (*cell[:3], cell[3] or ""): each for cell, each in verdicts(baseline.root / "guardline.yaml", *made).items()
    }
