"""`generate --deploy-policy`: what the role that runs Terraform must be allowed, from the kinds of resources there are.

Whether these are the calls that Terraform makes is for `tests/environments`, where roots are applied.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from guardline.generator.context import roots_of
from guardline.generator.deploy import DATA, MANAGED, TERRAFORMS_OWN, kinds, length, policies, policy, split
from guardline.generator.render import TEMPLATES, render_modules
from guardline.generator.root import Root
from guardline.spec.load import load
from guardline.validator.semantics.wildcards import overlaps
from tests.support.policy_requests import Decision, Request, decide

Make = Callable[..., Path]
FACTS: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
KINDS: dict[str, dict[str, Any]] = FACTS["kinds"]
MINIMAL = """\
version: 1
name: small
home_region: eu-west-1
regions: {not_opted_in: rest}
account: {id: "111122223333"}
flow_logs: {mode: "off", reason: x}
trail: {mode: "off", reason: x}
"""


def root_of(spec: Path) -> Root:
    return next(iter(roots_of(load(spec), spec, lambda _: "./modules")))


def granted(root: Root) -> dict[str, set[str]]:
    """Action -> the resources that it is granted on."""
    found: dict[str, set[str]] = {}
    for statement in policy(root)["Statement"]:
        if statement["Effect"] != "Allow":
            continue
        for action in statement["Action"]:
            found.setdefault(action, set()).update(statement["Resource"])
    return found


@cache
def formats(action: str) -> frozenset[str]:
    """The forms of ARN that an action can be granted on; empty for an action that does not exist."""
    from policy_sentry.querying.actions import get_action_data

    data: Any = get_action_data(*action.split(":"))
    return frozenset(row["resource_arn_format"] for rows in data.values() for row in rows) if data else frozenset()


def everything_said() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(kind, action, the ARNs it is granted on)."""
    for name, kind in KINDS.items():
        for action in (*kind["calls"], *kind.get("also", {})):
            yield name, action, tuple(kind["on"])
        for arn, actions in kind.get("elsewhere", {}).items():
            yield from ((name, action, (arn,)) for action in actions)


@pytest.mark.parametrize("provider", [5, 6])
def test_every_kind_that_a_module_may_hold_is_known(provider: int) -> None:
    held = {
        f"data.{kind}" if block == "data" else kind
        for path, text in render_modules(provider).items()
        if path.suffix == ".tf"
        for block, kind in re.findall(r'^(resource|data) "(\w+)"', text, re.MULTILINE)
    }
    in_roots = "\n".join(path.read_text(encoding="utf-8") for path in (TEMPLATES / "root").rglob("*.j2"))
    held |= set(re.findall(r'^resource "(\w+)"', in_roots, re.MULTILINE))
    assert sorted(held - set(KINDS) - {TERRAFORMS_OWN}) == []
    assert len(held) > 30


@pytest.mark.parametrize(("kind", "action", "on"), list(everything_said()))
def test_an_action_exists_and_can_be_granted_on_what_the_kind_touches(
    kind: str, action: str, on: tuple[str, ...]
) -> None:
    assert formats(action), f"{kind}: AWS knows no action {action}"
    if action in FACTS["everywhere"]:
        assert formats(action) == {"*"}
        return
    forms = [re.sub(r"\$\{\w+\}", "*", form) for form in formats(action) - {"*"}]
    filled = [re.sub(r"\{\w+\}", "*", arn) for arn in on]
    assert any(overlaps(form, arn) for form in forms for arn in filled), (kind, action, on, formats(action))


def test_each_thing_not_seen_called_has_a_reason() -> None:
    given = {reason for kind in KINDS.values() for reason in kind.get("also", {}).values()}
    given |= {
        reason for kind in KINDS.values() for each in kind.get("elsewhere", {}).values() for reason in each.values()
    }
    assert given <= set(FACTS["reasons"])
    assert all(len(text.split()) > 8 for text in FACTS["reasons"].values())


def test_a_detector_alone_needs_guardduty_alone(environment: Make) -> None:
    root = root_of(environment(text=MINIMAL))
    assert kinds(root) == {"aws_guardduty_detector", "aws_guardduty_detector_feature"}
    assert {action.split(":")[0] for action in granted(root)} == {"guardduty", "iam"}
    assert granted(root)["guardduty:DeleteDetector"] == {"arn:aws:guardduty:*:111122223333:detector/*"}
    assert granted(root)["guardduty:CreateDetector"] == {"*"}
    assert all("*" not in resources for action, resources in granted(root).items() if action.startswith("iam:"))


