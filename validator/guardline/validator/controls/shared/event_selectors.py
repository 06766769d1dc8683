"""What a trail's event selectors record, taken together.

CloudTrail records an event that any selector matches, so selectors add up; a trail has basic or advanced ones, and
with neither it records all management events and no data events
(https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html, API_AdvancedEventSelector).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import NamedTuple, TypeVar

import msgspec

from guardline.validator.model.cloudtrail import EventSelector, FieldSelector, Trail
from guardline.validator.model.value import Value, known, unknown
from guardline.validator.semantics.finding_samples import partition
from guardline.validator.semantics.place_texts import PARTITION
from guardline.validator.semantics.unknown_parts import has_marks, shown, widened
from guardline.validator.semantics.wildcards import overlaps

READS_AND_WRITES = frozenset({"read", "write"})
# The two event sources that a basic selector can leave out; "other" stands for every other one.
EXCLUDABLE = {"kms.amazonaws.com": "KMS", "rdsdata.amazonaws.com": "RDS Data API"}
SOURCES = frozenset({*EXCLUDABLE, "other"})
ALL_MANAGEMENT = frozenset(product(sorted(READS_AND_WRITES), sorted(SOURCES)))
S3_OBJECT = "AWS::S3::Object"
PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-eusc")
EVERY_BUCKET = re.compile(r"arn:([a-z-]+):s3(:::)?")

Told = TypeVar("Told")
Advanced = tuple[FieldSelector, ...]


class S3Events(msgspec.Struct, frozen=True):
    """The S3 object events of *all* buckets that selectors record.

    Attributes:
        kinds: ``read`` and ``write``, as recorded for all buckets.
        left_out: kind -> ARN prefixes of whole buckets that the selectors leave out of it.
        narrow: why some selectors on S3 objects do not count.
    """

    kinds: frozenset[str] = frozenset()
    left_out: Mapping[str, frozenset[str]] = msgspec.field(default_factory=dict)
    narrow: tuple[str, ...] = ()


def management_lacks(trail: Trail) -> Value[str | None]:
    """What of the management events the trail does not record, e.g. ``read events``; None where it records all."""
    return _either(trail, _basic_management, _advanced_management, lambda missing: missing is None)


def s3_events(trail: Trail) -> Value[S3Events]:
    """What of the S3 object events the trail records."""

    surely = _s3_events(trail, wanted=False)
    if surely.is_known and surely.get().kinds != s3_kinds_at_best(trail):
        return unknown("its selectors name an ARN of which a part is known only after apply", trail.selectors.at)
    return surely


def s3_kinds_at_best(trail: Trail) -> frozenset[str]:
    """The kinds that the trail may record for all buckets, for all that is known of its selectors."""
    possibly = _s3_events(trail, wanted=True)
    return possibly.get().kinds if possibly.is_known else READS_AND_WRITES


def _s3_events(trail: Trail, *, wanted: bool) -> Value[S3Events]:
    # A trail of one partition sees no bucket of another, and CloudTrail refuses to be asked for one.
    here = trail.location.region.map(lambda region: partition(region) if region else None).known_or(None)
    every = Every(here, wanted=wanted, unwanted=not wanted)
    return _either(
        trail,
        lambda selectors: added(_basic_s3(selector, every) for selector in selectors),
        lambda selectors: added(_advanced_s3(selector, every) for selector in selectors),
        lambda events: events.kinds == READS_AND_WRITES,
    )


def added(parts: Iterable[S3Events]) -> S3Events:
    """Events that any part records; a bucket is left out of a kind only if each part that records it leaves it out."""
    parts = tuple(parts)
    kinds = frozenset().union(*(part.kinds for part in parts))
    left_out = {
        kind: frozenset.intersection(*(part.left_out.get(kind, frozenset()) for part in parts if kind in part.kinds))
        for kind in kinds
    }
    return S3Events(kinds, left_out, tuple(reason for part in parts for reason in part.narrow))


def _either(
    trail: Trail,
    basic: Callable[[tuple[EventSelector, ...]], Told],
    advanced: Callable[[tuple[Advanced, ...]], Told],
    enough: Callable[[Told], bool],
) -> Value[Told]:
    """Read whichever kind of selector the trail has; CloudTrail refuses both on one trail. Where only some are known,
    these answer if what they record is `enough`, for the others only add to it."""
    answer = _of_all(trail, basic, advanced)
    if not answer.is_known and (trail.sure_selectors or trail.sure_advanced):
        sure = basic(trail.sure_selectors) if trail.sure_selectors else advanced(trail.sure_advanced)
        return known(sure) if enough(sure) else answer
    return answer


def _of_all(
    trail: Trail,
    basic: Callable[[tuple[EventSelector, ...]], Told],
    advanced: Callable[[tuple[Advanced, ...]], Told],
) -> Value[Told]:
    if trail.selectors.known_or(()):
        return trail.selectors.map(basic)
    if trail.advanced.is_known and not trail.advanced.get():
        return trail.selectors.map(basic)
    return trail.advanced.map(advanced)


def _basic_management(selectors: tuple[EventSelector, ...]) -> str | None:
    if not selectors:
        return None
    recorded: set[tuple[str, str]] = set()
    for selector in selectors:
        if selector.management:
            recorded.update(product(_kinds(selector.read_write), SOURCES - set(selector.excluded_sources)))
    return _missing(recorded)


def _advanced_management(selectors: tuple[Advanced, ...]) -> str | None:
    recorded: set[tuple[str, str]] = set()
    for selector in selectors:
        recorded.update(_advanced_management_events(selector))
    return _missing(recorded)


def _advanced_management_events(selector: Advanced) -> Iterable[tuple[str, str]]:
    if not _is(selector, "eventCategory", "Management"):
        return ()
    kinds, sources = READS_AND_WRITES, SOURCES
    for test in selector:
        if test.field == "readOnly":
            kinds &= _read_only(test)
        elif test.field == "eventSource":
            sources &= _event_sources(test)
        elif test.field != "eventCategory":
            return ()  # narrowed to some events, which is not all of any kind
    return product(kinds, sources)


def _event_sources(test: FieldSelector) -> frozenset[str]:
    if test.starts_with or test.not_starts_with or test.ends_with or test.not_ends_with:
        return frozenset()
    left_out = {source if source in EXCLUDABLE else "other" for source in test.not_equals}
    return (frozenset(test.equals) & frozenset(EXCLUDABLE) if test.equals else SOURCES) - left_out


def _missing(recorded: set[tuple[str, str]]) -> str | None:
    missing = ALL_MANAGEMENT - recorded
    if not missing:
        return None
    for kind in sorted(READS_AND_WRITES):
        if not any(recorded_kind == kind for recorded_kind, _ in recorded):
            return "management events" if not recorded else f"{kind} events"
    return f"management events of {' and '.join(sorted({EXCLUDABLE.get(source, source) for _, source in missing}))}"


def _basic_s3(selector: EventSelector, every: Every) -> S3Events:
    prefixes = selector.data.get(S3_OBJECT, ())
    if any(map(every.recorded, prefixes)):
        return S3Events(_kinds(selector.read_write))
    return S3Events(narrow=(f"records {', '.join(map(shown, prefixes))} only",) if prefixes else ())


def _advanced_s3(selector: Advanced, every: Every) -> S3Events:
    if not _is(selector, "eventCategory", "Data") or not _is(selector, "resources.type", S3_OBJECT):
        return S3Events()
    kinds, left_out = READS_AND_WRITES, set[str]()
    for test in selector:
        if test.field == "readOnly":
            kinds &= _read_only(test)
        elif test.field == "resources.ARN":
            everywhere = not test.starts_with or any(map(every.recorded, test.starts_with))
            if test.equals or test.ends_with or test.not_ends_with or not everywhere:
                return S3Events(narrow=("is narrowed by resources.ARN",))
            left_out.update(test.not_starts_with, test.not_equals)
        elif test.field not in ("eventCategory", "resources.type"):
            return S3Events(narrow=(f"is narrowed by {test.field}",))
    if any(map(every.left_out, left_out)):
        return S3Events(narrow=("leaves every bucket out",))
    return S3Events(kinds, dict.fromkeys(kinds, frozenset(left_out)))


class Every(NamedTuple):
    """Tells ARN prefixes of every object of a partition from those of one bucket.

    Attributes:
        here: the partition; None where it is unknown.
        wanted, unwanted: the answer where it depends on an unknown part, of what is recorded and of what is left out.
    """

    here: str | None
    wanted: bool
    unwanted: bool

    def recorded(self, prefix: str) -> bool:
        """Whether a selector for this prefix records every bucket."""
        return _is_every_bucket(prefix, self.here, self.wanted)

    def left_out(self, prefix: str) -> bool:
        """Whether a selector without this prefix leaves every bucket out."""
        return _is_every_bucket(prefix, self.here, self.unwanted)


def _is_every_bucket(prefix: str, here: str | None, otherwise: bool) -> bool:
    """Whether an ARN's beginning is that of every object of the partition; `otherwise` where that is unknown. What is
    unknown in it is a text of one character at least: an empty one names nothing."""
    text = prefix.replace(PARTITION, here or "aws")
    found = EVERY_BUCKET.fullmatch(text)
    if found is not None:
        return here in (None, found[1])
    wide = widened(text, "?*")
    every = (f"arn:{one}:s3{end}" for one in ((here,) if here else PARTITIONS) for end in ("", ":::"))
    return otherwise if has_marks(text) and any(overlaps(wide, one) for one in every) else False


def _is(selector: Advanced, name: str, value: str) -> bool:
    return any(test.field == name and value in test.equals for test in selector)


def _read_only(test: FieldSelector) -> frozenset[str]:
    """`readOnly` takes only `equals`: true is reads, false is writes."""
    return frozenset({"true": "read", "false": "write"}.get(value.lower(), "") for value in test.equals) - {""}


def _kinds(read_write: str) -> frozenset[str]:
    return {"All": READS_AND_WRITES, "ReadOnly": frozenset({"read"}), "WriteOnly": frozenset({"write"})}.get(
        read_write, frozenset()
    )
