"""What the spec's inventory lists is not asked of the plan a second time, unless the plan manages it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from guardline.spec.load import load
from guardline.validator.expectations.build import Sources, with_spec
from guardline.validator.expectations.scope import Requirements
from guardline.validator.model.estate import Estate
from tests.support.estates import US, estate, flow_log, inventory, judged, vpc

SPEC = """\
version: 1
name: test
home_region: us-east-1
account: {id: "111122223333"}
regions: {not_opted_in: rest}
inventory: inventory.json
"""


def listed(traffic: str = "ALL") -> dict[str, object]:
    log = {"id": "fl-1", "traffic": traffic, "destination": "arn:aws:s3:::logs"}
    region = {"vpcs": [{"id": "vpc-1", "flow_logs": [log], "query_logs": ["rqlc-1"]}]}
    return {
        "schema": "guardline/inventory/v1",
        "partition": "aws",
        "account": "111122223333",
        "taken_at": "2026-11-20T10:00:00Z",
        "regions": {"us-east-1": region},
    }


@pytest.mark.parametrize(
    ("traffic", "verdict", "reason"),
    [
        ("ALL", "pass", "declared, not seen: flow log fl-1, listed in inventory.json of 2026-11-20"),
        ("REJECT", "fail", "no flow log on the VPC"),
    ],
)
def test_a_log_of_the_inventory_counts_if_it_records_what_is_asked(
    tmp_path: Path, traffic: str, verdict: str, reason: str
) -> None:
    (tmp_path / "inventory.json").write_text(json.dumps(listed(traffic)))
    (tmp_path / "guardline.yaml").write_text(SPEC)
    spec = tmp_path / "guardline.yaml"
    scope = with_spec(load(spec), spec, "guardline.yaml", Sources(), "us-east-1", date(2026, 11, 25))
    here = estate(vpc("v", id="vpc-1"), vpc("w", id="vpc-2"), inventory("vpc-1", "vpc-2", region=US))
    rows = {row.subject_id: row for row in judged("vpc-flow-logs", here, scope)}
    assert (rows["vpc-1"].verdict, rows["vpc-1"].reason) == (verdict, reason)
    assert rows["vpc-2"].verdict == "fail"


def test_a_log_that_the_plan_manages_is_told_by_the_plan_alone(tmp_path: Path) -> None:
    """Else an inventory taken before the change would hide that the change deletes it."""
    (tmp_path / "inventory.json").write_text(json.dumps(listed()))
    spec = tmp_path / "guardline.yaml"
    spec.write_text(SPEC)

    def asked(after: Estate, before: Estate | None = None) -> Requirements:
        read = Sources(after, before)
        scope = with_spec(load(spec), spec, "guardline.yaml", read, "us-east-1", date(2026, 11, 25))
        assert scope.asked is not None
        return scope.asked

    log = flow_log("vpc-1")
    before = estate(replace(log, names=log.names | {"fl-1"}))
    assert asked(estate(), before).already_logged["vpc-flow-logs"] == {}
    kept = asked(estate())
    assert set(kept.already_logged["vpc-flow-logs"]) == {"vpc-1"}
    assert set(kept.already_logged["dns-query-logs"]) == {"vpc-1"}
