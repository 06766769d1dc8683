"""Who may do what with the bucket and the key of exported findings, as the recorded plan after apply has them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guardline.generator.baseline import Baseline
from tests.support.policy_requests import Decision, Request, decide, policies
from tests.support.record import FINDINGS

ACCOUNT, OTHER = "123456789012", "444455556666"
BUCKET = "arn:aws:s3:::baseline-findings-123456789012"
OBJECT = f"{BUCKET}/AWSLogs/{ACCOUNT}/GuardDuty/eu-west-1/finding.jsonl.gz"
HOME, OPTED_IN = "guardduty.amazonaws.com", "guardduty.ap-east-1.amazonaws.com"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/reader"


@pytest.fixture(scope="module")
def applied() -> dict[str, str]:
    plan: dict[str, Any] = json.loads((FINDINGS / "applied.json").read_text(encoding="utf-8"))
    return policies(plan)


@pytest.fixture(scope="module")
def bucket(applied: dict[str, str]) -> str:
    return applied["module.findings_bucket.module.bucket.aws_s3_bucket_policy.this"]


@pytest.fixture(scope="module")
def key(applied: dict[str, str]) -> str:
    return applied["module.findings_bucket.aws_kms_key.this"]


@pytest.fixture(scope="module")
def key_arn(bucket: str) -> str:
    """The key that the bucket's policy insists on."""
    statement = next(each for each in json.loads(bucket)["Statement"] if each["Sid"] == "DenyAnotherKey")
    return str(statement["Condition"]["StringNotEquals"]["s3:x-amz-server-side-encryption-aws-kms-key-id"])


def detector(region: str = "eu-west-1", account: str = ACCOUNT) -> dict[str, str]:
    return {"aws:SourceAccount": account, "aws:SourceArn": f"arn:aws:guardduty:{region}:{account}:detector/12abc34d"}


def test_guardduty_of_each_region_exports(bucket: str, key: str, key_arn: str) -> None:
    encrypted = {
        "s3:x-amz-server-side-encryption": "aws:kms",
        "s3:x-amz-server-side-encryption-aws-kms-key-id": key_arn,
    }
    for who, context in ((HOME, detector()), (OPTED_IN, detector("ap-east-1"))):
        assert decide(bucket, Request(who, "s3:GetBucketLocation", BUCKET, context)) == "allow"
        assert decide(bucket, Request(who, "s3:PutObject", OBJECT, context | encrypted)) == "allow"
        assert decide(key, Request(who, "kms:GenerateDataKey", key_arn, context)) == "allow"


@pytest.mark.parametrize(
    ("why", "who", "context"),
    [
        ("a detector of another account", HOME, detector(account=OTHER)),
        ("another account's, in our name", HOME, detector() | {"aws:SourceAccount": OTHER}),
        ("a region that is not covered", HOME, detector("us-east-1")),
        ("no detector's ARN", HOME, detector() | {"aws:SourceArn": f"arn:aws:guardduty:eu-west-1:{ACCOUNT}:x"}),
        ("no detector named", HOME, {"aws:SourceAccount": ACCOUNT}),
        ("no account named", HOME, {"aws:SourceArn": detector()["aws:SourceArn"]}),
        ("another service", "events.amazonaws.com", detector()),
        ("an opt-in region that is not covered", "guardduty.me-south-1.amazonaws.com", detector("me-south-1")),
        ("an identity of the account", ROLE, {}),
    ],
)  # fmt: skip
def test_others_do_not(bucket: str, key: str, key_arn: str, why: str, who: str, context: dict[str, str]) -> None:
    encrypted = {
        "s3:x-amz-server-side-encryption": "aws:kms",
        "s3:x-amz-server-side-encryption-aws-kms-key-id": key_arn,
    }
    assert decide(bucket, Request(who, "s3:GetBucketLocation", BUCKET, context)) == "silent", why
    assert decide(bucket, Request(who, "s3:PutObject", OBJECT, context | encrypted)) == "silent", why
    if who != ROLE:  # identities of the account use the key by permissions of their own
        assert decide(key, Request(who, "kms:GenerateDataKey", key_arn, context)) == "silent", why


