"""`roles/`: CloudFormation templates of the roles that Terraform assumes, and of the account in which one signs in.

They are CloudFormation because a StackSet gives the same roles to every account of an organization, also to those that
come later, before any Terraform has run there:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-auto-deployment.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from guardline.generator.changes import MARK
from guardline.generator.deploy import Policy, policy, split
from guardline.generator.fan_out import AUDIENCES

if TYPE_CHECKING:
    from guardline.generator.root import Root
    from guardline.spec.model import Spec

Template = dict[str, Any]

FOLDER = PurePosixPath("roles")

READING = re.compile(
    r"(?!secretsmanager:GetSecretValue)[a-z0-9-]+:(BatchGet|Describe|Get|Head|List|Lookup|Search)[A-Z*]\w*"
)
"""Actions that change nothing. A plan reads no secret: the deploying role does, for the templates of webhooks, and the
code of a pull request must not."""

GITHUB = "token.actions.githubusercontent.com"
"""https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws"""


def files(roots: Sequence[Root]) -> dict[PurePosixPath, str]:
    """The templates' files, seen from the folder that holds the roots; none where the spec does not ask for them.

    Args:
        roots: all roots of the environment.

    Raises:
        ListError: a list cannot be read.
    """
    organization = roots[0].spec.organization
    if organization is None or organization.roles is None:
        return {}
    return {
        FOLDER / "accounts.yaml": _written(accounts(roots)),
        FOLDER / "management.yaml": _written(management(roots)),
        FOLDER / "sign-in.yaml": _written(sign_in(roots[0].spec)),
    }


def management(roots: Sequence[Root]) -> Template:
    """The roles of the management account, which a StackSet leaves out.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-manage-auto-deployment.html

    Raises:
        ListError: a list cannot be read.
    """
    spec = roots[0].spec
    account = _asked(spec).management_account
    own = tuple(root for root in roots if root.account_id == account)
    return _template(spec, "the management account", {}, _roles(spec) | _kind("", _statements(own)[account], None))


def accounts(roots: Sequence[Root]) -> Template:
    """The roles of every other account, also of those that come later: what members need, and what others need beside.

    Raises:
        ListError: a list cannot be read.
    """
    spec = roots[0].spec
    others = tuple(root for root in roots if root.account_id != _asked(spec).management_account)
    found = _statements(others)
    usual = _most_common([found[root.account_id] for root in others if root.duty == "member"])
    conditions: Template = {}
    resources = _roles(spec)
    no_members: list[Template] = []
    for root in {root.account_id: root for root in reversed(others)}.values():
        needed, name = found[root.account_id], _camel(root.title)
        if needed == usual:
            continue
        conditions[f"Is{name}"] = {"Fn::Equals": [{"Ref": "AWS::AccountId"}, root.account_id]}
        if usual and all(each in needed for each in usual):
            needed = [each for each in needed if each not in usual]
        else:
            no_members.append({"Fn::Not": [{"Condition": f"Is{name}"}]})
        resources |= _kind(name, needed, f"Is{name}")
    if usual:
        # The security account's root is never a member's, so there is one at least.
        conditions["IsMember"] = {"Fn::And": no_members} if len(no_members) > 1 else no_members[0]
        resources |= _kind("Member", usual, "IsMember")
    return _template(spec, "each account but the management account", conditions, resources)


def _most_common(kinds: Sequence[Sequence[Policy]]) -> Sequence[Policy]:
    """The statements that most members need."""
    return max(kinds, key=kinds.count, default=())


def _template(spec: Spec, where: str, conditions: Template, resources: Template) -> Template:
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"The roles that Terraform assumes for the environment {spec.name}, in {where}.",
        **({"Conditions": conditions} if conditions else {}),
        "Resources": resources,
    }


def _roles(spec: Spec) -> Template:
    asked = _asked(spec)
    roles: Template = {
        "DeployRole": _role(spec, asked.deploy_role, _who(spec, "role"), "Terraform applies in it."),
        "PlanRole": _role(spec, asked.plan_role, _who(spec, "plan_role"), "Terraform plans in it."),
    }
    if asked.roles.auditors:
        roles["AuditRole"] = _role(spec, asked.roles.audit_role, asked.roles.auditors, "Auditors read settings in it.")
        roles["AuditRole"]["Properties"]["ManagedPolicyArns"] = [f"arn:{spec.partition}:iam::aws:policy/SecurityAudit"]
    return roles


def _kind(name: str, statements: Sequence[Policy], condition: str | None) -> Template:
    """What the two roles may do in accounts of one kind."""
    return _attached(f"{name}Deploy", "DeployRole", condition, statements) | _attached(
        f"{name}Plan", "PlanRole", condition, list(_reading(statements))
    )


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))


def sign_in(spec: Spec) -> Template:
    """The account in which people and jobs sign in: the jobs' roles, GitHub's provider of identities, the state."""
    resources: Template = {}
    backend = spec.terraform.backend
    if backend is not None:
        resources |= _state(spec, backend.s3.bucket)
    workflow = spec.fan_out.github_actions if spec.fan_out is not None else None
    if workflow is not None:
        audience = AUDIENCES.get(spec.partition, "sts.amazonaws.com")
        resources["GitHub"] = {
            "Type": "AWS::IAM::OIDCProvider",
            "Properties": {"Url": f"https://{GITHUB}", "ClientIdList": [audience]},
        }
        branch = f"repo:{workflow.repo}:ref:refs/heads/{workflow.branch}"
        for name, role, subjects in (
            ("ApplyJobs", workflow.role, [branch]),
            ("PlanJobs", workflow.plan_role, [branch, f"repo:{workflow.repo}:pull_request"]),
        ):
            resources[name] = _jobs(spec, str(role), audience, subjects, applies=name == "ApplyJobs")
    if _asked(spec).roles.people:
        resources["PeoplesPolicy"] = {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {
                "ManagedPolicyName": f"{spec.name}-guardduty-terraform",
                "Description": "For the roles of people that run Terraform: attach it to them.",
                "PolicyDocument": _signed_in(spec, applies=True, plans=True),
            },
        }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"Where one signs in for the environment {spec.name}, and Terraform's state.",
        "Resources": resources,
    }


def _statements(roots: Sequence[Root]) -> dict[str, list[Policy]]:
    """Account -> what its deploying role may do, with AWS's parameter for the account's id.

    Members' roots differ by ids alone where they have the same regions, so that one of each kind is looked at.
    """
    found: dict[str, list[Policy]] = {}
    kinds: dict[tuple[Any, ...], list[Policy]] = {}
    for root in roots:
        kind = (root.duty, root.regions, None if root.duty == "member" else root.account_id)
        if kind not in kinds:
            document = json.dumps(policy(root)).replace("${", "${!").replace(root.account_id, "${AWS::AccountId}")
            kinds[kind] = [
                {key: value for key, value in each.items() if key != "Sid"}
                for each in json.loads(document)["Statement"]
            ]
        of_account = found.setdefault(root.account_id, [])
        of_account += [each for each in kinds[kind] if each not in of_account]
    return found


def _reading(statements: Sequence[Policy]) -> Iterator[Policy]:
    """What of them changes nothing; what is denied is not needed where nothing is changed."""
    for statement in statements:
        actions = [action for action in statement["Action"] if READING.fullmatch(action)]
        if statement["Effect"] == "Allow" and actions:
            yield {**statement, "Action": actions}


def _attached(name: str, role: str, condition: str | None, statements: Sequence[Policy]) -> Template:
    """Managed policies of these statements, each short enough, attached to a role."""
    named = [{"Sid": f"Guardline{number}", **each} for number, each in enumerate(statements, 1)]
    documents = split({"Version": "2012-10-17", "Statement": named}) if named else ()
    return {
        f"{name}{number}": {
            "Type": "AWS::IAM::ManagedPolicy",
            **({} if condition is None else {"Condition": condition}),
            "Properties": {
                "Description": "What Terraform needs in this account.",
                "PolicyDocument": _substituted(document),
                "Roles": [{"Ref": role}],
            },
        }
        for number, document in enumerate(documents, 1)
    }


def _substituted(value: Any) -> Any:
    """A document in which texts that name a parameter of CloudFormation get its value."""
    if isinstance(value, Mapping):
        return {key: _substituted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_substituted(item) for item in value]
    if not isinstance(value, str) or "${" not in value:
        return value
    return {"Fn::Sub": value} if "${AWS::" in value else value.replace("${!", "${")


def _role(spec: Spec, name: str | None, trusted: Sequence[str], description: str) -> Template:
    """A role that others assume.

    The account is trusted and its roles are a condition: a role that is named as the principal must exist before, and
    one that is made anew would be another.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    accounts = sorted({arn.split(":")[4] for arn in trusted})
    principal = [f"arn:{spec.partition}:iam::{account}:root" for account in accounts]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": "sts:AssumeRole",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": sorted(trusted)}},
    }
    return _named(str(name), description, statement)


