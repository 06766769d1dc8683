"""trail-bucket-protected."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.s3 import BucketPolicy, BucketVersioning, PublicAccessBlock
from tests.support.estates import MANAGEMENT, PENDING, US, estate, judged, scope, trail, verdicts
from tests.support.estates_exports import access_block, bucket, policy, protected, statement, versioning
from tests.support.judging import rows

ID = "trail-bucket-protected"
PINNED = 'provider "aws" {\n  region = "eu-west-1"\n  allowed_account_ids = ["111122223333"]\n}\n'
PLAIN = 'provider "aws" {\n  region = "eu-west-1"\n}\ndata "aws_caller_identity" "me" {}\n'
TRAIL_ARN = "arn:aws:cloudtrail:us-east-1:111122223333:trail/t"


def only(*resources: Resource) -> str:
    found = verdicts(ID, estate(*resources), scope(US))
    assert list(found) == [None]
    return found[None]


@pytest.mark.parametrize(
    ("resources", "verdict"),
    [
        (protected(), "pass"),
        ((), "undetermined"),  # owned elsewhere
        ((bucket(managed=False), access_block(), versioning(), policy()), "undetermined"),
        ((bucket(), versioning(), policy()), "fail"),
        ((bucket(), access_block(complete=False), versioning(), policy()), "fail"),
        ((bucket(), access_block(complete=PENDING), versioning(), policy()), "undetermined"),
        ((bucket(), access_block(on=PENDING), versioning(), policy()), "undetermined"),
        ((bucket(), access_block(on=False), versioning(), policy()), "pass"),
        ((bucket(), access_block(complete=False, on=False), versioning(), policy()), "fail"),
        ((bucket(), access_block(), policy()), "fail"),
        ((bucket(versioned=True), access_block(), policy()), "pass"),
        ((bucket(versioned=False), access_block(), policy()), "fail"),
        ((bucket(versioned=PENDING), access_block(), policy()), "undetermined"),
        ((bucket(), access_block(), versioning(enabled=False), policy()), "fail"),
        ((bucket(), access_block(), versioning(enabled=PENDING), policy()), "undetermined"),
        ((bucket(), access_block(), versioning(on="other"), policy()), "fail"),
        ((bucket(), access_block(), versioning()), "fail"),
        ((bucket(), access_block(), versioning(), policy(text=PENDING)), "undetermined"),
        ((bucket(), access_block(complete=False), versioning(), policy(text=PENDING)), "fail"),
        ((bucket(), access_block(), versioning(), policy(text="not json")), "undetermined"),
        ((bucket(), access_block(), versioning(), policy(on="trail-logs")), "pass"),
    ],
)
def test_a_bucket(resources: tuple[Resource, ...], verdict: str) -> None:
    assert only(trail(), *resources) == verdict


OUTSIDE = "arn:aws:iam::999999999999:root"


@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        ((statement(), statement("s3:GetBucketAcl")), "pass"),
        ((statement("s3:*"),), "pass"),
        ((statement(["S3:PutObject", "s3:getbucketacl"]),), "pass"),
        ((statement("s3:PutObject"),), "fail"),  # CloudTrail must read the ACL as well
        (
            (statement(Condition={"StringLike": {"AWS:SourceArn": "arn:aws:cloudtrail:*:111122223333:trail/*"}}),),
            "pass",
        ),
        ((statement(Condition={"StringEquals": {"aws:SourceAccount": ["111122223333"]}}),), "pass"),
        ((statement(Condition={"StringEquals": {"aws:SourceOrgID": "o-1"}}),), "pass"),
        ((statement(), statement(Effect="Deny", Principal="*", Condition={})), "fail"),
        ((statement(), statement("s3:DeleteObject", Effect="Deny", Principal="*", Condition={})), "pass"),
        ((statement(), statement("s3:GetBucketAcl", Condition={})), "fail"),
        ((statement("s3:GetBucketAcl"),), "fail"),
        ((statement(Condition={"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}),), "fail"),
        ((statement(Condition={"StringNotEquals": {"aws:SourceAccount": "111122223333"}}),), "fail"),
        ((statement(Condition={"StringLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:*:trail/*"}}),), "fail"),
        ((statement(Condition={"StringEquals": {"aws:SourceArn": [TRAIL_ARN, "*"]}}),), "fail"),
        ((statement(Condition={"ArnLike": {"aws:SourceArn": "*"}}),), "fail"),
        ((statement(), statement("s3:GetObject", Principal="*", Condition={})), "fail"),
        ((statement(), statement("s3:GetObject", Principal={"AWS": ["*"]}, Condition={})), "fail"),
        ((statement(Principal={"Service": "config.amazonaws.com"}),), "fail"),
        ((statement(Effect="Deny"),), "fail"),
        ((statement("s3:*"), statement("s3:Delete*", Principal={"AWS": "999999999999"}, Condition={})), "fail"),
        ((statement("s3:*"), statement("s3:*", Principal={"AWS": OUTSIDE}, Condition={})), "fail"),
        ((statement("s3:*"), statement("s3:Get*", Principal={"AWS": OUTSIDE}, Condition={})), "pass"),
        ((statement("s3:*"), statement("s3:PutObject", Principal={"AWS": OUTSIDE}, Condition={})), "pass"),
        ((statement("s3:*"), statement("s3:*", Principal={"AWS": "111122223333"}, Condition={})), "pass"),
    ],
)
def test_a_policy(statements: tuple[object, ...], verdict: str) -> None:
    assert only(trail(), bucket(), access_block(), versioning(), policy(*statements)) == verdict


def test_without_a_trail_that_is_the_cause() -> None:
    (row,) = judged(ID, estate(*protected()), scope(US))
    assert (row.verdict, row.reason) == ("fail", "no trail records the account")


def test_one_trail_with_a_protected_bucket_is_enough() -> None:
    other = trail("u", bucket=Ref(id="other"))
    assert only(trail(), other, *protected()) == "pass"
    assert only(trail(multi_region=False), other, *protected()) == "undetermined"  # owned elsewhere
    assert only(trail(multi_region=PENDING), *protected()) == "undetermined"
    assert only(trail(advanced=(MANAGEMENT,)), *protected()) == "pass"


def test_an_unknown_bucket() -> None:
    assert only(trail(bucket=PENDING), *protected()) == "undetermined"


@pytest.mark.parametrize("kind", [PublicAccessBlock, BucketVersioning, BucketPolicy])
def test_absence_is_not_claimed_from_an_incomplete_source(kind: type[Resource]) -> None:
    resources = [one for one in protected() if not isinstance(one, kind)]
    assert verdicts(ID, estate(trail(), *resources, missing={kind: "unread"}), scope(US)) == {None: "undetermined"}
    assert verdicts(ID, estate(trail(), *resources), scope(US)) == {None: "fail"}


TRAIL = """
resource "aws_cloudtrail" "t" {
  name                  = "main"
  s3_bucket_name        = aws_s3_bucket.b.id
  is_multi_region_trail = true
  %s
}
resource "aws_s3_bucket" "b" {
  bucket = "trail-b"
}
resource "aws_s3_bucket" "other" {
  bucket_prefix = "other-"
}
resource "aws_s3_bucket_versioning" "b" {
  bucket = aws_s3_bucket.b.id
  versioning_configuration {
    status = "Enabled"
  }
}
resource "aws_s3_bucket_public_access_block" "b" {
  bucket                  = aws_s3_bucket.b.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [%s] })
}
resource "aws_kms_key" "k" {
  is_enabled = %s
}
variable "who" { type = string }
"""
CALLER = "${data.aws_caller_identity.me.account_id}"
ACL = (
    '{Effect="Allow",Principal={Service="cloudtrail.amazonaws.com"},Action="s3:GetBucketAcl",'
    'Resource=aws_s3_bucket.b.arn,Condition={StringEquals={"aws:SourceAccount"="111122223333"}}}'
)


def denied(condition: str = "", action: str = "s3:*", who: str = '"*"') -> str:
    under = f",Condition={{{condition}}}" if condition else ""
    on = '["arn:aws:s3:::trail-b","${aws_s3_bucket.b.arn}/*"]'
    return f'{put()},{{Effect="Deny",Principal={who},Action="{action}",Resource={on}{under}}}'


def emptied(by: str, condition: str = "", account: str = "111122223333") -> str:
    under = f",Condition={{{condition}}}" if condition else ""
    return (
        f'{put(account=account)},{{Effect="Allow",Principal={{AWS="arn:aws:iam::{by}:root"}},Action="s3:*",'
        f'Resource="${{aws_s3_bucket.b.arn}}/*"{under}}}'
    ).replace('"111122223333"', f'"{account}"')


def put(path: str = "/AWSLogs/*", account: str = "111122223333", bucket: str = "${aws_s3_bucket.b.arn}") -> str:
    return (
        f'{ACL},{{Effect="Allow",Principal={{Service="cloudtrail.amazonaws.com"}},Action="s3:PutObject",'
        f'Resource="{bucket}{path}",Condition={{StringEquals={{"aws:SourceAccount"="{account}"}}}}}}'
    )


def arn(value: str) -> str:
    return (
        '{Effect="Allow",Principal={Service="cloudtrail.amazonaws.com"},Action=["s3:GetBucketAcl","s3:PutObject"],'
        f'Resource=[aws_s3_bucket.b.arn,"${{aws_s3_bucket.b.arn}}/*"],Condition={{ArnLike={{"aws:SourceArn"="{value}"}}}}}}'
    )


ORGANIZATION = "is_organization_trail = true"
PREFIX = 's3_key_prefix = "cloudtrail"'


@pytest.mark.parametrize(
    ("provider", "trail_has", "policy_says", "verdict"),
    [
        (PINNED, "", put(), "pass"),
        (PINNED, "", put("/AWSLogs/111122223333/*"), "pass"),
        (PINNED, "", put("/AWSLogs/444455556666/*"), "fail"),
        (PINNED, "", put(account="444455556666"), "fail"),
        (PINNED, "", put(bucket="arn:aws:s3:::trail-b"), "pass"),
        (PINNED, "", put(bucket="arn:aws:s3:::another"), "fail"),
        (PINNED, "", put("/other/*"), "fail"),
        (PINNED, "", put().removeprefix(f"{ACL},"), "fail"),
        (PINNED, PREFIX, put(), "fail"),
        (PINNED, PREFIX, put("/cloudtrail/AWSLogs/*"), "pass"),
        (PINNED, "", put("/cloudtrail/AWSLogs/*"), "fail"),
        # An organization's trail writes to two paths.
        (PINNED, ORGANIZATION, put("/AWSLogs/111122223333/*"), "fail"),
        (PINNED, ORGANIZATION, put("/AWSLogs/*"), "pass"),
        (PINNED, ORGANIZATION, f'{put("/AWSLogs/111122223333/*")},{put("/AWSLogs/o-example/*")}', "pass"),
        # Conditions on the trail itself.
        (PINNED, "", arn("arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"), "pass"),
        (PINNED, "", arn("arn:aws:cloudtrail:*:111122223333:trail/*"), "pass"),
        (PINNED, "", arn("arn:aws:cloudtrail:eu-west-1:111122223333:trail/other"), "fail"),
        (PINNED, "", arn("arn:aws:cloudtrail:us-east-1:111122223333:trail/main"), "fail"),
        (PINNED, "", arn("${aws_cloudtrail.t.arn}"), "pass"),
        # The caller's identity is the provider's own account; a literal one may be another.
        (PLAIN, "", arn(f"arn:aws:cloudtrail:eu-west-1:{CALLER}:trail/main"), "pass"),
        (PLAIN, "", put(account=CALLER).replace('"111122223333"', f'"{CALLER}"'), "pass"),
        (PLAIN, "", put(f"/AWSLogs/{CALLER}/*", CALLER).replace('"111122223333"', f'"{CALLER}"'), "pass"),
        (PLAIN, "", put(), "undetermined"),
        (PLAIN, "", arn("arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"), "undetermined"),
        (PLAIN, "", arn(f"arn:aws:cloudtrail:eu-west-1:{CALLER}:trail/other"), "fail"),
        # What a Deny keeps out.
        (PINNED, "", denied(), "fail"),
        (PINNED, "", denied(action="s3:DeleteObject"), "pass"),
        (PINNED, "", denied('Bool={"aws:SecureTransport"="false"}'), "pass"),
        (PINNED, "", denied('NumericLessThan={"s3:TlsVersion"="1.2"}'), "pass"),
        (PINNED, "", denied('BoolIfExists={"aws:PrincipalIsAWSService"="false"}'), "pass"),
        (PINNED, "", denied('StringNotEquals={"aws:SourceAccount"="111122223333"}'), "pass"),
        (PINNED, "", denied('StringNotEquals={"aws:SourceAccount"="444455556666"}'), "fail"),
        (PINNED, "", denied('StringNotEquals={"aws:PrincipalOrgID"="o-example"}'), "fail"),
        (PINNED, "", denied('StringNotEquals={"s3:x-amz-server-side-encryption"="aws:kms"}'), "undetermined"),
        (PINNED, "", denied(who="var.who"), "undetermined"),
        (PINNED, "", denied(who='{AWS="arn:aws:iam::444455556666:root"}'), "pass"),
        # What lets an account of somebody else end the record.
        (PINNED, "", emptied("444455556666"), "fail"),
        (PINNED, "", emptied("444455556666", 'Bool={"aws:SecureTransport"="true"}'), "fail"),
        (PINNED, "", emptied("444455556666", 'Bool={"aws:SecureTransport"="false"}'), "pass"),
        (PINNED, "", emptied("111122223333"), "pass"),
        (PLAIN, "", emptied("444455556666", account=CALLER), "undetermined"),
        (PLAIN, "", emptied(CALLER, account=CALLER), "pass"),
    ],
)  # fmt: skip
def test_a_policy_of_source(tmp_path: Path, provider: str, trail_has: str, policy_says: str, verdict: str) -> None:
    found = rows(tmp_path, provider + TRAIL % (trail_has, policy_says, "true"), ID)
    assert [row.verdict.value for row in found] == [verdict]


@pytest.mark.parametrize(("enabled", "verdict"), [("true", "pass"), ("false", "fail")])
def test_a_bucket_with_a_key(tmp_path: Path, enabled: str, verdict: str) -> None:
    encryption = """
