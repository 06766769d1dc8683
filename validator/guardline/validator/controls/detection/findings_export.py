"""Control findings-export."""

from __future__ import annotations

from guardline.spec.catalogue import region as catalogued
from guardline.validator.control import Cell, Control, Severity, Status, Verdict, failed, passed, undetermined
from guardline.validator.controls.detection.export_access import kept_out
from guardline.validator.controls.shared.attached_to import assert_attached, attached_to
from guardline.validator.controls.shared.detectors import on_detector
from guardline.validator.controls.shared.keys import find_key, key_works
from guardline.validator.controls.shared.members import of_administrator
from guardline.validator.controls.shared.when_applicable import regions_expecting
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector, PublishingDestination
from guardline.validator.model.s3 import Bucket
from guardline.validator.model.value import UnknownValue, Value, known, unknown

ID = "findings-export"


def _judge(estate: Estate, scope: Scope, cell: Cell, detector: Detector) -> Verdict:
    selection = estate.select(PublishingDestination, cell.account, cell.region)
    here = attached_to(selection.here, detector)
    verdicts = [_destination(estate, scope, cell.region or "", one) for one in here]
    if good := [verdict for verdict in verdicts if verdict.status is Status.PASS]:
        return good[0]
    assert_attached(selection.here)
    if not here:
        selection.assert_complete()
        stray = "; the destination there belongs to another detector" if selection.here else ""
        reason = f"findings of {cell.region} are exported nowhere{stray}"
        return failed(reason, *(one.origin for one in selection), missing=PublishingDestination)
    return next((verdict for verdict in verdicts if verdict.status is Status.UNDETERMINED), verdicts[0])


def _destination(estate: Estate, scope: Scope, region: str, one: PublishingDestination) -> Verdict:
    """Judge one destination. What is surely wrong outweighs what is unknown."""
    home, key = _bucket_region(estate, one), _key_region(estate, one)
    at, where = key.known_or(""), home.known_or("")
    wrong = (
        (one.kind.map(lambda kind: kind != "S3"), "the destination is not an S3 bucket, the only kind that AWS has"),
        (one.keyed.map(lambda keyed: not keyed), f"the export of {region} has no KMS key, and AWS demands one"),
        (
            home.map(lambda other: not _is_legal(region, other)),
            f"AWS does not export findings of {region} to a bucket in {where}, which is an opt-in region",
        ),
        (
            key.map(lambda other: home.get() != other),
            f"the export's key is in {at} and its bucket in {where}; AWS wants both in one region",
        ),
    )
    for value, reason in wrong:
        if value.known_or(False):
            return failed(reason, one.origin)
    usable = key_works(estate, one.key, one)
    if usable.holds is False:
        return failed(f"findings of {region} are exported nowhere: {usable.reason}", one.origin, *usable.origins)
    for value, _ in wrong:
        if not value.is_known:
            return undetermined(f"{one.origin.address}: {value.reason}", one.origin)
    if not usable.holds:
        return undetermined(usable.reason, one.origin, *usable.origins)
    if scope.asked is not None and "findings-kept" in scope.asked.stores:
        fault = kept_out(estate, region, one)
        if fault is not None:
            return failed(f"findings of {region} are exported nowhere: {fault.reason}", fault.origin, one.origin)
    return passed(f"findings of {region} are exported to a bucket in {home.get()}, with a key", one.origin)


def _bucket_region(estate: Estate, one: PublishingDestination) -> Value[str]:
    """The bucket's region: where it is declared, or that of the key, which AWS wants to be the same."""
    if not one.bucket.is_known:
        return unknown(f"which bucket it is: {one.bucket.reason}")
    if (bucket := estate.find(Bucket, one.bucket.get())) is not None:
        return bucket.location.region.map(_region)
    return _key_region(estate, one)


def _key_region(estate: Estate, one: PublishingDestination) -> Value[str]:
    """The key's region: where it is declared, or as its ARN says (``arn:aws:kms:REGION:...``)."""
    if not one.key.is_known:
        return unknown(f"which key it is: {one.key.reason}")
    if (key := find_key(estate, one.key.get(), one)) is not None:
        return key.location.region.map(_region)
    parts = (one.key.get().id or "").split(":")
    return known(parts[3]) if parts[2:3] == ["kms"] and parts[3:] else unknown("the region of the key is unknown")


def _region(name: str | None) -> str:
    if name is None:
        raise UnknownValue("a bucket or key is of no region")
    return name


def _is_legal(region: str, home: str) -> bool:
    """Whether AWS exports from a region to a bucket in `home`: its own region, or one that is enabled by default."""
    found = catalogued(home)
    return region == home or found is None or found.default_enabled


CONTROL = Control(
    id=ID,
    title="Findings are exported to a bucket",
    practice=7,
    severity=Severity.MEDIUM,
    why=(
        "GuardDuty forgets a finding after 90 days, and an intruder who takes over the account can archive the rest. "
        "A copy in a bucket, encrypted with a key of your own, is what an investigation months later works from."
    ),
    passes=(
        "The region's detector has a publishing destination of type S3 with a KMS key, and the bucket stands in the "
        "same region or in one that is enabled by default. The region of a bucket that the source does not hold is the "
        "key's, for AWS wants both in one region. Under a spec that makes the export, the policies of bucket and key "
        "let GuardDuty of the region in, by its own name where it is an opt-in region."
    ),
    fails=(
        "No destination on the region's detector; no key; a bucket in an opt-in region that is not the detector's own; "
        "a key and a bucket in two regions; a policy that keeps GuardDuty out, under a spec that makes the "
        "export; or the region has no working detector (the cause is then that)."
    ),
    unsure=(
        "The bucket's region or the key's is unknown, the destination's region or type is unknown, or the source is "
        "incomplete."
    ),
    fix=(
        "Declare `aws_guardduty_publishing_destination` on the region's detector, with `destination_arn` of one bucket "
        "in the home region and `kms_key_arn` of a key there; let it depend on the bucket's policy."
    ),
    limits=(
        "Asked when the spec asks for it or the source holds a destination. Without a spec the policies of bucket "
        "and key are not judged. Whether AWS could write (PublishingStatus) is seen live only. Archived findings "
        "are not exported."
    ),
    cells=regions_expecting(ID, PublishingDestination),
    check=of_administrator(on_detector(_judge)),
    links=(
        "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_exportfindings.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/guardduty_publishing_destination",
    ),
)