def test_names_that_are_known_bound_the_grant(environment: Make) -> None:
    more = MINIMAL.replace('trail: {mode: "off", reason: x}', "trail: {bucket: the-trail-of-all}")
    own = granted(root_of(environment(text=more, name="more")))
    assert own["s3:PutBucketPolicy"] == {"arn:aws:s3:::small-*", "arn:aws:s3:::the-trail-of-all"}
    found = granted(root_of(environment()))
    assert found["cloudtrail:DeleteTrail"] == {"arn:aws:cloudtrail:eu-west-1:111122223333:trail/golden"}
    assert "*" not in found["kms:ScheduleKeyDeletion"]


def test_no_statement_grants_more_than_named_actions(environment: Make) -> None:
    for statement in policy(root_of(environment()))["Statement"]:
        assert not [action for action in statement["Action"] if "*" in action]
        assert statement["Action"] == sorted(set(statement["Action"]))


@pytest.mark.parametrize("environment_name", ["everything", "organization", "minimal", "govcloud", "china"])
def test_each_policy_fits_into_a_managed_one(environment_name: str) -> None:
    spec = Path(__file__).parents[2] / "environments" / environment_name / "guardline.yaml"
    roots = tuple(roots_of(load(spec), spec, lambda _: "./modules"))
    found = policies(roots)
    assert max(map(length, found.values())) <= MANAGED
    sids = [[statement["Sid"] for statement in part["Statement"]] for part in found.values()]
    assert all(len(set(each)) == len(each) > 0 for each in sids)
    for root in roots:
        whole = policy(root)
        parts = split(whole)
        assert _grants(*parts) == _grants(whole)
        assert (len(parts) > 1) == (length(whole) > MANAGED)


