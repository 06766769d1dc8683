"""What the role that runs Terraform must be allowed: `generate --deploy-policy`.

The policy follows from the kinds of resources that a root really holds: ``data/deploy_actions.json`` says which actions
the AWS provider calls for each kind, and on what. A test applies, refreshes and destroys a root and compares.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from guardline.generator import account_roles
from guardline.generator.context import root_context
from guardline.generator.module_usage import Files
from guardline.generator.practices.access import ROLES
from guardline.generator.practices.trail import bucket as trail_bucket
from guardline.generator.render import render_modules, render_root
from guardline.generator.root import Root, given_buckets

DATA = Path(__file__).parent / "data" / "deploy_actions.json"
MANAGED = 6144
"""The characters that an IAM managed policy may have, without white space:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html."""


TERRAFORMS_OWN = "terraform_data"
"""The kind of resource that is in the state alone: it calls nobody."""

# The layout of `terraform fmt`, in which the templates write. A parser of all of HCL takes seconds for the modules (2.6
# with python-hcl2 8.1.4), more than all of `generate`, and leaves the conditions of `count` as texts all the same.
_BLOCK = re.compile(r'^(resource|data|module) "(\w+)"(?: "(\w+)")? \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
_SOURCE = re.compile(r'^  source += "(?:[^"]*/)?([\w-]+)"$', re.MULTILINE)
_COUNT = re.compile(r"^  count += var\.(\w+)( == null| == var\.\w+)? \? ([01]) : [01]$", re.MULTILINE)
_GIVEN = re.compile(r"^  (\w+) += (.*)$", re.MULTILINE)
_DEFAULT = re.compile(r'^variable "(\w+)" \{\n(?:  .*\n)*?  default += (.*)$', re.MULTILINE)
_LOCAL = re.compile(r"^  (\w+) += (\{\n.*?^  \})$", re.MULTILINE | re.DOTALL)
_NOTHING = ("null", "false")


Policy = dict[str, Any]
Conditions = tuple[tuple[str, str, tuple[str, ...]], ...]
"""Of a statement: operator, key, values."""


@dataclass(frozen=True)
class Kind:
    """A kind of resource or data source.

    Attributes:
        on: ARNs of what it touches; ``{partition}``, ``{account}``, ``{home}`` and ``{name}`` stand for the root's own,
            ``{bucket}`` for each of its buckets, ``{underscored}`` for the name without hyphens, ``{log_archive}`` for
            the account that keeps the trail's bucket.
        actions: the actions on these.
        elsewhere: another ARN -> the actions on it.
    """

    on: tuple[str, ...]
    actions: frozenset[str]
    elsewhere: Mapping[str, frozenset[str]]


def policies(roots: Sequence[Root]) -> dict[str, Policy]:
    """The policies to attach to the roles that run Terraform, each short enough for a managed policy, by name.

    The name is the root's folder, ``deploy`` where there is one root; with a number where a root takes several.

    Raises:
        ListError: a list cannot be read.
    """
    found: dict[str, Policy] = {}
    for root in roots:
        name = root.name if len(roots) > 1 else "deploy"
        parts = split(policy(root))
        found |= {f"{name}-{n}" if len(parts) > 1 else name: part for n, part in enumerate(parts, 1)}
    return found


def length(document: Policy) -> int:
    """The characters of a policy as IAM counts them, without white space."""
    return len(json.dumps(document, separators=(",", ":")))


def split(document: Policy) -> tuple[Policy, ...]:
    """A policy in as many as managed policies take, the same statements in the same order.

    A statement that is too long by itself is cut between its actions.
    """
    parts: list[Policy] = [{**document, "Statement": []}]
    for statement in _short(document):
        together = {**document, "Statement": [*parts[-1]["Statement"], statement]}
        if length(together) > MANAGED:
            parts.append({**document, "Statement": [statement]})
        else:
            parts[-1] = together
    return tuple(parts)


def _short(document: Policy) -> Iterator[Policy]:
    """The statements of a policy, none of them too long for a policy of its own."""
    for statement in document["Statement"]:
        actions = statement["Action"]
        pieces = 1
        while any(length({**document, "Statement": [piece]}) > MANAGED for piece in _cut(statement, pieces)):
            if pieces >= len(actions):
                break  # its resources alone are too long: the spec names hundreds of buckets
            pieces += 1
        yield from _cut(statement, pieces)


def _cut(statement: Policy, pieces: int) -> list[Policy]:
    if pieces == 1:
        return [statement]
    actions = statement["Action"]
    size = -(-len(actions) // pieces)
    parts = [actions[start : start + size] for start in range(0, len(actions), size)]
    sids = (f"{statement['Sid']}{chr(ord('A') + number)}" for number in range(len(parts)))
    return [{**statement, "Sid": sid, "Action": part} for sid, part in zip(sids, parts, strict=True)]


def policy(root: Root) -> Policy:
    """What the role that runs Terraform for one root needs, as one document.

    Raises:
        ListError: a list cannot be read.
    """
    granted: dict[tuple[tuple[str, ...], Conditions], set[str]] = {}
    held = kinds(root)
    bounds = _bounds(root, held)
    for on, actions in (*_asked(held), *_of_the_state(root)):
        for action in actions:
            place = ("*",) if action in _data()["everywhere"] else tuple(_places(root, on))
            granted.setdefault((place, bounds(action, place)), set()).add(action)
    statements = [
        {
            "Sid": f"Guardline{number}",
            "Effect": "Allow",
            "Action": sorted(actions),
            "Resource": list(place),
            **({"Condition": _condition(conditions)} if conditions else {}),
        }
        for number, ((place, conditions), actions) in enumerate(sorted(granted.items()), 1)
    ]
    return {"Version": "2012-10-17", "Statement": [*statements, *_kept_in_bounds(root)]}


def _kept_in_bounds(root: Root) -> Iterator[Policy]:
    """The roles of people are made, and get policies, under their boundary alone, and never lose it.

    The text of a boundary that the baseline makes stays with whoever deploys it; that of another team's
    (`access.permissions_boundary`) does not.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    asked = root.spec.access
    if (
        asked is None
        or asked.mode != "create"
        or asked.kind != "roles"
        or root.duty not in account_roles.PARTS["access"]
    ):
        return
    iam = f"arn:{root.spec.partition}:iam::{root.account_id}"
    names = {part: f"{root.spec.name}-guardduty-{part}" for part in ROLES}
    yield {
        "Sid": "PeopleKeepTheirBoundary",
        "Effect": "Deny",
        "Action": ["iam:DeleteRolePermissionsBoundary"],
        "Resource": [f"{iam}:role/{name}" for name in names.values()],
    }
    for part, name in names.items():
        yield {
            "Sid": f"{part.capitalize()}StaysInItsBoundary",
            "Effect": "Deny",
            "Action": ["iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"],
            "Resource": [f"{iam}:role/{name}"],
            # Without a boundary the key is absent, and a negated operator holds.
            "Condition": {
                "ArnNotEquals": {"iam:PermissionsBoundary": asked.permissions_boundary or f"{iam}:policy/{name}"}
            },
        }


