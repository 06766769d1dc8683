"""Control config-recorder."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from guardline.validator.model.config import DeliveryChannel, Recorder, RecorderStatus
from guardline.validator.model.resource import Origin, Resource
from tests.support.estates import EU, PENDING, US, detector, estate, judged, scope, verdicts
from tests.support.estates_events import channel, recorder, recorder_status
from tests.support.judging import verdicts as from_source

BOTH = scope(US, EU)

RECORDER: dict[str, tuple[tuple[Resource, ...], str]] = {
    "on": ((recorder(EU), recorder_status(EU), channel(EU)), "pass"),
    "all but some": ((recorder(EU, all_supported=None), recorder_status(EU), channel(EU)), "pass"),
    "nowhere to deliver": ((recorder(EU), recorder_status(EU)), "fail"),
    "where it delivers not known": ((recorder(EU), recorder_status(EU), channel(PENDING)), "undetermined"),
    "some only": ((recorder(EU, all_supported=False), recorder_status(EU)), "fail"),
    "none": ((), "fail"),
    "never started": ((recorder(EU),), "fail"),
    "switched off": ((recorder(EU), recorder_status(EU, on=False)), "fail"),
    "another one's status": ((recorder(EU), recorder_status(EU, of="other")), "fail"),
    "state not known": ((recorder(EU), recorder_status(EU, on=PENDING)), "undetermined"),
    "status of an unknown recorder": ((recorder(EU), recorder_status(EU, of=PENDING)), "undetermined"),
    "what it records not known": (
        (recorder(EU, all_supported=PENDING), recorder_status(EU), channel(EU)),
        "undetermined",
    ),
    "two": ((recorder(EU), replace(recorder(EU), origin=Origin("aws_x.second")), recorder_status(EU)), "fail"),
    "recorder of unknown region": ((recorder(PENDING), recorder_status(PENDING)), "undetermined"),
}


@pytest.mark.parametrize(("resources", "expected"), RECORDER.values(), ids=RECORDER)
def test_recorder(resources: tuple[Resource, ...], expected: str) -> None:
    found = verdicts("config-recorder", estate(recorder(US), recorder_status(US), channel(US), *resources), BOTH)
    assert found[EU] == expected


def test_nothing_is_asked_where_there_is_none_of_it() -> None:
    assert judged("config-recorder", estate(detector(US)), BOTH) == ()


@pytest.mark.parametrize(
    ("kind", "resources"),
    [
        (Recorder, (recorder(US), recorder_status(US))),
        (RecorderStatus, (recorder(US), recorder(EU), recorder_status(US))),
        (DeliveryChannel, (recorder(US), recorder_status(US), recorder(EU), recorder_status(EU))),
    ],
)
def test_absence_is_not_claimed_where_something_is_unread(
    kind: type[Resource], resources: tuple[Resource, ...]
) -> None:
    found = verdicts("config-recorder", estate(*resources, missing={kind: "module.a could not be read"}), BOTH)
    assert found[EU] == "undetermined"


ROOT = """
provider "aws" {
  region = "us-east-1"
}
data "aws_caller_identity" "me" {}
resource "aws_config_configuration_recorder" "r" {
  name     = "config-${data.aws_caller_identity.me.account_id}"
  role_arn = "arn:aws:iam::111122223333:role/config"
}
resource "aws_config_delivery_channel" "c" {
  s3_bucket_name = "config"
}
resource "aws_config_configuration_recorder_status" "s" {
  name       = %s
  is_enabled = %s
}
"""


@pytest.mark.parametrize(
    ("name", "on", "expected"),
    [
        ("aws_config_configuration_recorder.r.name", "true", "pass"),
        ("aws_config_configuration_recorder.r.id", "true", "pass"),
        ("aws_config_configuration_recorder.r.name", "false", "fail"),
        ("data.aws_caller_identity.me.account_id", "true", "undetermined"),
    ],
)
def test_a_recorder_of_unknown_name_is_tied_by_reference(name: str, on: str, expected: str, tmp_path: Path) -> None:
    assert from_source("config-recorder", tmp_path, ROOT % (name, on)) == {US: expected}
