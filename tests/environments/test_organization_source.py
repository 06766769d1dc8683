"""The organization's environment as source, without Terraform: every account is judged, and nothing fails."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from guardline.spec.accounts import accounts
from guardline.spec.load import load
from guardline.validator.control import Status
from guardline.validator.report import Report
from guardline.validator.run import Request, run
from tests.support.environment_runs import ENVIRONMENTS

FOLDER = ENVIRONMENTS / "organization"
MEMBERS = ("members/log-archive", "members/payments", "members/website")
ROOTS = ("trail-bucket", "security", "management", "organization", *MEMBERS, "hub-members")
# Which VPCs there are AWS tells when planning.
TOLD_BY_AWS = {"vpc-flow-logs", "dns-query-logs", "dns-resolver", "region-consistency"}


def judged(*roots: str, spec: Path = FOLDER / "guardline.yaml") -> Report:
    now = datetime.now(UTC)
    sources = tuple(str(FOLDER / root) for root in roots)
    return run(Request(sources=sources, as_of=now.date(), spec=spec, cache=False), now)


@pytest.fixture(scope="module")
def whole() -> Report:
    return judged(*ROOTS)


@pytest.mark.environments  # half a minute
def test_nothing_fails_and_only_what_the_source_cannot_tell_is_undetermined(whole: Report) -> None:
    assert whole.errors == ()
    found = {(row.control, row.verdict) for row in whole.rows if row.verdict in (Status.FAIL, Status.UNDETERMINED)}
    assert found == {(control, Status.UNDETERMINED) for control in TOLD_BY_AWS}


@pytest.mark.environments
def test_the_denominator_is_accounts_times_regions(whole: Report) -> None:
    path = FOLDER / "guardline.yaml"
    every = {account.id for account in accounts(load(path), path)}
    cells = [(row.account, row.region) for row in whole.rows if row.control == "s3-protection"]
    assert len(cells) == len(set(cells)) == len(every) * len(whole.scope.expected)
    assert {account for account, _ in cells} == every


@pytest.mark.environments
def test_without_the_organizations_settings_nobody_is_green_and_nobody_at_fault() -> None:
    found = judged("security", "management", "members/payments")
    rows = {row.verdict for row in found.rows if row.control == "detector-enabled" and row.account == "444444444444"}
    assert rows == {Status.UNDETERMINED}
    unread = {row.verdict for row in found.rows if row.control == "org-auto-enable"}
    assert unread == {Status.UNDETERMINED}
    # Which buckets hold the logs of an account, only its own root tells: leaving them out is no fault of the trail.
    trail = {row.verdict for row in found.rows if row.control == "trail-s3-data-events"}
    assert Status.FAIL not in trail


@pytest.mark.environments
def test_without_the_root_that_makes_members_nobody_knows_whose_findings_are_seen(whole: Report) -> None:
    found = judged(*ROOTS[:-1])
    rows = {row.account: row.verdict for row in found.rows if row.control == "security-hub-aggregation"}
    assert rows.pop("222222222222") is Status.PASS  # the administrator itself
    assert set(rows.values()) == {Status.UNDETERMINED}
    assert {row.verdict for row in whole.rows if row.control == "security-hub-aggregation"} == {Status.PASS}
