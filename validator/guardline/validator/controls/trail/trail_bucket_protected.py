"""Control trail-bucket-protected."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed, undetermined
from guardline.validator.controls.shared.bucket_policies import policy_keeps_out, policy_opens
from guardline.validator.controls.shared.buckets import assert_absent, settings
from guardline.validator.controls.shared.cells import account_cells
from guardline.validator.controls.shared.trails import ROOT, Judged, complete, none_will_do, origins, recording
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.cloudtrail import Trail
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Origin
from guardline.validator.model.s3 import Bucket, BucketPolicy, BucketSetting, BucketVersioning, PublicAccessBlock
from guardline.validator.model.value import UnknownValue


def _check(estate: Estate, _scope: Scope, cell: Cell) -> Verdict:
    judged = [complete(estate, trail, cell.account) for trail in recording(estate, cell.account)]
    # A trail that its own bucket keeps out is judged here by that bucket.
    good = [one for one in judged if one.satisfies or (one.refused and not one.lacks)]
    if not good:
        reason = none_will_do(estate, cell.account, judged, "trail that records every region")
        return failed(reason, *origins(judged), cause=ROOT, missing=Trail)
    verdicts = [_bucket_of(estate, one) for one in good]
    verdicts += [_perhaps(estate, one) for one in judged if one.may_satisfy and one not in good]
    order = ("pass", "undetermined", "fail")
    return min(verdicts, key=lambda verdict: order.index(verdict.status.value))


def _perhaps(estate: Estate, one: Judged) -> Verdict:
    """A trail that may record everything can at best make the account undetermined."""
    verdict = _bucket_of(estate, one)
    why = f"{one.trail.origin.address} may be the trail whose bucket counts: {one.unsure}"
    return verdict if verdict.status.value == "fail" else undetermined(why, one.trail.origin)


def _bucket_of(estate: Estate, one: Judged) -> Verdict:
    """Judge the bucket of a trail. What is surely wrong outweighs what is unknown."""
    trail = one.trail
    if not trail.bucket.is_known:
        return undetermined(f"the bucket of {trail.origin.address}: {trail.bucket.reason}", trail.origin)
    ref = trail.bucket.get()
    bucket = estate.find(Bucket, ref)
    if bucket is None or not bucket.managed:
        name = ref.id or ref.address
        return undetermined(f"the trail's bucket {name} is owned elsewhere: nothing here declares it", trail.origin)
    lacks, unsure = list[str](), list[str]()
    for ask in (_access, _versions):
        try:
            lacks.extend(ask(estate, bucket))
        except UnknownValue as unknown_value:
            unsure.append(unknown_value.reason)
    for asks in (policy_keeps_out, policy_opens):
        try:
            lacks.extend(asks(estate, trail, bucket))
        except UnknownValue as unknown_value:
            unsure.append(unknown_value.reason)
    evidence = (trail.origin, bucket.origin, *_settings_of(estate, bucket))
    if lacks:
        return failed(f"the trail's bucket {' and '.join(lacks)}", *evidence)
    if unsure:
        return undetermined(f"the trail's bucket: {unsure[0]}", *evidence)
    return passed("the trail's bucket is private, versioned, and lets in the account's own trail only", *evidence)


def _settings_of(estate: Estate, bucket: Bucket) -> Iterator[Origin]:
    kinds: tuple[type[BucketSetting], ...] = (PublicAccessBlock, BucketVersioning, BucketPolicy)
    for kind in kinds:
        yield from (one.origin for one in settings(estate, kind, bucket))


def _access(estate: Estate, bucket: Bucket) -> Iterator[str]:
    account = bucket.location.account
    whole = [one for one in estate.select(PublicAccessBlock, account).here if one.bucket is None]
    blocks = [*settings(estate, PublicAccessBlock, bucket), *whole]
    if any(one.complete.known_or(False) for one in blocks):
        return
    for one in blocks:
        one.complete.get()
    assert_absent(estate, PublicAccessBlock)
    yield "has a public access block that is not complete" if blocks else "has no public access block"


def _versions(estate: Estate, bucket: Bucket) -> Iterator[str]:
    declared = settings(estate, BucketVersioning, bucket)
    if any(one.enabled.known_or(False) for one in declared):
        return
    for one in declared:
        one.enabled.get()
    if bucket.versioned.get():
        return
    if not declared:
        assert_absent(estate, BucketVersioning)
    yield "is not versioned"


CONTROL = Control(
    id="trail-bucket-protected",
    title="The trail's bucket is protected",
    practice=1,
    severity=Severity.MEDIUM,
    why=(
        "The bucket holds the record of everything done in the account. Public, it tells an intruder where to go; "
        "without versions, it can be overwritten; with an open policy, a stranger's trail writes into it."
    ),
    passes=(
        "The bucket of a trail that satisfies trail-multi-region is declared in the source with a public access block "
        "of all four settings (its own, or the whole account's), with versioning, and with a policy whose every "
        "statement for CloudTrail bears `aws:SourceArn`, `aws:SourceAccount` or `aws:SourceOrgID` of one account or "
        "organization."
    ),
    fails=(
        "A public access block is missing or lacks a setting (AWS's default for new buckets is not counted, for "
        "nothing keeps it); versioning is missing or suspended; the policy is missing, does not let CloudTrail write, "
        "lets it in without such a condition, or allows anything to everyone without any condition; or there is no "
        "such trail (the cause is then trail-multi-region)."
    ),
    unsure=(
        "The bucket is owned elsewhere: nothing in the source declares it. Or a setting, the policy's text or the "
        "bucket of a setting is known only after apply, no trail surely records every region, or the source is "
        "incomplete."
    ),
    fix=(
        "Beside the `aws_s3_bucket` declare `aws_s3_bucket_public_access_block` with all four settings true, "
        '`aws_s3_bucket_versioning` with `status = "Enabled"`, and an `aws_s3_bucket_policy` whose statements for '
        "`cloudtrail.amazonaws.com` bear `aws:SourceArn` of the trail."
    ),
    limits=(
        "One such trail with a protected bucket is enough. What a policy allows to other accounts or roles, and under "
        "which condition to everyone, is not judged; nor are access points and lifecycle rules."
    ),
    cells=account_cells,
    check=_check,
    links=(
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_policy",
    ),
)
