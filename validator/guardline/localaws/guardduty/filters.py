"""GuardDuty's filters. An archiving one is a suppression rule."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from guardline.localaws.guardduty.state import NOT_FOUND, Filter, State
from guardline.localaws.restjson import Answer, Caller, Handler, Parameters, Refused

MOST_FILTERS = 100  # for each account and region (GuardDuty quotas)


def handlers(state: State) -> dict[str, Handler]:
    """The filter operations over a state."""

    def create(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            detector = state.detector(caller, asked["DetectorId"])
            name = asked["Name"]
            if not re.fullmatch(r"[A-Za-z0-9._-]+", name):
                raise Refused("The request is rejected because the filter's name holds an invalid character.")
            if name in detector.filters:
                raise Refused("The request is rejected because a filter with the given name already exists.")
            if len(detector.filters) == MOST_FILTERS:
                raise Refused("The request is rejected because the limit of filters has been reached.")
            detector.filters[name] = Filter(
                name=name,
                description=asked.get("Description", ""),
                action=asked.get("Action", "NOOP"),
                rank=asked.get("Rank", 1),
                criteria=asked["FindingCriteria"],
                tags=dict(asked.get("Tags", {})),
            )
            return {"Name": name}

    def get(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            found = _filter(state, caller, asked)
            return {
                "Name": found.name,
                "Description": found.description,
                "Action": found.action,
                "Rank": found.rank,
                "FindingCriteria": found.criteria,
                "Tags": found.tags or None,
                "CreatedAt": found.created,
                "UpdatedAt": found.updated,
                "Version": found.version,
            }

    def update(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            found = _filter(state, caller, asked)
            found.description = asked.get("Description", found.description)
            found.action = asked.get("Action", found.action)
            found.criteria = asked.get("FindingCriteria", found.criteria)
            found.rank = asked.get("Rank", found.rank)
            found.updated = datetime.now(UTC)
            found.version += 1
            return {"Name": found.name}

    def delete(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            found = _filter(state, caller, asked)
            del state.detector(caller, asked["DetectorId"]).filters[found.name]
            return {}

    def list_(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            found = sorted(state.detector(caller, asked["DetectorId"]).filters)
            return page("FilterNames", found, asked)

    return {
        "CreateFilter": create,
        "GetFilter": get,
        "UpdateFilter": update,
        "DeleteFilter": delete,
        "ListFilters": list_,
    }


def page(name: str, found: list[str], asked: Parameters) -> Answer:
    """One page of a listing; the token is the place to go on from.

    Raises:
        Refused: the token is not one of ours.
    """
    token = asked.get("NextToken") or "0"
    if not re.fullmatch(r"\d{1,9}", token):
        raise Refused("The request is rejected because the input nextToken is invalid.")
    begin, size = int(token), asked.get("MaxResults", 50)
    following = begin + size
    return {name: found[begin:following], "NextToken": str(following) if following < len(found) else None}


def _filter(state: State, caller: Caller, asked: Parameters) -> Filter:
    found = state.detector(caller, asked["DetectorId"]).filters.get(asked["FilterName"])
    if found is None:
        raise Refused(NOT_FOUND)
    return found
