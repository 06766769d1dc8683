"""The proof that the stub tells the truth: with provider 5.100's own schema it plans what that provider itself plans.

The same root, in the alias style, is planned twice against the same local AWS: with the real provider, one process for
each of its provider blocks, and with the stub.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

import pytest

from guardline.localaws import LocalAws
from guardline.validator.demo import override
from tests.support.plan_differences import differences
from tests.support.stub_roots import ENVIRONMENTS, HOME, THREE, Root, found, roots, verdicts, written
from tests.support.stubprovider.server import Attached
from tests.support.terraform_runs import terraform

pytestmark = pytest.mark.terraform
LONG = pytest.mark.long


# With the environments: the smallest, at home, where one provider process is enough.
CASES = [
    *(
        pytest.param(path, HOME, id=path.name, marks=pytest.mark.environments if path.name == "minimal" else LONG)
        for path in ENVIRONMENTS
        if path.name in ("minimal", "everything")
    ),
    *(pytest.param(path, THREE, id=f"{path.name}, three regions", marks=LONG) for path in ENVIRONMENTS),
]


@pytest.mark.parametrize(("environment", "regions"), CASES)
def test_the_stub_plans_what_the_real_provider_plans(
    environment: Path, regions: Collection[str], tmp_path: Path, alias: Attached, aws: LocalAws
) -> None:
    mine, its = (written(environment, tmp_path / name, 5, regions) for name in ("stub", "real"))
    found(mine, aws)
    here, there = roots(mine, alias), roots(its, alias)
    assert here
    for stub, real in zip(here, there, strict=True):
        stub.init()
        stub.plan()
        plan_for_real(real, aws)
        assert list(differences(stub.plans[-1], real.plans[-1])) == []
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
