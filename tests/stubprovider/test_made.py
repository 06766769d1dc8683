"""What the stub fills in for AWS: nothing unknown is left, nothing known is changed."""

from __future__ import annotations

import re

import pytest

from tests.support.stubprovider import real
from tests.support.stubprovider.made import FORMS, Maker, Place
from tests.support.stubprovider.provider6 import Catalogue
from tests.support.stubprovider.values import UNKNOWN, known, whole

PLACE = Place("aws-us-gov", "amazonaws.com", "us-gov-west-1", "111122223333")
ARGUMENT = Catalogue("argument")


@pytest.mark.parametrize("type_", sorted(FORMS))
def test_everything_listed_is_filled_in(type_: str) -> None:
    block = ARGUMENT.resource(type_).schema.block
    planned = whole(block, {name: "given" if each.required else UNKNOWN for name, each in block.attributes.items()})
    made = Maker().fill(type_, block, planned, PLACE)
    assert known(made)
    assert made.keys() == planned.keys()
    assert {name: value for name, value in made.items() if planned[name] == "given"} == {
        name: value for name, value in planned.items() if value == "given"
    }
    for name, form in FORMS[type_].items():
        assert name in block.attributes, f"{type_} has no {name}"
        if block.attributes[name].computed:
            assert re.fullmatch(re.sub(r"\\\{\w+\\\}", ".*", re.escape(form)), str(made[name])), name
            assert "{" not in str(made[name])
            assert made[name] != ""


def test_ids_and_arns_of_any_other_type() -> None:
    for type_ in list(real.schemas().resources)[::50]:
        block = ARGUMENT.resource(type_).schema.block
        planned = whole(block, {name: UNKNOWN for name, each in block.attributes.items() if each.computed})
        made = Maker().fill(type_, block, planned, PLACE)
        assert known(made)
        if "arn" in made and planned["arn"] == UNKNOWN and type_ not in FORMS:
            assert str(made["arn"]).startswith("arn:aws-us-gov:")


def test_a_role_knows_its_place_and_each_thing_its_number() -> None:
    block = ARGUMENT.resource("aws_iam_role").schema.block
    planned = whole(block, {"name": "x", "path": "/a/", "arn": UNKNOWN, "unique_id": UNKNOWN})
    maker = Maker()
    first, second = (maker.fill("aws_iam_role", block, planned, PLACE) for _ in range(2))
    assert first["arn"] == second["arn"] == "arn:aws-us-gov:iam::111122223333:role/a/x"
    assert first["unique_id"] != second["unique_id"]


@pytest.mark.parametrize(
    ("bus", "shown"),
    [("default", "x"), ("own", "own/x"), ("arn:aws-us-gov:events:us-gov-west-1:111122223333:event-bus/own", "own/x")],
)
def test_a_rule_is_under_its_bus(bus: str, shown: str) -> None:
    block = ARGUMENT.resource("aws_cloudwatch_event_rule").schema.block
    planned = whole(block, {"name": "x", "event_bus_name": bus, "arn": UNKNOWN, "id": UNKNOWN})
    made = Maker().fill("aws_cloudwatch_event_rule", block, planned, PLACE)
    assert (made["id"], made["arn"]) == (shown, f"arn:aws-us-gov:events:us-gov-west-1:111122223333:rule/{shown}")


def test_a_name_follows_its_prefix() -> None:
    block = ARGUMENT.resource("aws_s3_bucket").schema.block
    planned = whole(block, {"bucket": UNKNOWN, "bucket_prefix": "logs-", "id": UNKNOWN})
    made = Maker().fill("aws_s3_bucket", block, planned, PLACE)
    assert re.fullmatch("logs-[0-9a-f]{32}", made["bucket"])
    assert made["id"] == made["bucket"]


def test_what_was_null_stays_null() -> None:
    block = ARGUMENT.resource("aws_sns_topic").schema.block
    made = Maker().fill("aws_sns_topic", block, whole(block, {"name": "x", "name_prefix": UNKNOWN}), PLACE)
    assert (made["name"], made["name_prefix"], made["policy"]) == ("x", "", None)
