"""Plans made with -target: what is there is there, and "no other one" may be claimed only where the plan tells."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from guardline.validator.run import Request, run
from tests.support.plans import Json, change, plan, refers, resource

DETECTOR = change("aws_guardduty_detector.a", {}, {"id": True})


def verdict(tmp_path: Path, control: str, data: bytes) -> tuple[str, str]:
    (tmp_path / "plan.json").write_bytes(data)
    request = Request((str(tmp_path / "plan.json"),), date(2026, 1, 31), regions="touched")
    rows = run(request, datetime(2026, 1, 31, tzinfo=UTC)).rows
    # Where the source may hide a resource, a cell without a subject stands for it; the one that is seen is meant here.
    (row,) = [row for row in rows if row.control == control and (row.subject or control == "detector-enabled")]
    return row.verdict.value, row.reason


@pytest.mark.parametrize(
    ("configured", "changes", "says"),
    [
        ((resource("aws_guardduty_detector", "a"),), [DETECTOR], "pass"),
        ((resource("aws_guardduty_detector", "a"), resource("aws_guardduty_detector", "b")), [DETECTOR],
         "undetermined"),
        # A for_each without references leaves no trace in the configuration: its key tells.
        ((resource("aws_guardduty_detector", "a"),),
         [change('aws_guardduty_detector.a["x"]', {}, {"id": True})], "undetermined"),
    ],
)  # fmt: skip
def test_one_detector_may_not_be_the_only_one(
    tmp_path: Path, configured: tuple[Json, ...], changes: list[Json], says: str
) -> None:
    data = plan(changes, list(configured), complete=False)
    found, reason = verdict(tmp_path, "detector-enabled", data)
    assert found == says
    assert ("-target" in reason) is (says == "undetermined")


@pytest.mark.parametrize(("complete", "says"), [(True, "fail"), (False, "undetermined")])
def test_a_narrow_flow_log_may_not_be_the_only_one(tmp_path: Path, complete: bool, says: str) -> None:
    link = refers("aws_vpc.v.id", "aws_vpc.v")
    data = plan(
        [
            change("aws_vpc.v", {}, {"id": True}),
            change("aws_flow_log.f", {"traffic_type": "REJECT"}, {"vpc_id": True}),
        ],
        [
            resource("aws_vpc", "v"),
            *(resource("aws_flow_log", name, vpc_id=link) for name in ("f", "all")),
        ],
        complete=complete,
    )
    found, reason = verdict(tmp_path, "vpc-flow-logs", data)
    assert found == says
    assert reason.startswith("the flow log records REJECT traffic only, not ALL")
