"""What the spec's `security_hub` and `config` blocks ask."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from guardline.validator.expectations.asked import Recorder, Store
from guardline.validator.expectations.requirement import PracticeRequirements, declared, kept, left_out, wanted

if TYPE_CHECKING:
    from guardline.spec.model import Spec

ENABLED, AGGREGATION, INTEGRATIONS = (
    "security-hub-enabled",
    "security-hub-aggregation",
    "security-hub-integrations",
)
STANDARDS_ON = "security-hub-standards"
RECORDER, STORE = "config-recorder", "config-kept"
_ALL = (ENABLED, AGGREGATION, INTEGRATIONS, STANDARDS_ON)


def asks(spec: Spec, _path: Path) -> PracticeRequirements:
    """What is asked of Security Hub, and of AWS Config, which it reads from."""
    return _security_hub(spec) + _config(spec)


def _security_hub(spec: Spec) -> PracticeRequirements:
    from guardline.spec.practices.security_hub.hub import STANDARDS

    asked = spec.security_hub
    if asked is None:
        return left_out(8, "Security Hub", "the spec has no `security_hub`", key="security_hub")
    if asked.mode == "off":
        return left_out(8, "Security Hub", asked.reason or "", _ALL, key="security_hub", approver=asked.approved_by)
    if asked.mode == "reference":
        return declared(f"owned by {asked.owner}", (ENABLED, AGGREGATION))
    per = {"control": "SECURITY_CONTROL", "standard": "STANDARD_CONTROL"}[asked.findings_per]
    ends = frozenset(STANDARDS[name] for name in asked.standards)
    asking = wanted(ENABLED) + PracticeRequirements(fields={"findings_per": per, "standards": ends})
    asking += wanted(STANDARDS_ON) if ends else PracticeRequirements()
    if asked.aggregate:
        asking += wanted(AGGREGATION)
    else:
        reason = "the spec says `security_hub.aggregate: false`"
        asking += left_out(8, "one view of all regions", reason, (AGGREGATION,), key="security_hub.aggregate")
    if asked.integrations:
        products = frozenset(f"product/aws/{name}" for name in asked.integrations)
        asking += wanted(INTEGRATIONS) + PracticeRequirements(fields={"integrations": products})
    return asking


def _config(spec: Spec) -> PracticeRequirements:
    asked = spec.config
    if asked is None:
        return left_out(8, "AWS Config", "the spec has no `config`", key="config")
    if asked.mode == "off":
        return left_out(8, "AWS Config", asked.reason or "", (RECORDER,), key="config", approver=asked.approved_by)
    if asked.mode == "reference":
        return declared(f"owned by {asked.owner}", (RECORDER,))
    recorder = Recorder(asked.recorder_name or spec.name, asked.frequency.upper(), spec.home_region)
    recorded = PracticeRequirements(fields={"recorder": recorder})
    return wanted(RECORDER) + recorded + kept(STORE, Store(name=asked.bucket, days=asked.retention_days))