resource "aws_s3_bucket_server_side_encryption_configuration" "b" {
  bucket = aws_s3_bucket.b.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.k.arn
    }
  }
}
"""
    found = rows(tmp_path, PINNED + TRAIL % ("", put(), enabled) + encryption, ID)
    assert [row.verdict.value for row in found] == [verdict]


def test_a_policy_that_stands_in_the_bucket(tmp_path: Path) -> None:
    text = PINNED + TRAIL % ("", put("/AWSLogs/444455556666/*"), "true")
    head, _, rest = text.partition('resource "aws_s3_bucket_policy" "b" {\n  bucket = aws_s3_bucket.b.id\n')
    key = rest.index('resource "aws_kms_key"')
    policy_line = rest[: rest.index("})") + 2].replace("${aws_s3_bucket.b.arn}", "arn:aws:s3:::trail-b")
    inline = policy_line.replace("aws_s3_bucket.b.arn", '"arn:aws:s3:::trail-b"')
    written = head.replace('bucket = "trail-b"\n', f'bucket = "trail-b"\n{inline}\n') + rest[key:]
    (found,) = rows(tmp_path, written, ID)
    assert (found.verdict, found.evidence[0].address) == ("fail", "aws_s3_bucket.b")
    (found,) = rows(tmp_path, written.replace("/444455556666/", "/111122223333/"), ID)
    assert found.verdict == "pass"


def test_a_fault_of_the_policy_points_at_the_policy(tmp_path: Path) -> None:
    (found,) = rows(tmp_path, PINNED + TRAIL % (PREFIX, put(), "true"), ID)
    assert found.evidence[0].address == "aws_s3_bucket_policy.b"
    (found,) = rows(tmp_path, PINNED + TRAIL % (PREFIX, put(), "true"), "trail-multi-region")
    assert (found.verdict, found.evidence[0].address) == ("fail", "aws_s3_bucket_policy.b")


@pytest.mark.parametrize(
    ("named", "settings", "verdict"),
    [
        ("random_pet.n.id", "random_pet.n.id", "pass"),
        ("random_pet.n.id", "random_pet.m.id", "fail"),
        # Two parts of one unknown value may be two buckets.
        ("random_shuffle.n.result[0]", "random_shuffle.n.result[1]", "undetermined"),
        ("data.external.n.result.logs", "data.external.n.result.site", "undetermined"),
        ("random_shuffle.n.result", "random_shuffle.n.result[0]", "undetermined"),
    ],
)
def test_a_bucket_whose_name_is_unknown(tmp_path: Path, named: str, settings: str, verdict: str) -> None:
    unknown = """