def _condition(conditions: Conditions) -> Policy:
    found: Policy = {}
    for operator, key, values in conditions:
        found.setdefault(operator, {})[key] = values[0] if len(values) == 1 else list(values)
    return found


def _bounds(root: Root, held: frozenset[str]) -> Callable[[str, tuple[str, ...]], Conditions]:
    """The conditions under which an action is granted on some ARNs: these alone leave too much open for some.

    Roles are passed to the services that use them alone
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PassedToService).
    Keys have ids that AWS makes up: those with the spec's default tags are the baseline's
    (https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html).
    """
    own = f":{root.account_id}:"
    passed_to = tuple(sorted({service for kind, service in _data()["passed_to"].items() if kind in held}))
    tags = sorted(root.spec.terraform.provider.default_tags.items())
    made: Conditions = tuple(("StringEquals", f"aws:RequestTag/{key}", (value,)) for key, value in tags)
    there: Conditions = tuple(("StringEquals", f"aws:ResourceTag/{key}", (value,)) for key, value in tags)
    # An alias has no tags, and is asked for together with its key.
    named: Conditions = tuple(("StringEqualsIfExists", key, values) for _, key, values in there)
    # A key that is being made has no tags yet, and of one that is there Terraform sends the changed tags alone.
    tagged: Conditions = tuple(
        ("StringEqualsIfExists", f"aws:{kind}Tag/{key}", (value,))
        for kind in ("Request", "Resource")
        for key, value in tags
    )

    def bounds(action: str, place: tuple[str, ...]) -> Conditions:
        if action == "iam:PassRole":
            return (("StringEquals", "iam:PassedToService", passed_to),)
        if action == "kms:CreateKey":
            return made
        if action == "kms:TagResource":
            return tagged
        if not action.startswith("kms:") or place == ("*",) or not all(own in arn for arn in place):
            return ()  # another account's keys are that account's to open, by their policies
        return named if action.endswith("Alias") else there

    return bounds


def _asked(held: frozenset[str]) -> Iterator[tuple[Sequence[str], frozenset[str]]]:
    for name in sorted(held):
        kind = _kinds()[name]
        yield kind.on, kind.actions
        for arn, actions in kind.elsewhere.items():
            yield (arn,), actions


def _of_the_state(root: Root) -> Iterator[tuple[Sequence[str], frozenset[str]]]:
    """What the backend needs; where the provider assumes a role, the backend does not, and its caller needs this.

    Source: https://developer.hashicorp.com/terraform/language/backend/s3#s3-bucket-permissions
    """
    backend = root.spec.terraform.backend
    if backend is None or root.role is not None:
        return
    bucket = f"arn:{root.spec.partition}:s3:::{backend.s3.bucket}"
    key = f"{bucket}/{root.state_key}"
    yield (bucket,), frozenset({"s3:ListBucket"})
    yield (key,), frozenset({"s3:GetObject", "s3:PutObject"})
    if root.use_lockfile:
        yield (f"{key}.tflock",), frozenset({"s3:DeleteObject", "s3:GetObject", "s3:PutObject"})


