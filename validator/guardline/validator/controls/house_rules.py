"""House rules: the controls that a team's own packages add, as entry points of the group ``guardline.controls``.

They are code, so only what is installed beside Guardline counts: nothing of the source that is judged, and nothing of
the working folder. A fault of one is named, and never turns a verdict green: a rule that cannot be loaded is an error
of the run, a rule that breaks leaves its cells undetermined.
Source: https://packaging.python.org/en/latest/specifications/entry-points/
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from guardline.spec.practice import PRACTICES, RECOMMENDATIONS
from guardline.validator.control import Cell, Control, Severity, Status, Verdict
from guardline.validator.model.resource import NOBODY, Account, Origin, Resource
from guardline.validator.model.value import UnknownValue

if TYPE_CHECKING:
    from guardline.validator.expectations.scope import Scope
    from guardline.validator.model.estate import Estate

GROUP = "guardline.controls"
_VERDICTS = (Status.PASS, Status.FAIL, Status.UNDETERMINED, Status.NOT_APPLICABLE)
_SOURCES = frozenset({"hcl", "plan", "state", "live"})
_NAMES = {each.number: each.id for each in reversed(list(PRACTICES.values()))} | {2: "detection", 5: "access"}
"""Recommendation -> the practice that serves it first, for a rule that names none."""


class Fault(msgspec.Struct, frozen=True):
    """A house rule that is left out, and why.

    Attributes:
        rule: its entry point and package, for people.
        message: what is wrong, as the rest of a sentence about it.
    """

    rule: str
    message: str


class HouseRules(msgspec.Struct, frozen=True):
    """What is installed.

    Attributes:
        controls: in the order of their ids.
        packages: id of a control -> name and version of the package that brings it.
        faults: the rules that cannot be used.
    """

    controls: tuple[Control, ...] = ()
    packages: dict[str, str] = msgspec.field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


class _RuleError(Exception):
    """A house rule cannot be used; the message says why."""


class _Broken(Cell, frozen=True):
    """Stands for the cells of a rule that cannot say which ones it has."""

    why: str = ""


@cache
def installed(taken: frozenset[str]) -> HouseRules:
    """Load the house rules that are installed.

    Args:
        taken: the ids of Guardline's own controls.
    """
    folders = list(_folders())
    if not any(map(_has_rules, folders)):
        return HouseRules()  # and without `importlib.metadata`, which takes long to load
    from importlib import metadata

    found, packages, faults = dict[str, Control](), dict[str, str](), list[Fault]()
    entries = list[tuple[str, str, Any]]()
    for each in metadata.distributions(path=folders):
        try:
            entries += [
                (one.name, f"{each.name} {each.version}", one) for one in each.entry_points if one.group == GROUP
            ]
        except (ValueError, TypeError) as error:  # not as the specification has it, or no text
            faults.append(Fault(f"house rules of {each.name}", f"its entry_points.txt cannot be read: {error}"))
    # A package that stands twice on the path counts once, as Python imports it.
    for name, package, entry in sorted(dict.fromkeys(entries), key=lambda each: each[:2]):
        try:
            control = _loaded(entry)
            _refuse_taken(control.id, name, dict.fromkeys(taken, "a control of Guardline") | packages)
        except _RuleError as error:
            faults.append(Fault(f"house rule {name} ({package})", str(error)))
        else:
            found[name], packages[name] = control, package
    return HouseRules(tuple(found.values()), packages, tuple(faults))


def _folders() -> Iterator[str]:
    """Where packages are installed: the path without the working folder, which may be the source that is judged."""
    here = os.path.realpath(os.curdir)
    return (folder for folder in dict.fromkeys(sys.path) if folder and os.path.realpath(folder) != here)


def _has_rules(folder: str) -> bool:
    section = f"[{GROUP}]".encode()
    with suppress(OSError):
        for name in os.listdir(folder):  # noqa: PTH208 - names are enough
            if name.endswith((".dist-info", ".egg-info")):
                with suppress(OSError):
                    if section in Path(folder, name, "entry_points.txt").read_bytes():
                        return True
    return False


def _refuse_taken(control: str, name: str, taken: Mapping[str, str]) -> None:
    if control != name:
        raise _RuleError(f"the entry point is named {name} and its control {control}: give both one name")
    if name in taken:
        raise _RuleError(f"the id {name} is taken by {taken[name]}: give the rule another")


def _loaded(entry: Any) -> Control:
    try:
        control = entry.load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a package does when it is imported
        raise _RuleError(f"cannot be imported: {type(error).__name__}: {error}") from None
    if not isinstance(control, Control):
        raise _RuleError(f"{entry.value} is of type {type(control).__name__}; expected a guardline Control")
    if wrong := next(_mistakes(control), None):
        raise _RuleError(wrong)
    return replace(
        control,
        practice_name=control.practice_name or _NAMES[control.practice],
        cells=_guarded_cells(control),
        check=_guarded_check(control),
    )


def _mistakes(control: Control) -> Iterator[str]:
    """What is wrong with a control's fields: msgspec checks none when one is made."""
    if not isinstance(control.id, str) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", control.id):
        yield f"its id is {control.id!r}; expected words with hyphens between them, such as acme-trail-name"
    for name in ("title", "why", "passes", "fails", "unsure", "fix"):
        if not isinstance(text := getattr(control, name), str) or not text.strip():
            yield f"its {name} is empty: say it in a sentence"
    if type(control.practice) is not int or control.practice not in RECOMMENDATIONS:
        yield f"its practice is {control.practice!r}; expected the number of a recommendation, 1 to 10"
    if control.practice_name and control.practice_name not in PRACTICES:
        yield f"its practice_name is {control.practice_name!r}; expected one of {', '.join(PRACTICES)}"
    if not isinstance(control.severity, Severity):
        yield f"its severity is {control.severity!r}; expected a Severity"
    for name in ("cells", "check"):
        if not callable(getattr(control, name)):
            yield f"its {name} is no function"
    if not isinstance(control.sources, frozenset) or not control.sources or not control.sources <= _SOURCES:
        yield f"its sources are {control.sources!r}; expected a frozenset of {', '.join(sorted(_SOURCES))}"
    if not isinstance(control.subjects, tuple) or not all(
        isinstance(each, type) and issubclass(each, Resource) for each in control.subjects
    ):
        yield "its subjects are no tuple of types of the model"
    links = control.links if isinstance(control.links, tuple) else (None,)
    if not isinstance(control.limits, str) or not all(isinstance(each, str) for each in links):
        yield "its limits must be a text, and its links a tuple of texts"
    if control.mappings:
        yield "it has mappings; reports name one source for all mappings, so a house rule has none"


