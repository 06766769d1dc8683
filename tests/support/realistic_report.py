"""A report as a real one looks: seventeen regions, every verdict, root causes, regressions, VPCs. For all reporters.

`sample` is that report; `report` and `row` build others. The texts are the sample's own and not the catalogue's, so
that a control may be reworded without changing what reporters are held to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from msgspec.structs import replace

from guardline.validator.control import Severity, Status
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.expectations.scope import NotAsked, RegionState, Requirements, Scope, ScopeRegion
from guardline.validator.model.resource import Account, Origin
from guardline.validator.report import Environment, Options, Report, Row, Source, SourceError

ACCOUNT = "111122223333"
DEFAULT_REGIONS = (
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1",
    "us-east-1", "us-east-2", "us-west-1", "us-west-2",
)  # fmt: skip


class Sketch(NamedTuple):
    """What the sample needs of a control."""

    title: str
    practice: int
    severity: Severity
    fix: str


CONTROLS = {
    "vpc-flow-logs": Sketch(
        "Every VPC's flows are recorded", 1, Severity.HIGH,
        'Declare `aws_flow_log` with `vpc_id` of this VPC and `traffic_type = "ALL"`.'),
    "vpc-inventory": Sketch(
        "All of the account's own VPCs were considered", 1, Severity.INFO,
        'Read `data "aws_vpcs"` with a `filter` on `owner-id` in each region.'),
    "trail-multi-region": Sketch(
        "A trail records every region", 1, Severity.CRITICAL,
        "Declare `aws_cloudtrail` with `is_multi_region_trail = true`."),
    "trail-encrypted": Sketch(
        "The trail's logs are encrypted with a key of your own", 1, Severity.MEDIUM,
        "Set `kms_key_id` of the trail."),
    "s3-protection": Sketch(
        "S3 Protection is on", 2, Severity.HIGH,
        "Declare `aws_guardduty_detector_feature` `S3_DATA_EVENTS` with status `ENABLED`."),
    "trail-s3-data-events": Sketch(
        "A trail records object events of all buckets", 2, Severity.HIGH,
        "Select data events of `AWS::S3::Object` without naming buckets."),
    "detector-enabled": Sketch(
        "GuardDuty is on", 3, Severity.CRITICAL,
        "Declare one `aws_guardduty_detector` with `enable = true` for the region's provider."),
    "lambda-network-logs": Sketch(
        "Lambda Protection is on", 3, Severity.MEDIUM,
        "Declare `aws_guardduty_detector_feature` `LAMBDA_NETWORK_LOGS` with status `ENABLED`."),
    "runtime-monitoring": Sketch(
        "Runtime Monitoring is on, with its agents", 3, Severity.MEDIUM,
        "Declare `aws_guardduty_detector_feature` `RUNTIME_MONITORING` with its three agents."),
    "finding-publishing-frequency": Sketch(
        "Findings are published within fifteen minutes", 3, Severity.LOW,
        'Set `finding_publishing_frequency = "FIFTEEN_MINUTES"`.'),
    "trusted-ip-list": Sketch(
        "The trusted IP list is active", 10, Severity.MEDIUM,
        "Declare `aws_guardduty_ipset` with `activate = true`."),
    "region-consistency": Sketch(
        "Regions are alike", 3, Severity.MEDIUM,
        "Make the region from the same module, with the same arguments, as the others."),
    "ignored-changes": Sketch(
        "No change is ignored", 3, Severity.MEDIUM,
        "Remove `ignore_changes` from what GuardDuty depends on."),
}  # fmt: skip
PRACTICE_NAMES = {"vpc": "flow-logs", "trail": "trail", "trusted": "lists", "ignored": "terraform"}
ACCOUNT_WIDE = {"trail-multi-region", "trail-encrypted", "trail-s3-data-events", "ignored-changes"}
OF_DETECTORS = {
    "s3-protection", "lambda-network-logs", "runtime-monitoring", "finding-publishing-frequency", "trusted-ip-list",
    "region-consistency",
}  # fmt: skip


def row(control: str, verdict: Status, reason: str, **fields: Any) -> Row:
    """A cell of the sample's account. `fields` are the other fields of `Row`."""
    sketch = CONTROLS[control]
    given: dict[str, Any] = {"account": ACCOUNT, "region": None, "subject": None, **fields}
    name = "|".join((control, "aws", given["account"] or "-", given["region"] or "-", given["subject"] or ""))
    defaults: dict[str, Any] = {
        "id": hashlib.sha256(name.encode(errors="backslashreplace")).hexdigest()[:16],
        "title": sketch.title,
        "practice": sketch.practice,
        "practice_name": PRACTICE_NAMES.get(control.partition("-")[0], "detection"),
        "severity": sketch.severity,
        "subject_id": None,
        "fix": sketch.fix,
        "mappings": mapped(control),
        "in_coverage": control != "region-consistency",
    }
    return Row(control=control, verdict=verdict, reason=reason, **{**defaults, **given})


