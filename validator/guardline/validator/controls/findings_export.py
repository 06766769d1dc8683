"""Control findings-export."""

from __future__ import annotations

from guardline.spec.catalogue import region as catalogued
from guardline.validator.control import Cell, Control, Severity, Status, Verdict, failed, passed, undetermined
from guardline.validator.controls.detectors import on_detector
from guardline.validator.controls.expected import regions_expecting
from guardline.validator.controls.on_detectors import assert_attached, belonging
from guardline.validator.estate import Detector, Estate
from guardline.validator.scope import Scope
from guardline.validator.things.guardduty import PublishingDestination
from guardline.validator.things.s3 import Bucket
from guardline.validator.value import Untold, Value, known, unknown

ID = "findings-export"


def _judge(estate: Estate, _scope: Scope, cell: Cell, detector: Detector) -> Verdict:
    selection = estate.select(PublishingDestination, cell.account, cell.region)
    here = belonging(selection.here, detector)
    verdicts = [_destination(estate, cell.region or "", one) for one in here]
    if good := [verdict for verdict in verdicts if verdict.status is Status.PASS]:
        return good[0]
    assert_attached(selection.here)
    if not here:
        selection.assert_complete()
        stray = "; the destination there belongs to another detector" if selection.here else ""
        return failed(f"findings of {cell.region} are exported nowhere{stray}", *(one.origin for one in selection))
    return next((verdict for verdict in verdicts if verdict.status is Status.UNDETERMINED), verdicts[0])


def _destination(estate: Estate, region: str, one: PublishingDestination) -> Verdict:
    """Judge one destination. What is surely wrong outweighs what is unknown."""
    home = _bucket_region(estate, one)
    wrong = (
        (one.kind.map(lambda kind: kind != "S3"), "the destination is not an S3 bucket, the only kind that AWS has"),
        (one.keyed.map(lambda keyed: not keyed), f"the export of {region} has no KMS key, and AWS demands one"),
        (home.map(lambda other: not _is_legal(region, other)), _illegal(region, home.known_or(""))),
        (home.map(lambda other: _key_region(one) not in ("", other)), _torn(_key_region(one), home.known_or(""))),
    )
    for value, reason in wrong:
        if value.known_or(False):
            return failed(reason, one.origin)
    for value, _ in wrong:
        if not value.is_known:
            return undetermined(f"{one.origin.address}: {value.reason}", one.origin)
    return passed(f"findings of {region} are exported to a bucket in {home.get()}, with a key", one.origin)


def _bucket_region(estate: Estate, one: PublishingDestination) -> Value[str]:
    """The bucket's region: where it is declared, or that of the key, which AWS wants to be the same."""
    if not one.bucket.is_known:
        return unknown(f"which bucket it is: {one.bucket.reason}")
    if (bucket := estate.find(Bucket, one.bucket.get())) is not None:
        return bucket.place.region.map(_region)
    if key := _key_region(one):
        return known(key)
    return unknown("the bucket is not in the source, so its region is not told")


def _region(name: str | None) -> str:
    if name is None:
        raise Untold("the region of the bucket is not told")
    return name


def _key_region(one: PublishingDestination) -> str:
    """The region in the key's ARN (``arn:aws:kms:REGION:...``), or ""."""
    parts = (one.key.known_or("") or "").split(":")
    return parts[3] if len(parts) > 5 and parts[2] == "kms" else ""


def _is_legal(region: str, home: str) -> bool:
    """Whether AWS exports from a region to a bucket in `home`: its own region, or one that is enabled by default."""
    found = catalogued(home)
    return region == home or found is None or found.default_enabled


def _illegal(region: str, home: str) -> str:
    return f"AWS does not export findings of {region} to a bucket in {home}, which is an opt-in region"


def _torn(key: str, home: str) -> str:
    return f"the export's key is in {key} and its bucket in {home}; AWS wants both in one region"


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
        "same region or in one that is enabled by default. The region of a bucket that the source does not hold is "
        "the key's, for AWS wants both in one region."
    ),
    fails=(
        "No destination on the region's detector; no key; a bucket in an opt-in region that is not the detector's own; "
        "a key and a bucket in two regions; or the region has no working detector (the cause is then that)."
    ),
    unsure=(
        "Neither the bucket's region nor the key's is told, the destination's region or type is unknown, or the source "
        "is incomplete."
    ),
    fix=(
        "Declare `aws_guardduty_publishing_destination` on the region's detector, with `destination_arn` of one bucket "
        "in the home region and `kms_key_arn` of a key there; let it depend on the bucket's policy."
    ),
    limits=(
        "Asked when the source holds a destination. The policies of bucket and key are not judged, and whether AWS "
        "could write (PublishingStatus) is seen live only. Archived findings are never exported."
    ),
    cells=regions_expecting(ID, PublishingDestination),
    check=on_detector(_judge),
    links=(
        "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_exportfindings.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/guardduty_publishing_destination",
    ),
)
