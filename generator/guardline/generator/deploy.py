"""What the role that runs Terraform must be allowed: `generate --deploy-policy`.

The policy follows from the kinds of resources that a root really holds: ``data/deploy_actions.json`` says which actions
the AWS provider calls for each kind, and on what. A test applies, refreshes and destroys a root and compares.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from guardline.generator.context import root_context
from guardline.generator.module_usage import Files
from guardline.generator.render import render_modules, render_root
from guardline.generator.root import Root, given_buckets

DATA = Path(__file__).parent / "data" / "deploy_actions.json"
MANAGED = 6144
"""The characters that an IAM managed policy may have, without white space:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html."""


TERRAFORMS_OWN = "terraform_data"
"""The kind of resource that is in the state alone: it calls nobody."""

_BLOCK = re.compile(r'^(resource|data|module) "(\w+)"(?: "(\w+)")? \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
_SOURCE = re.compile(r'^  source += "(?:[^"]*/)?([\w-]+)"$', re.MULTILINE)
_COUNT = re.compile(r"^  count += var\.(\w+)( == null| == var\.\w+)? \? ([01]) : [01]$", re.MULTILINE)
_GIVEN = re.compile(r"^  (\w+) += (.*)$", re.MULTILINE)
_DEFAULT = re.compile(r'^variable "(\w+)" \{\n(?:  .*\n)*?  default += (.*)$', re.MULTILINE)
_LOCAL = re.compile(r"^  (\w+) += (\{\n.*?^  \})$", re.MULTILINE | re.DOTALL)
_NOTHING = ("null", "false")


@dataclass(frozen=True)
class Kind:
    """A kind of resource or data source.

    Attributes:
        on: ARNs of what it touches; ``{partition}``, ``{account}``, ``{home}`` and ``{name}`` stand for the root's own,
            ``{bucket}`` for each of its buckets, ``{underscored}`` for the name without hyphens.
        actions: the actions on these.
        elsewhere: another ARN -> the actions on it.
    """

    on: tuple[str, ...]
    actions: frozenset[str]
    elsewhere: Mapping[str, frozenset[str]]


def policies(roots: Sequence[Root]) -> str:
    """The policy of each root as JSON: the document itself for one root, else by the root's folder.

    Raises:
        ListError: a list cannot be read.
    """
    if len(roots) == 1:
        return json.dumps(policy(roots[0]), indent=2)
    return json.dumps({root.folder.as_posix(): policy(root) for root in roots}, indent=2)


def length(root: Root) -> int:
    """The characters of a root's policy as IAM counts them, without white space.

    Raises:
        ListError: a list cannot be read.
    """
    return len(json.dumps(policy(root), separators=(",", ":")))


def policy(root: Root) -> dict[str, Any]:
    """The policy of one root.

    Raises:
        ListError: a list cannot be read.
    """
    by_place: dict[tuple[str, ...], set[str]] = {}
    for on, actions in (*_asked(root), *_of_the_state(root)):
        here = actions & frozenset(_data()["everywhere"])
        by_place.setdefault(("*",), set()).update(here)
        by_place.setdefault(tuple(_places(root, on)), set()).update(actions - here)
    statements = [
        {"Effect": "Allow", "Action": sorted(actions), "Resource": list(place)}
        for place, actions in sorted(by_place.items())
        if actions
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def _asked(root: Root) -> Iterator[tuple[Sequence[str], frozenset[str]]]:
    for name in sorted(kinds(root)):
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
    key = f"{bucket}/{'/'.join((backend.s3.key, *root.folder.parts))}"
    yield (bucket,), frozenset({"s3:ListBucket"})
    yield (key,), frozenset({"s3:GetObject", "s3:PutObject"})
    if backend.s3.use_lockfile:
        yield (f"{key}.tflock",), frozenset({"s3:DeleteObject", "s3:GetObject", "s3:PutObject"})


def kinds(root: Root) -> frozenset[str]:
    """The kinds of resources and data sources of a root and of the modules it calls, data sources as ``data.KIND``.

    ``firehose`` is there where logs go to delivery streams, for what log delivery does with them.

    Raises:
        ListError: a list cannot be read.
    """
    terraform = root.spec.terraform
    modules = render_modules(terraform.aws_provider, terraform.style)
    files = render_root(root_context(root))
    logs = (root.spec.flow_logs, root.spec.dns_logs)
    streams = {"firehose"} if any(each is not None and each.destination == "firehose" for each in logs) else set()
    return frozenset(_held(files, PurePosixPath(), modules | files, {})) | streams


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
    for pattern in on:
        for bucket in _buckets(root) if "{bucket}" in pattern else ("",):
            yield pattern.format(**known, bucket=bucket)


def _buckets(root: Root) -> tuple[str, ...]:
    """The names of buckets: those that are made up begin with the spec's name, others the spec gives."""
    made_up = f"{root.spec.name}-"
    return (f"{made_up}*", *(name for name in given_buckets(root.spec) if not name.startswith(made_up)))


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
