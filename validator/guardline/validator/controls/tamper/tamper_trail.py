"""Control tamper-trail."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from msgspec.structs import replace

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.controls.shared.trails import Judged, none_will_do, origins, recording, regional
from guardline.validator.controls.shared.when_applicable import is_asked
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.cloudtrail import Trail
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import EventRule
from guardline.validator.model.resource import Account
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.event_samples import GUARDDUTY_CALLS, Call, call_event
from guardline.validator.semantics.finding_samples import ACCOUNT, REGION
from guardline.validator.semantics.trail_selectors import records

ID = "tamper-trail"


def watches_calls(estate: Estate, account: Account) -> bool:
    """Whether the account has a rule that is meant for calls to GuardDuty, whether or not it matches any."""
    return any(map(is_meant_for_calls, estate.select(EventRule, account).here))


def is_meant_for_calls(rule: EventRule) -> bool:
    """Whether a rule's pattern speaks of GuardDuty and of calls that CloudTrail records."""
    text: str = rule.pattern.known_or("") or ""
    return _speaks_of_calls(text)


@lru_cache(maxsize=4096)
def _speaks_of_calls(text: str) -> bool:
    spoken = text.lower()
    return "guardduty" in spoken and "cloudtrail" in spoken


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    asked = is_asked(scope, ID)
    return (Cell(account) for account in scope.accounts if asked or watches_calls(estate, account))


def recording_calls(
    estate: Estate, account: Account, region: str | None = None, calls: tuple[Call, ...] = GUARDDUTY_CALLS
) -> tuple[Judged, ...]:
    """How each trail does as a record of calls in an account, or in one region of it; GuardDuty's own if not given."""
    return tuple(_judged(estate, trail, account, region, calls) for trail in recording(estate, account))


def _judged(estate: Estate, trail: Trail, account: Account, region: str | None, calls: tuple[Call, ...]) -> Judged:
    judged = regional(estate, trail, account, region)
    try:
        missed = estate.recalled((_missed, account.id, calls), (trail,), lambda: _missed(trail, account, calls))
    except UnknownValue as unknown_value:
        return replace(judged, unsure=judged.unsure or unknown_value.reason)
    if missed:
        more = f" and {len(missed) - 1} more calls" if len(missed) > 1 else ""
        judged = replace(judged, lacks=(*judged.lacks, f"does not record {missed[0]}{more}"))
    return judged


def _missed(trail: Trail, account: Account, calls: tuple[Call, ...]) -> list[str]:
    """The calls that the trail does not record. No selector asks what a call asks for, which tells no two apart."""
    return [str(call) for call in calls if not _records(trail, call_event(call, *_where(account)))]


def _where(account: Account) -> tuple[str, str]:
    return account.id or ACCOUNT, REGION


def _records(trail: Trail, event: dict[str, object]) -> bool:
    detail = event["detail"]
    if not isinstance(detail, dict):
        raise TypeError("an event has its details")
    if _is_surely_recorded(trail, detail):
        return True
    if trail.selectors.known_or(()):  # CloudTrail refuses both kinds on one trail
        return records(trail.selectors.get(), (), detail)
    advanced = trail.advanced.get()
    return records(() if advanced else trail.selectors.get(), advanced, detail)


def _is_surely_recorded(trail: Trail, detail: dict[str, object]) -> bool:
    """Whether the selectors that are known record it, whatever the others are."""
    if not trail.sure_selectors and not trail.sure_advanced:
        return False
    try:
        return records(trail.sure_selectors, trail.sure_advanced, detail)
    except UnknownValue:
        return False


def _check(estate: Estate, _scope: Scope, cell: Cell) -> Verdict:
    judged = recording_calls(estate, cell.account)
    good = [one for one in judged if one.satisfies]
    if good:
        return passed("a trail records every change of GuardDuty", *origins(good))
    return failed(
        none_will_do(estate, cell.account, judged, "trail that records changes of GuardDuty"),
        *origins(judged),
        missing=Trail,
    )


CONTROL = Control(
    id=ID,
    title="A trail records who changes GuardDuty",
    practice=6,
    severity=Severity.HIGH,
    why=(
        "Only CloudTrail records who switched the detection off, or hid findings behind a filter. EventBridge "
        "hands such calls to rules only while a trail logs them, so that without one the alarm stays silent."
    ),
    passes=(
        "A trail of the account, or of its organization, logs in every region, and its selectors record each of "
        "GuardDuty's calls that weakens it, from `DeleteDetector` to `ArchiveFindings`; each call is tried on the "
        "selectors. Asked where the source has a rule about calls to GuardDuty."
    ),
    fails="No such trail is there, it does not log, records one region only, or its selectors leave out a call.",
    unsure="A trail that may do has a setting or selector that is known only after apply, or the source is incomplete.",
    fix=(
        "Declare `aws_cloudtrail` with `is_multi_region_trail = true` and management events of writes, without a "
        "selector on `eventName` or `eventSource` that leaves GuardDuty out."
    ),
    limits="Whether somebody reads the trail is for tamper-alarm, and for people.",
    cells=_cells,
    check=_check,
    mappings=mapped(ID),
    links=(
        "https://docs.aws.amazon.com/guardduty/latest/ug/logging-using-cloudtrail.html",
        "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html",
    ),
)
