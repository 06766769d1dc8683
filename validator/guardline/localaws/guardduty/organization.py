"""GuardDuty for an organization: its administrator, how that one enables members, and the members.

What AWS does within a day, enabling accounts, happens at once here.
Source: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_organizations.html
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from guardline.localaws import organizations
from guardline.localaws.guardduty import detectors
from guardline.localaws.guardduty.detectors import DEFAULTS, DISABLED, ENABLED, fresh
from guardline.localaws.guardduty.state import Detector, State
from guardline.localaws.restjson import Answer, Caller, Handler, Parameters, Refused

SERVICE = "guardduty.amazonaws.com"
ALL, NONE = "ALL", "NONE"
REGISTERING = 0.2
"""Seconds that AWS Organizations takes to register an administrator. Other regions are refused meanwhile, as AWS
refuses them: https://github.com/aws-samples/aws-secure-environment-accelerator/issues/778."""

AGENTS_AS_RETURNED = ("ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT", "EKS_ADDON_MANAGEMENT")
"""The order of DescribeOrganizationConfiguration, whatever order they were set in and unlike that of GetDetector:
https://github.com/hashicorp/terraform-provider-aws/issues/44822."""

NOT_MANAGEMENT = "The request is rejected because the caller is not the management account of an organization."
NOT_ADMINISTRATOR = (
    "The request is rejected because an invalid or out-of-range value is specified as an input parameter."
)


