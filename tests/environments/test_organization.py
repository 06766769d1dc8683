"""The organization's environment on the local AWS: its roots applied in their order, by roles of each account."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from guardline.localaws import LocalAws
from guardline.localaws.calls import Call
from guardline.validator.control import Status
from tests.support.clients import client
from tests.support.deploy_calls import idle, reading, refused
from tests.support.environment_runs import lacking, three_regions
from tests.support.organization_runs import (
    MANAGEMENT,
    Run,
    apply,
    copy_of,
    destroy,
    found_organization,
    from_zero,
    judged,
    left,
)

HOME = "eu-west-1"
# The roles of the other accounts are assumed from here: whoever runs Terraform needs that, not the role.
SIGNING_IN = {Call("sts", "AssumeRole")}


@pytest.mark.environments(minutes=12)
def test_an_organization_holds_from_its_first_root_to_the_last(tmp_path: Path, aws: LocalAws) -> None:
    regions = three_regions("aws", HOME)
    member = {"id": "444444444444", "name": "payments"}  # one stands for all
    spec = copy_of("organization", tmp_path / "acme", regions, canary_region=regions[-2], members=[member])
    found_organization(aws, spec, switched_on=False)
    from_zero(spec, aws, HOME)
    aws.calls.clear()
    run = apply(spec, aws, HOME)
    assert all(run.made.values())
    assert set().union(*run.again.values()) == set()
    assert run.applied is not None
    assert lacking(run.applied) == []
    assert (run.applied.coverage_asked, run.applied.exit_code) == (1.0, 0)
    accounts = {root.account_id for root in run.roots}
    # What the spec leaves out is waived.
    detectors = [
        row for row in run.applied.rows if row.control == "detector-enabled" and row.verdict is not Status.WAIVED
    ]
    assert {(row.account, row.region) for row in detectors} == {(a, region) for a in accounts for region in regions}

    made = {account: set(calls) for account, calls in aws.calls.items()}
    (signing_in,) = {root.account_id for root in run.roots if root.duty == "security"}
    for account in accounts:
        asked = run.planning[account] - (SIGNING_IN if account == signing_in else set())
        assert (account, reading(spec, asked, account)) == (account, [])

    # What the plans say is so: members have detectors that no root declares, with every plan that the region offers.
    (administrator,) = {root.account_id for root in run.roots if root.duty == "security"}
    for region in regions:
        guardduty = client(aws, "guardduty", region, account=administrator)
        (detector,) = guardduty.list_detectors()["DetectorIds"]
        members = guardduty.list_members(DetectorId=detector)["Members"]
        assert {member["AccountId"] for member in members} == accounts - {administrator}

    # Accounts that were there before are members of Security Hub, as their own roots made their hubs.
    for region in regions:
        security_hub = client(aws, "securityhub", region, account=administrator)
        assert {each["AccountId"] for each in security_hub.list_members()["Members"]} == accounts - {administrator}

    # Without a member's plan nothing is certain of that account, and nothing else changes.
    some = judged(run, lambda root: str(root.folder) != "members/payments")
    (payments,) = {root.account_id for root in run.roots if str(root.folder) == "members/payments"}
    others = {row.account for row in some.rows if row.in_coverage and row.verdict is Status.UNDETERMINED}
    assert others == {payments}
    assert not [row for row in some.rows if row.in_coverage and row.verdict is Status.FAIL]

    _check_new_accounts_only(run, regions[-2])
    _check_hub_members(run)

    aws.calls.clear()
    destroy(run, aws, HOME)
    for account in sorted(accounts):
        calls = made[account] | aws.calls[account]
        if account == signing_in:
            calls -= SIGNING_IN
        assert (account, refused(spec, calls, account), idle(spec, calls, account)) == (account, [], [])
    # Naming nobody any more leaves members as they are, which is what AWS does.
    kept = left(run, aws, regions, HOME)
    assert kept[MANAGEMENT] == kept[administrator] == ()
    for account in accounts - {MANAGEMENT, administrator}:
        assert [line.split()[:2] for line in kept[account]] == [[region, "detector"] for region in regions]


# What a member has by auto-enable alone, and what is everybody's through the administrator.
ENABLED = {
    "detector-enabled",
    "s3-protection",
    "eks-audit-logs",
    "ebs-malware-protection",
    "rds-login-events",
    "lambda-network-logs",
    "runtime-monitoring",
    "feature-pinned",
    "security-hub-enabled",
}
SHARED = {"trusted-ip-list", "finding-publishing-frequency", "findings-export", "finding-alert", "finding-response"}


def _check_new_accounts_only(run: Run, region: str) -> None:
    """Where auto-enable were NEW in one region, all that members have through it fails there, and nothing else."""
    before = verdicts(run)
    path = run.plans["organization"]
    kept = path.read_bytes()
    plan = json.loads(kept)
    label = region.replace("-", "_")
    (setting,) = (
        change["change"]["after"]
        for change in plan["resource_changes"]
        if change["type"] == "aws_guardduty_organization_configuration" and f"members_{label}." in change["address"]
    )
    setting["auto_enable_organization_members"] = "NEW"
    path.write_text(json.dumps(plan))
    after = verdicts(run)
    path.write_bytes(kept)
    changed = {cell for cell in before if after[cell] is not before[cell]}
    assert {after[cell] for cell in changed} == {Status.FAIL}
    expected = {(str(root.account_id), "org-auto-enable") for root in run.roots if root.duty == "security"}
    for root in run.roots:
        if root.duty in ("management", "member"):
            controls = SHARED | (ENABLED if root.duty == "member" else set())
            expected |= {(root.account_id, control) for control in controls}
    assert {(account, control) for account, control, *_ in changed} == expected
    assert {where for _, _, where, _ in changed} == {region}


def _check_hub_members(run: Run) -> None:
    """Without the root that makes members, nobody knows whether Security Hub's administrator sees them."""
    before = verdicts(run)
    some = judged(run, lambda root: root.duty != "hub-members")
    changed = {
        (row.account, row.control, row.verdict)
        for row in some.rows
        if row.in_coverage and before[row.account, row.control, row.region, row.subject] is not row.verdict
    }
    others = {root.account_id for root in run.roots if root.duty in ("management", "member")}
    assert changed == {(account, "security-hub-aggregation", Status.UNDETERMINED) for account in others}


def verdicts(run: Run) -> dict[tuple[str | None, str, str | None, str | None], Status]:
    """Account, control, region, subject -> verdict, of the cells that count."""
    rows = judged(run).rows
    return {(row.account, row.control, row.region, row.subject): row.verdict for row in rows if row.in_coverage}
