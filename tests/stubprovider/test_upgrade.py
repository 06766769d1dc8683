"""From the alias style under provider 5 to the argument style under provider 6: the steps of docs/provider-6.md.

The state is written with 5.100's schema; from then on the stub serves provider 6's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from guardline.localaws import LocalAws
from tests.support.stub_roots import ENVIRONMENTS, THREE, Root, actions, as_alias, found, roots, verdicts, written
from tests.support.stubprovider.server import Attached

pytestmark = pytest.mark.terraform
LONG = pytest.mark.long
# With the environments the smallest, with one region beside its home.
TWO = frozenset({"us-west-2"})
CASES = [
    *(
        pytest.param(path, TWO, id=path.name, marks=pytest.mark.environments)
        for path in ENVIRONMENTS
        if path.name == "minimal"
    ),
    *(pytest.param(path, THREE, id=f"{path.name}, three regions", marks=LONG) for path in ENVIRONMENTS),
]


@pytest.mark.parametrize(("environment", "regions"), CASES)
def test_a_state_of_the_alias_style_moves_without_a_change(
    environment: Path, regions: frozenset[str], tmp_path: Path, alias: Attached, argument: Attached, aws: LocalAws
) -> None:
    old = applied_in_alias_style(environment, regions, tmp_path, alias, aws)
    before = [state(root) for root in old]
    judged = verdicts(tmp_path / "guardline.yaml", *old)

    # Step 1: provider 6 with the aliases as they were. Reading writes each thing's region into the state.
    for root in roots(written(environment, tmp_path, 6, regions, region_style="alias"), argument):
        root.init()
        root.run("apply", "-refresh-only", "-auto-approve", "-no-color", "-input=false")
        assert actions(root.plan()) == {}

    # Step 2: one provider, a region on every resource, and moved blocks.
    new = roots(written(environment, tmp_path, 6, regions, moved_from_alias=True), argument)
    moved: dict[str, str] = {}
    for root, resources in zip(new, before, strict=True):
        root.init()
        plan = root.plan()
        assert actions(plan) == {}
        came = {each["address"]: each.get("previous_address", each["address"]) for each in changes(plan)}
        assert any(address != previous for address, previous in came.items())
        moved |= came
        root.apply()
        assert {came[address]: one["id"] for address, one in state(root).items()} == {
            address: one["id"] for address, one in resources.items()
        }
        assert actions(root.plan()) == {}

    # Step 3: the moved blocks are no longer needed.
    for root in roots(written(environment, tmp_path, 6, regions), argument):
        root.init()
        assert actions(root.plan()) == {}
    now = verdicts(tmp_path / "guardline.yaml", *new)
    assert {(*cell[:3], moved.get(cell[3] or "", as_alias(cell[3] or ""))): each for cell, each in now.items()} == {
        (*cell[:3], cell[3] or ""): each for cell, each in judged.items()
    }
    for root in reversed(new):
        root.destroy()


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda path: path.name)
def test_all_that_has_another_name_in_the_alias_style_is_moved(environment: Path, tmp_path: Path) -> None:
    """Seen in the source alone, so that nothing new is forgotten between the runs of the test above."""
    alias = written(environment, tmp_path / "alias", 5, THREE)
    argument = written(environment, tmp_path / "argument", 6, THREE, moved_from_alias=True)
    assert [root.folder for root in alias.roots] == [root.folder for root in argument.roots]
    for root in alias.roots:
        old, new = (source(baseline.root / root.folder) for baseline in (alias, argument))
        moved = re.findall(r"^  from = ([\w.]+)\n  to   = ([\w.]+)", new, flags=re.MULTILINE)
        assert called(old) - called(new) == {was for was, _ in moved} - EARLIER
        assert {now for _, now in moved} <= called(new)


EARLIER = {"module.delegation_canary", "module.members_canary"}
"""Addresses of earlier versions, which both styles carry over; neither writes them any more."""


def source(folder: Path) -> str:
    """A root's own Terraform."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.tf")))


def called(text: str) -> set[str]:
    """The addresses of a source's modules and resources."""
    modules = {f"module.{name}" for name in re.findall(r'^module "(\w+)"', text, flags=re.MULTILINE)}
    resources = re.findall(r'^resource "(\w+)" "(\w+)"', text, flags=re.MULTILINE)
    return modules | {f"{type_}.{name}" for type_, name in resources}


@pytest.mark.environments
def test_without_the_first_step_other_regions_would_be_made_anew(
    tmp_path: Path, alias: Attached, argument: Attached, aws: LocalAws
) -> None:
    """Provider 6 would look for them in the home region: what it misses there it would create, the rest replace."""
    environment = next(path for path in ENVIRONMENTS if path.name == "minimal")
    applied_in_alias_style(environment, TWO, tmp_path, alias, aws)
    [root] = roots(written(environment, tmp_path, 6, TWO, moved_from_alias=True), argument)
    root.init()
    plan = root.plan()
    elsewhere = {each["address"] for each in changes(plan) if each["change"]["after"].get("region") in TWO}
    assert actions(plan).keys() == elsewhere != set()
    assert {frozenset(done) for done in actions(plan).values()} == {
        frozenset(("create",)),
        frozenset(("create", "delete")),
    }


def applied_in_alias_style(
    environment: Path, regions: frozenset[str], folder: Path, alias: Attached, aws: LocalAws
) -> list[Root]:
    """An environment as provider 5 leaves it, planned once more."""
    baseline = written(environment, folder, 5, regions)
    found(baseline, aws)
    made = roots(baseline, alias)
    for root in made:
        root.init()
        root.plan()
        root.apply()
        assert actions(root.plan()) == {}
    return made


def state(root: Root) -> dict[str, Mapping[str, Any]]:
    """The values of every managed resource in the state, by address."""
    shown = json.loads(root.run("show", "-json"))

    def within(module: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for each in module.get("resources", ()):
            if each["mode"] == "managed":
                yield each["address"], each["values"]
        for inner in module.get("child_modules", ()):
            yield from within(inner)

    return dict(within(shown["values"]["root_module"]))


def changes(plan: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A plan's managed resources."""
    return [each for each in plan["resource_changes"] if each["mode"] == "managed" and each["change"]["after"]]
