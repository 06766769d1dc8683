"""Systematic mutations of generated source: of every class of resource, block and argument that the templates write.

The files are as `terraform fmt` leaves them, so that indentation alone tells where a block or an argument ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r'^( *)([a-z_]+)((?: "[^"]+")*) \{$')
_ARGUMENT = re.compile(r"^( *)([a-z_]+) += (.*)$")
_REFERENCE = re.compile(r"(?:data\.)?aws_[a-z0-9_]+\.[a-z_]+(?:\[[^\]]+\])?\.(arn|id|name|bucket|url|key_id)")
_FOR_PEOPLE = frozenset({"sid", "description", "comment", "name", "alarm_description", "tags", "dns_suffix"})
_REFUSED = frozenset({"resources", "effect"})
"""Arguments without which AWS refuses a statement, or it says the same."""
_META = frozenset({"source", "providers", "for_each", "count", "provider", "depends_on", "content"})
_REQUIRED = frozenset({"principals", "not_principals", "condition", "criterion", "field_selector"})
"""Blocks whose arguments Terraform requires, or that say nothing with one fewer."""
_LAST = frozenset({"response-function", "response-role", "service-control-documents", "tamper-queries"})
"""Modules of which less is judged: a class that others have as well is tried there."""
_JUDGED = frozenset({"resource", "data", "module"})
OTHER = {"arn": '"arn:aws:iam::999999999999:other"', "url": '"https://other.example.com"'}


@dataclass(frozen=True)
class Mutation:
    """One change of one file.

    Attributes:
        name: what is changed and how, e.g. ``aws_cloudtrail: drop kms_key_id``: its class, of which there is one.
        file: the file, seen from the root.
        first, last: the lines that are replaced, from 0, the last one excluded.
        put: the lines that stand there instead.
    """

    name: str
    file: str
    first: int
    last: int
    put: tuple[str, ...] = ()

    def of(self, text: str) -> str:
        """The file's text, changed."""
        lines = text.splitlines(keepends=True)
        return "".join([*lines[: self.first], *(f"{line}\n" for line in self.put), *lines[self.last :]])


def mutations(root: Path) -> list[Mutation]:
    """One mutation of each class, in the order of the files."""
    found: dict[str, Mutation] = {}
    paths = (path for folder in _used(root) for path in folder.glob("*.tf"))
    for path in sorted(paths, key=lambda each: (each.parent.name in _LAST, each)):
        for mutation in _of_file(path.relative_to(root).as_posix(), path.read_text("utf-8").splitlines()):
            found.setdefault(mutation.name, mutation)
    return list(found.values())


def _used(root: Path) -> set[Path]:
    """The folders of the modules that the root calls, and it itself."""
    found, pending = set[Path](), [root]
    while pending:
        folder = pending.pop()
        found.add(folder)
        for path in folder.glob("*.tf"):
            for source in re.findall(r'^  source += "(\.[^"]+)"', path.read_text("utf-8"), re.MULTILINE):
                if (below := (folder / source).resolve()) not in found:
                    pending.append(below)  # noqa: PERF401 - what is found changes on the way
    return found


def _of_file(file: str, lines: list[str]) -> Iterator[Mutation]:
    at = 0
    while at < len(lines):
        opened = _BLOCK.match(lines[at])
        if opened is None or opened[1]:
            at += 1
            continue
        end = _end(lines, at, "")
        labels = re.findall(r'"([^"]+)"', opened[3])
        if opened[2] in _JUDGED and (opened[2] != "data" or labels[0] == "aws_iam_policy_document"):
            name = f"module {labels[0]}" if opened[2] == "module" else f"{labels[0]}.{labels[1]}"
            if labels[0] != "aws_iam_policy_document":
                name = name.partition(".")[0]
            elif file.startswith("modules/"):
                name = f"{file.split('/')[1]} {name}"
            if opened[2] == "resource":
                yield Mutation(f"{name}: dropped", file, at, end)
            yield from _inside(file, lines, at + 1, end - 1, name)
        at = end