resource "random_pet" "n" {}
resource "random_pet" "m" {}
resource "random_shuffle" "n" {
  input = ["a", "b"]
}
data "external" "n" {
  program = ["names"]
}
"""
    trail = TRAIL % ("", put(bucket=f"arn:aws:s3:::${{{settings}}}").replace(
        "aws_s3_bucket.b.arn", f'"arn:aws:s3:::${{{settings}}}"'), "true")  # fmt: skip
    text = trail.replace('bucket = "trail-b"', f"bucket = {named}", 1).replace("= aws_s3_bucket.b.id", f"= {settings}")
    text = text.replace(f"s3_bucket_name        = {settings}", "s3_bucket_name        = aws_s3_bucket.b.id")
    found = rows(tmp_path, PINNED + unknown + text, ID)
    assert [row.verdict.value for row in found] == [verdict]


@pytest.mark.parametrize(
    ("argument", "verdict"),
    [
        ("", "pass"),
        ('name = "eu-west-1"', "pass"),
        ('name = "us-east-1"', "fail"),
        ('endpoint = "ec2.us-east-1.amazonaws.com"', "undetermined"),
    ],
)
def test_a_policy_that_names_the_region_of_a_data_source(tmp_path: Path, argument: str, verdict: str) -> None:
    region = f'data "aws_region" "r" {{\n  {argument}\n}}\n'
    policy = arn("arn:aws:cloudtrail:${data.aws_region.r.id}:111122223333:trail/main")
    found = rows(tmp_path, PINNED + region + TRAIL % ("", policy, "true"), ID)
    assert [row.verdict.value for row in found] == [verdict]
