"""Functions that read files: only inside the tree, and only so much."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from guardline.spec import regular
from guardline.validator.sources.hcl.bounds import Bounds
from guardline.validator.sources.hcl.config import Configuration
from guardline.validator.sources.hcl.evaluate import Budget, Local, evaluate
from guardline.validator.sources.hcl.functions.encoding import HASHES
from guardline.validator.sources.hcl.syntax import HclError
from guardline.validator.sources.hcl.values import EvaluationError, NotEvaluatedError, Set, Unknown, to_text, unknown_in

FILE_BYTES = 4 * 1024 * 1024
"""Larger files are not read into a value."""

FILESET = 20_000
"""`fileset` looks at no more files than this."""


def read_function(name: str, args: list[Any], configuration: Configuration, budget: Budget) -> Any:
    """Work out a function that reads files. Paths are relative to the root module, as when Terraform runs there.

    Raises:
        EvaluationError: Terraform would refuse it: no such file, not UTF-8.
    """
    if not args or isinstance(args[0], Unknown):
        return Unknown(f"{name}: its path is unknown" if args else f"{name}: a path is required")
    if name == "templatestring":
        return _templated(to_text(args[0]), args, name, budget, configuration)
    text = to_text(args[0])
    if "\0" in text:
        raise EvaluationError("no path holds a NUL")
    path = configuration.root / text
    if not configuration.bounds.admits(path):
        return Unknown(f"{name} reads outside the source, so it is not evaluated")
    if configuration.bounds.copy is not None:
        return Unknown(f"{name} reads a file that a saved plan does not hold")
    if name == "fileset":
        return _fileset(path, args, configuration)
    if name == "fileexists":
        return os.path.isfile(path)  # noqa: PTH113 - False too where the system does not take the name
    try:
        data = _bytes(path, text)
    except NotEvaluatedError as error:
        return Unknown(f"{name}: {error}")
    if name == "filebase64":
        return base64.b64encode(data).decode()
    if name not in ("file", "templatefile"):
        return HASHES[name.removeprefix("file")](data)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise EvaluationError(f"{name}: {text} is not UTF-8") from None
    return text if name == "file" else _templated(text, args, configuration.bounds.shown(path), budget, configuration)


def _bytes(path: Path, shown: str) -> bytes:
    try:
        return regular.read(path, FILE_BYTES)
    except FileNotFoundError:
        raise EvaluationError(f"there is no file {shown}") from None
    except regular.NotRegularError as error:
        raise NotEvaluatedError(f"{shown} {error.strerror}") from None
    except OSError as error:
        raise EvaluationError(f"{shown} cannot be read: {error.strerror}") from None


def _fileset(folder: Path, args: list[Any], configuration: Configuration) -> Any:
    if len(args) != 2 or isinstance(args[1], Unknown):
        return Unknown("fileset: its pattern is unknown")
    pattern = to_text(args[1])
    if ".." in pattern.split("/") or pattern.startswith("/") or any(sign in pattern for sign in "{}[]\\"):
        return Unknown("fileset: a pattern that guardline does not evaluate")
    import re2  # linear: a pattern of many `**` backtracks without end elsewhere

    wanted = re2.compile(_matcher(pattern))
    found: list[str] = []
    for number, path in enumerate(_below(folder, configuration.bounds)):
        if number > FILESET:
            return Unknown(f"fileset: more than {FILESET} files")
        if path is None:
            return Unknown("fileset: a link there leads outside the source, so what it finds is not known")
        name = os.fsencode(path.relative_to(folder))
        if wanted.fullmatch(name) and path.is_file():
            found.append(name.decode("utf-8", "replace"))
    return Set.of(found)


def _below(folder: Path, bounds: Bounds) -> Iterator[Path | None]:
    """Every file below a folder, through links as Terraform goes; None for a link that leads outside the bounds."""
    pending = [(folder, frozenset({folder.resolve()}))]
    while pending:
        current, above = pending.pop()
        try:
            entries = sorted(os.scandir(current), key=lambda entry: entry.name)
        except OSError:  # as Terraform leaves out what it may not read
            continue
        for entry in entries:
            path = Path(entry.path)
            if entry.is_symlink() and not bounds.admits(path):
                yield None
            elif not _is_folder(entry):
                yield path
            elif (target := path.resolve()) not in above:  # else a link leads back up
                pending.append((path, above | {target}))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _matcher(pattern: str) -> str:
    """A glob as a regular expression: ``**`` spans folders, ``*`` and ``?`` do not."""
    parts = [("(?:.*/)?" if not last else ".*") if part == "**" else _segment(part) + ("" if last else "/")
             for part, last in _with_last(pattern.split("/"))]  # fmt: skip
    return "".join(parts)


def _segment(part: str) -> str:
    return "".join({"*": "[^/]*", "?": "[^/]"}.get(sign, re.escape(sign)) for sign in part)


def _with_last(parts: list[str]) -> list[tuple[str, bool]]:
    return [(part, position == len(parts) - 1) for position, part in enumerate(parts)]


class _TemplateScope:
    """The names in a template file: only those passed in."""

    def __init__(self, budget: Budget, configuration: Configuration) -> None:
        self.budget = budget
        self.configuration = configuration

    def resolve(self, root: str, names: list[str]) -> tuple[Any, int]:
        """Nothing but the variables passed in has a meaning."""
        raise EvaluationError(f"the template's {'.'.join([root, *names])} is not passed to it")

    def file_function(self, name: str, args: list[Any]) -> Any:
        """Files may be read in templates, other templates may not."""
        if name in ("templatefile", "templatestring"):
            raise EvaluationError("a template may not read another")
        return read_function(name, args, self.configuration, self.budget)


def _templated(text: str, args: list[Any], shown: str, budget: Budget, configuration: Configuration) -> Any:
    if len(args) != 2:
        raise EvaluationError("templatefile: a path and variables are required")
    if isinstance(args[1], Unknown):
        return unknown_in(args[1])
    names = args[1]
    if not isinstance(names, dict):
        raise EvaluationError("templatefile: the variables must be a map")
    from guardline.validator.sources.hcl.convert import Converter
    from guardline.validator.sources.hcl.parse import grammar
    from guardline.validator.sources.hcl.scan import marks

    rewriting = marks(text)
    try:
        expression = Converter(shown, rewriting, grammar).template(rewriting.apply(text) if rewriting else text, 1)
    except HclError as error:
        raise EvaluationError(f"templatefile: {error}") from None
    return evaluate(expression, Local(_TemplateScope(budget, configuration), names))
