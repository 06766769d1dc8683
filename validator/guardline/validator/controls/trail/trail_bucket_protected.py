"""Control trail-bucket-protected."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed, undetermined
from guardline.validator.controls.shared.bucket_policies import (
    key_keeps_out,
    policy_keeps_out,
    policy_opens,
    refusal,
)
from guardline.validator.controls.shared.buckets import Fault, not_private, not_versioned, settings
from guardline.validator.controls.shared.cells import account_cells
from guardline.validator.controls.shared.trails import ROOT, Judged, complete, none_will_do, origins, recording
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.cloudtrail import Trail
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Origin
from guardline.validator.model.s3 import Bucket, BucketPolicy, BucketSetting, BucketVersioning, PublicAccessBlock
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.unknown_parts import shown


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    judged = [complete(estate, trail, cell.account) for trail in recording(estate, cell.account)]
    # A trail that its bucket keeps out is no trail; here that bucket is what is asked about.
    good = [one for one in judged if one.satisfies or (not one.lacks and refusal(estate, one.trail) is not None)]
    if not good:
        reason = none_will_do(estate, cell.account, judged, "trail that records every region")
        return failed(reason, *origins(judged), cause=ROOT, missing=Trail)
    verdicts = [_bucket_of(estate, scope, one.trail) for one in good]
    verdicts += [_perhaps(estate, scope, one) for one in judged if one.may_satisfy and one not in good]
    order = ("pass", "undetermined", "fail")
    return min(verdicts, key=lambda verdict: order.index(verdict.status.value))


def _perhaps(estate: Estate, scope: Scope, one: Judged) -> Verdict:
    """A trail that may record everything can at best make the account undetermined."""
    verdict = _bucket_of(estate, scope, one.trail)
    why = f"{one.trail.origin.address} may be the trail whose bucket counts: {one.unsure}"
    return verdict if verdict.status.value == "fail" else undetermined(why, one.trail.origin)


def _bucket_of(estate: Estate, scope: Scope, trail: Trail) -> Verdict:
    """Judge the bucket of a trail. What is surely wrong outweighs what is unknown."""
    if not trail.bucket.is_known:
        return undetermined(f"the bucket of {trail.origin.address}: {trail.bucket.reason}", trail.origin)
    ref = trail.bucket.get()
    bucket = estate.find(Bucket, ref)
    if bucket is None or not bucket.managed:
        name = shown(ref.id or ref.address or "")
        return undetermined(f"the trail's bucket {name} is owned elsewhere: nothing here declares it", trail.origin)
    faults, unsure = list[Fault](), list[str]()
    asked = [not_private(estate, bucket), not_versioned(estate, bucket)]
    asked += [ask(estate, trail, bucket) for ask in (policy_keeps_out, key_keeps_out)]
    asked.append(policy_opens(estate, trail, bucket, scope.accounts))
    for ask in asked:
        try:
            faults.extend(ask)
        except UnknownValue as unknown_value:
            unsure.append(unknown_value.reason)
    evidence = (trail.origin, bucket.origin, *_settings_of(estate, bucket))
    if faults:
        first = dict.fromkeys((*(each.origin for each in faults), *evidence))
        return failed(f"the trail's bucket {' and '.join(each.reason for each in faults)}", *first)
    if unsure:
        return undetermined(f"the trail's bucket: {unsure[0]}", *evidence)
    return passed("the trail's bucket is private, versioned, and lets in the account's own trail only", *evidence)


def _settings_of(estate: Estate, bucket: Bucket) -> Iterator[Origin]:
    kinds: tuple[type[BucketSetting], ...] = (PublicAccessBlock, BucketVersioning, BucketPolicy)
    for kind in kinds:
        yield from (one.origin for one in settings(estate, kind, bucket))


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
        "of all four settings (its own, or the whole account's) and with versioning. Its policy lets CloudTrail read "
        "the bucket's ACL and write the trail's record, and every statement for CloudTrail bears `aws:SourceArn`, "
        "`aws:SourceAccount` or `aws:SourceOrgID` of one account or organization. `data.aws_caller_identity` counts "
        "as the provider's own account, even where its id is unknown."
    ),
    fails=(
        "A public access block is missing or lacks a setting (AWS's default for new buckets does not count, for "
        "nothing keeps it); versioning is missing or suspended; the policy is missing or keeps CloudTrail out: it is "
        "for another account, bucket or prefix, leaves out an organization's path, or denies the call; the policy "
        "lets CloudTrail in without such a condition, allows anything to everyone without any, or lets an account that "
        "no source is of delete the record; the bucket's KMS key is disabled or being deleted; or there is no such "
        "trail (the cause is then trail-multi-region)."
    ),
    unsure=(
        "The bucket is owned elsewhere: nothing in the source declares it. Or a setting, the policy's text or the "
        "bucket of a setting is known only after apply; the policy names an account and the trail's own account is "
        "unknown; no trail surely records every region; or the source is incomplete."
    ),
    fix=(
        "Beside the `aws_s3_bucket` declare `aws_s3_bucket_public_access_block` with all four settings true, "
        '`aws_s3_bucket_versioning` with `status = "Enabled"`, and an `aws_s3_bucket_policy` whose statements for '
        "`cloudtrail.amazonaws.com` bear `aws:SourceArn` of the trail and allow its `s3_key_prefix`."
    ),
    limits=(
        "One such trail with a protected bucket is enough. Who else may read or add to the record, and what a policy "
        "allows under a condition, is not judged; nor are access points and lifecycle rules. An organization that "
        "a policy names is assumed to be the account's own."
    ),
    cells=account_cells,
    check=_check,
    links=(
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_policy",
    ),
)