@pytest.mark.parametrize(
    ("why", "headers"),
    [
        ("no encryption asked for", {}),
        ("S3's own key", {"s3:x-amz-server-side-encryption": "AES256"}),
        ("the key that AWS manages", {"s3:x-amz-server-side-encryption": "aws:kms"}),
        (
            "another key",
            {
                "s3:x-amz-server-side-encryption": "aws:kms",
                "s3:x-amz-server-side-encryption-aws-kms-key-id": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/other",
            },
        ),
    ],
)
def test_what_is_not_encrypted_with_the_key_is_denied(bucket: str, why: str, headers: dict[str, str]) -> None:
    for who in (HOME, ROLE):
        assert decide(bucket, Request(who, "s3:PutObject", OBJECT, detector() | headers)) == "deny", why


@pytest.mark.parametrize("who", [HOME, ROLE, "arn:aws:iam::444455556666:role/stranger"])
@pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:DeleteObject"])
def test_plain_http_is_denied(bucket: str, who: str, action: str) -> None:
    for resource in (BUCKET, OBJECT):
        assert decide(bucket, Request(who, action, resource, {"aws:SecureTransport": "false"})) == "deny"


@pytest.mark.parametrize("action", ["kms:Decrypt", "kms:CreateGrant", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"])
def test_guardduty_may_encrypt_and_nothing_else(key: str, key_arn: str, action: str) -> None:
    assert decide(key, Request(HOME, action, key_arn, detector())) == "silent"


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:DeleteObject", "s3:PutBucketPolicy"])
def test_guardduty_may_write_and_nothing_else(bucket: str, action: str) -> None:
    assert decide(bucket, Request(HOME, action, OBJECT, detector())) == "silent"


def test_the_account_administers_the_key_and_no_other_account_does(key: str, key_arn: str) -> None:
    def asked(account: str) -> Decision:
        return decide(key, Request(f"arn:aws:iam::{account}:role/admin", "kms:PutKeyPolicy", key_arn))

    assert (asked(ACCOUNT), asked(OTHER)) == ("allow", "silent")


def test_the_lists_are_reached_by_tls_only(applied: dict[str, str]) -> None:
    policy = applied["module.ip_lists.module.bucket.aws_s3_bucket_policy.this"]
    item = "arn:aws:s3:::baseline-ip-lists-123456789012/trusted.txt"
    assert decide(policy, Request(ROLE, "s3:GetObject", item, {"aws:SecureTransport": "false"})) == "deny"
    assert decide(policy, Request(ROLE, "s3:GetObject", item)) == "silent"


def test_plans_that_are_declared_on_request_need_a_newer_provider(environment: Callable[..., Path]) -> None:
    plain, asked = environment(provider=6), environment(provider=6, name="asked")
    text = asked.read_text().replace(
        "    lambda_network_logs: false\n", "    lambda_network_logs: false\n    ai_analyst: true\n"
    )
    asked.write_text(text)
    for spec in (plain, asked):
        Baseline.of(spec).write()
    assert '">= 6.0, < 7.0"' in (plain.parent / "versions.tf").read_text()
    assert '">= 6.56, < 7.0"' in (asked.parent / "versions.tf").read_text()
    assert re.search(r'^ +"AI_ANALYST" += true$', (asked.parent / "main.tf").read_text(), re.MULTILINE)
    assert "AI_" not in (plain.parent / "main.tf").read_text()
    readme = (asked.parent / "README.md").read_text()
    assert "a new detector has AI_PROTECTION and RDS_DATA_RISK on." in readme
    for module, knows in (("guardduty", True), ("organization-members", False)):
        variables = Path(__file__).parents[3] / "modules" / "argument" / module / "variables.tf"
        assert ('"AI_ANALYST"' in variables.read_text()) is knows
