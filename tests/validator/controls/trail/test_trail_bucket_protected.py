"""trail-bucket-protected."""

from __future__ import annotations

import pytest

from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.s3 import BucketPolicy, BucketVersioning, PublicAccessBlock
from tests.support.estates import MANAGEMENT, PENDING, US, estate, judged, scope, trail, verdicts
from tests.support.estates_exports import access_block, bucket, policy, protected, statement, versioning

ID = "trail-bucket-protected"
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
