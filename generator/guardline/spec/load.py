"""The door through which specs come in: a file becomes a `Spec`, or every one of its mistakes at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from guardline.spec import accounts, checks, inventory, lists, regionchecks, regular, tree, wording
from guardline.spec.list_formats import format_of
from guardline.spec.mistakes import Mistake, SpecError
from guardline.spec.model import Spec
from guardline.spec.practices.security_hub import config
from guardline.spec.raw import Raw

__all__ = ["Mistake", "SpecError", "load"]

MAX_BYTES = 256 * 1024  # a spec of every region and a hundred rules is a tenth of it
_FIRST = "a spec begins with `version: 1`, `name`, `home_region` and `account`"


def load(path: Path) -> Spec:
    """Read, parse and check a spec and the list files it names.

    Args:
        path: of ``guardline.yaml``, absolute or relative to the working folder. Paths in the spec are seen from its
            own folder.

    Raises:
        SpecError: the file cannot be read or holds mistakes; all of them are in it, in the file's order. Nothing else
            is raised, whatever the file holds.
    """
    file = path.as_posix()
    parsed = tree.read(_text(path))
    if not isinstance(parsed.data, dict):
        raise SpecError(Mistake(file, *place, message) for place, message in _no_mapping(parsed))
    spec, errors = _validate(parsed)
    mistakes = [Mistake(file, *place, message) for place, message in parsed.mistakes]
    mistakes += [Mistake(file, *parsed.place(where, key=key), wording.message(error)) for where, key, error in errors]
    wrong = {where for where, _, _ in errors}  # what is wrong by itself is not compared with the rest
    raw = Raw(parsed.data)
    for where, message in (*regionchecks.check(raw), *checks.check(raw), *_modules(raw, path)):
        if where not in wrong:
            mistakes.append(Mistake(file, *parsed.place(where), f"{wording.dotted(where)}: {message}"))
    mistakes += _list_files(raw, parsed, path, wrong)
    if ("organization", "members_file") not in wrong:
        mistakes += _members_file(raw, parsed, path)
    if not any(where[:1] == ("inventory",) for where in wrong):
        mistakes += _inventories(raw, parsed, path)
    if spec is None or mistakes:
        raise SpecError(sorted(set(mistakes), key=lambda mistake: (mistake.file != file, mistake)))
    return spec


def _text(path: Path) -> str:
    """The file's text; a `SpecError` without a line for what is no readable text file."""
    try:
        content = regular.read(path, MAX_BYTES)
    except FileNotFoundError:
        raise _unusable(path, "does not exist") from None
    except regular.NotRegularError as error:
        directory = "is a directory; name the spec file in it, e.g. guardline.yaml"
        raise _unusable(path, directory if path.is_dir() else str(error.strerror)) from None
    except OSError as error:
        raise _unusable(path, f"cannot be read: {error.strerror}") from None
    except ValueError:
        raise _unusable(path, "is no name that a file can have") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unusable(path, "is not text in UTF-8", content.count(b"\n", 0, error.start) + 1) from None


def _unusable(path: Path, message: str, line: int = 0) -> SpecError:
    return SpecError([Mistake(path.as_posix(), line, 0, message)])


def _no_mapping(parsed: tree.Tree) -> list[tuple[tree.Place, str]]:
    if parsed.mistakes:
        return parsed.mistakes
    if parsed.data is None:
        return [((0, 0), f"the file is empty; {_FIRST}")]
    written = re.match(r"(\w+) *= *(\S+)", parsed.data) if isinstance(parsed.data, str) else None
    if written is not None:
        return [(parsed.place(()), f"write `{written[1]}: {written[2]}`, with a colon: a spec is YAML")]
    return [(parsed.place(()), f"must be a mapping of keys to values; {_FIRST}")]


