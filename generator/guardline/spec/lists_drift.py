"""How an account's IP lists differ from the spec: the active lists of each region, and the objects that they point at.

Only reads: guardduty:ListDetectors, ListIPSets, GetIPSet, ListThreatIntelSets and GetThreatIntelSet, and s3:GetObject.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from guardline.spec import lists
from guardline.spec.list_formats import format_of
from guardline.spec.regions import assign

if TYPE_CHECKING:
    from guardline.spec.model import Spec

Client = Callable[[str, str], Any]
"""A boto3 client by service and region."""
Kind = Literal["trusted", "threat"]

# https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateIPSet.html and API_CreateThreatIntelSet.html
_CALLS: Mapping[Kind, tuple[str, str, str, str]] = {
    "trusted": ("list_ip_sets", "IpSetIds", "get_ip_set", "IpSetId"),
    "threat": ("list_threat_intel_sets", "ThreatIntelSetIds", "get_threat_intel_set", "ThreatIntelSetId"),
}
_LOCATION = re.compile(r"(?:https://s3[.-][^/]+/|s3://)([^/]+)/(.+)")
_HASHED = re.compile(r"-([0-9a-f]{12})\.\w+$")


@dataclass(frozen=True)
class Difference:
    """Where a region is not as the spec says.

    Attributes:
        region: the region.
        what: the list, and how it differs.
        sure: False where it cannot be determined.
    """

    region: str
    what: str
    sure: bool = True


@dataclass(frozen=True)
class _Wanted:
    kind: Kind
    name: str
    format: str
    entries: frozenset[str]


def differences(spec: Spec, folder: Path, client: Client) -> Iterator[Difference]:
    """Every difference, region by region.

    Args:
        spec: the spec.
        folder: its folder, beside which the lists are.
        client: makes clients in the account that administers GuardDuty.

    Raises:
        ListError: a list of the spec cannot be read.
    """
    wanted = list(_wanted(spec, folder))
    objects: dict[str, bytes | str] = {}
    for region in assign(spec):
        if region.state == "covered":
            yield from _region(region.name, wanted, lambda location: _object(spec, location, client, objects), client)


def _wanted(spec: Spec, folder: Path) -> Iterator[_Wanted]:
    def one(kind: Kind, name: str, file: str) -> _Wanted:
        text = lists.read(folder, file)
        return _Wanted(kind, f"{spec.name}-{name}", format_of(text), frozenset(lists.entries(text)))

    yield from (one("threat", each.name, each.file) for each in spec.threat_ips)
    if spec.trusted_ips is not None:
        yield one("trusted", "trusted", spec.trusted_ips.file)


def _region(
    region: str, wanted: list[_Wanted], read: Callable[[str], bytes | str], client: Client
) -> Iterator[Difference]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        guardduty = client("guardduty", region)
        detectors = guardduty.list_detectors()["DetectorIds"]
        if not detectors:
            yield from [Difference(region, "there is no detector, so no list")] if wanted else []
            return
        there = {kind: _there(guardduty, detectors[0], kind) for kind in _CALLS}
    except (BotoCoreError, ClientError) as error:
        yield Difference(region, f"the lists cannot be read: {error}", sure=False)
        return
    for each in wanted:
        found = there[each.kind].pop(each.name, None)
        about = f"the {each.kind} list {each.name}"
        if found is None:
            yield Difference(region, f"{about} is missing")
            continue
        if found["Status"] != "ACTIVE":
            yield Difference(region, f"{about} is {found['Status']}, not ACTIVE")
        if found["Format"] != each.format:
            yield Difference(region, f"{about} is declared as {found['Format']}; the spec's file is {each.format}")
        yield from _content(region, about, each, found["Location"], read)
    for kind, others in there.items():
        for name in sorted(others):
            yield Difference(region, f"the {kind} list {name} is not in the spec")


def _there(guardduty: Any, detector: str, kind: Kind) -> dict[str, Mapping[str, Any]]:
    listing, key, getting, parameter = _CALLS[kind]
    pages = guardduty.get_paginator(listing).paginate(DetectorId=detector)
    found = [
        getattr(guardduty, getting)(DetectorId=detector, **{parameter: id_}) for page in pages for id_ in page[key]
    ]
    return {str(each["Name"]): each for each in found}


def _content(
    region: str, about: str, wanted: _Wanted, location: str, read: Callable[[str], bytes | str]
) -> Iterator[Difference]:
    held = read(location)
    if isinstance(held, str):
        yield Difference(region, f"what {about} holds cannot be read: {held}", sure=False)
        return
    entries = frozenset(lists.entries(held.decode("utf-8", "replace")))
    few, many = len(wanted.entries - entries), len(entries - wanted.entries)
    if few or many:
        yield Difference(region, f"the object of {about} differs from the spec: {few} missing, {many} too many")
    named = _HASHED.search(location)
    if named is not None and not hashlib.sha256(held).hexdigest().startswith(named[1]):
        yield Difference(
            region,
            f"the object of {about} was changed in its place: GuardDuty still uses what it read when the list was "
            "activated",
        )


def _object(spec: Spec, location: str, client: Client, objects: dict[str, bytes | str]) -> bytes | str:
    """The bytes of an object, or why they cannot be read; each object once."""
    from botocore.exceptions import BotoCoreError, ClientError

    if location not in objects:
        place = _LOCATION.fullmatch(location)
        try:
            if place is None:
                objects[location] = f"{location} names no object of S3"
            else:
                answer = client("s3", spec.home_region).get_object(Bucket=place[1], Key=place[2])
                objects[location] = answer["Body"].read(lists.MAX_BYTES)
        except (BotoCoreError, ClientError) as error:
            objects[location] = str(error)
    return objects[location]
