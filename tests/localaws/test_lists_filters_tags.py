"""IP lists, filters and tags, seen through boto3."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from guardline.localaws import LocalAws
from tests.support.clients import client

LOCATION = "s3://lists/trusted.txt"
CRITERIA = {"Criterion": {"type": {"Eq": ["Recon:EC2/Portscan"]}}}


class Scene:
    """A detector in one region, and the client that made it."""

    def __init__(self, aws: LocalAws) -> None:
        self.guardduty: Any = client(aws, "guardduty")
        self.unchecked: Any = client(aws, "guardduty", checked=False)
        self.detector: str = self.guardduty.create_detector(Enable=True)["DetectorId"]

    def arn(self, rest: str = "") -> str:
        return f"arn:aws:guardduty:eu-west-1:123456789012:detector/{self.detector}{rest}"


@pytest.fixture
def scene(aws: LocalAws) -> Scene:
    return Scene(aws)


def message(call: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return str(caught.value.response["Error"]["Message"])


# Of each kind: the operations' name, the identifier, and how many AWS allows.
KINDS = [("ip_set", "IpSetId", 1), ("threat_intel_set", "ThreatIntelSetId", 6)]


@pytest.mark.parametrize(("kind", "identifier", "most"), KINDS, ids=[kind for kind, _, _ in KINDS])
def test_the_life_of_a_list(scene: Scene, kind: str, identifier: str, most: int) -> None:
    def call(verb: str, **parameters: Any) -> Any:
        return getattr(scene.guardduty, f"{verb}_{kind}")(DetectorId=scene.detector, **parameters)

    made = {
        identifier: call("create", Name="one", Format="TXT", Location=LOCATION, Activate=False, Tags={"a": "b"})[
            identifier
        ]
    }
    found = call("get", **made)
    assert {name: found[name] for name in ("Name", "Format", "Location", "Status", "Tags")} == {
        "Name": "one",
        "Format": "TXT",
        "Location": LOCATION,
        "Status": "INACTIVE",
        "Tags": {"a": "b"},
    }
    call("update", **made, Activate=True, Location="s3://lists/other.txt")
    found = call("get", **made)
    assert (found["Name"], found["Status"], found["Location"]) == ("one", "ACTIVE", "s3://lists/other.txt")
    for number in range(most - 1):
        call("create", Name=f"more-{number}", Format="TXT", Location=LOCATION, Activate=True)
    assert "limit" in message(call, verb="create", Name="over", Format="TXT", Location=LOCATION, Activate=True)
    listed = getattr(scene.guardduty, f"list_{kind}s")(DetectorId=scene.detector)
    assert made[identifier] in listed[f"{identifier}s"]
    assert len(listed[f"{identifier}s"]) == most
    call("delete", **made)
    # The Terraform provider waits until a deleted list says so.
    assert call("get", **made)["Status"] == "DELETED"
    assert (
        made[identifier] not in getattr(scene.guardduty, f"list_{kind}s")(DetectorId=scene.detector)[f"{identifier}s"]
    )
    assert "no such resource" in message(call, verb="update", **made, Name="again")
    assert call("create", Name="one", Format="TXT", Location=LOCATION, Activate=True)[identifier] != made[identifier]


WRONG_LISTS = [
    ({"Format": "CSV"}, "OTX_CSV"),
    ({"Location": "trusted.txt"}, "location"),
    ({"Location": "http://lists.s3.amazonaws.com/trusted.txt"}, "location"),
    ({"Name": ""}, "minimum of 1"),
    ({"Activate": None}, "required member Activate"),
    ({"DetectorId": "0" * 32}, "not owned by the current account"),
]


@pytest.mark.parametrize(("change", "words"), WRONG_LISTS, ids=[str(change) for change, _ in WRONG_LISTS])
def test_wrong_lists_are_refused(scene: Scene, change: dict[str, Any], words: str) -> None:
    asked = {"DetectorId": scene.detector, "Name": "one", "Format": "TXT", "Location": LOCATION, "Activate": True}
    parameters = {name: value for name, value in (asked | change).items() if value is not None}
    assert words in message(scene.unchecked.create_ip_set, **parameters)
    assert scene.guardduty.list_ip_sets(DetectorId=scene.detector)["IpSetIds"] == []


def test_the_life_of_a_filter(scene: Scene) -> None:
    asked = {"DetectorId": scene.detector, "Name": "scanner", "FindingCriteria": CRITERIA, "Tags": {"why": "TICKET-1"}}
    scene.guardduty.create_filter(**asked, Action="ARCHIVE", Rank=3)
    named = {"DetectorId": scene.detector, "FilterName": "scanner"}
    found = scene.guardduty.get_filter(**named)
    assert (found["Action"], found["Rank"], found["Tags"]) == ("ARCHIVE", 3, {"why": "TICKET-1"})
    assert found["FindingCriteria"] == CRITERIA
    scene.guardduty.update_filter(**named, Rank=1, Description="less")
    found = scene.guardduty.get_filter(**named)
    assert (found["Action"], found["Rank"], found["Description"]) == ("ARCHIVE", 1, "less")
    assert "already exists" in message(scene.guardduty.create_filter, **asked)
    assert scene.guardduty.list_filters(DetectorId=scene.detector)["FilterNames"] == ["scanner"]
    scene.guardduty.delete_filter(**named)
    assert "no such resource" in message(scene.guardduty.get_filter, **named)


def test_listing_goes_page_by_page(scene: Scene) -> None:
    for number in range(5):
        scene.guardduty.create_filter(DetectorId=scene.detector, Name=f"filter-{number}", FindingCriteria=CRITERIA)
    pages = list(
        scene.guardduty.get_paginator("list_filters").paginate(
            DetectorId=scene.detector, PaginationConfig={"PageSize": 2}
        )
    )
    assert [page["FilterNames"] for page in pages] == [
        ["filter-0", "filter-1"],
        ["filter-2", "filter-3"],
        ["filter-4"],
    ]
    assert "nextToken" in message(scene.guardduty.list_filters, DetectorId=scene.detector, NextToken="x")


@pytest.mark.parametrize(
    "change",
    [{"Name": "ab"}, {"Name": "a b c"}, {"Action": "DROP"}, {"Rank": 0}, {"Rank": 101}, {"FindingCriteria": None}],
    ids=str,
)
def test_wrong_filters_are_refused(scene: Scene, change: dict[str, Any]) -> None:
    asked = {"DetectorId": scene.detector, "Name": "scanner", "FindingCriteria": CRITERIA}
    parameters = {name: value for name, value in (asked | change).items() if value is not None}
    message(scene.unchecked.create_filter, **parameters)
    assert scene.guardduty.list_filters(DetectorId=scene.detector)["FilterNames"] == []


def test_everything_that_has_an_arn_can_be_tagged(scene: Scene) -> None:
    one = {"DetectorId": scene.detector, "Name": "one"}
    ip_set = scene.guardduty.create_ip_set(**one, Format="TXT", Location=LOCATION, Activate=True)["IpSetId"]
    threat = scene.guardduty.create_threat_intel_set(**one, Format="TXT", Location=LOCATION, Activate=True)
    scene.guardduty.create_filter(**one, FindingCriteria=CRITERIA)
    places = ["", f"/ipset/{ip_set}", f"/threatintelset/{threat['ThreatIntelSetId']}", "/filter/one"]
    for place in places:
        arn = scene.arn(place)
        scene.guardduty.tag_resource(ResourceArn=arn, Tags={"a": place or "-", "b": "c"})
        scene.guardduty.untag_resource(ResourceArn=arn, TagKeys=["b"])
    for place in places:
        assert scene.guardduty.list_tags_for_resource(ResourceArn=scene.arn(place))["Tags"] == {"a": place or "-"}
    assert scene.guardduty.get_detector(DetectorId=scene.detector)["Tags"] == {"a": "-"}


def test_tags_of_others_are_refused(scene: Scene) -> None:
    elsewhere = scene.arn().replace("eu-west-1", "us-east-1")
    assert "own" in message(scene.guardduty.list_tags_for_resource, ResourceArn=elsewhere)
    assert "no such resource" in message(scene.guardduty.list_tags_for_resource, ResourceArn=scene.arn("/filter/none"))
    many = {f"key-{number}": "x" for number in range(51)}
    assert "50" in message(scene.guardduty.tag_resource, ResourceArn=scene.arn(), Tags=many)


def test_a_request_sent_again_with_its_token_makes_nothing_more(scene: Scene) -> None:
    """AWS's clients send a request again when the connection breaks before the answer."""
    asked = {"DetectorId": scene.detector, "Name": "t", "Format": "TXT", "Location": LOCATION, "Activate": True}
    first = scene.guardduty.create_ip_set(**asked, ClientToken="one")["IpSetId"]
    assert scene.guardduty.create_ip_set(**asked, ClientToken="one")["IpSetId"] == first
    assert "limit of 1" in message(scene.guardduty.create_ip_set, **asked, ClientToken="two")
    assert scene.guardduty.list_ip_sets(DetectorId=scene.detector)["IpSetIds"] == [first]
