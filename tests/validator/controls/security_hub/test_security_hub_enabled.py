"""Control security-hub-enabled."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from guardline.validator.model.resource import Origin, Resource
from guardline.validator.model.securityhub import Hub
from tests.support.estates import EU, PENDING, US, detector, estate, judged, scope, verdicts
from tests.support.estates_events import central, hub

BOTH = scope(US, EU)

ENABLED: dict[str, tuple[tuple[Resource, ...], str]] = {
    "hub and detector": ((detector(EU), hub(EU)), "pass"),
    "no hub": ((detector(EU),), "fail"),
    "no detector": ((hub(EU),), "fail"),
    "detector suspended": ((detector(EU, enabled=False), hub(EU)), "fail"),
    "no hub, but a central configuration": ((detector(EU), central()), "undetermined"),
    "a central configuration and no detector": ((central(),), "fail"),
    "two hubs": ((detector(EU), hub(EU), replace(hub(EU), origin=Origin("aws_x.second"))), "fail"),
    "hub of unknown region": ((detector(EU), hub(PENDING)), "undetermined"),
    "detector not known": ((detector(EU, enabled=PENDING), hub(EU)), "undetermined"),
}


@pytest.mark.parametrize(("resources", "expected"), ENABLED.values(), ids=ENABLED)
def test_enabled(resources: tuple[Resource, ...], expected: str) -> None:
    found = verdicts("security-hub-enabled", estate(detector(US), hub(US), *resources), BOTH)
    assert found == {US: "pass", EU: expected}


def test_nothing_is_asked_where_there_is_none_of_it() -> None:
    assert judged("security-hub-enabled", estate(detector(US)), BOTH) == ()


@pytest.mark.parametrize(
    ("kind", "resources"),
    [
        (Hub, (detector(US), detector(EU), hub(US))),
    ],
)
def test_absence_is_not_claimed_where_something_is_unread(
    kind: type[Resource], resources: tuple[Resource, ...]
) -> None:
    found = verdicts("security-hub-enabled", estate(*resources, missing={kind: "module.a could not be read"}), BOTH)
    assert found[EU] == "undetermined"
