"""GuardDuty's detectors and features, with AWS's rules of what is on by default and what a change leaves alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from guardline.localaws.guardduty.state import Detector, Feature, State, new_id
from guardline.localaws.restjson import Answer, Caller, Handler, Parameters, Refused

ENABLED, DISABLED = "ENABLED", "DISABLED"
AGENTS = ("EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT")

# What CreateDetector makes of a feature that the request does not name, in the order GetDetector lists them: on, but
# for the runtime ones (AWS API reference, CreateDetector: "all the features ... except RUNTIME_MONITORING").
# AI_PROTECTION and AI_ANALYST are not in every region and are left out until a request names them.
DEFAULTS = {
    "S3_DATA_EVENTS": ENABLED,
    "EKS_AUDIT_LOGS": ENABLED,
    "EBS_MALWARE_PROTECTION": ENABLED,
    "RDS_LOGIN_EVENTS": ENABLED,
    "EKS_RUNTIME_MONITORING": DISABLED,
    "LAMBDA_NETWORK_LOGS": ENABLED,
    "RUNTIME_MONITORING": DISABLED,
}
FEATURE_AGENTS = {
    "RUNTIME_MONITORING": AGENTS,
    "EKS_RUNTIME_MONITORING": AGENTS[:1],
    "RDS_LOGIN_EVENTS": ("RDS_DATA_RISK",),
}
# Of agents that no request has named, only these are reported. (RDS_DATA_RISK is newer than provider 5.100.0, which
# would try to take it away again on every plan.)
REPORTED = {"RUNTIME_MONITORING": AGENTS, "EKS_RUNTIME_MONITORING": AGENTS[:1]}
FOUNDATIONAL = ("CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS")
DEFAULT_FREQUENCY = "SIX_HOURS"


def handlers(state: State) -> dict[str, Handler]:
    """The detector operations over a state."""

    def create(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            place = (caller.account, caller.region)
            if place in state.detectors:
                raise Refused("The request is rejected because a detector already exists for the current account.")
            detector = fresh(enabled=asked["Enable"])
            detector.frequency = asked.get("FindingPublishingFrequency", DEFAULT_FREQUENCY)
            detector.tags = dict(asked.get("Tags", {}))
            _merge(detector, _wanted(asked), detector.created)
            state.detectors[place] = detector
            return {"DetectorId": detector.id}

    def get(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            return _described(caller, state.detector(caller, asked["DetectorId"]))

    def update(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            detector = state.detector(caller, asked["DetectorId"])
            now = datetime.now(UTC)
            _merge(detector, _wanted(asked), now)
            detector.enabled = asked.get("Enable", detector.enabled)
            detector.frequency = asked.get("FindingPublishingFrequency", detector.frequency)
            detector.updated = now
            return {}

    def delete(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            state.detector(caller, asked["DetectorId"])
            del state.detectors[caller.account, caller.region]
            return {}

    def list_(caller: Caller, _: Parameters) -> Answer:
        with state.lock:
            found = state.detectors.get((caller.account, caller.region))
            return {"DetectorIds": [found.id] if found is not None else []}

    return {
        "CreateDetector": create,
        "GetDetector": get,
        "UpdateDetector": update,
        "DeleteDetector": delete,
        "ListDetectors": list_,
    }


def fresh(*, enabled: bool, features: Mapping[str, str] = DEFAULTS) -> Detector:
    """A new detector with these states of its protection plans."""
    now = datetime.now(UTC)
    made = {
        name: Feature(status, now, dict.fromkeys(REPORTED.get(name, ()), (DISABLED, now)))
        for name, status in features.items()
    }
    return Detector(new_id(), enabled, DEFAULT_FREQUENCY, {}, made)


def _wanted(asked: Parameters) -> list[Mapping[str, Any]]:
    """The features a request sets; the older `DataSources` are the same switches by other names.

    Raises:
        Refused: both ways at once, a feature twice, a foundational one, or an agent that is not the feature's.
    """
    sources = asked.get("DataSources", {})
    features = list(asked.get("Features", []))
    if sources and features:
        raise Refused("The request is rejected because both dataSources and features are specified.")
    features += _from_sources(sources)
    names = [feature.get("Name") for feature in features]
    for feature in features:
        name = feature.get("Name")
        if name is None:
            raise Refused("The request is rejected because a feature has no name.")
        if names.count(name) > 1:
            raise Refused(f"The request is rejected because the feature {name} is specified more than once.")
        for agent in feature.get("AdditionalConfiguration", []):
            if agent.get("Name") not in FEATURE_AGENTS.get(name, ()):
                raise Refused(f"The request is rejected because {agent.get('Name')} does not belong to {name}.")
    return features


def _from_sources(sources: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    switches = (
        ("S3_DATA_EVENTS", ("S3Logs", "Enable")),
        ("EKS_AUDIT_LOGS", ("Kubernetes", "AuditLogs", "Enable")),
        ("EBS_MALWARE_PROTECTION", ("MalwareProtection", "ScanEc2InstanceWithFindings", "EbsVolumes")),
    )
    for name, path in switches:
        value: Any = sources
        for step in path:
            value = value.get(step) if isinstance(value, Mapping) else None
        if value is not None:
            yield {"Name": name, "Status": ENABLED if value else DISABLED}


def _merge(detector: Detector, wanted: Iterable[Mapping[str, Any]], now: datetime) -> None:
    """Set what is named and leave the rest, as UpdateDetector does.

    Raises:
        Refused: both runtime features would be on; nothing is changed then.
    """
    wanted = list(wanted)
    after = {name: feature.status for name, feature in detector.features.items()}
    after |= {each["Name"]: each["Status"] for each in wanted if "Status" in each}
    if after.get("RUNTIME_MONITORING") == ENABLED and after.get("EKS_RUNTIME_MONITORING") == ENABLED:
        raise Refused(
            "The request is rejected because EKS_RUNTIME_MONITORING and RUNTIME_MONITORING cannot be enabled together."
        )
    for each in wanted:
        feature = detector.features.setdefault(each["Name"], Feature(DISABLED, now))
        if each.get("Status", feature.status) != feature.status:
            feature.status, feature.updated = each["Status"], now
        for agent in each.get("AdditionalConfiguration", []):
            if "Status" in agent:
                feature.agents[agent["Name"]] = (agent["Status"], now)


def _described(caller: Caller, detector: Detector) -> Answer:
    role = "aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"
    status = {name: feature.status for name, feature in detector.features.items()}
    foundational = [{"Name": name, "Status": ENABLED, "UpdatedAt": detector.created} for name in FOUNDATIONAL]
    return {
        "CreatedAt": _text(detector.created),
        "UpdatedAt": _text(detector.updated),
        "FindingPublishingFrequency": detector.frequency,
        "ServiceRole": f"arn:{caller.partition}:iam::{caller.account}:role/{role}",
        "Status": ENABLED if detector.enabled else DISABLED,
        "Tags": detector.tags or None,
        "Features": foundational + [_feature(name, feature) for name, feature in detector.features.items()],
        "DataSources": {
            "CloudTrail": {"Status": ENABLED},
            "DNSLogs": {"Status": ENABLED},
            "FlowLogs": {"Status": ENABLED},
            "S3Logs": {"Status": status["S3_DATA_EVENTS"]},
            "Kubernetes": {"AuditLogs": {"Status": status["EKS_AUDIT_LOGS"]}},
            "MalwareProtection": {
                "ScanEc2InstanceWithFindings": {"EbsVolumes": {"Status": status["EBS_MALWARE_PROTECTION"]}}
            },
        },
    }


def _feature(name: str, feature: Feature) -> dict[str, Any]:
    agents = [
        {"Name": agent, "Status": status, "UpdatedAt": updated} for agent, (status, updated) in feature.agents.items()
    ]
    described: dict[str, Any] = {"Name": name, "Status": feature.status, "UpdatedAt": feature.updated}
    return described | ({"AdditionalConfiguration": agents} if agents else {})


def _text(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