def _guarded_cells(control: Control) -> Callable[[Estate, Scope], tuple[Cell, ...]]:
    """The cells of a rule; where it breaks, one for each account, which says so."""

    def cells(estate: Estate, scope: Scope) -> tuple[Cell, ...]:
        try:
            return _only_cells(control.cells(estate, scope))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a fault of a rule costs its cells, and is named
            return tuple(_Broken(account, why=_said(error)) for account in scope.accounts or (NOBODY,))

    return cells


def _only_cells(found: Iterable[Cell]) -> tuple[Cell, ...]:
    """Each cell once.

    Raises:
        UnknownValue: something is no cell.
    """
    cells = tuple(found) if isinstance(found, Iterable) else (found,)
    if not all(map(_is_cell, cells)):
        raise UnknownValue("its `cells` gives something that is no Cell")
    return tuple(dict.fromkeys(cells))


def _guarded_check(control: Control) -> Callable[[Estate, Scope, Cell], Verdict]:
    """The check of a rule, whose faults are undetermined; it cannot waive its own cell, or leave it out."""

    def check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
        if isinstance(cell, _Broken):
            return Verdict(Status.UNDETERMINED, cell.why)
        try:
            verdict = control.check(estate, scope, cell)
        except UnknownValue:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a fault of a rule costs its cell, and is named
            return Verdict(Status.UNDETERMINED, _said(error))
        if not _is_verdict(verdict):
            return Verdict(
                Status.UNDETERMINED, f"the house rule {control.id} returned no verdict that a check may give"
            )
        return verdict

    return check


def _is_cell(cell: object) -> bool:
    return (
        isinstance(cell, Cell)
        and isinstance(cell.account, Account)
        and all(isinstance(each, str | None) for each in (cell.region, cell.subject, cell.subject_id))
        and isinstance(cell.resource, Resource | None)
    )


def _is_verdict(verdict: object) -> bool:
    return (
        isinstance(verdict, Verdict)
        and verdict.status in _VERDICTS
        and isinstance(verdict.status, Status)
        and isinstance(verdict.reason, str)
        and isinstance(verdict.evidence, tuple)
        and all(isinstance(each, Origin) for each in verdict.evidence)
        and isinstance(verdict.cause, str | None)
        and isinstance(verdict.fix, str | None)
        and isinstance(verdict.missing, type | None)
    )


def _said(error: BaseException) -> str:
    """Half a sentence about a fault of a rule. The error's own words are left out: they may quote a secret."""
    if isinstance(error, UnknownValue):
        return f"which cells the house rule has cannot be determined: {error.reason}"
    places = extract_tb(error.__traceback__)
    where = f" at {Path(places[-1].filename).name}:{places[-1].lineno}" if places else ""
    return f"the house rule fails here ({type(error).__name__}{where})"
