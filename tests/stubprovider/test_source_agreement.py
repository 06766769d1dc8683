"""What is generated says the same whether its source is read or a plan of it: the plan only knows more.

Cell by cell: a cell of the source is one of the plan with the same verdict, or undetermined where AWS decides.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, assume, given, seed, settings

from guardline.localaws import LocalAws
from guardline.validator.controls import CATALOGUE
from guardline.validator.run import Request, run
from tests.support.random_specs import RandomSpec, specs
from tests.support.stub_roots import ENVIRONMENTS, NOW, THREE, Cell, Root, found, roots, verdicts, written
from tests.support.stubprovider.server import Attached

pytestmark = pytest.mark.terraform
LONG = pytest.mark.long
IN_CI = {"china"}  # its events stay in their region; those of the random specs cross regions

ONLY_SOURCE = {control.id for control in CATALOGUE if "plan" not in control.sources}
PLAN_LOSES = {"access-separated"}
"""What a plan alone cannot tell: of a condition it keeps the references, and not which of them was taken."""
AWS_DECIDES = {
    "vpc-flow-logs", "dns-query-logs", "dns-resolver",  # which VPCs there are is known when Terraform plans
    "region-consistency",  # follows from the others
    "tamper-prevention", "region-denied",  # whom a policy reaches hangs on the organization, which AWS is asked for
}  # fmt: skip


def of_source(spec: Path, made: list[Root]) -> dict[Cell, str]:
    request = Request(tuple(str(root.folder) for root in made), NOW.date(), spec=spec)
    report = run(request, NOW)
    assert not report.errors, report.errors
    return {
        (row.control, row.account, row.region, row.subject): row.verdict.value
        for row in report.rows
        if row.control not in ONLY_SOURCE
    }


def asked(found: dict[Cell, str]) -> dict[Cell, str]:
    """The cells that the spec does not leave out: which of the others there are hangs on what a source shows."""
    return {cell: verdict for cell, verdict in found.items() if verdict != "waived"}


def check(environment: Path, folder: Path, provider: int, stub: Attached, aws: LocalAws) -> int:
    """Compare one environment in three regions; how many cells were the same."""
    baseline = written(environment, folder, provider, THREE)
    (folder / ".git").mkdir()  # modules beside a root are read where both are in one tree
    spec = folder / "guardline.yaml"
    found(baseline, aws)
    made = roots(baseline, stub)
    for root in made:
        root.init()
        root.plan()
        if len(made) > 1:
            root.apply()  # the next root may read what this one makes
    for root in made if len(made) > 1 else ():
        root.plan()  # once more, so that all plans speak of the same ids
    source, plan = asked(of_source(spec, made)), asked(verdicts(spec, *made))
    unsure = {cell: verdict for cell, verdict in source.items() if plan.get(cell) != verdict}
    lost = {cell for cell in unsure if plan.get(cell) == "undetermined"}
    assert {
        (cell[0], source[cell], plan.get(cell)) for cell in unsure if cell[0] not in AWS_DECIDES | PLAN_LOSES
    } == set()
    # The cell without a subject, of VPCs that nothing names yet, goes where the plan names them.
    told = {cell for cell in unsure.keys() - lost if source[cell] != "undetermined" and (cell in plan or cell[3])}
    assert {(cell, source[cell], plan.get(cell)) for cell in told} == set()
    # A VPC that only AWS knows has no cell in the source: the undetermined one without a subject stands for it.
    more = {cell for cell in plan if cell not in source}
    assert {cell[0] for cell in more} <= AWS_DECIDES
    assert all((*cell[:3], None) in source for cell in more)
    return len(source) - len(unsure)


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param(path, id=path.name, marks=pytest.mark.environments if path.name in IN_CI else LONG)
        for path in ENVIRONMENTS
    ],
)
def test_the_plan_refines_the_source(environment: Path, tmp_path: Path, argument: Attached, aws: LocalAws) -> None:
    assert check(environment, tmp_path / "root", 6, argument, aws) > 30


def check_random(examples: int, start: int, argument: Attached, aws: LocalAws) -> None:
    tried: list[int] = []

    @settings(
        deadline=None, max_examples=examples, phases=(Phase.generate,),
        database=None, suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much),
    )  # fmt: skip
    @seed(start)
    @given(specs())
    def every(random_spec: RandomSpec) -> None:
        # CloudTrail takes no name of two letters.
        assume(random_spec.data.get("partition", "aws") == "aws" and len(random_spec.data["name"]) > 2)
        aws.reset()
        with tempfile.TemporaryDirectory() as folder:
            spec = random_spec.write(Path(folder) / "env")
            tried.append(check(spec.parent, Path(folder) / "root", 6, argument, aws))

    every()
    assert len(tried) >= examples / 2


def test_plans_of_random_specs_refine_their_sources(argument: Attached, aws: LocalAws) -> None:
    check_random(1, 1, argument, aws)


@LONG
@pytest.mark.parametrize("start", range(10, 14))
def test_plans_of_many_random_specs_refine_their_sources(start: int, argument: Attached, aws: LocalAws) -> None:
    check_random(10, start, argument, aws)
