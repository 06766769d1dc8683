"""Which files the functions of a module read, as far as its source says: for whoever asks without evaluating it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from guardline.validator.sources.hcl.config import Module
from guardline.validator.sources.hcl.functions import FILES
from guardline.validator.sources.hcl.syntax import (
    Attr,
    Block,
    Call,
    Expression,
    Literal,
    Name,
    Number,
    Template,
)
from guardline.validator.sources.hcl.traversals import children

_DEPTH = 20
"""Locals are followed so far."""
_GLOB = re.compile(r"[]*?[{}\\]+")
_IN_TEMPLATE = re.compile(rb"\b(?:" + "|".join(FILES).encode() + rb")\s*\((?!\s*\"[^\"$%]*\"\s*[,)])")
"""A call in a template of which the path is no plain text."""


class Read(msgspec.Struct, frozen=True):
    """One call that reads files.

    Attributes:
        path: the file; with an `ending`, the folder below which it is. None: it may be anywhere.
        ending: how its path ends, where the whole of it is not known; "" where nothing of it is.
        is_template: whether what is read may read files in its turn.
    """

    path: Path | None
    ending: str | None
    is_template: bool = False


def reads(module: Module, root: Path) -> Iterator[Read]:
    """What the functions of a module read. A value may lead up with ``..``, so what is made of one may be anywhere.

    Args:
        module: the module.
        root: the root module's folder: paths are relative to it, as where Terraform runs.

    Source: https://developer.hashicorp.com/terraform/language/functions/file
    """
    for expression in _expressions(module):
        yield from _reads(expression, module, root)


def unknown_in_template(text: bytes) -> bool:
    """Whether a template reads a file whose path it does not say."""
    return _IN_TEMPLATE.search(text) is not None


def _expressions(module: Module) -> Iterator[Expression]:
    parts: tuple[Iterable[Block], ...] = (
        module.resources.values(),
        module.calls.values(),
        module.providers.values(),
        module.variables.values(),
        module.outputs.values(),
        module.terraform,
    )
    yield from (attribute.value for attribute in module.locals.values())
    left = [block.body for blocks in parts for block in blocks]
    while left:
        body = left.pop()
        yield from (attribute.value for attribute in body.attributes.values())
        left += (block.body for block in body.blocks)


def _reads(expression: Expression, module: Module, root: Path) -> Iterator[Read]:
    left = [expression]
    while left:
        each = left.pop()
        left += children(each)
        if not isinstance(each, Call) or each.name not in FILES or not each.args:
            continue
        if each.name == "templatestring":  # its text may be made of anything
            yield Read(None, "")
            continue
        parts = _parts(each.args[0], module, root)
        if each.name == "fileset":
            yield _of_fileset(parts, _parts(each.args[-1], module, root), root)
        else:
            yield _read(parts, root, is_template=each.name == "templatefile")


def _read(parts: list[str | None], root: Path, *, is_template: bool = False) -> Read:
    known = [part for part in parts if part is not None]
    if len(known) == len(parts):
        return Read(root / "".join(known), None, is_template)
    return Read(None, _ending(parts), is_template)


def _of_fileset(folder: list[str | None], pattern: list[str | None], root: Path) -> Read:
    """The folder and the pattern; a known pattern leads nowhere up."""
    below = _read(folder, root)
    parts = [each for part in pattern for each in (_globbed(part) if part is not None else [None])]
    leads_up = None in pattern or any(".." in part for part in pattern if part is not None)
    return Read(None if leads_up else below.path, _ending(parts))


def _globbed(pattern: str) -> list[str | None]:
    first, *others = _GLOB.split(pattern)
    return [first, *(each for other in others for each in (None, other))]


def _ending(parts: list[str | None]) -> str:
    """The name that a path ends with, as far as it is known."""
    known = ""
    for part in reversed(parts):
        if part is None:
            break
        known = part + known
    ending = known.rpartition("/")[2]
    return "" if ending in (".", "..") else ending


def _parts(expression: Expression, module: Module, root: Path, depth: int = 0) -> list[str | None]:
    """A text in parts; None for what is not known of it."""
    match expression:
        case Literal(str(text)) | Number(text):
            return [text]
        case Template(parts):
            return [each for part in parts for each in _parts(part, module, root, depth)]
        case Attr(Name("path"), "module"):
            return [str(module.folder)]
        case Attr(Name("path"), "root" | "cwd"):
            return [str(root)]
        case Attr(Name("local"), name) if name in module.locals and depth < _DEPTH:
            return _parts(module.locals[name].value, module, root, depth + 1)
    return [None]