def report(*rows: Row, **fields: Any) -> Report:
    """A report of the given rows. `fields` are the other fields of `Report`."""
    outside = (
        ScopeRegion("af-south-1", RegionState.NOT_OPTED_IN),
        ScopeRegion("ap-east-1", RegionState.NOT_OPTED_IN),
        ScopeRegion("eu-south-1", RegionState.RETIRING, "mode forget"),
        ScopeRegion("me-south-1", RegionState.EXCLUDED, "denied by SCP, TICKET-7; approved by J. Doe until 2027-03-31"),
    )
    expected = (ScopeRegion(name, RegionState.EXPECTED) for name in DEFAULT_REGIONS)
    given: dict[str, Any] = {
        "version": "0.1.0",
        "catalogue": "c0ffee" + 58 * "0",
        "generated_at": "2026-01-31T12:00:00Z",
        "as_of": "2026-01-31",
        "options": Options(),
        "sources": (Source("plan", "plan.json", 64 * "a", "1.11.4", True, "design"),),
        "scope": Scope(
            "aws",
            (Account(ACCOUNT, ACCOUNT, "allowed_account_ids"),),
            tuple(sorted((*expected, *outside), key=lambda region: region.name)),
            spec="environments/production/guardline.yaml",
            asked=Requirements(),
            not_asked=(NotAsked(8, "Security Hub is another team's (TICKET-3)"),),
        ),
        "environment": Environment(
            "production", "security@example.com", 64 * "5", 40 * "b", ("Jo Doe", "A. Owner"), changed=True
        ),
    }
    return Report(rows=rows, **{**given, **fields})


def sample() -> Report:
    """The realistic report: most of the baseline holds, one region is lost, and some of it cannot be told."""
    return report(*_rows())


def errors_only() -> Report:
    """A report whose every source was unreadable."""
    return report(
        sources=(),
        errors=(
            SourceError("plan.json", "not valid JSON: it ends in the middle of a text"),
            SourceError("network", "expected `}`", "network/main.tf", 7),
        ),
        scope=Scope("aws", (), ()),
    )


def many_vpcs(number: int) -> Report:
    """The sample with `number` VPCs more, spread over its regions; every fiftieth has no flow log."""
    rows = []
    for n in range(number):
        subject = f'module.network["{n}"].aws_vpc.main'
        verdict, reason = (Status.FAIL, "no flow log on the VPC")
        if n % 50:
            verdict, reason = Status.PASS, "a flow log on the VPC records ALL traffic"
        region = DEFAULT_REGIONS[n % len(DEFAULT_REGIONS)]
        where = (Origin(subject, "network/main.tf", 3),)
        rows.append(row("vpc-flow-logs", verdict, reason, region=region, subject=subject, evidence=where))
    return report(*rows, *_rows())


def _rows() -> Iterator[Row]:
    for control in CONTROLS:
        if control in ACCOUNT_WIDE:
            yield _account_row(control)
            continue
        for region in DEFAULT_REGIONS:
            if control == "vpc-flow-logs":
                yield from _vpcs(region)
            else:
                yield _region_row(control, region)