def _inside(file: str, lines: list[str], at: int, end: int, name: str) -> Iterator[Mutation]:
    while at < end:
        opened, given = _BLOCK.match(lines[at]), _ARGUMENT.match(lines[at])
        if opened is not None:
            last = _end(lines, at, opened[1])
            inner = re.findall(r'"([^"]+)"', opened[3])
            own = inner[0] if opened[2] == "dynamic" else opened[2]
            if own == "content":
                path = name
            else:
                what = _sid(lines[at:last])
                path = f"{name} {own}[{what}]" if what else f"{name} {own}"
                if own not in {"principals", "not_principals"}:
                    yield Mutation(f"{path}: dropped", file, at, last)
            if own == "statement" or (own == "content" and name.rsplit(" ", maxsplit=1)[-1].startswith("statement")):
                yield from _effect(file, lines, at, last, path)
            yield from _inside(file, lines, at + 1, last - 1, path)
            at = last
        elif given is not None:
            last = _value_end(lines, at, given[1])
            if given[2] not in _META | _FOR_PEOPLE:
                required = given[2] in _REFUSED or name.rsplit(" ", maxsplit=1)[-1].partition("[")[0] in _REQUIRED
                if not required:
                    yield Mutation(f"{name}: no {given[2]}", file, at, last)
                for how, value in _values(given[2], given[3] if last == at + 1 else "\n".join(lines[at:last])):
                    put = f"{given[1]}{given[2]} = {value}"
                    yield Mutation(f"{name}: {given[2]} {how}", file, at, last, (put,))
            at = last
        else:
            at += 1


def _effect(file: str, lines: list[str], at: int, last: int, name: str) -> Iterator[Mutation]:
    """A statement that says the opposite."""
    if any(re.match(r" *effect +=", line) for line in lines[at:last]) or lines[at].lstrip().startswith("dynamic"):
        return
    yield Mutation(f"{name}: denied", file, at, at + 1, (lines[at], 'effect = "Deny"'))


def _values(name: str, value: str) -> Iterator[tuple[str, str]]:
    """What an argument may say instead."""
    if value in {"true", "false"}:
        yield f"is {'false' if value == 'true' else 'true'}", "false" if value == "true" else "true"
    elif value.isdigit():
        yield "is 1", "1" if value != "1" else "2"
    elif name == "effect":
        yield "is the other", '"Allow"' if "Deny" in value else '"Deny"'
    elif name in {"type", "test"}:
        return  # AWS would refuse the policy
    elif re.fullmatch(r'"[^"$]*"', value):
        yield "is another", '"OTHER"' if value.isupper() else '"other"'
    elif name == "identifiers":
        return  # a statement for everybody is weakened by hand, in `weakenings`
    elif re.fullmatch(r'\["[^]]*"\]', value):
        yield "is another", '["other"]'
    elif (reference := _REFERENCE.fullmatch(value)) is not None:
        yield "is another", OTHER.get(reference[1], '"other"')


def _sid(lines: list[str]) -> str:
    """What tells a statement, a condition or a criterion from its siblings."""
    for name in ("sid", "variable", "field", "name"):
        for line in lines:
            if (found := re.match(rf' *{name} += "([^"$]+)"', line)) is not None:
                return found[1]
    return ""


def _end(lines: list[str], at: int, indent: str) -> int:
    """The line behind a block."""
    return next(number for number in range(at, len(lines)) if lines[number] == f"{indent}}}") + 1


def _value_end(lines: list[str], at: int, indent: str) -> int:
    """The line behind an argument."""
    if not lines[at].endswith(("{", "[", "(", "<<EOT")):
        return at + 1
    closing = (f"{indent}}}", f"{indent}]", f"{indent})", "EOT")
    return next(number for number in range(at + 1, len(lines)) if lines[number].startswith(closing)) + 1