def _validate(parsed: tree.Tree) -> tuple[Spec | None, list[tuple[tree.Path, bool, ErrorDetails]]]:
    """The spec, or each error with its path and whether it is about the key there."""
    try:
        return Spec.model_validate(parsed.data), []
    except ValidationError as error:
        known = {place for place, _ in parsed.mistakes}  # YAML that could not be read as a value is said once
        errors = wording.without_echoes(error.errors(include_url=False))
        placed = [(*wording.path_of(detail), detail) for detail in errors]
        return None, [entry for entry in placed if parsed.place(entry[0], key=entry[1]) not in known]


def _modules(raw: Raw, spec: Path) -> Iterator[regionchecks.Finding]:
    for where in (("terraform", "modules"), ("fan_out", "repository")):
        folder = raw.text(*where)
        problem = checks.modules_problem(spec.parent, folder) if folder else None
        if problem:
            yield where, problem


def _members_file(raw: Raw, parsed: tree.Tree, spec: Path) -> Iterator[Mistake]:
    where = ("organization", "members_file")
    name = raw.text(*where)
    if name is None:
        return
    try:
        listed = accounts.listed(lists.read(spec.parent, name))
    except lists.ListError as error:
        yield Mistake(spec.as_posix(), *parsed.place(where), f"{wording.dotted(where)}: {error}")
        return
    first = {raw.text("organization", duty) for duty in ("management_account", "admin_account")}
    for place, canary in raw.items("fan_out", "github_actions", "canaries"):
        if canary not in listed or canary in first:
            what = "has a root of its own before all members" if canary in first else f"is no active account of {name}"
            message = f"{wording.dotted(place)}: {canary} {what}"
            yield Mistake(spec.as_posix(), *parsed.place(place), message)


def _inventories(raw: Raw, parsed: tree.Tree, spec: Path) -> Iterator[Mistake]:
    """The mistakes of the inventories: unreadable ones, and those of another account or partition."""
    alone = raw.text("inventory")
    named = list(raw.items("inventory")) if alone is None else [(("inventory",), alone)]
    account, partition = raw.text("account", "id"), raw.at("partition") or "aws"
    for where, name in named:
        try:
            found = inventory.read(spec.parent, name)
        except inventory.InventoryError as error:
            yield Mistake(spec.as_posix(), *parsed.place(where), f"{wording.dotted(where)}: {error}")
            continue
        for what, there, here in (("account", found.account, account), ("partition", found.partition, partition)):
            if here is not None and there != here:
                message = f"{wording.dotted(where)}: {name} is of {what} {there}, and the spec's is {here}"
                yield Mistake(spec.as_posix(), *parsed.place(where), message)
        for place, message in config.renamed(raw, found):
            yield Mistake(spec.as_posix(), *parsed.place(place), f"{wording.dotted(place)}: {message}")


def _list_files(raw: Raw, parsed: tree.Tree, spec: Path, wrong: set[tree.Path]) -> Iterator[Mistake]:
    """The lists' mistakes: about a file at the spec's line, about its lines at the file's own."""
    kinds: list[tuple[tree.Path, Callable[[str], tuple[lists.Problem, ...]]]] = []
    kinds.append((("trusted_ips", "file"), lists.check_trusted))
    kinds += [((*path, "file"), lists.check_threat) for path, _ in raw.items("threat_ips")]
    read: set[str] = set()
    for where, check in kinds:
        name = raw.text(*where)
        if name is None or where in wrong:
            continue
        try:
            text = lists.read(spec.parent, name)
        except lists.ListError as error:
            yield Mistake(spec.as_posix(), *parsed.place(where), f"{wording.dotted(where)}: {error}")
            continue
        if name in read:
            yield Mistake(spec.as_posix(), *parsed.place(where), f"{wording.dotted(where)}: {name} is another list's")
            continue
        read.add(name)
        for problem in (
            lists.check_other(text) if format_of(text) != "TXT" else (*check(text), *lists.check_doubles(text))
        ):
            listed = (spec.parent / name).as_posix()
            yield Mistake(listed, problem.line, 1 if problem.line else 0, problem.message)
