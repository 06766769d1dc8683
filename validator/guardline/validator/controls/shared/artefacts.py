"""What belongs in every region: what region-consistency compares."""

from __future__ import annotations

import msgspec

from guardline.spec.features import FEATURES
from guardline.validator.controls.shared.detectors import ROOT
from guardline.validator.model.config import Recorder
from guardline.validator.model.dns import QueryLogAssociation
from guardline.validator.model.ec2 import FlowLog, VpcInventory
from guardline.validator.model.guardduty import Detector, IpList, PublishingDestination
from guardline.validator.model.resource import Resource
from guardline.validator.model.securityhub import Hub


class Artefact(msgspec.Struct, frozen=True):
    """Something regional: its name for people, the control that asks for it, its kind, and its feature if it is one."""

    name: str
    control: str
    kind: type[Resource]
    feature: str | None = None


ARTEFACTS = (
    Artefact("an enabled detector", ROOT, Detector),
    *(Artefact(f"{plan.name} declared on", plan.control, Detector, plan.name) for plan in FEATURES),
    Artefact("an export of findings", "findings-export", PublishingDestination),
    Artefact("a trusted IP list", "trusted-ip-list", IpList),
    Artefact("a threat list", "threat-ip-list", IpList),
    Artefact("a listing of VPCs", "vpc-inventory", VpcInventory),
    Artefact("flow logs", "vpc-flow-logs", FlowLog),
    Artefact("query logs of VPCs", "dns-query-logs", QueryLogAssociation),
    Artefact("Security Hub", "security-hub-enabled", Hub),
    Artefact("a configuration recorder", "config-recorder", Recorder),
)
