"""``guardline.toml``: a project's default options of `guardline validate`, and what it allows of waivers.

Whoever can change the file can loosen the check, so with ``--base`` it is read from the base branch; and it may not
name what runs programs, writes files or reads beyond the tree.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from guardline.spec import regular
from guardline.validator import base_branch
from guardline.validator.output import UsageError
from guardline.validator.waivers.written import Policy

NAME = "guardline.toml"
LARGEST = 1 << 16

_PATHS = {"spec", "source-dir", "waivers", "against"}
_LISTS = {"practice": int, "control": str, "account": str, "format": str, "var": str, "var-file": str}
_FLAGS = {"allow-undetermined", "only-new", "whole"}
_TEXTS = {"regions", "default-region", "fail-on", "workspace"}
OPTIONS = frozenset({*_PATHS, *_LISTS, *_FLAGS, *_TEXTS})
"""The options that it may hold, as the command line writes them."""


class Settings(msgspec.Struct, frozen=True):
    """What a project says.

    Attributes:
        defaults: parameter of `validate` -> value, for what the command line leaves out.
        policy: what it allows of waivers.
    """

    defaults: Mapping[str, Any] = msgspec.field(default_factory=dict)
    policy: Policy = Policy()


def read(base: str | None) -> Settings:
    """The settings of the project that the working folder is in; empty where it has none.

    Args:
        base: ``--base``: then they are those of the base branch.

    Raises:
        UsageError: the file has mistakes, or the base branch cannot be read.
    """
    path = _find(Path.cwd())
    if path is None:
        return Settings()
    if base is None:
        return _parsed(path, path)
    try:
        with base_branch.opened(base, path) as tree:
            there = tree.file(path)
            return _parsed(there, path) if there is not None else Settings()
    except base_branch.BaseError as error:
        raise UsageError(f"--base {base}: {error}") from None


def base_of(arguments: Sequence[str]) -> str | None:
    """The value of ``--base`` among arguments that are not parsed yet."""
    for number, each in enumerate(arguments):
        if each == "--base":
            return arguments[number + 1] if number + 1 < len(arguments) else None
        if each.startswith("--base="):
            return each.partition("=")[2]
    return None


def _find(folder: Path) -> Path | None:
    """The nearest one, no higher than the git tree."""
    for here in (folder, *folder.parents):
        if (here / NAME).is_file():
            return here / NAME
        if (here / ".git").exists():
            return None
    return None


def _parsed(path: Path, named: Path) -> Settings:
    import tomllib

    try:
        data = tomllib.loads(regular.read(path, LARGEST).decode())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{named}: {error}") from None
    if unknown := sorted(set(data) - {"validate", "waivers"}):
        raise UsageError(f"{named}: unknown table [{unknown[0]}]; it has [validate] and [waivers]")
    wrong = list(_faults(data.get("validate", {})))
    try:
        policy = msgspec.convert(data.get("waivers", {}), _Policy)
    except msgspec.ValidationError as error:
        wrong.append(f"[waivers]: {error}")
        policy = _Policy()
    if wrong:
        raise UsageError(f"{named}: {'; '.join(wrong)}")
    given = data.get("validate", {})
    beside = Path(os.path.relpath(named.parent))
    defaults = {_parameter(name): _value(name, value, beside) for name, value in given.items()}
    return Settings(defaults, Policy(policy.longest_days, policy.warn_days))


class _Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    longest_days: int = 365
    warn_days: int = 30


def _faults(given: Any) -> Iterator[str]:
    if not isinstance(given, dict):
        yield "[validate] must be a table"
        return
    for name, value in given.items():
        if name not in OPTIONS:
            yield f"[validate] {name}: is no option that it may hold"
        elif name in _LISTS:
            kind = _LISTS[name]
            if not isinstance(value, list) or not all(isinstance(each, kind) for each in value):
                yield f"[validate] {name}: must be a list"
            elif name == "format" and any("=" in each for each in value):
                yield "[validate] format: names formats alone; which files are written is for the command line"
            elif name == "var-file" and not all(map(_is_inside, value)):
                yield "[validate] var-file: must be files below the folder of guardline.toml"
        elif not isinstance(value, bool if name in _FLAGS else str):
            yield f"[validate] {name}: must be {'true or false' if name in _FLAGS else 'text'}"
        elif name in _PATHS and not _is_inside(str(value)):
            yield f"[validate] {name}: must be a path below the folder of guardline.toml"


def _is_inside(path: str) -> bool:
    return not Path(path).is_absolute() and ".." not in Path(path).parts


def _parameter(option: str) -> str:
    name = option.replace("-", "_")
    return "format_" if name == "format" else name


def _value(option: str, value: Any, beside: Path) -> Any:
    if option in _PATHS:
        return value if option == "against" and value.startswith("git:") else str(beside / value)
    return [str(beside / each) for each in value] if option == "var-file" else value
