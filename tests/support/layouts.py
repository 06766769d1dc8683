"""An organization's members, from a folder for each to one root for all: the steps of docs/organizations.md."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from guardline.generator.baseline import Baseline
from guardline.generator.manifest import RefusedError
from guardline.generator.root import Root
from guardline.localaws import LocalAws
from guardline.validator.run import Request, run
from tests.support.clients import client
from tests.support.stub_roots import Cell, actions

HOME = "eu-west-1"
MANAGEMENT = "000011112222"
STATES = "example-states"
SPEC = """\
version: 1
name: acme
home_region: {home}
terraform:
  aws_provider: {provider}
  backend: {{s3: {{bucket: {states}, key: guardline/acme, region: {home}}}}}
regions:
  opted_in: [{regions}]
  not_opted_in: rest
  exclude: [{{region: rest, reason: unused, approved_by: Ann, until: 2099-12-31}}]
organization:
  id: o-exampleorgid
  management_account: "{management}"
  admin_account: "111122223333"
  members: [{members}]
{more}
"""
PAYMENTS, WEBSITE = '{id: "333344445555", name: payments}', '{id: "444455556666", name: website}'
# The local AWS in place of the backend's: https://developer.hashicorp.com/terraform/language/backend/s3
ELSEWHERE = ("skip_credentials_validation", "skip_region_validation", "skip_requesting_account_id", "use_path_style")

Terraform = Callable[..., str]
"""Runs a command of Terraform in a folder, with more variables: ``(folder, *arguments, variables=...)``."""


@dataclass
class Members:
    """The members' roots, run with Terraform.

    Attributes:
        spec: the spec's file.
        provider: the AWS provider's major version.
        regions: covered beside the home region.
        aws: where everything is made, the states too.
        terraform: runs Terraform.
    """

    spec: Path
    provider: int
    regions: tuple[str, ...]
    aws: LocalAws
    terraform: Terraform

    def found(self) -> None:
        """Make the bucket of the states."""
        s3 = client(self.aws, "s3", HOME, account=MANAGEMENT)
        s3.create_bucket(Bucket=STATES, CreateBucketConfiguration={"LocationConstraint": HOME})

    def write(self, *lines: str, members: str = f"{PAYMENTS}, {WEBSITE}", force: bool = False) -> Baseline:
        """Write the spec, with more lines of its organization, and what it becomes."""
        text = SPEC.format(
            home=HOME,
            provider=self.provider,
            states=STATES,
            regions=", ".join(self.regions),
            management=MANAGEMENT,
            members=members,
            more="\n".join(f"  {line}" for line in lines),
        )
        self.spec.write_text(text, encoding="utf-8")
        baseline = Baseline.of(self.spec)
        baseline.write(force=force)
        return baseline

    def refused(self, *lines: str, **options: Any) -> str:
        """Why the same is not written."""
        try:
            self.write(*lines, **options)
        except RefusedError as error:
            return str(error)
        raise AssertionError("it was written")

    def run(self, root: Root, *arguments: str) -> str:
        """One command in a root, for its account."""
        variables = {**self.aws.environment(HOME, root.account_id), "TF_VAR_account_id": root.account_id}
        if root.shared:
            variables["TF_DATA_DIR"] = f".terraform-{root.account_id}"
        return self.terraform(self.spec.parent / root.folder, *arguments, variables=variables)

    def init(self, root: Root, *options: str) -> None:
        """Make the backend known; its key where the root is shared."""
        key = (f"-backend-config=key={root.state_key}",) if root.shared else ()
        elsewhere = (f"-backend-config={name}=true" for name in ELSEWHERE)
        self.run(root, "init", "-no-color", "-input=false", *elsewhere, *key, *options)

    def plan(self, root: Root) -> dict[str, Any]:
        """Plan; the plan as JSON, which is kept in a file of the account."""
        self.run(root, "plan", "-no-color", "-input=false", "-out=saved.tfplan")
        shown = self.run(root, "show", "-json", "saved.tfplan")
        self._plan_of(root).write_text(shown, encoding="utf-8")
        plan: dict[str, Any] = json.loads(shown)
        return plan

    def apply(self, root: Root) -> None:
        """Apply the last plan."""
        self.run(root, "apply", "-no-color", "-input=false", "saved.tfplan")

    def judged(self, *roots: Root) -> Mapping[Cell, str]:
        """What guardline says of the last plans."""
        now = datetime.now(UTC)
        plans = tuple(str(self._plan_of(root)) for root in roots)
        report = run(Request(plans, now.date(), spec=self.spec), now)
        assert not report.errors, report.errors
        return {(row.control, row.account, row.region, row.subject_id): row.verdict.value for row in report.rows}

    def _plan_of(self, root: Root) -> Path:
        return self.spec.parent / f"plan-{root.account_id}.json"


def of(baseline: Baseline, duty: str = "member") -> list[Root]:
    """The roots of a duty."""
    return [root for root in baseline.roots if root.duty == duty]


def check(members: Members) -> None:
    """Go all the way: apply as earlier versions wrote it, name states by account, share the root, rename, retire."""
    members.found()
    old = of(members.write())
    for root in old:
        members.init(root)
        assert members.plan(root)
        members.apply(root)
        assert actions(members.plan(root)) == {}
    before = members.judged(*old)
    assert "pass" in before.values()

    # Keys that end in the account's id: what an empty state would cost is said first.
    said = members.refused("layout: folders")
    assert "state guardline/acme/members/payments -> root members/payments, state guardline/acme/333344445555" in said
    for root in of(members.write("layout: folders", force=True)):
        members.init(root, "-migrate-state", "-force-copy")
        assert actions(members.plan(root)) == {}

    # One root: every state is where it was.
    shared = of(members.write("layout: shared"))
    assert {str(root.folder) for root in shared} == {"member"}
    for root in shared:
        members.init(root)
        assert actions(members.plan(root)) == {}
    assert members.judged(*shared) == before

    # Another name moves nothing.
    paying = PAYMENTS.replace("payments", "paying")
    for root in of(members.write("layout: shared", members=f"{paying}, {WEBSITE}")):
        members.init(root)
        assert actions(members.plan(root)) == {}

    # An account leaves: its state is emptied, the other's is not touched.
    assert "account 333344445555: root member, state" in members.refused("layout: shared", members=WEBSITE)
    retiring = 'retiring: [{id: "333344445555", name: paying, mode: destroy, reason: sold, approved_by: Ann}]'
    baseline = members.write("layout: shared", retiring, members=WEBSITE)
    (leaving,) = of(baseline, "retiring")
    members.init(leaving)
    assert set(actions(members.plan(leaving)).values()) == {("delete",)}
    cells = members.judged(*of(baseline), leaving)
    theirs = {verdict for cell, verdict in cells.items() if cell[1] == leaving.account_id}
    assert "waived" in theirs
    assert theirs <= {"waived", "pass"}
    members.apply(leaving)
    assert [line for line in members.run(leaving, "state", "list").splitlines() if not line.startswith("data.")] == []
    (staying,) = of(members.write("layout: shared", members=WEBSITE))
    assert not (members.spec.parent / "retiring" / "main.tf").exists()
    assert actions(members.plan(staying)) == {}