def handlers(state: State) -> dict[str, Handler]:
    """The organization's operations over a state."""

    def enable_administrator(caller: Caller, asked: Parameters) -> Answer:
        organization = _managed(caller)
        account = asked["AdminAccountId"]
        if account not in organization.members:
            raise Refused("The request is rejected because the account is not a member of the organization.")
        with state.lock:
            now_is = state.administrators.setdefault((organization.management, caller.region), account)
            if now_is != account:
                raise Refused(f"The request is rejected because {now_is} is the delegated administrator already.")
            first = account not in organizations.administrators(organization, SERVICE)
            if first and organization.management in state.registering:
                del state.administrators[organization.management, caller.region]
                raise Refused("The request is rejected because the administrator is being registered; try again.")
            if first:
                state.registering.add(organization.management)
        if first:
            time.sleep(REGISTERING)
            organizations.register(organization, account, SERVICE)
            with state.lock:
                state.registering.discard(organization.management)
        with state.lock:  # naming an administrator turns GuardDuty on in that account and region
            state.detectors.setdefault((account, caller.region), fresh(enabled=True))
        return {}

    def disable_administrator(caller: Caller, asked: Parameters) -> Answer:
        organization = _managed(caller)
        account = asked["AdminAccountId"]
        with state.lock:
            if state.administrators.get((organization.management, caller.region)) != account:
                raise Refused("The request is rejected because the account is not the delegated administrator.")
            del state.administrators[organization.management, caller.region]
            elsewhere = [at for at, each in state.administrators.items() if at[0] == organization.management]
            if not elsewhere:
                organizations.deregister(organization, account, SERVICE)
            detector = state.detectors.get((account, caller.region))
            if detector is not None:
                detector.organization = None
        return {}

    def list_administrators(caller: Caller, _: Parameters) -> Answer:
        organization = organizations.of(caller)
        with state.lock:
            found = state.administrators.get((organization.management, caller.region)) if organization else None
        accounts = [{"AdminAccountId": found, "AdminStatus": ENABLED}] if found is not None else []
        return {"AdminAccounts": accounts}

    def describe(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            detector = _administering(state, caller, asked["DetectorId"])
            return _described(_settings(detector))

    def update(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            detector = _administering(state, caller, asked["DetectorId"])
            settings = _settings(detector)
            wanted = asked.get("AutoEnableOrganizationMembers")
            if (wanted is None) == ("AutoEnable" not in asked):
                raise Refused(
                    "The request is rejected because autoEnable or autoEnableOrganizationMembers must be given."
                )
            after = dict(settings["features"])
            for feature in asked.get("Features", []):
                after[feature["Name"]] = _merged(after.get(feature["Name"], {}), feature)
            on = [name for name in ("RUNTIME_MONITORING", "EKS_RUNTIME_MONITORING") if _state(after, name) != NONE]
            if len(on) > 1:
                raise Refused(f"The request is rejected because {' and '.join(on)} cannot be enabled together.")
            settings["members"] = wanted if wanted is not None else "NEW" if asked["AutoEnable"] else NONE
            settings["features"] = after
            _enable_all(state, caller, detector)
            return {}

    def list_members(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            state.detector(caller, asked["DetectorId"])
            return {"Members": list(_members(state, caller))}

    def get_members(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            state.detector(caller, asked["DetectorId"])
            found = {member["AccountId"]: member for member in _members(state, caller)}
        lacking = [account for account in asked["AccountIds"] if account not in found]
        return {
            "Members": [found[account] for account in asked["AccountIds"] if account in found],
            "UnprocessedAccounts": [
                {"AccountId": account, "Result": "The account is not a member."} for account in lacking
            ],
        }

    own = detectors.handlers(state)

    def update_detector(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            if asked.get("Enable") is False and administrator_of(state, caller) is not None:
                raise Refused("The request is rejected because the administrator of the organization enables members.")
            return own["UpdateDetector"](caller, asked)

    def delete_detector(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            state.detector(caller, asked["DetectorId"])
            if administrator_of(state, caller) is not None:
                raise Refused("The request is rejected because the administrator of the organization enables members.")
            if any(_members(state, caller)):
                raise Refused("The request is rejected because the detector has members.")
            return own["DeleteDetector"](caller, asked)

    def administrator(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            state.detector(caller, asked["DetectorId"])
            found = administrator_of(state, caller)
        if found is None:
            return {"Administrator": {}}
        return {"Administrator": {"AccountId": found, "RelationshipStatus": "Enabled"}}

    return {
        "EnableOrganizationAdminAccount": enable_administrator,
        "DisableOrganizationAdminAccount": disable_administrator,
        "ListOrganizationAdminAccounts": list_administrators,
        "DescribeOrganizationConfiguration": describe,
        "UpdateOrganizationConfiguration": update,
        "ListMembers": list_members,
        "GetMembers": get_members,
        "GetAdministratorAccount": administrator,
        "UpdateDetector": update_detector,
        "DeleteDetector": delete_detector,
    }


def administrator_of(state: State, caller: Caller) -> str | None:
    """The account that administers the caller's detector in the caller's region, where that is another one."""
    organization = organizations.of(caller)
    found = state.administrators.get((organization.management, caller.region)) if organization is not None else None
    if found is None or found == caller.account:
        return None
    detector = state.detectors.get((found, caller.region))
    on = detector is not None and detector.organization is not None and detector.organization["members"] == ALL
    return found if on else None


def _managed(caller: Caller) -> organizations.Organization:
    organization = organizations.of(caller)
    if organization is None or organization.management != caller.account:
        raise Refused(NOT_MANAGEMENT)
    return organization


def _administering(state: State, caller: Caller, identifier: str) -> Detector:
    detector = state.detector(caller, identifier)
    organization = organizations.of(caller)
    key = (organization.management if organization is not None else "", caller.region)
    if state.administrators.get(key) != caller.account:
        raise Refused(NOT_ADMINISTRATOR)
    return detector


def _settings(detector: Detector) -> dict[str, Any]:
    if detector.organization is None:
        detector.organization = {"members": NONE, "features": {}}
    return detector.organization


def _state(features: Mapping[str, Any], name: str) -> str:
    return str(features.get(name, {}).get("AutoEnable", NONE))


def _merged(before: Mapping[str, Any], feature: Mapping[str, Any]) -> dict[str, Any]:
    agents = {each["Name"]: each for each in before.get("AdditionalConfiguration", [])}
    agents |= {each["Name"]: dict(each) for each in feature.get("AdditionalConfiguration", [])}
    return {
        "Name": feature["Name"],
        "AutoEnable": feature.get("AutoEnable", before.get("AutoEnable", NONE)),
        "AdditionalConfiguration": list(agents.values()),
    }


def _described(settings: Mapping[str, Any]) -> Answer:
    def on(name: str) -> bool:
        return _state(settings["features"], name) != NONE

    features = [_feature(name, settings["features"].get(name, {})) for name in DEFAULTS]
    return {
        "AutoEnable": settings["members"] != NONE,
        "AutoEnableOrganizationMembers": settings["members"],
        "MemberAccountLimitReached": False,
        "DataSources": {
            "S3Logs": {"AutoEnable": on("S3_DATA_EVENTS")},
            "Kubernetes": {"AuditLogs": {"AutoEnable": on("EKS_AUDIT_LOGS")}},
            "MalwareProtection": {
                "ScanEc2InstanceWithFindings": {"EbsVolumes": {"AutoEnable": on("EBS_MALWARE_PROTECTION")}}
            },
        },
        "Features": features,
    }


def _feature(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    agents = list(given.get("AdditionalConfiguration", []))
    if name == "RUNTIME_MONITORING":
        known = {each["Name"]: each for each in agents}
        agents = [known.get(agent, {"Name": agent, "AutoEnable": NONE}) for agent in AGENTS_AS_RETURNED]
    described = {"Name": name, "AutoEnable": given.get("AutoEnable", NONE)}
    return described | ({"AdditionalConfiguration": agents} if agents else {})


def _enable_all(state: State, caller: Caller, administrator: Detector) -> None:
    """Give every account what ALL promises. The management account is the exception: it must have a detector."""
    settings = _settings(administrator)
    organization = organizations.of(caller)
    if settings["members"] != ALL or organization is None:
        return
    now = datetime.now(UTC)
    for account in (organization.management, *organization.members):
        if account == caller.account:
            continue
        place = (account, caller.region)
        if place not in state.detectors and account != organization.management:
            state.detectors[place] = fresh(enabled=True, features=dict.fromkeys(DEFAULTS, DISABLED))
        detector = state.detectors.get(place)
        if detector is None:
            continue
        detector.enabled, detector.frequency = True, administrator.frequency
        for name, setting in settings["features"].items():
            feature = detector.features.get(name)
            if feature is not None and setting["AutoEnable"] == ALL:
                feature.status, feature.updated = ENABLED, now
                agents = setting["AdditionalConfiguration"]
                feature.agents |= {agent["Name"]: (ENABLED, now) for agent in agents if agent["AutoEnable"] == ALL}


def _members(state: State, caller: Caller) -> Iterator[dict[str, Any]]:
    organization = organizations.of(caller)
    for account in (organization.management, *organization.members) if organization is not None else ():
        detector = state.detectors.get((account, caller.region))
        there = Caller(account, caller.region, caller.partition)
        if detector is None or administrator_of(state, there) != caller.account:
            continue
        yield {
            "AccountId": account,
            "DetectorId": detector.id,
            "MasterId": caller.account,
            "AdministratorId": caller.account,
            "Email": organizations.email(organization, account) if organization is not None else "",
            "RelationshipStatus": "Enabled" if detector.enabled else "Paused",
            "UpdatedAt": detector.updated.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