def _jobs(spec: Spec, name: str, audience: str, subjects: Sequence[str], *, applies: bool) -> Template:
    """A role in which a workflow's jobs sign in."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": {"Ref": "GitHub"}},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{GITHUB}:aud": audience, f"{GITHUB}:sub": list(subjects)}},
    }
    role = _named(name, "Jobs of GitHub Actions sign in in it.", statement)
    document = _signed_in(spec, applies=applies, plans=not applies)
    role["Properties"]["Policies"] = [{"PolicyName": "terraform", "PolicyDocument": document}]
    return role


def _signed_in(spec: Spec, *, applies: bool, plans: bool) -> Policy:
    """What whoever runs Terraform needs: one role or both of each account of the organization, and the states."""
    roles = [name for name, wanted in ((_asked(spec).deploy_role, applies), (_asked(spec).plan_role, plans)) if wanted]
    assume = {
        "Sid": "TheRoleOfEachAccount",
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Resource": [f"arn:{spec.partition}:iam::*:role/{name}" for name in roles],
        "Condition": {"StringEquals": {"aws:ResourceOrgID": _asked(spec).id}},
    }
    return {"Version": "2012-10-17", "Statement": [assume, *_of_the_state(spec, applies=applies)]}


def _named(name: str, description: str, statement: Policy) -> Template:
    path, _, last = f"/{name}".rpartition("/")
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": last,
            "Path": f"{path}/",
            "Description": description,
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        },
    }


def _of_the_state(spec: Spec, *, applies: bool) -> Iterator[Policy]:
    """What Terraform's backend needs; a plan reads the state and locks it.

    Source: https://developer.hashicorp.com/terraform/language/backend/s3#s3-bucket-permissions
    """
    backend = spec.terraform.backend
    if backend is None:
        return
    bucket = f"arn:{spec.partition}:s3:::{backend.s3.bucket}"
    states = f"{bucket}/{backend.s3.key}/*"
    write = ["s3:PutObject"] if applies else []
    yield {"Sid": "TheStates", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": bucket}
    yield {"Sid": "EachState", "Effect": "Allow", "Action": ["s3:GetObject", *write], "Resource": states}
    locking = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    yield {"Sid": "EachLock", "Effect": "Allow", "Action": locking, "Resource": f"{states}.tflock"}
    if backend.s3.dynamodb_table is not None:
        table = f"arn:{spec.partition}:dynamodb:{backend.s3.region}:{_asked(spec).roles.account}:table/"
        calls = ["dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem"]
        yield {"Sid": "Locks", "Effect": "Allow", "Action": calls, "Resource": table + backend.s3.dynamodb_table}


def _state(spec: Spec, bucket: str) -> Template:
    """The bucket of the states: it stays when the stack goes. Only roles of its own account reach it, so that no other
    account needs a place in its policy."""
    arn = f"arn:{spec.partition}:s3:::{bucket}"
    denied = {
        "Sid": "OnlyByTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    encryption = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}
    closed = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    return {
        "State": {
            "Type": "AWS::S3::Bucket",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": {
                "BucketName": bucket,
                "VersioningConfiguration": {"Status": "Enabled"},
                "BucketEncryption": {"ServerSideEncryptionConfiguration": [encryption]},
                "PublicAccessBlockConfiguration": dict.fromkeys(closed, True),
                "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            },
        },
        "StatePolicy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {
                "Bucket": {"Ref": "State"},
                "PolicyDocument": {"Version": "2012-10-17", "Statement": [denied]},
            },
        },
    }


def _who(spec: Spec, key: str) -> list[str]:
    """Who assumes a role of the accounts: the jobs' role of that kind, and people."""
    roles = _asked(spec).roles
    workflow = spec.fan_out.github_actions if spec.fan_out is not None else None
    jobs = [] if workflow is None else [f"arn:{spec.partition}:iam::{roles.account}:role/{getattr(workflow, key)}"]
    return [*jobs, *roles.people]


def _asked(spec: Spec) -> Any:
    return spec.organization


def _written(template: Template) -> str:
    import yaml

    text = yaml.safe_dump(template, sort_keys=False, width=120, default_flow_style=None)
    return f"# {MARK} Do not edit: change the spec and run `guardline generate`.\n{text}"
