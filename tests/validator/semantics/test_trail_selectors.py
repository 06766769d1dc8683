"""Whether a trail's selectors record a given call."""

from __future__ import annotations

from typing import Any

import pytest

from guardline.spec.guarded_calls import GUARDED
from guardline.validator.model.cloudtrail import EventSelector, FieldSelector
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.event_samples import GUARDDUTY_CALLS, call_event, calls_on
from guardline.validator.semantics.trail_selectors import records

DELETE = call_event(GUARDDUTY_CALLS[0])["detail"]
KEY = next(call_event(call)["detail"] for each in GUARDED for call in calls_on(each) if call.service == "kms")
MANAGEMENT = FieldSelector("eventCategory", equals=("Management",))


def basic(**values: Any) -> EventSelector:
    return EventSelector(**{"read_write": "All", "management": True, "excluded_sources": (), "data": {}, **values})


@pytest.mark.parametrize(
    ("selectors", "recorded"),
    [
        ((), True),
        ((basic(),), True),
        ((basic(read_write="WriteOnly"),), True),
        ((basic(read_write="ReadOnly"),), False),
        ((basic(management=False),), False),
        ((basic(management=False), basic(read_write="WriteOnly")), True),
        ((basic(excluded_sources=("kms.amazonaws.com",)),), True),
    ],
)
def test_basic_selectors(selectors: tuple[EventSelector, ...], recorded: bool) -> None:
    assert records(selectors, (), DELETE) is recorded


def test_an_excluded_source_is_not_recorded() -> None:
    assert not records((basic(excluded_sources=("kms.amazonaws.com",)),), (), KEY)


@pytest.mark.parametrize(
    ("fields", "recorded"),
    [
        ((), True),
        ((FieldSelector("readOnly", equals=("false",)),), True),
        ((FieldSelector("readOnly", equals=("true",)),), False),
        ((FieldSelector("eventSource", equals=("guardduty.amazonaws.com",)),), True),
        ((FieldSelector("eventSource", not_equals=("kms.amazonaws.com", "rdsdata.amazonaws.com")),), True),
        ((FieldSelector("eventSource", not_equals=("guardduty.amazonaws.com",)),), False),
        ((FieldSelector("eventName", starts_with=("Create", "Delete")),), True),
        ((FieldSelector("eventName", equals=("CreateDetector",), ends_with=("Detector",)),), True),
        ((FieldSelector("eventName", starts_with=("Delete",), not_ends_with=("Detector",)),), False),
        ((FieldSelector("eventName", not_starts_with=("Delete",)),), False),
        (
            (FieldSelector("userIdentity.arn", not_starts_with=("arn:aws:sts::111122223333:assumed-role/deploy",)),),
            True,
        ),
        ((FieldSelector("eventName", equals=("DeleteDetector",)), FieldSelector("readOnly", equals=("true",))), False),
        ((FieldSelector("resources.type", equals=("AWS::S3::Object",)),), False),
    ],
)
def test_advanced_selectors(fields: tuple[FieldSelector, ...], recorded: bool) -> None:
    assert records((), ((MANAGEMENT, *fields),), DELETE) is recorded


def test_a_read_is_recorded_by_readers_only() -> None:
    read = {**DELETE, "eventName": "GetDetector", "readOnly": True}
    for kind, recorded in (("All", True), ("ReadOnly", True), ("WriteOnly", False)):
        assert records((basic(read_write=kind),), (), read) is recorded


def test_advanced_selectors_add_up() -> None:
    data = (
        FieldSelector("eventCategory", equals=("Data",)),
        FieldSelector("resources.type", equals=("AWS::S3::Object",)),
    )
    assert not records((), (data,), DELETE)
    assert records((), (data, (MANAGEMENT,)), DELETE)


def test_a_field_that_the_sample_lacks_is_untold() -> None:
    narrowed = (MANAGEMENT, FieldSelector("sessionCredentialFromConsole", equals=("true",)))
    with pytest.raises(UnknownValue, match="not judged"):
        records((), (narrowed,), DELETE)
    assert records((), (narrowed, (MANAGEMENT,)), DELETE)
    assert not records((), ((*narrowed, FieldSelector("readOnly", equals=("true",))),), DELETE)