def _grants(*documents: dict[str, Any]) -> set[tuple[str, str, str, str]]:
    return {
        (statement["Effect"], action, resource, json.dumps(statement.get("Condition")))
        for document in documents
        for statement in document["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
    }


def test_a_statement_that_is_too_long_is_cut_between_its_actions() -> None:
    actions = [f"service:Action{number:04}" for number in range(700)]
    statement = {"Sid": "Guardline1", "Effect": "Allow", "Action": actions, "Resource": ["*"]}
    parts = split({"Version": "2012-10-17", "Statement": [statement]})
    assert [action for part in parts for each in part["Statement"] for action in each["Action"]] == actions
    assert max(map(length, parts)) <= MANAGED
    short = {**statement, "Action": actions[:100]}
    assert split({"Version": "2012-10-17", "Statement": [short]})[0]["Statement"] == [short]


def conditions(root: Root, action: str) -> list[Any]:
    statements = policy(root)["Statement"]
    return [each.get("Condition") for each in statements if action in each["Action"] and each["Effect"] == "Allow"]


def test_roles_are_passed_to_the_services_that_use_them_alone(environment: Make) -> None:
    everything = environment(text=MINIMAL + "config: {}\n", name="config")
    assert conditions(root_of(everything), "iam:PassRole") == [
        {"StringEquals": {"iam:PassedToService": "config.amazonaws.com"}}
    ]
    both = environment(
        text=MINIMAL + 'config: {}\ncontacts: {owner: x}\nresponse: {alerts: {email: ["a@b.example"]}}\n'
    )
    assert (
        conditions(root_of(both), "iam:PassRole")
        == [{"StringEquals": {"iam:PassedToService": ["config.amazonaws.com", "events.amazonaws.com"]}}] * 2
    )


def test_keys_are_told_from_others_by_the_default_tags(environment: Make) -> None:
    trail = MINIMAL.replace('trail: {mode: "off", reason: x}\n', "")
    untagged = root_of(environment(text=trail))
    assert conditions(untagged, "kms:ScheduleKeyDeletion") == [None]
    tags = "terraform: {provider: {default_tags: {stack: guardline, owner: soc}}}\n"
    tagged = root_of(environment(text=trail + tags, name="tagged"))
    there = {"StringEquals": {"aws:ResourceTag/owner": "soc", "aws:ResourceTag/stack": "guardline"}}
    made = {"StringEquals": {"aws:RequestTag/owner": "soc", "aws:RequestTag/stack": "guardline"}}
    assert conditions(tagged, "kms:ScheduleKeyDeletion") == conditions(tagged, "kms:PutKeyPolicy") == [there]
    assert conditions(tagged, "kms:CreateKey") == [made]
    assert conditions(tagged, "s3:PutBucketPolicy") == [None]


def test_the_roles_of_people_stay_in_their_boundary(environment: Make) -> None:
    arns = (
        f'{each}: ["arn:aws:iam::111122223333:role/{each}"]' for each in ("readers", "responders", "administrators")
    )
    people = f"contacts: {{owner: x}}\naccess: {{{', '.join(arns)}%s}}\n"

    def denied(more: str, name: str) -> dict[str, Any]:
        root = root_of(environment(text=MINIMAL + people % more, name=name))
        return {
            each["Resource"][0].rpartition("/")[2]: each["Condition"]["ArnNotEquals"]["iam:PermissionsBoundary"]
            for each in policy(root)["Statement"]
            if each["Effect"] == "Deny" and "iam:CreateRole" in each["Action"]
        }

    names = [f"small-guardduty-{part}" for part in ("reader", "responder", "administrator")]
    assert denied("", "own") == {name: f"arn:aws:iam::111122223333:policy/{name}" for name in names}
    theirs = "arn:aws:iam::111122223333:policy/limit"
    assert denied(f', permissions_boundary: "{theirs}"', "theirs") == dict.fromkeys(names, theirs)


@pytest.mark.parametrize(
    ("there", "sent", "expected"),
    [
        ({}, {"owner": "soc", "stack": "guardline"}, "allow"),  # a key that is being made
        ({"owner": "soc", "stack": "guardline"}, {"more": "x"}, "allow"),  # Terraform sends what changed alone
        ({"owner": "payments"}, {"stack": "guardline"}, "silent"),  # another team's key
        ({"owner": "soc", "stack": "guardline"}, {"owner": "payments"}, "silent"),
    ],
    ids=["new", "one more tag", "another team's", "given away"],
)
def test_tags_are_set_on_the_baselines_keys_alone(
    environment: Make, there: dict[str, str], sent: dict[str, str], expected: Decision
) -> None:
    tags = "terraform: {provider: {default_tags: {stack: guardline, owner: soc}}}\n"
    root = root_of(environment(text=MINIMAL.replace('trail: {mode: "off", reason: x}\n', "") + tags))
    document = {**policy(root), "Statement": [{**each, "Principal": "*"} for each in policy(root)["Statement"]]}
    given = {f"aws:ResourceTag/{key}": value for key, value in there.items()}
    given |= {f"aws:RequestTag/{key}": value for key, value in sent.items()}
    key = "arn:aws:kms:eu-west-1:111122223333:key/1"
    assert decide(document, Request("arn:aws:iam::111122223333:role/deploy", "kms:TagResource", key, given)) == expected


def test_nobody_takes_a_boundary_away(environment: Make) -> None:
    arns = (
        f'{each}: ["arn:aws:iam::111122223333:role/{each}"]' for each in ("readers", "responders", "administrators")
    )
    root = root_of(environment(text=MINIMAL + f"contacts: {{owner: x}}\naccess: {{{', '.join(arns)}}}\n"))
    own = "arn:aws:iam::111122223333:policy/small-guardduty-reader"

    def asked(action: str, **context: str) -> Decision:
        role = "arn:aws:iam::111122223333:role/small-guardduty-reader"
        given = {key.replace("_", ":"): value for key, value in context.items()}
        document = {**policy(root), "Statement": [{**each, "Principal": "*"} for each in policy(root)["Statement"]]}
        return decide(document, Request("arn:aws:iam::111122223333:role/deploy", action, role, given))

    assert asked("iam:AttachRolePolicy", iam_PermissionsBoundary=own) == "allow"
    assert asked("iam:AttachRolePolicy") == "deny"
    assert asked("iam:PutRolePermissionsBoundary", iam_PermissionsBoundary=f"{own}-wider") == "deny"
    assert asked("iam:DeleteRolePermissionsBoundary", iam_PermissionsBoundary=own) == "deny"


def test_a_practice_that_is_off_is_not_paid_for_in_rights(environment: Make) -> None:
    more = MINIMAL.replace('trail: {mode: "off", reason: x}\n', "")
    off, on = granted(root_of(environment(text=MINIMAL))), granted(root_of(environment(text=more, name="more")))
    assert not [action for action in off if action.startswith(("cloudtrail:", "s3:", "kms:", "ec2:"))]
    assert {"cloudtrail:CreateTrail", "s3:CreateBucket", "kms:CreateKey"} <= set(on)
    assert not [action for action in on if action.startswith("logs:")]  # the trail's log group was not asked for


def test_what_a_module_makes_unless_told_otherwise_counts(environment: Make) -> None:
    config = "config: {}\n"
    found = granted(root_of(environment(text=MINIMAL + config)))
    assert "iam:CreateServiceLinkedRole" in found
    assert any("config.amazonaws.com" in arn for arn in found["iam:DeleteServiceLinkedRole"])


def test_lambda_makes_its_grant_with_the_deployers_rights(environment: Make) -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html."""
    contacts = "contacts: {owner: x}\nresponse: {alerts: {email: [a@example.com]}, remediate: {}}\n"
    found = granted(root_of(environment(text=MINIMAL + contacts)))
    for action in ("kms:CreateGrant", "kms:Decrypt", "kms:Encrypt"):
        assert found[action] == {"arn:aws:kms:*:111122223333:key/*"}


@pytest.mark.parametrize("logs", ["flow_logs", "dns_logs"])
def test_log_delivery_tags_the_streams_that_logs_go_to(environment: Make, logs: str) -> None:
    off = MINIMAL.replace('flow_logs: {mode: "off", reason: x}\n', "")
    found = granted(root_of(environment(text=f"{off}{logs}: {{destination: firehose, stream: all}}\n")))
    assert found["firehose:TagDeliveryStream"] == {"arn:aws:firehose:*:111122223333:deliverystream/*"}
    assert any("AWSServiceRoleForLogDelivery" in arn for arn in found["iam:CreateServiceLinkedRole"])
    assert "firehose:TagDeliveryStream" not in granted(root_of(environment(text=off, name="s3")))


def test_an_organizations_trail_makes_cloudtrails_own_role(environment: Make) -> None:
    found = granted(root_of(environment(text=MINIMAL.replace('trail: {mode: "off", reason: x}\n', ""))))
    assert any("AWSServiceRoleForCloudTrail" in arn for arn in found["iam:CreateServiceLinkedRole"])


def test_the_state_is_the_deployers_own_where_it_assumes_no_role(environment: Make) -> None:
    backend = "terraform: {backend: {s3: {bucket: state-bucket, key: guardline/x, region: eu-west-1}}}\n"
    found = granted(root_of(environment(text=MINIMAL + backend)))
    assert found["s3:PutObject"] == {"arn:aws:s3:::state-bucket/guardline/x"}
    assert found["s3:ListBucket"] == {"arn:aws:s3:::state-bucket"}
    role = 'provider: {assume_role: {role_arn: "arn:aws:iam::111122223333:role/deploy"}}'
    assumed = MINIMAL + backend.replace("terraform: {", f"terraform: {{{role}, ")
    assert "s3:PutObject" not in granted(root_of(environment(text=assumed, name="assumed")))


def test_a_partition_has_its_own_arns(environment: Make) -> None:
    china = MINIMAL.replace("eu-west-1", "cn-north-1").replace("home_region", "partition: aws-cn\nhome_region")
    resources = {each for found in granted(root_of(environment(text=china))).values() for each in found}
    assert {each.split(":")[1] for each in resources - {"*"}} == {"aws-cn"}


def test_only_the_administrator_of_an_organization_makes_the_view_of_all_regions() -> None:
    spec = Path(__file__).parents[2] / "environments" / "organization" / "guardline.yaml"
    roots = {str(root.folder): granted(root) for root in roots_of(load(spec), spec, lambda _: "./modules")}
    assert len(roots) == 8
    grants = [folder for folder, found in roots.items() if "securityhub:CreateFindingAggregator" in found]
    assert grants == ["security"]


def test_what_hangs_on_an_argument_that_is_not_given_is_not_granted(environment: Make) -> None:
    trail = MINIMAL.replace('trail: {mode: "off", reason: x}\n', "")
    assert "s3:PutBucketLogging" not in granted(root_of(environment(text=trail)))
    assert "s3:PutBucketLogging" in granted(
        root_of(environment(text=f"{trail}trail: {{access_logs: true}}\n", name="x"))
    )