def kinds(root: Root) -> frozenset[str]:
    """The kinds of resources and data sources of a root and of the modules it calls, data sources as ``data.KIND``.

    ``firehose`` is there where logs go to delivery streams, for what log delivery does with them.

    Raises:
        ListError: a list cannot be read.
    """
    modules = _modules(root.spec.terraform.aws_provider, root.spec.terraform.style)
    # What a retiring root takes away is what it made as a member.
    files = render_root(root_context(replace(root, duty="member") if root.duty == "retiring" else root))
    logs = (root.spec.flow_logs, root.spec.dns_logs)
    streams = {"firehose"} if any(each is not None and each.destination == "firehose" for each in logs) else set()
    return frozenset(_held(files, PurePosixPath(), modules | files, {})) | streams


@cache
def _modules(aws_provider: int, style: str | None) -> dict[PurePosixPath, str]:
    """The modules of one region style, which are the same for every root."""
    return render_modules(aws_provider, style)


def _held(files: Files, folder: PurePosixPath, modules: Files, given: Mapping[str, str]) -> Iterator[str]:
    """What a folder holds; what hangs on an argument counts where the argument says so.

    Args:
        files: path -> text.
        folder: the folder, in these.
        modules: the modules, by path.
        given: the arguments that the folder is called with -> their expressions.
    """
    text = "\n".join(text for path, text in files.items() if path.parent == folder and path.suffix == ".tf")
    local = dict(_LOCAL.findall(text))
    given = dict(_DEFAULT.findall(text)) | dict(given)
    for block, kind, _, body in _BLOCK.findall(text):
        if not _counts(body, given):
            continue
        if kind == TERRAFORMS_OWN:
            continue
        if block != "module":
            yield f"data.{kind}" if block == "data" else kind
        elif (source := _SOURCE.search(body)) is not None:
            passed = {name: _resolved(value, given, local) for name, value in _GIVEN.findall(body)}
            yield from _held(modules, PurePosixPath(source[1]), modules, passed)


def _counts(body: str, given: Mapping[str, str]) -> bool:
    """Whether there is at least one of a block, as far as the arguments tell; what they leave open may be there."""
    count = _COUNT.search(body)
    if count is None:
        return True
    name, compared, then = count.groups()
    nothing = given.get(name, "null") in _NOTHING
    if compared and compared != " == null":  # two arguments: where there is one, they may be equal
        return not (nothing and then == "1")
    return (then == "1") == (nothing == bool(compared))


def _resolved(expression: str, given: Mapping[str, str], local: Mapping[str, str]) -> str:
    """The text behind an argument: one that is handed on has the value it came with, a local value its own."""
    if expression.startswith("local."):
        return local.get(expression[6:], expression)
    dependent = re.match(r"var\.(\w+) == null \? null : ", expression)
    if dependent is not None and given.get(dependent[1], "null") in _NOTHING:
        return "null"
    found = re.fullmatch(r"var\.(\w+)(?:\.(\w+))?", expression)
    if found is None:
        return expression
    whole = given.get(found[1], "null")
    if found[2] is None or not whole.startswith("{"):
        return whole
    inner = re.search(rf"^ +{found[2]} += (.*)$", whole, re.MULTILINE)
    return inner[1] if inner is not None else "null"


def _places(root: Root, on: Sequence[str]) -> Iterator[str]:
    spec = root.spec
    known = {"partition": spec.partition, "account": root.account_id, "home": spec.home_region, "name": spec.name}
    known["underscored"] = spec.name.replace("-", "_")
    known["log_archive"] = trail_bucket.keeper(spec) or root.account_id
    for pattern in on:
        if pattern == "{secret}":
            yield from _secrets(root)
            continue
        for bucket in _buckets(root) if "{bucket}" in pattern else ("",):
            yield pattern.format(**known, bucket=bucket)


def _buckets(root: Root) -> tuple[str, ...]:
    """The names of buckets: those that are made up begin with the spec's name, others the spec gives."""
    made_up = f"{root.spec.name}-"
    return (f"{made_up}*", *(name for name in given_buckets(root.spec) if not name.startswith(made_up)))


def _secrets(root: Root) -> tuple[str, ...]:
    """The secrets whose text CloudFormation puts in its place, with the rights of whoever deploys."""
    asked = root.spec.response
    return tuple(sorted({each.secret for each in asked.alerts.webhooks})) if asked and asked.alerts else ()


@cache
def _data() -> Mapping[str, Any]:
    data: Mapping[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return data


@cache
def _kinds() -> Mapping[str, Kind]:
    return {
        name: Kind(
            tuple(entry["on"]),
            frozenset((*entry["calls"], *entry.get("also", {}))),
            {arn: frozenset(actions) for arn, actions in entry.get("elsewhere", {}).items()},
        )
        for name, entry in _data()["kinds"].items()
    }
