"""The proof that the stub tells the truth: with provider 5.100's own schema it plans what that provider itself plans.

The same root, in the alias style, is planned twice against the same local AWS: with the real provider, one process for
each of its provider blocks, and with the stub.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from guardline.localaws import LocalAws
from guardline.validator.demo import override
from tests.support.stub_roots import ENVIRONMENTS, THREE, Root, found, planned, roots, verdicts, written
from tests.support.stubprovider.server import Attached
from tests.support.terraform_runs import terraform

pytestmark = pytest.mark.terraform
EVERYDAY = "everything"
LONG = pytest.mark.long
Change = Mapping[str, Any]


@pytest.mark.parametrize(
    "environment",
    [pytest.param(path, id=path.name, marks=() if path.name == EVERYDAY else LONG) for path in ENVIRONMENTS],
)
def test_the_stub_plans_what_the_real_provider_plans(
    environment: Path, tmp_path: Path, alias: Attached, aws: LocalAws
) -> None:
    mine, its = (written(environment, tmp_path / name, 5, THREE) for name in ("stub", "real"))
    found(mine, aws)
    here, there = roots(mine, alias), roots(its, alias)
    assert here
    for stub, real in zip(here, there, strict=True):
        stub.init()
        stub.plan()
        plan_for_real(real, aws)
        assert list(differences(stub, real)) == []
        stub.apply()  # the next root may read what this one makes
    judged = verdicts(tmp_path / "stub" / "guardline.yaml", *here)
    assert judged == verdicts(tmp_path / "real" / "guardline.yaml", *there)
    assert judged


def plan_for_real(root: Root, aws: LocalAws) -> None:
    """Plan with the real provider."""
    override.write(root.folder)
    variables = aws.environment(account=root.account)
    for arguments in (("init", "-input=false"), ("plan", "-input=false", "-out=saved.tfplan")):
        terraform(root.folder, *arguments, "-no-color", variables=variables)
    plan = terraform(root.folder, "show", "-json", "saved.tfplan", variables=variables)
    (root.folder / "plan.json").write_text(plan, encoding="utf-8")
    root.plans.append(json.loads(plan))


def differences(stub: Root, real: Root) -> Iterator[str]:
    """Whatever the stub's plan says otherwise than the real one."""
    ours, theirs = planned(stub.plans[-1]), planned(real.plans[-1])
    yield from (f"{address} is planned by one of them only" for address in sorted(ours.keys() ^ theirs.keys()))
    for address in sorted(ours.keys() & theirs.keys()):
        yield from (f"{address}: {each}" for each in unlike(ours[address], theirs[address]))
    mine, its = data(stub.plans[-1]), data(real.plans[-1])
    yield from (f"{address}: {mine.get(address)} read, not {its.get(address)}"
                for address in sorted(mine.keys() | its.keys()) if mine.get(address) != its.get(address))  # fmt: skip


def unlike(ours: Change, theirs: Change) -> Iterator[str]:
    """Differences of one resource: what it is, what is done, each value, and what is left unknown or hidden."""
    for name in ("type", "name", "index", "provider_name", "module_address"):
        if ours.get(name) != theirs.get(name):
            yield f"{name} is {ours.get(name)!r}, not {theirs.get(name)!r}"
    for name in ("actions", "before", "after_unknown", "after_sensitive", "replace_paths"):
        if ours["change"].get(name) != theirs["change"].get(name):
            yield f"{name} is {ours['change'].get(name)!r}, not {theirs['change'].get(name)!r}"
    mine, its = ours["change"]["after"], theirs["change"]["after"]
    for name in sorted(mine.keys() | its.keys()):
        if name not in mine or name not in its or mine[name] != its[name]:
            yield f"{name} is {mine.get(name)!r}, not {its.get(name)!r}"


def data(plan: Mapping[str, Any]) -> dict[str, Any]:
    """What was read from data sources, by address."""

    def within(module: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        for each in module.get("resources", ()):
            yield each["address"], each["values"]
        for inner in module.get("child_modules", ()):
            yield from within(inner)

    return dict(within(plan.get("prior_state", {}).get("values", {}).get("root_module", {})))
