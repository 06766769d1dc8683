"""What the spec's `guardduty` block asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from guardline.validator.expectations.asked import Store
from guardline.validator.expectations.requirement import PracticeRequirements, declared, kept, left_out, lock_of, wanted
from guardline.validator.expectations.scope import Waiver

if TYPE_CHECKING:
    from guardline.spec.model import Spec
    from guardline.spec.practices.detection import Export

EXPORT = ("findings-export",)
STORE = "findings-kept"
PLANS = {
    "S3_DATA_EVENTS": "s3-protection",
    "EKS_AUDIT_LOGS": "eks-audit-logs",
    "EBS_MALWARE_PROTECTION": "ebs-malware-protection",
    "RDS_LOGIN_EVENTS": "rds-login-events",
    "LAMBDA_NETWORK_LOGS": "lambda-network-logs",
    "RUNTIME_MONITORING": "runtime-monitoring",
}
"""Protection plan -> the control that asks for it."""


def asks(spec: Spec, _path: Path) -> PracticeRequirements:
    """The protection plans, the publishing frequency and the export of findings."""
    states = spec.guardduty.features.states()
    waivers = {PLANS[name]: Waiver("spec", f"the spec switches {name} off") for name in PLANS if not states[name]}
    asked = PracticeRequirements(
        waivers=waivers,
        fields={
            "features": states,
            "agents": frozenset(name for name, on in spec.guardduty.features.agents().items() if on),
            "publishing_frequency": spec.guardduty.finding_publishing_frequency,
            "on_request": spec.guardduty.features.on_request(),
            "legacy_off": spec.guardduty.disable_legacy_eks_runtime,
        },
    )
    if spec.block_public_buckets:
        asked += wanted("public-buckets-blocked")
    export = spec.guardduty.export
    if export is None:
        return asked + left_out(7, "export of findings", "the spec has no `guardduty.export`", key="export")
    if export.mode == "off":
        off = left_out(7, "export of findings", export.reason or "", EXPORT, key="export", approver=export.approved_by)
        return asked + off
    if export.mode == "reference":
        return asked + declared(f"{export.arn}, owned by {export.owner}", EXPORT)
    return asked + wanted(*EXPORT) + kept(STORE, _store(export))


def _store(asked: Export) -> Store:
    if (existing := asked.existing) is not None:
        return Store(name=existing.bucket_arn.rpartition(":::")[2], of_others=True, key=existing.kms_key_arn)
    return Store(name=asked.bucket, days=asked.retention_days, lock=lock_of(asked), key="create")
