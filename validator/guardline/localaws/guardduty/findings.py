"""GuardDuty's findings: samples on request, listed and read. No other findings arise here.

Source: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateSampleFindings.html (and API_ListFindings,
API_GetFindings).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from guardline.localaws.guardduty.filters import page
from guardline.localaws.guardduty.state import State, new_id
from guardline.localaws.restjson import Answer, Caller, Handler, Parameters, Refused

_SEVERITY = 5.0


def handlers(state: State) -> dict[str, Handler]:
    """The operations on findings over a state."""

    def create(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            kept = state.detector(caller, asked["DetectorId"]).findings
            for kind in asked.get("FindingTypes", ()):
                found = _sample(caller, asked["DetectorId"], kind)
                kept[found["Id"]] = found
        return {}

    def listed(caller: Caller, asked: Parameters) -> Answer:
        criteria = (asked.get("FindingCriteria") or {}).get("Criterion") or {}
        if set(criteria) - {"service.archived"}:
            raise Refused("The local AWS knows the criterion service.archived alone.")
        wanted = criteria.get("service.archived", {}).get("Eq")
        with state.lock:
            kept = state.detector(caller, asked["DetectorId"]).findings
            ids = [id_ for id_, each in kept.items() if wanted in (None, [str(each["Service"]["Archived"]).lower()])]
            return page("FindingIds", ids, asked)

    def read(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            kept = state.detector(caller, asked["DetectorId"]).findings
            return {"Findings": [kept[id_] for id_ in asked["FindingIds"] if id_ in kept]}

    return {"CreateSampleFindings": create, "ListFindings": listed, "GetFindings": read}


def _sample(caller: Caller, detector: str, kind: str) -> dict[str, Any]:
    id_, now = new_id(), datetime.now(UTC).isoformat()
    place = f"{caller.partition}:guardduty:{caller.region}:{caller.account}"
    return {
        "AccountId": caller.account,
        "Arn": f"arn:{place}:detector/{detector}/finding/{id_}",
        "CreatedAt": now,
        "Id": id_,
        "Partition": caller.partition,
        "Region": caller.region,
        "Resource": {"ResourceType": "Instance", "InstanceDetails": {"InstanceId": "i-99999999"}},
        "SchemaVersion": "2.0",
        "Service": {"Archived": False, "Count": 1, "DetectorId": detector, "EventLastSeen": now},
        "Severity": _SEVERITY,
        "Title": f"A sample of {kind}",
        "Type": kind,
        "UpdatedAt": now,
    }
