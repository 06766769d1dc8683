"""GuardDuty's lists of addresses: trusted ones (IP sets) and threat lists, which differ in names and limits only."""

from __future__ import annotations

import re
from typing import NamedTuple

from guardline.localaws.guardduty.filters import page
from guardline.localaws.guardduty.state import NOT_FOUND, IpList, State, new_id
from guardline.localaws.restjson import Answer, Caller, Handler, Parameters, Refused

DELETED = "DELETED"
# s3://bucket/key, or one of the https forms of the same (AWS API reference, CreateIPSet).
LOCATION = re.compile(r"(s3://|https://([a-z0-9.-]+\.)?s3[a-z0-9.-]*\.amazonaws\.com(\.cn)?/)[^/\s]+(/[^\s]+)?")


class Kind(NamedTuple):
    """What tells one kind of list from the other."""

    name: str  # as the operations say it
    id: str  # the member that identifies one
    arn: str  # its place in an ARN
    most: int  # for each account and region (GuardDuty quotas)


TRUSTED = Kind("IPSet", "IpSetId", "ipset", 1)
THREAT = Kind("ThreatIntelSet", "ThreatIntelSetId", "threatintelset", 6)


def handlers(state: State, kind: Kind) -> dict[str, Handler]:
    """The operations of one kind of list over a state."""

    def kept(caller: Caller, asked: Parameters) -> dict[str, IpList]:
        return state.detector(caller, asked["DetectorId"]).lists.setdefault(kind.arn, {})

    def one(caller: Caller, asked: Parameters) -> IpList:
        found = kept(caller, asked).get(asked[kind.id])
        if found is None:
            raise Refused(NOT_FOUND)
        return found

    def alive(caller: Caller, asked: Parameters) -> IpList:
        found = one(caller, asked)
        if found.status == DELETED:
            raise Refused(NOT_FOUND)
        return found

    def create(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            lists = kept(caller, asked)
            living = [each for each in lists.values() if each.status != DELETED]
            if len(living) >= kind.most:
                raise Refused(f"The request is rejected because the limit of {kind.most} {kind.name} has been reached.")
            if any(each.name == asked["Name"] for each in living):
                raise Refused("The request is rejected because a list with the given name already exists.")
            _check_location(asked["Location"])
            identifier = new_id()
            lists[identifier] = IpList(
                name=asked["Name"],
                format=asked["Format"],
                location=asked["Location"],
                status=_status(asked["Activate"]),
                tags=dict(asked.get("Tags", {})),
                bucket_owner=asked.get("ExpectedBucketOwner"),
            )
            return {kind.id: identifier}

    def get(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            found = one(caller, asked)
            return {
                "Name": found.name,
                "Format": found.format,
                "Location": found.location,
                "Status": found.status,
                "Tags": found.tags or None,
                "ExpectedBucketOwner": found.bucket_owner,
            }

    def update(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            found = alive(caller, asked)
            _check_location(asked.get("Location", found.location))
            found.name = asked.get("Name", found.name)
            found.location = asked.get("Location", found.location)
            found.bucket_owner = asked.get("ExpectedBucketOwner", found.bucket_owner)
            if "Activate" in asked:
                found.status = _status(asked["Activate"])
            return {}

    def delete(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            alive(caller, asked).status = DELETED
            return {}

    def list_(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            living = [identifier for identifier, each in kept(caller, asked).items() if each.status != DELETED]
            return page(f"{kind.id}s", living, asked)

    return {
        f"Create{kind.name}": create,
        f"Get{kind.name}": get,
        f"Update{kind.name}": update,
        f"Delete{kind.name}": delete,
        f"List{kind.name}s": list_,
    }


def _status(activate: bool) -> str:
    return "ACTIVE" if activate else "INACTIVE"


def _check_location(location: str) -> None:
    if not LOCATION.fullmatch(location):
        raise Refused("The request is rejected because the input location is not the URI of an object in S3.")
