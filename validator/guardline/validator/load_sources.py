"""From what the user names on the command line to estates: each source is recognised by its content.

The command line alone reads files; everything behind this module works on bytes and estates.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from guardline.spec import regular
from guardline.spec.faults import fault
from guardline.validator.endings import SOURCE
from guardline.validator.model.estate import Estate
from guardline.validator.model.kms import Key, KeyAlias, KeyPolicy
from guardline.validator.model.s3 import Bucket, BucketSetting
from guardline.validator.model.securityhub import HubMember
from guardline.validator.paths import shown
from guardline.validator.processes import shared_out, shares
from guardline.validator.report import UNCHANGED, Source, SourceError
from guardline.validator.sources.plan import json_text
from guardline.validator.sources.plan.decode import PlanError, needed
from guardline.validator.sources.plan.load import Hints, OwnSource, load
from guardline.validator.united import is_bound, united
from guardline.validator.veil import meeting, note

if TYPE_CHECKING:
    from guardline.validator.sources.hcl.folder import FolderReading

PLAN_BYTES = 2 << 30
"""A larger plan is not read."""

_ZIP = b"PK\x03\x04"

_HCL = frozenset({"hcl"})

_HOW_SAVED = (
    "Only `terraform show` can read it, by running the providers of its folder: give that folder with --terraform-dir "
    "if you trust it, or make JSON: `terraform show -json PLAN > plan.json`"
)

_OTHER_KINDS = {
    "state": "is a state (`terraform show -json` without a plan); this version of guardline reads plans",
    "tfstate": "is a raw state file; this version of guardline reads plans",
    "result": "is a guardline result, not a plan",
    "diagnostics": f"is the output of `terraform validate -json`, not a plan; {json_text.MAKE}",
    "schemas": f"is the output of `terraform providers schema -json`, not a plan; {json_text.MAKE}",
    "functions": f"is the output of `terraform metadata functions -json`, not a plan; {json_text.MAKE}",
    "modules": f"is the output of `terraform modules -json`, not a plan; {json_text.MAKE}",
    "other": f"is JSON, but neither a plan nor a state; {json_text.MAKE}",
}


class Read(msgspec.Struct, frozen=True):
    """All that was read.

    Attributes:
        after, before: the estates of all sources, united; None when nothing could be read.
        sources: what was read.
        errors: what could not be.
        kinds: the kinds of source read; a plan with its own HCL counts as both.
        told: of each source, the keys of the accounts that it shows; not of those that are there for other accounts
            alone.
        roots: of several sources, the estate of each after the change and before it.
    """

    after: Estate | None
    before: Estate | None
    sources: tuple[Source, ...]
    errors: tuple[SourceError, ...]
    kinds: frozenset[str] = frozenset()
    told: tuple[frozenset[str], ...] = ()
    roots: tuple[tuple[Estate, Estate | None], ...] = ()


class UnreadableError(Exception):
    """A source cannot be read; the message says why and what to do, without naming the source."""


class Choices(msgspec.Struct, frozen=True):
    """How to read what is named.

    Attributes:
        hints: accounts and regions that the user gives.
        source: the HCL of the plan, if given.
        terraform_dir: where `terraform show` may be run for a saved plan.
        variables: ``--var`` values for folders.
        variable_files: ``--var-file`` for folders.
        cache: whether parsed files may be kept between runs.
        tree: ``--tree``: the folder outside of which nothing is read; None for the folder's git tree.
        left_out: roots that are not read because nothing of them changed: what is missing may be in them.
    """

    hints: Hints
    source: OwnSource | None = None
    terraform_dir: Path | None = None
    variables: Mapping[str, str] = msgspec.field(default_factory=dict)
    variable_files: tuple[Path, ...] = ()
    cache: bool = True
    tree: Path | None = None
    left_out: tuple[str, ...] = ()


class _One(msgspec.Struct, frozen=True):
    """One source, read."""

    source: Source
    after: Estate
    before: Estate | None = None
    errors: tuple[SourceError, ...] = ()
    kinds: frozenset[str] = frozenset()


def read(names: Sequence[str], choices: Choices) -> Read:
    """Read every source; those that cannot be read are listed, and the rest is still read.

    Args:
        names: plans as JSON, folders of Terraform, or ``-`` for standard input.
        choices: how to read them.
    """
    found: list[_One] = []
    errors: list[SourceError] = []
    lost: list[str] = []
    theirs: list[Estate] = []
    for name, each in zip(names, _each(names, choices), strict=True):
        if not isinstance(each, SourceError):
            found += each
            errors += dict.fromkeys(error for one in each for error in one.errors)
            continue
        errors.append(each)
        label = each.source
        why, whose = f"{label} could not be read", _whose(name, choices)
        if whose is not None and is_bound(whose):
            theirs.append(replace(whose, resources=(), missing={}, incomplete=why))
        else:
            lost.append(why)
    if not found:
        return Read(None, None, (), tuple(errors))
    unread = lost[0] if lost else None
    if unread is None and choices.left_out:
        unread = unchanged(choices.left_out)
    after = united([*(one.after for one in found), *theirs], unread)
    pasts = [one.before for one in found if one.before is not None]
    before = united(pasts, unread) if pasts else None
    kinds = frozenset().union(*(one.kinds for one in found))
    told = tuple(frozenset(account.key for account in one.after.accounts) for one in found if _tells(one.after))
    roots = tuple((one.after, one.before) for one in found) if len(found) > 1 else ()
    return Read(after, before, tuple(one.source for one in found), tuple(errors), kinds, told, roots)


def _each(names: Sequence[str], choices: Choices) -> list[list[_One] | SourceError]:
    """Each source, or why it cannot be read; plans are read in several processes where that pays."""
    plain = choices.source is None and all(os.path.isfile(name) for name in names)  # noqa: PTH113 - a name may be -
    several = shares(len(names)) if plain else 1
    accounts, many = choices.hints.unknown_accounts, len(names) > 1
    if several == 1:
        return [_source_of(name, choices, many=many) for name in names]

    def work(number: int) -> Iterator[tuple[list[_One] | SourceError, set[str], bool]]:
        for name in names[number::several]:
            with meeting() as secrets:
                found = _source_of(name, choices, many=many)
            yield found, secrets, accounts.any

    parts = shared_out(work, several)
    for _, secrets, _ in chain.from_iterable(parts):
        note(sorted(secrets))
    # Accounts without an id are numbered in the order of all the sources.
    if any(numbered for _, _, numbered in chain.from_iterable(parts)):
        accounts.forget()
        return [_source_of(name, choices, many=many) for name in names]
    return [parts[place % several][place // several][0] for place in range(len(names))]


def _source_of(name: str, choices: Choices, *, many: bool) -> list[_One] | SourceError:
    label = shown(name)
    root = f"{label}: " if many else ""
    try:
        return _folder(name, label, choices, root) if _is_folder(name) else [_plan(name, label, choices, root)]
    except (UnreadableError, PlanError) as error:
        return SourceError(label, str(error), label if name != "-" else None)
    except Exception as error:  # noqa: BLE001 - one of two guards: a fault costs this source, and is named
        return SourceError(label, f"cannot be judged: {fault(error)}", label if name != "-" else None)


def unchanged(roots: Sequence[str]) -> str:
    """Why the roots that a change does not touch were not read."""
    first, *more = roots
    return f"{first}{f' and {len(more)} more' if more else ''}: {UNCHANGED}"


_FOR_OTHERS = (HubMember, Bucket, BucketSetting, Key, KeyAlias, KeyPolicy)


def _tells(estate: Estate) -> bool:
    """Whether something may be missing in a source: one that makes members of Security Hub alone, or buckets and keys
    alone, is there for other accounts, and what its own account has is elsewhere."""
    return not estate.resources or any(not isinstance(each, _FOR_OTHERS) for each in estate.resources)


def _whose(name: str, choices: Choices) -> Estate | None:
    """Of a plan that cannot be read, what the Terraform source in its folder says of whose it is; None without one."""
    from guardline.validator.sources.hcl import folder

    beside = Path(name).parent
    if name == "-" or _is_folder(name) or not beside.is_dir():
        return None
    inputs = folder.Inputs(choices.variable_files, choices.variables, os.environ)
    try:
        if not any(each.name.endswith(SOURCE) for each in beside.iterdir()):
            return None
        return folder.load(beside, choices.hints, inputs, cache=choices.cache, tree=choices.tree).estate
    except (folder.HclError, OSError):
        return None


def _is_folder(name: str) -> bool:
    return name != "-" and Path(name).is_dir()


def _plan(name: str, label: str, choices: Choices, root: str) -> _One:
    data = _bytes(name)
    if data.startswith(_ZIP):
        return _saved(data, name, label, choices, root)
    digest = hashlib.sha256(data).hexdigest()
    data = _plan_json(data, name)  # in the place of the whole, which is let go before things are made of it
    return _judged(data, digest, label, choices, root)


def _judged(data: bytes, digest: str, label: str, choices: Choices, root: str) -> _One:
    reading = load(data, choices.hints, choices.source, root)
    incomplete = reading.incomplete
    unusable = reading.after.unusable is not None
    source = Source(
        "plan", label, digest, reading.terraform_version, incomplete is None, "design", incomplete, unusable
    )
    kinds = frozenset({"plan"} if choices.source is None else {"plan", "hcl"})
    return _One(source, reading.after, reading.before, kinds=kinds)


def _saved(data: bytes, name: str, label: str, choices: Choices, root: str) -> _One:
    """A saved plan: shown by Terraform where that is allowed, with the configuration inside it as its source. Where it
    is not, that configuration is judged alone, and the plan is listed as unreadable."""
    from guardline.validator.sources.plan import own_source, saved

    if name == "-":
        raise UnreadableError(f"is a saved plan; name its file. {_HOW_SAVED}")
    digest = hashlib.sha256(data).hexdigest()
    home = choices.terraform_dir or Path(name).parent
    if choices.terraform_dir is None:
        return _configuration(data, digest, home, label, choices, root)
    if choices.source is not None:
        return _judged(_plan_json(saved.show(Path(name), home)), digest, label, choices, root)
    shown_ = _plan_json(saved.show(Path(name), home))
    try:
        source = own_source.from_saved(data, home, cache=choices.cache)
    except (PlanError, own_source.HclError) as error:
        one = _judged(shown_, digest, label, choices, root)
        return replace(one, errors=(SourceError(label, f"its configuration: {error}", label),))
    errors = tuple(SourceError(label, error.message, error.file, error.line) for error in source.errors)
    return replace(_judged(shown_, digest, label, replace(choices, source=source), root), errors=errors)


def _configuration(data: bytes, digest: str, home: Path, label: str, choices: Choices, root: str) -> _One:
    from guardline.validator.sources.hcl import folder
    from guardline.validator.sources.plan import saved_source

    inputs = folder.Inputs(choices.variable_files, choices.variables, os.environ)
    try:
        with saved_source.unpacked(data, home) as (copy, bounds):
            reading = folder.load(copy, choices.hints, inputs, root, cache=choices.cache, bounds=bounds)
    except (PlanError, folder.HclError) as error:
        raise UnreadableError(f"is a saved plan. {_HOW_SAVED}. The configuration in it: {error}") from None
    note = "only the configuration inside a saved plan was read"
    errors = (
        SourceError(label, f"is a saved plan. {_HOW_SAVED}. Until then its configuration is judged alone", label),
        *(SourceError(label, error.message, error.file, error.line) for error in reading.errors),
    )
    estate = replace(reading.estate, incomplete=reading.estate.incomplete or f"{label} could not be read")
    return _One(Source("hcl", label, digest, None, False, "design", note), estate, None, errors, _HCL)


def _folder(name: str, label: str, choices: Choices, root: str) -> list[_One]:
    """A folder, read: once, or for each account that it is run for."""
    from guardline.validator.sources.hcl import folder, shared_root
    from guardline.validator.sources.hcl.uncalled import uncalled

    if not any(path.name.endswith(SOURCE) for path in Path(name).iterdir()):
        from guardline.validator.sources.hcl.other_folders import instead

        raise UnreadableError(instead(Path(name)))
    workspace = choices.hints.workspace or folder.workspace(Path(name), os.environ)
    inputs = folder.Inputs(choices.variable_files, choices.variables, os.environ, workspace)
    accounts = () if choices.variables else shared_root.runs(Path(name), choices.tree)
    runs = [(replace(inputs, values=each.variables), f"{label} ({each.id})") for each in accounts] or [(inputs, label)]
    named = [(given, f"{of}: " if accounts else root) for given, of in runs]
    try:
        read_ = list(folder.load_each(Path(name), choices.hints, named, cache=choices.cache, tree=choices.tree))
    except folder.HclError as error:
        raise UnreadableError(error.message) from None
    others = uncalled(Path(os.path.normpath(Path(name))))
    return [_root(name, of, reading, others) for (_, of), reading in zip(runs, read_, strict=True)]


def _root(name: str, label: str, reading: FolderReading, others: tuple[str, ...]) -> _One:
    """A folder's reading, as a source."""
    errors = tuple(SourceError(label, error.message, error.file, error.line) for error in reading.errors)
    complete = reading.incomplete is None and not errors
    if Path(name).is_symlink():  # what is judged is another folder than the one that was named
        label = f"{label} (a link to {shown(Path(name).resolve())})"
    note, unusable = reading.incomplete, reading.estate.unusable is not None
    source = Source("hcl", label, reading.sha256, None, complete, "design", note, unusable, others)
    return _One(source, reading.estate, None, errors, _HCL)


