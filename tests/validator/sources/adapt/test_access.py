"""IAM and Organizations as a plan writes them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from guardline.validator.model.estate import Estate
from guardline.validator.model.iam import Identity, IdentityPolicy, Membership, PolicyAttachment
from guardline.validator.model.organizations import (
    AutoEnable,
    AutoEnableFeature,
    DelegatedAdministrator,
    Organization,
    OrganizationNode,
    PolicyTarget,
    ServiceControlPolicy,
)
from guardline.validator.model.resource import Ref
from guardline.validator.model.value import known
from guardline.validator.run import Request, run
from guardline.validator.semantics.unknown_parts import SOMETHING
from guardline.validator.sources.plan.load import load
from tests.support.plans import Json, change, looked_at, plan, prior, refers, resource

ALL = json.dumps({"Statement": [{"Effect": "Allow", "Action": "guardduty:*", "Resource": "*"}]})
NOTHING_MERGED: Json = dict.fromkeys(
    ("override_json", "override_policy_documents", "source_json", "source_policy_documents"), None
)


def after(*changes: Json, resources: list[Json] | None = None, prior_state: Json | None = None) -> Estate:
    return load(plan(list(changes), resources or [], prior_state=prior_state)).after


def one(found: Estate, kind: type[IdentityPolicy] = IdentityPolicy) -> IdentityPolicy:
    (policy,) = found.all(kind)
    return policy


def statement(action: str, *, resource: str | None = "*", effect: str | None = None, **more: object) -> Json:
    return {
        "actions": [action], "resources": [resource], "effect": effect, "not_actions": None, "not_resources": None,
        "condition": [], "sid": None, "principals": [], "not_principals": [], **more,
    }  # fmt: skip


def with_document(*statements: Json, marks: list[Json] | None = None, **more: object) -> Estate:
    """A policy whose unknown text a data source makes, which is read during apply."""
    document = "data.aws_iam_policy_document.d"
    return after(
        change("aws_iam_policy.p", {"name": "p"}, {"policy": True}),
        change(
            document,
            {"statement": list(statements), **NOTHING_MERGED, **more},
            {"json": True, "statement": marks or [{} for _ in statements]},
            actions=("read",),
        ),
        resources=[
            resource("aws_iam_policy", "p", policy=refers(f"{document}.json", document)),
            resource("data.aws_iam_policy_document", "d"),
        ],
    )


def test_a_managed_policy() -> None:
    policy = one(
        after(change("aws_iam_policy.p", {"name": "p", "policy": ALL}), resources=[resource("aws_iam_policy", "p")])
    )
    assert policy.text == known(ALL)
    assert policy.name == known("p")
    assert policy.location.region == known(None)
    assert policy.holder is None


def test_a_text_that_waits_for_an_arn_keeps_all_else() -> None:
    policy = one(
        with_document(
            statement("guardduty:*"),
            statement("logs:PutLogEvents", resource=None),
            marks=[{}, {"resources": [True]}],
        )
    )
    assert json.loads(policy.text.get()) == {
        "Statement": [
            {"Effect": "Allow", "Action": ["guardduty:*"], "Resource": ["*"]},
            {"Effect": "Allow", "Action": ["logs:PutLogEvents"], "Resource": [SOMETHING]},
        ]
    }
    assert "data.aws_iam_policy_document.d.json" in policy.origin.chain


@pytest.mark.parametrize(
    "found",
    [
        with_document(statement("guardduty:*"), marks=[{"effect": True}]),
        with_document(statement("guardduty:*"), source_policy_documents=["{}"]),
        with_document(statement("guardduty:*"), override_policy_documents=["{}"]),
    ],
    ids=["effect unknown", "source", "override"],
)
def test_a_text_is_unknown_where_an_unknown_part_may_take_everything_away(found: Estate) -> None:
    assert not one(found).text.is_known


def test_a_condition_stays_with_its_statement() -> None:
    condition = {"test": "Bool", "variable": "aws:MultiFactorAuthPresent", "values": ["true"]}
    text = one(with_document(statement("guardduty:*", condition=[condition]))).text.get()
    assert json.loads(text)["Statement"][0]["Condition"] == {"Bool": {"aws:MultiFactorAuthPresent": ["true"]}}


def test_a_role_with_all_that_it_can_hold() -> None:
    role = {
        "name": "r", "name_prefix": "", "assume_role_policy": "{}",
        "inline_policy": [{"name": "i", "policy": ALL}], "managed_policy_arns": ["arn:aws:iam::aws:policy/X"],
    }  # fmt: skip
    found = after(
        change("aws_iam_role.r", role, {"id": True, "arn": True}),
        change("aws_iam_role_policy.w", {"name": "w", "policy": ALL}, {"role": True, "id": True}),
        change("aws_iam_role_policy_attachment.a", {"role": "r"}, {"policy_arn": True}),
        change("aws_iam_policy.p", {"name": "p", "policy": ALL}, {"arn": True, "id": True}),
        resources=[
            resource("aws_iam_role", "r", inline_policy=[{"policy": {"constant_value": ALL}}],
                     managed_policy_arns=["x"]),
            resource("aws_iam_role_policy", "w", role=refers("aws_iam_role.r.id", "aws_iam_role.r")),
            resource("aws_iam_role_policy_attachment", "a", role="r",
                     policy_arn=refers("aws_iam_policy.p.arn", "aws_iam_policy.p")),
            resource("aws_iam_policy", "p", policy=ALL),
        ],
    )  # fmt: skip
    (identity,) = found.all(Identity)
    assert identity.name == known("r")
    held = {policy.name.get(): policy.holder for policy in found.all(IdentityPolicy)}
    assert held["p"] is None
    for name in ("i", "w"):
        holder = held[name]
        assert holder is not None
        assert found.find(Identity, holder.get()) is identity
    links = {(each.policy.get().address or each.policy.get().id, found.find(Identity, each.holder.get()) is identity)
             for each in found.all(PolicyAttachment)}  # fmt: skip
    assert links == {("aws_iam_policy.p", True), ("arn:aws:iam::aws:policy/X", True)}


def test_what_the_provider_fills_in_is_not_a_second_policy() -> None:
    role = {"name": "r", "assume_role_policy": "{}", "inline_policy": [{"name": "w", "policy": ALL}]}
    found = after(change("aws_iam_role.r", role), resources=[resource("aws_iam_role", "r")])
    assert found.all(IdentityPolicy) == ()


def test_one_attachment_to_several() -> None:
    values: Json = {"name": "x", "roles": ["a", "b"], "users": ["c"], "groups": None, "policy_arn": "arn:aws:iam::1:p"}
    found = after(change("aws_iam_policy_attachment.x", values), resources=[resource("aws_iam_policy_attachment", "x")])
    assert {each.holder.get().id for each in found.all(PolicyAttachment)} == {"a", "b", "c"}


def test_a_boundary_and_the_groups_of_a_user() -> None:
    found = after(
        change("aws_iam_policy.b", {"name": "b", "policy": ALL}, {"arn": True, "id": True}),
        change("aws_iam_role.r", {"name": "r"}, {"permissions_boundary": True}),
        change("aws_iam_role.free", {"name": "free", "permissions_boundary": None}),
        change("aws_iam_group.g", {"name": "g", "id": "g"}),
        change("aws_iam_user.u", {"name": "u", "permissions_boundary": "arn:aws:iam::1:policy/x", "id": "u"}),
        change("aws_iam_user_group_membership.m", {"user": "u", "groups": ["g", "h"]}),
        change("aws_iam_group_membership.n", {"group": "g", "name": "n"}, {"users": True}),
        resources=[
            resource("aws_iam_policy", "b"),
            resource("aws_iam_role", "r", permissions_boundary=refers("aws_iam_policy.b.arn", "aws_iam_policy.b")),
            *(resource(f"aws_iam_{kind}", name) for kind, name in (("role", "free"), ("group", "g"), ("user", "u"))),
            resource("aws_iam_user_group_membership", "m"),
            resource("aws_iam_group_membership", "n", users=refers("aws_iam_user.u.name", "aws_iam_user.u")),
        ],
    )
    bounds = {
        one.origin.address: None if one.boundary is None else one.boundary.get().names for one in found.all(Identity)
    }
    assert bounds == {
        "aws_iam_role.r": {"aws_iam_policy.b"},
        "aws_iam_role.free": None,
        "aws_iam_group.g": None,
        "aws_iam_user.u": {"arn:aws:iam::1:policy/x"},
    }
    links = [(one.user.get().id or one.user.get().address, one.group.get().id) for one in found.all(Membership)]
    assert links == [("u", "g"), ("u", "h"), ("u", "g")]


def test_service_control_policies_and_their_targets() -> None:
    found = after(
        change("aws_organizations_organization.o", {}, {"id": True, "roots": True, "master_account_id": True}),
        change("aws_organizations_organizational_unit.u", {"name": "u"}, {"id": True, "parent_id": True}),
        change("aws_organizations_policy.s", {"content": "{}", "type": "SERVICE_CONTROL_POLICY"}, {"id": True}),
        change("aws_organizations_policy.t", {"content": "{}", "type": "TAG_POLICY"}, {"id": True}),
        change("aws_organizations_policy_attachment.a", {}, {"policy_id": True, "target_id": True}),
        resources=[
            resource("aws_organizations_organization", "o"),
            resource("aws_organizations_organizational_unit", "u", parent_id=_root("aws_organizations_organization.o")),
            resource("aws_organizations_policy", "s"),
            resource("aws_organizations_policy", "t"),
            resource("aws_organizations_policy_attachment", "a", target_id=_root("aws_organizations_organization.o"),
                     policy_id=refers("aws_organizations_policy.s.id", "aws_organizations_policy.s")),
        ],
    )  # fmt: skip
    (organization,) = found.all(Organization)
    (unit,) = found.all(OrganizationNode)
    (policy,) = found.all(ServiceControlPolicy)
    (target,) = found.all(PolicyTarget)
    assert not organization.management.is_known
    assert found.find(Organization, unit.parent.get()) is organization
    assert found.find(Organization, target.target.get()) is organization
    assert found.find(ServiceControlPolicy, target.policy.get()) is policy
    assert policy.origin.address == "aws_organizations_policy.s"


def _root(organization: str) -> Json:
    return refers(f"{organization}.roots[0].id", f"{organization}.roots[0]", f"{organization}.roots", organization)


def test_the_organization_that_is_looked_at() -> None:
    state = prior(looked_at("data.aws_organizations_organization.o", id="o-1", master_account_id="444455556666"))
    found = after(resources=[resource("data.aws_organizations_organization", "o")], prior_state=state)
    (organization,) = found.all(Organization)
    assert organization.management == known("444455556666")
    assert not organization.managed


def test_guardduty_of_an_organization() -> None:
    of = {"detector_id": True}
    feature_of: Json = {"name": "S3_DATA_EVENTS", "auto_enable": "NEW"}
    configuration: Json = {"auto_enable": None, "auto_enable_organization_members": "ALL"}
    detector = refers("aws_guardduty_detector.d.id", "aws_guardduty_detector.d")
    found = after(
        change("aws_guardduty_detector.d", {"enable": True}, {"id": True}),
        change("aws_guardduty_organization_admin_account.a", {"admin_account_id": "222233334444"}, {"id": True}),
        change("aws_guardduty_organization_configuration.c", configuration, of),
        change("aws_guardduty_organization_configuration_feature.f", feature_of, of),
        resources=[
            resource("aws_guardduty_detector", "d"),
            resource("aws_guardduty_organization_admin_account", "a", admin_account_id="222233334444"),
            resource("aws_guardduty_organization_configuration", "c", detector_id=detector),
            resource("aws_guardduty_organization_configuration_feature", "f", detector_id=detector),
        ],
    )  # fmt: skip
    (admin,) = found.all(DelegatedAdministrator)
    (members,) = found.all(AutoEnable)
    (feature,) = found.all(AutoEnableFeature)
    assert admin.account == known(Ref(id="222233334444"))
    assert members.detector.get().address == feature.detector.get().address == "aws_guardduty_detector.d"
    assert members.members == known("ALL")
    assert (feature.feature, feature.members) == (known("S3_DATA_EVENTS"), known("NEW"))
    assert members.location.region == known("us-east-1")


@pytest.mark.parametrize(("flag", "expected"), [(True, "NEW"), (False, "NONE")])
def test_the_older_flag(flag: bool, expected: str) -> None:
    values: Json = {"auto_enable": flag, "auto_enable_organization_members": "", "detector_id": "d"}
    found = after(
        change("aws_guardduty_organization_configuration.c", values),
        resources=[resource("aws_guardduty_organization_configuration", "c")],
    )
    (members,) = found.all(AutoEnable)
    assert members.members == known(expected)


def test_a_sensitive_policy_is_shown_nowhere(tmp_path: Path) -> None:
    marker = "s3cr3t-marker"
    text = json.dumps({"Statement": [{"Sid": marker, "Effect": marker, "Action": "guardduty:*", "Resource": marker}]})
    changed = change("aws_iam_policy.p", {"name": "guardduty", "policy": text})
    changed["change"]["after_sensitive"] = {"policy": True}
    path = tmp_path / "plan.json"
    path.write_bytes(
        plan(
            [changed, change("aws_guardduty_detector.d", {"enable": True})],
            [resource("aws_iam_policy", "p"), resource("aws_guardduty_detector", "d")],
        )
    )
    report = run(Request((str(path),), date(2026, 11, 25)), datetime(2026, 11, 25, tzinfo=UTC))
    rows = [row for row in report.rows if row.control == "access-least-privilege"]
    assert [row.verdict for row in rows] == ["undetermined"]
    assert marker not in repr(report.rows)


SOURCE = """
provider "aws" {
  region = "us-east-1"
}

resource "aws_guardduty_detector" "d" {
  enable = true
}

resource "aws_sqs_queue" "q" {
  name = "q"
}

data "aws_iam_policy_document" "part" {
  statement {
    actions   = ["guardduty:*"]
    resources = ["*"]
  }
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.q.arn]
  }
}

resource "aws_iam_policy" "part" {
  policy = data.aws_iam_policy_document.part.json
}

resource "aws_iam_policy" "opaque" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "guardduty:*", Resource = aws_sqs_queue.q.arn }] })
}
"""


def test_the_source_tells_what_the_plan_tells(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(SOURCE, encoding="utf-8")
    report = run(Request((str(tmp_path),), date(2026, 11, 25)), datetime(2026, 11, 25, tzinfo=UTC))
    found = {row.subject: row.verdict.value for row in report.rows if row.control == "access-least-privilege"}
    assert found == {"aws_iam_policy.part": "fail", "aws_iam_policy.opaque": "pass"}
