"""Trails of which one selector is known only after apply: selectors add up, so the others count all the same."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from guardline.validator.run import Request, run
from tests.support.plans import Json, change, plan, resource

OPERATORS = ("equals", "not_equals", "starts_with", "not_starts_with", "ends_with", "not_ends_with")
RULE = {"event_pattern": '{"source": ["aws.guardduty"], "detail-type": ["AWS API Call via CloudTrail"]}'}


def where(field: str, *values: str) -> Json:
    return {**dict.fromkeys(OPERATORS), "field": field, "equals": list(values)}


MANAGEMENT = [where("eventCategory", "Management")]
OBJECTS = [where("eventCategory", "Data"), where("resources.type", "AWS::S3::Object")]
# Its `not_starts_with` holds the ARN of a bucket that is not there yet.
BUT_A_BUCKET = [*OBJECTS, {"field": "resources.ARN", **dict.fromkeys(set(OPERATORS) - {"not_starts_with"})}]


def verdicts(tmp_path: Path, values: Json, unknown: Json) -> tuple[str, ...]:
    trail = {"name": "trail", "s3_bucket_name": "logs", "is_multi_region_trail": True, **values}
    data = plan(
        [change("aws_cloudtrail.t", trail, unknown), change("aws_cloudwatch_event_rule.r", RULE)],
        [resource("aws_cloudtrail", "t"), resource("aws_cloudwatch_event_rule", "r")],
    )
    (tmp_path / "plan.json").write_bytes(data)
    request = Request((str(tmp_path / "plan.json"),), date(2026, 1, 31), regions="touched")
    rows = run(request, datetime(2026, 1, 31, tzinfo=UTC)).rows
    found = {row.control: row.verdict.value for row in rows}
    return tuple(found[control] for control in ("trail-multi-region", "tamper-trail", "trail-s3-data-events"))


def advanced(*selectors: list[Json]) -> tuple[Json, Json]:
    """Selectors, in each of which a third test is unknown in part."""
    pending = [{"field_selector": [{}, {}, {"not_starts_with": True}] if len(each) > 2 else []} for each in selectors]
    return (
        {"advanced_event_selector": [{"field_selector": each} for each in selectors]},
        {"advanced_event_selector": pending},
    )


@pytest.mark.parametrize(
    ("selectors", "says"),
    [
        ((BUT_A_BUCKET, MANAGEMENT), ("pass", "pass", "undetermined")),
        ((BUT_A_BUCKET, MANAGEMENT, OBJECTS), ("pass", "pass", "pass")),
        ((BUT_A_BUCKET,), ("fail", "fail", "undetermined")),  # data events are no management events
    ],
)
def test_advanced(tmp_path: Path, selectors: tuple[list[Json], ...], says: tuple[str, ...]) -> None:
    assert verdicts(tmp_path, *advanced(*selectors)) == says


@pytest.mark.parametrize(
    ("kind", "says"),
    # An ARN adds no writes to a selector of reads, neither of management events nor of objects.
    [("All", ("pass", "pass", "undetermined")), ("ReadOnly", ("fail", "fail", "fail"))],
)
def test_basic_with_a_bucket_that_is_not_there_yet(tmp_path: Path, kind: str, says: tuple[str, ...]) -> None:
    selector = {
        "read_write_type": kind, "include_management_events": True, "exclude_management_event_sources": None,
        "data_resource": [{"type": "AWS::S3::Object"}],
    }  # fmt: skip
    unknown: Json = {"event_selector": [{"data_resource": [{"values": True}]}]}
    assert verdicts(tmp_path, {"event_selector": [selector]}, unknown) == says