def _region_row(control: str, region: str) -> Row:
    module = f"module.{region.replace('-', '_')}"
    detector = Origin(f"{module}.aws_guardduty_detector.this", "modules/region/main.tf", 4)
    lost = row("detector-enabled", Status.FAIL, "", region="eu-west-3")
    if region == "eu-west-3" and control in OF_DETECTORS:
        reason = "no detector" if control != "region-consistency" else "most regions have what is missing in eu-west-3"
        was = None if control == "region-consistency" else Status.PASS
        again = "" if was is None else "; it was covered before this change"
        return row(
            control, Status.FAIL, reason + again, region=region, cause=lost.id, before=was, regression=was is not None
        )
    match control, region:
        case "detector-enabled", "eu-west-3":
            reason = "no detector in eu-west-3: this change deletes it; it was covered before this change"
            deleted = replace(detector, file="regions.tf", line=84)
            return replace(lost, reason=reason, before=Status.PASS, regression=True, evidence=(deleted,))
        case "s3-protection", "ap-south-1" | "ap-southeast-1":
            feature = Origin(
                f'{module}.aws_guardduty_detector_feature.this["S3_DATA_EVENTS"]', "modules/region/main.tf", 19
            )
            return row(control, Status.FAIL, "S3_DATA_EVENTS is DISABLED", region=region, evidence=(feature, detector))
        case "finding-publishing-frequency", "sa-east-1":
            return row(
                control,
                Status.FAIL,
                "findings wait SIX_HOURS, not FIFTEEN_MINUTES",
                region=region,
                evidence=(detector,),
            )
        case "lambda-network-logs", "us-west-1":
            reason = "LAMBDA_NETWORK_LOGS is DISABLED; waived by A. Owner until 2026-06-30: no functions here, TICKET-9"
            return row(control, Status.WAIVED, reason, region=region, underlying=Status.FAIL, evidence=(detector,))
        case "runtime-monitoring", "ap-northeast-3":
            return row(control, Status.NOT_APPLICABLE, "AWS does not offer RUNTIME_MONITORING there", region=region)
        case "vpc-inventory", "eu-north-1" | "eu-west-2":
            listing = Origin(
                f"{module}.data.aws_vpcs.own", "modules/region/flow_logs.tf", 2, ("data.aws_vpcs.own.filter",)
            )
            reason = f"the filter of the listing of VPCs in {region} is known only after apply"
            return row(control, Status.UNDETERMINED, reason, region=region, evidence=(listing,))
    return row(
        control, Status.PASS, "it holds after the change", region=region, before=Status.PASS, evidence=(detector,)
    )


def _vpcs(region: str) -> Iterator[Row]:
    module = f"module.{region.replace('-', '_')}"
    verdict, evidence = Status.PASS, tuple[Origin, ...]()
    for n in range({"us-east-1": 4, "eu-west-1": 2, "ap-northeast-1": 0}.get(region, 1)):
        subject = f'{module}.aws_flow_log.vpc["vpc-0{n}"]'
        log = Origin(
            subject, "modules/region/flow_logs.tf", 9, (f"{subject}.vpc_id", f"{module}.data.aws_vpcs.own.ids")
        )
        verdict, reason, evidence = Status.PASS, "a flow log on the VPC records ALL traffic", (log,)
        if region == "us-east-1" and n:
            legacy = Origin("aws_flow_log.legacy", "network/legacy.tf", 10 * n, ("aws_flow_log.legacy.vpc_id",))
            verdict, reason, evidence = (
                (Status.FAIL, "the flow log records REJECT traffic only, not ALL", (legacy,)),
                (Status.UNDETERMINED, "the flow log's traffic type: var.traffic is known only after apply", (legacy,)),
                (Status.NOT_APPLICABLE, "the VPC belongs to account 444455556666, which alone may log its flows", ()),
            )[n - 1]
        yield row(
            "vpc-flow-logs",
            verdict,
            reason,
            region=region,
            subject=f"vpc-0{n}",
            subject_id=f"vpc-0{n}",
            evidence=evidence,
        )


def _account_row(control: str) -> Row:
    trail = Origin("module.trail.aws_cloudtrail.this", "modules/trail/main.tf", 31)
    match control:
        case "trail-s3-data-events":
            reason = "the trail records object events of 1 bucket, not of all"
            return row(control, Status.FAIL, reason, evidence=(trail,))
        case "trail-encrypted":
            return row(control, Status.UNDETERMINED, "kms_key_id is known only after apply", evidence=(trail,))
        case "ignored-changes":
            return row(control, Status.NOT_ASSESSED, "a plan cannot tell")
    return row(
        control, Status.PASS, "a trail logs management events, read and write, of every region", evidence=(trail,)
    )
