"""Trails whose record cannot be delivered are no trails; what is missing of a trail is missing at the trail."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from guardline.validator.report import Row
from guardline.validator.run import Request, run
from tests.support.judging import rows
from tests.support.plans import Json, change, plan, refers, resource

PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n  allowed_account_ids = ["111122223333"]\n}\n'
TRAIL = """resource "aws_cloudtrail" "t" {
  name                  = "main"
  s3_bucket_name        = "logs-elsewhere"
  is_multi_region_trail = true
  event_selector {
    read_write_type = "All"
  }
%s}
"""
KEY = 'resource "aws_kms_key" "k" {\n  %s\n}\nresource "aws_kms_alias" "a" {\n  name = "alias/trail"\n  target_key_id = aws_kms_key.k.id\n}\n'  # noqa: E501 - one line of source


def row(folder: Path, control: str, text: str) -> Row:
    (found,) = rows(folder, PROVIDER + text, control)
    return found


@pytest.mark.parametrize("named", ["aws_kms_key.k.arn", "aws_kms_alias.a.arn", '"alias/trail"'])
@pytest.mark.parametrize(
    ("state", "verdict"), [("", "pass"), ("is_enabled = true", "pass"), ("is_enabled = false", "fail")]
)
def test_a_disabled_key_delivers_nothing(tmp_path: Path, named: str, state: str, verdict: str) -> None:
    text = TRAIL % f"  kms_key_id = {named}\n" + KEY % state
    for control in ("trail-multi-region", "trail-encrypted"):
        assert (control, row(tmp_path, control, text).verdict) == (control, verdict)


LETS = """
resource "aws_kms_key" "k" {
  policy = jsonencode({ Statement = [{
    Effect = "Allow", Principal = { Service = "%s" }, Action = "kms:%s", Resource = "*"
    Condition = { StringLike = { "kms:EncryptionContext:aws:cloudtrail:arn" = "arn:aws:cloudtrail:*:%s:trail/*" } }
  }%s] })
}
"""
NOBODY = ', { Effect = "Deny", Principal = "*", Action = "kms:%s", Resource = "*" }'


@pytest.mark.parametrize(
    ("policy", "verdict"),
    [
        (("cloudtrail.amazonaws.com", "GenerateDataKey*", "111122223333", ""), "pass"),
        (("cloudtrail.amazonaws.com", "*", "*", NOBODY % "ScheduleKeyDeletion"), "pass"),
        (("cloudtrail.amazonaws.com", "*", "111122223333", NOBODY % "GenerateDataKey*"), "fail"),
        (("cloudtrail.amazonaws.com", "Decrypt", "111122223333", ""), "fail"),
        (("cloudtrail.amazonaws.com", "*", "999999999999", ""), "fail"),
        (("logs.eu-west-1.amazonaws.com", "*", "111122223333", ""), "fail"),
    ],
)
def test_a_key_whose_policy_keeps_cloudtrail_out_delivers_nothing(
    tmp_path: Path, policy: tuple[str, ...], verdict: str
) -> None:
    text = TRAIL % "  kms_key_id = aws_kms_key.k.arn\n" + LETS % policy
    found = row(tmp_path, "trail-multi-region", text)
    assert found.verdict == verdict
    assert verdict == "pass" or found.evidence[0].address == "aws_kms_key.k"


def test_the_key_is_what_is_shown(tmp_path: Path) -> None:
    found = row(
        tmp_path, "trail-multi-region", TRAIL % "  kms_key_id = aws_kms_key.k.arn\n" + KEY % "is_enabled = false"
    )
    assert "the key aws_kms_key.k is disabled" in found.reason
    assert found.evidence[0].address == "aws_kms_key.k"


@pytest.mark.parametrize(("control", "written"), [
    ("trail-validation", "  enable_log_file_validation = false\n"),
    ("trail-encrypted", '  kms_key_id = ""\n'),
])  # fmt: skip
def test_what_is_missing_points_at_the_trail(tmp_path: Path, control: str, written: str) -> None:
    line = PROVIDER.count("\n") + 1
    missing = row(tmp_path, control, TRAIL % "")
    assert (missing.verdict, missing.evidence[0].line) == ("fail", line)
    off = row(tmp_path, control, TRAIL % written)
    assert (off.verdict, off.evidence[0].line) == ("fail", line + TRAIL.count("\n") - 1)


def bucket_plan(folder: Path, policy: object, *, new: bool, beside: bool = False) -> Row:
    """A trail and its bucket, whose policy AWS tells, or which the change makes."""
    bucket: Json = {
        "bucket": "trail-b",
        **({} if new else {"policy": policy, "id": "trail-b", "arn": "arn:aws:s3:::b"}),
    }
    unknown: Json = {"policy": True, "id": True, "arn": True} if new else {}
    trail: Json = {"name": "main", "is_multi_region_trail": True, "enable_logging": True, "event_selector": [],
                   "include_global_service_events": True, "advanced_event_selector": [], "s3_key_prefix": None,
                   "is_organization_trail": False, "s3_bucket_name": "trail-b", "kms_key_id": None}  # fmt: skip
    changes = [
        change("aws_cloudtrail.t", trail),
        change("aws_s3_bucket.b", bucket, unknown, actions=("create",) if new else ("no-op",)),
    ]
    configured = [resource("aws_cloudtrail", "t", s3_bucket_name=refers("aws_s3_bucket.b.id", "aws_s3_bucket.b")),
                  resource("aws_s3_bucket", "b")]  # fmt: skip
    if beside:
        changes.append(change("aws_s3_bucket_policy.b", {"bucket": "trail-b"}, {"policy": True}))
        configured.append(resource("aws_s3_bucket_policy", "b"))
    (folder / "plan.json").write_bytes(plan(changes, configured))
    request = Request((str(folder / "plan.json"),), date(2026, 11, 30), regions="us-east-1",
                      controls=frozenset({"trail-multi-region"}))  # fmt: skip
    (found,) = run(request, datetime(2026, 11, 30, tzinfo=UTC)).rows
    return found


def test_a_new_bucket_without_a_policy_refuses_the_trail(tmp_path: Path) -> None:
    assert bucket_plan(tmp_path, None, new=True).verdict == "fail"
    assert bucket_plan(tmp_path, None, new=True, beside=True).verdict == "pass"  # its text decides, which is unknown


def test_of_a_bucket_that_exists_aws_tells_the_policy(tmp_path: Path) -> None:
    assert bucket_plan(tmp_path, "", new=False).verdict == "fail"
    assert bucket_plan(tmp_path, "{}", new=False).verdict == "pass"


def test_source_alone_does_not_tell_that_a_bucket_has_no_policy(tmp_path: Path) -> None:
    text = TRAIL.replace('"logs-elsewhere"', "aws_s3_bucket.b.id") % "" + 'resource "aws_s3_bucket" "b" {\n}\n'
    assert row(tmp_path, "trail-multi-region", text).verdict == "pass"
