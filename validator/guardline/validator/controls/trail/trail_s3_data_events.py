"""Control trail-s3-data-events."""

from __future__ import annotations

from collections.abc import Iterable

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed
from guardline.validator.controls.shared.cells import account_cells
from guardline.validator.controls.shared.event_selectors import READS_AND_WRITES, added, s3_events, s3_kinds_at_best
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.controls.shared.trails import ROOT, Judged, none_will_do, origins, recording, regional
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.cloudtrail import Trail
from guardline.validator.model.config import DeliveryChannel
from guardline.validator.model.dns import QueryLog
from guardline.validator.model.ec2 import FlowLogSettings
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Ref
from guardline.validator.model.s3 import Bucket, BucketLogging
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.unknown_parts import has_marks, shown


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    trails = [regional(estate, trail, cell.account) for trail in recording(estate, cell.account)]
    sure = [one for one in trails if one.satisfies and s3_events(one.trail).is_known]
    found = added(s3_events(one.trail).get() for one in sure)
    wanted = scope.asked.s3_events if scope.asked is not None else READS_AND_WRITES
    if found.kinds >= wanted:
        left_out = sorted(frozenset().union(*found.left_out.values()))
        _only_logs(left_out, _log_buckets(estate, scope, sure))
        if (unasked := _unasked(estate, scope, sure, left_out)) is not None:
            return unasked
        less = f", leaving out {', '.join(map(shown, left_out))}" if left_out else ""
        evidence = [one for one in sure if s3_events(one.trail).get().kinds]
        kinds = " and ".join(sorted(wanted))
        return passed(f"S3 object events of all buckets are recorded, {kinds}{less}", *origins(evidence))
    possible = [one for one in trails if one.may_satisfy]
    if found.kinds.union(*(s3_kinds_at_best(one.trail) for one in possible)) >= wanted:
        for one in possible:
            if one not in sure:
                raise UnknownValue(f"{one.trail.origin.address}: {one.unsure or s3_events(one.trail).reason}")
    if not possible:
        reason = none_will_do(estate, cell.account, trails, "trail logs in every region")
        return failed(reason, *origins(trails), cause=ROOT, missing=Trail)
    none_will_do(estate, cell.account, (), "")  # absence may be claimed, or this raises
    narrow = f" (a selector {'; another '.join(dict.fromkeys(found.narrow))})" if found.narrow else ""
    missing = " and ".join(sorted(wanted - found.kinds))
    return failed(f"S3 object {missing} events are not recorded for all buckets{narrow}", *origins(possible))


def _log_buckets(estate: Estate, scope: Scope, trails: Iterable[Judged]) -> frozenset[str]:
    """Names of buckets that hold logs, as far as they are known: their own events may be left out."""
    asked = scope.asked.excluded_buckets if scope.asked is not None else ()
    refs = [one.trail.bucket.get() for one in trails if one.trail.bucket.is_known]
    declared = [bucket.name for ref in refs if (bucket := estate.find(Bucket, ref)) is not None]
    return frozenset(_bucket(name) for name in (*asked, *declared, *(ref.id for ref in refs if ref.id)))


def _unasked(estate: Estate, scope: Scope, trails: Iterable[Judged], left_out: Iterable[str]) -> Verdict | None:
    """The verdict where the selectors leave out a bucket that the spec does not; None where they do not."""
    if scope.asked is None or scope.asked.recording is None:
        return None
    trails = tuple(trails)
    allowed = _log_buckets(estate, scope, trails) | estate.once(_access_logs)
    if scope.asked.log_buckets:
        # Which buckets hold the logs of an account, only its own root tells.
        seen, buckets = estate.once(_log_destinations)
        if len(scope.accounts) > 1 and any(account.key not in seen for account in scope.accounts):
            return None
        allowed |= buckets
    extra = sorted({_bucket(each) for each in left_out} - allowed)
    # A trail of an organization records buckets of accounts that are in other roots; their names may be unknown here.
    if not extra or any(map(has_marks, (*extra, *allowed))):
        return None
    names = ", ".join(map(shown, extra))
    return failed(f"S3 object events of {names} are left out, and the spec does not say so", *origins(trails))


def _log_destinations(estate: Estate) -> tuple[frozenset[str], frozenset[str]]:
    """The accounts that keep flow logs, query logs or configurations, and the buckets that they keep them in."""
    flow_logs, query_logs = estate.all(FlowLogSettings), estate.all(QueryLog)
    channels = estate.all(DeliveryChannel)
    refs = [one.destination for one in flow_logs] + [one.destination for one in query_logs]
    refs += [one.bucket for one in channels]
    return (
        frozenset(one.location.account.key for one in (*flow_logs, *query_logs, *channels)),
        frozenset(_name(estate, ref.get()) for ref in refs if ref.is_known),
    )


def _access_logs(estate: Estate) -> frozenset[str]:
    """The buckets that S3 writes access logs to: their events would be about themselves."""
    return frozenset(_name(estate, one.target.get()) for one in estate.all(BucketLogging) if one.target.is_known)


def _name(estate: Estate, ref: Ref) -> str:
    bucket = estate.find(Bucket, ref)
    return bucket.name if bucket is not None else _bucket(ref.id or "")


def _bucket(arn: str) -> str:
    """``b`` from ``b``, ``arn:aws:s3:::b`` or ``arn:aws:s3:::b/prefix``."""
    return arn.rpartition(":::")[2].partition("/")[0]


def _only_logs(left_out: Iterable[str], log_buckets: frozenset[str]) -> None:
    """A prefix with a slash stays within one bucket; one without leaves out every bucket whose name begins so.

    Raises:
        UnknownValue: such a prefix is not the name of a known log bucket.
    """
    for prefix in left_out:
        if "/" not in prefix and _bucket(prefix) not in log_buckets:
            raise UnknownValue(f"the selectors leave out every bucket whose name begins with {shown(_bucket(prefix))}")


CONTROL = Control(
    id="trail-s3-data-events",
    title="S3 object events are recorded",
    practice=2,
    severity=Severity.HIGH,
    why=(
        "Which objects an intruder read or deleted is answered only by S3 object events in a trail of your own. "
        "GuardDuty's S3 Protection detects without them, and keeps none for you."
    ),
    passes=(
        "Read and write events of the objects in all buckets are recorded by the trails that log in every region, "
        "taken together: selectors and trails add up. Leaving out single buckets by ARN, such as the log destinations, "
        "is fine, and the reason names them. Under a spec that asks for one kind only, that kind; and only the buckets "
        "are left out that the spec names, or that hold logs where it says so."
    ),
    fails=(
        "Reads or writes are not recorded for all buckets: no selector for `AWS::S3::Object`, one bucket or another "
        "partition's buckets only, or narrowed by event name or another field; or no trail logs in every region; or, "
        "under a spec, the events of a bucket are left out that it does not leave out."
    ),
    unsure=(
        "Selectors are known only after apply; a prefix without `/` leaves out every bucket that begins so, and none "
        "of the known log buckets is called that; or the source is incomplete."
    ),
    fix=(
        "Add an `advanced_event_selector` with `eventCategory` equal to `Data` and `resources.type` equal to "
        "`AWS::S3::Object`, beside one for `Management`; leave out log buckets with `resources.ARN` "
        '`not_starts_with = ["arn:aws:s3:::BUCKET/"]`.'
    ),
    limits="Whether a left-out bucket really is a log destination is for the reader: the reason names it.",
    cells=account_cells,
    check=_check,
    mappings=mapped("trail-s3-data-events"),
    links=(
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudtrail",
    ),
)
