"""Tags of what GuardDuty keeps, by ARN."""

from __future__ import annotations

from guardline.localaws.guardduty.state import NOT_FOUND, State
from guardline.localaws.restjson import Answer, Caller, Handler, Parameters, Refused

MOST_TAGS = 50  # on one resource (AWS tagging limits)


def handlers(state: State) -> dict[str, Handler]:
    """The tag operations over a state."""

    def tag(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            kept = _tags(state, caller, asked["ResourceArn"])
            if len(kept | asked["Tags"]) > MOST_TAGS:
                raise Refused(f"The request is rejected because a resource can have {MOST_TAGS} tags.")
            kept |= asked["Tags"]
            return {}

    def untag(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            kept = _tags(state, caller, asked["ResourceArn"])
            for key in asked["TagKeys"]:
                kept.pop(key, None)
            return {}

    def list_(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            return {"Tags": _tags(state, caller, asked["ResourceArn"]) or None}

    return {"TagResource": tag, "UntagResource": untag, "ListTagsForResource": list_}


def _tags(state: State, caller: Caller, arn: str) -> dict[str, str]:
    """The tags themselves, to read or change.

    Raises:
        Refused: the ARN is another account's or region's, or names nothing that is there.
    """
    owner, _, resource = arn.partition(":detector/")
    if owner != f"arn:{caller.partition}:guardduty:{caller.region}:{caller.account}":
        raise Refused(
            "The request is rejected because the caller does not own the resource.", "AccessDeniedException", 403
        )
    identifier, *rest = resource.split("/")
    detector = state.detector(caller, identifier)
    match rest:
        case []:
            return detector.tags
        case ["filter", name] if name in detector.filters:
            return detector.filters[name].tags
        case ["publishingDestination", name] if name in detector.destinations:
            return detector.destinations[name].tags
        case [kind, name] if name in detector.lists.get(kind, {}):
            return detector.lists[kind][name].tags
        case _:
            raise Refused(NOT_FOUND)
