"""Every example environment in the argument style, from init to destroy, with real Terraform and the stub."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.stub_roots import ENVIRONMENTS, Root, actions, as_alias, planned, roots, verdicts, written
from tests.support.stubprovider.server import Attached

pytestmark = pytest.mark.terraform


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda path: path.name)
def test_the_argument_style_from_init_to_destroy(
    environment: Path, tmp_path: Path, argument: Attached, alias: Attached
) -> None:
    baseline = written(environment, tmp_path / "argument", 6)
    made = roots(baseline, argument)
    assert made
    for root in made:
        root.init()
        found = json.loads(root.run("validate", "-json", "-no-color"))
        assert (found["valid"], found["diagnostics"]) == (True, [])
        first = root.plan()
        assert set(actions(first).values()) == {("create",)}
        assert first["configuration"]["provider_config"].keys() == {"aws"}
    regions = {region for root in made for region in named_regions(root)}
    assert regions == {baseline.spec.home_region, *(each.name for root in baseline.roots for each in root.regions)}

    spec = tmp_path / "argument" / "guardline.yaml"
    judged = verdicts(spec, *made)
    assert judged
    assert {(*cell[:3], as_alias(cell[3] or "")): each for cell, each in judged.items()} == of_the_alias_style(
        environment, tmp_path / "alias", alias
    )

    for root in made:
        root.apply()
        assert actions(root.plan()) == {}
    assert verdicts(spec, *made) == judged
    for root in made:
        root.destroy()
        assert json.loads(root.run("show", "-json")).get("values", {}).get("root_module", {}) == {}


def named_regions(root: Root) -> set[str]:
    """The regions that a plan's resources name themselves."""
    return {change["change"]["after"]["region"] for change in planned(root.plans[-1]).values()
            if "region" in change["change"]["after"]}  # fmt: skip


def of_the_alias_style(environment: Path, folder: Path, alias: Attached) -> dict[tuple[str | None, ...], str]:
    """The verdicts of the same spec in the alias style."""
    made = roots(written(environment, folder, 5), alias)
    for root in made:
        root.init()
        root.plan()
    return {(*cell[:3], cell[3] or ""): each for cell, each in verdicts(folder / "guardline.yaml", *made).items()}
