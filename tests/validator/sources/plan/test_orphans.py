"""With a region's module gone from the configuration, what was covered before counts as before."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from guardline.validator.control import Status
from guardline.validator.report import Row
from guardline.validator.run import Request, run

DATA = Path(__file__).parents[3] / "data"


def rows(tmp_path: Path, name: str, leaving: str, *, call: bool) -> list[Row]:
    """Judge an applied plan from which the resources under an address leave, with the module's call or without."""
    plan: dict[str, Any] = json.loads((DATA / name / "applied.json").read_text())
    left = [
        each for each in plan["resource_changes"] if each["address"].startswith(leaving) and each["mode"] == "managed"
    ]
    assert left
    for each in left:
        each["change"].update(actions=["delete"], after=None, after_unknown=False, after_sensitive=False)
    if call:
        del plan["configuration"]["root_module"]["module_calls"][leaving.removeprefix("module.")]
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan))
    request = Request((str(path),), date(2026, 11, 25), spec=DATA / name / "guardline.yaml")
    return list(run(request, datetime(2026, 11, 25, tzinfo=UTC)).rows)


@pytest.mark.parametrize(
    ("name", "region", "lost"),
    [
        ("baseline", "us-east-1", {"detector-enabled", "s3-protection", "vpc-flow-logs", "trusted-ip-list"}),
        ("logs", "ap-east-1", {"detector-enabled", "runtime-monitoring", "dns-query-logs", "vpc-flow-logs"}),
        ("response", "eu-south-2", {"finding-alert", "finding-response", "config-recorder", "rds-login-events"}),
        ("watching", "ap-east-1", {"tamper-alarm", "finding-alert", "lambda-network-logs"}),
    ],
)
def test_a_region_that_leaves_is_a_regression_of_all_that_it_had(
    name: str, region: str, lost: set[str], tmp_path: Path
) -> None:
    here = [
        row for row in rows(tmp_path, name, f"module.{region.replace('-', '_')}", call=True) if row.region == region
    ]
    assert lost <= {row.control for row in here if row.regression}
    assert not [row for row in here if row.verdict is Status.FAIL and row.in_coverage and not row.regression]


def test_the_other_regions_keep_what_they_had(tmp_path: Path) -> None:
    found = rows(tmp_path, "baseline", "module.us_east_1", call=True)
    assert not [row for row in found if row.regression and row.region not in ("us-east-1", None)]


def test_a_flow_log_that_leaves_is_a_regression(tmp_path: Path) -> None:
    found = rows(tmp_path, "baseline", "module.us_east_1.module.flow_logs[0].aws_flow_log", call=False)
    assert [row.region for row in found if row.control == "vpc-flow-logs" and row.regression] == ["us-east-1"]
