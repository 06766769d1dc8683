"""Faults put into recorded plans of what the generator writes: each must change exactly the cells that it declares."""

from __future__ import annotations

import atexit
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from guardline.validator.report import KEPT, Row
from guardline.validator.run import Request, run

Json = dict[str, Any]
Mutate = Callable[[Json], None]
Cell = tuple[str, str | None]
Verdicts = dict[tuple[str, str | None, str | None], str]
"""Control, region and subject -> verdict."""


@dataclass(frozen=True)
class Mutant:
    """One fault.

    Attributes:
        name: of the fault and its place.
        mutate: puts it into a plan.
        first, applied: the cells that change in the first plan and in the one after apply, with their new verdicts.
    """

    name: str
    mutate: Mutate
    first: dict[Cell, str]
    applied: dict[Cell, str]


def everyday(mutants: Iterable[Mutant], regions: Iterable[str]) -> list[Any]:
    """The mutants as pytest's parameters: what is done to each region is done to the first every day."""
    _, *others = regions
    return [
        pytest.param(each, id=each.name, marks=pytest.mark.long if any(o in each.name for o in others) else ())
        for each in mutants
    ]


def changes(plan: Json, kind: str, module: str = "", name: str | None = None) -> list[Json]:
    found = [
        change
        for change in plan["resource_changes"]
        if change["type"] == kind and change["address"].startswith(module) and name in (None, change.get("index"))
    ]
    assert found, (kind, module, name)
    return found


def drop(kind: str, module: str, name: str | None = None) -> Mutate:
    def mutate(plan: Json) -> None:
        gone = {change["address"] for change in changes(plan, kind, module, name)}
        plan["resource_changes"] = [change for change in plan["resource_changes"] if change["address"] not in gone]

    return mutate


def leave(action: str, kind: str, module: str, name: str | None = None) -> Mutate:
    """Delete or forget: what is planned to be there was there, and goes."""

    def mutate(plan: Json) -> None:
        for change in changes(plan, kind, module, name):
            inner = change["change"]
            inner.update(actions=[action], before=inner["before"] or inner["after"], after=None, after_unknown={})

    return mutate


def put(kind: str, module: str, key: str | None = None, /, **values: Any) -> Mutate:
    def mutate(plan: Json) -> None:
        for change in changes(plan, kind, module, key):
            change["change"]["after"].update(values)
            for each in values:
                change["change"]["after_unknown"].pop(each, None)

    return mutate


def hide(kind: str, module: str, attribute: str, name: str | None = None) -> Mutate:
    def mutate(plan: Json) -> None:
        for change in changes(plan, kind, module, name):
            change["change"]["after"].pop(attribute, None)
            change["change"]["after_unknown"][attribute] = True

    return mutate


def looked(kind: str, module: str, /, **values: Any) -> Mutate:
    """Change what a data source saw, in each of its instances."""

    def mutate(plan: Json) -> None:
        pending, found = [plan["prior_state"]["values"]["root_module"]], False
        while pending:
            inner = pending.pop()
            pending.extend(inner.get("child_modules", []))
            for resource in inner.get("resources", []):
                if resource["type"] == kind and resource["address"].startswith(module):
                    resource["values"].update(values)
                    found = True
        assert found, (kind, module)

    return mutate


def verdicts(plan: Json, path: Path, spec: Path) -> Verdicts:
    """What validate says of a plan under a spec, of what it asks. What it leaves out has tests of its own, and so has
    `coverage-kept`, which repeats what others say.

    Args:
        plan: the plan.
        path: where to write it.
        spec: the spec's file.
    """
    path.write_text(json.dumps(plan), encoding="utf-8")
    request = Request((str(path),), date(2026, 11, 25), spec=_outside_git(spec.parent) / spec.name)
    report = run(request, datetime(2026, 11, 25, tzinfo=UTC))
    assert not report.errors
    return {(row.control, row.region, row.subject): row.verdict.value for row in report.rows if _is_told(row)}


@cache
def _outside_git(folder: Path) -> Path:
    """A copy where git has nothing to say of the spec: hundreds of mutants would ask it."""
    copy = Path(mkdtemp(prefix="guardline-"))
    atexit.register(shutil.rmtree, copy)
    return shutil.copytree(folder, copy, dirs_exist_ok=True)


def _is_told(row: Row) -> bool:
    return row.waiver is None and row.control != KEPT


def changed(before: Mapping[tuple[str, str | None, str | None], str], after: Verdicts) -> dict[Cell, str]:
    """The cells whose verdict is another one, without their subjects; a cell that is new passed before."""
    return {
        (control, region): verdict
        for (control, region, subject), verdict in after.items()
        if before.get((control, region, subject), "pass") != verdict
    }
