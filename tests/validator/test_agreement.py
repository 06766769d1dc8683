"""The generated baseline says the same whether its source, its plan or its plan after apply is read."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from guardline.generator.baseline import Baseline
from guardline.validator.run import Request, run
from tests.support.record import BASELINE

AWS_DECIDES = {"vpc-flow-logs", "region-consistency"}
"""What hangs on a data source: which VPCs there are is only known when Terraform plans."""

Verdicts = dict[tuple[str, str | None, str | None], str]


def verdicts(source: Path) -> Verdicts:
    request = Request((str(source),), date(2026, 11, 25), spec=BASELINE / "guardline.yaml")
    report = run(request, datetime(2026, 11, 25, tzinfo=UTC))
    assert not report.errors
    return {(row.control, row.region, row.subject): row.verdict.value for row in report.rows if row.waiver is None}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    folder = tmp_path_factory.mktemp("baseline")
    for name in ("guardline.yaml", "trusted-ips.txt"):
        shutil.copy(BASELINE / name, folder / name)
    for _ in Baseline.of(folder / "guardline.yaml").write():
        pass
    return verdicts(folder)


@pytest.mark.parametrize("plan", ["first", "applied"])
def test_the_plan_refines_the_source(plan: str, source: Verdicts) -> None:
    planned = verdicts(BASELINE / f"{plan}.json")
    assert set(planned.values()) == {"pass"}
    differing = {cell[0] for cell, verdict in source.items() if planned.get(cell, "pass") != verdict}
    assert differing == AWS_DECIDES
    assert {source[cell] for cell in source if cell[0] in AWS_DECIDES} == {"undetermined"}
