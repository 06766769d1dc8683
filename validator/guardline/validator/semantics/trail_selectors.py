"""Whether CloudTrail's event selectors record one given call; selectors add up.

Within a field of an advanced selector, equals, starts-with and ends-with are alternatives, and none of the negated
forms may hold: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from guardline.validator.model.value import UnknownValue

_READ_WRITE = {"All": {True, False}, "ReadOnly": {True}, "WriteOnly": {False}}
# Fields of a selector that a record carries under the same name, or under another.
_OF_THE_RECORD = ("eventCategory", "eventName", "eventSource", "eventType", "readOnly")


class BasicSelector(Protocol):
    """What is asked of a basic selector (`cloudtrail.EventSelector`)."""

    @property
    def read_write(self) -> str: ...
    @property
    def management(self) -> bool: ...
    @property
    def excluded_sources(self) -> tuple[str, ...]: ...


class FieldTests(Protocol):
    """What is asked of one field of an advanced selector (`cloudtrail.FieldSelector`)."""

    @property
    def field(self) -> str: ...
    @property
    def equals(self) -> tuple[str, ...]: ...
    @property
    def not_equals(self) -> tuple[str, ...]: ...
    @property
    def starts_with(self) -> tuple[str, ...]: ...
    @property
    def not_starts_with(self) -> tuple[str, ...]: ...
    @property
    def ends_with(self) -> tuple[str, ...]: ...
    @property
    def not_ends_with(self) -> tuple[str, ...]: ...


def records(
    basic: Sequence[BasicSelector], advanced: Sequence[Iterable[FieldTests]], record: Mapping[str, Any]
) -> bool:
    """Whether a trail with these selectors records a management event.

    Args:
        basic, advanced: the trail's selectors of either kind; with neither, it records all management events.
        record: the event as CloudTrail writes it, e.g. the ``detail`` of `event_samples.call_event`.

    Raises:
        UnknownValue: only a selector on a field that the sample does not carry could record it.
    """
    if advanced:
        answers = [_matches(selector, record) for selector in advanced]
        if None in answers and True not in answers:
            raise UnknownValue(
                "whether the trail records the call depends on a field of its selectors that is not judged"
            )
        return True in answers
    return not basic or any(
        selector.management
        and record["readOnly"] in _READ_WRITE.get(selector.read_write, set())
        and record["eventSource"] not in selector.excluded_sources
        for selector in basic
    )


def _matches(selector: Iterable[FieldTests], record: Mapping[str, Any]) -> bool | None:
    answers = [_field_matches(test, record) for test in selector]
    return False if False in answers else None if None in answers else True


def _field_matches(test: FieldTests, record: Mapping[str, Any]) -> bool | None:
    if test.field == "userIdentity.arn":
        value = str(record["userIdentity"]["arn"])
    elif test.field in _OF_THE_RECORD:
        value = str(record[test.field]).lower() if test.field == "readOnly" else str(record[test.field])
    elif test.field.startswith("resources."):
        return False  # only data and network activity events have these fields
    else:
        return None
    wanted = value in test.equals or value.startswith(test.starts_with) or value.endswith(test.ends_with)
    refused = value in test.not_equals or value.startswith(test.not_starts_with) or value.endswith(test.not_ends_with)
    return (wanted or not (test.equals or test.starts_with or test.ends_with)) and not refused