def _bytes(name: str) -> bytes:
    try:
        data = sys.stdin.buffer.read() if name == "-" else regular.read(name, PLAN_BYTES)
    except regular.NotRegularError as error:
        raise UnreadableError(f"{error.strerror}; a plan on a pipe is named - (standard input)") from None
    except ValueError:
        raise UnreadableError("is no name that a file can have") from None
    except AttributeError:  # Python's word for a standard input that is closed
        raise UnreadableError("cannot be read: standard input is closed") from None
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror or error}") from None
    if len(data) < 4096 and not data.strip():  # a plan may be huge, and stripping copies it
        raise UnreadableError(f"is empty; {json_text.MAKE}")
    return data


def _plan_json(data: bytes, name: str = "") -> bytes:
    """A plan's JSON, if that is what it is, without what nobody reads of it.

    Args:
        data: the bytes.
        name: of the file.

    Raises:
        UnreadableError: it is something else.
        PlanError: it is not JSON.
    """
    try:
        data = json_text.utf_8(data)
    except ValueError as error:
        raise UnreadableError(str(error)) from None
    try:
        kind, slim = needed(data)
    except PlanError:
        if (why := json_text.instead(data, name)) is not None:
            raise UnreadableError(why) from None
        raise
    if kind != "plan":
        source = json_text.instead(data, name) if kind == "other" else None
        raise UnreadableError(source or _OTHER_KINDS[kind])
    return slim
