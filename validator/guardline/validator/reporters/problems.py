"""What a check on a pull request lists: one problem for each cause, with its line, its fix and a stable fingerprint."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from guardline.spec.saying import printable
from guardline.validator.control import Severity, Status
from guardline.validator.report import Report, Row
from guardline.validator.reporters.causes import Cause, causes
from guardline.validator.reporters.vocabulary import count, cut, listed, region_names

LONGEST = 1_000
"""Characters of one text: addresses may be of any length, and the formats have limits."""


class Place(msgspec.Struct, frozen=True):
    """A line of a file. `line` is 1 where only the file is known."""

    file: str
    line: int


class Problem(msgspec.Struct, frozen=True):
    """One cause, ready for a format. All texts are printable and on one line.

    Attributes:
        control, title: the control that found it.
        severity: of the gravest cell that it costs.
        undetermined: it could not be determined; False: it fails.
        regression: something was covered before this change.
        message: what is wrong, where, and what else it costs.
        fix: how to mend it.
        places: where to look, the most exact first; then the module calls that lead there. Empty: no file is known.
        fingerprint: 64 hex digits; the same as long as the same control finds the same in the same accounts, regions
            and resources. Moves, renames within a file and other indexes of `count` do not change it. No two problems
            of a report have the same.
        new: whether it is new since the result that is compared with; None where there is none.
    """

    control: str
    title: str
    severity: Severity
    undetermined: bool
    regression: bool
    message: str
    fix: str
    places: tuple[Place, ...]
    fingerprint: str
    new: bool | None = None


def problems(report: Report) -> tuple[Problem, ...]:
    """The causes of all that fails, then of all that could not be determined, gravest first. What is new is a problem
    of its own: beside older ones of its kind nobody would see it."""
    every = [_problem(report, cause, new) for new, rows in _parts(report) for cause in _found(rows)]
    every.sort(key=lambda each: each.undetermined)
    given = told_apart([(each.fingerprint, each.message) for each in every])
    return tuple(replace(each, fingerprint=own) for each, own in zip(every, given, strict=True))


def _parts(report: Report) -> Iterator[tuple[bool | None, Sequence[Row]]]:
    """The rows that are new, and unless only they count the others; or all, where there is nothing to compare with."""
    if report.comparison is None:
        yield None, report.rows
        return
    new = frozenset(report.comparison.new)
    yield True, [row for row in report.rows if row.id in new]
    if not report.options.only_new:
        yield False, [row for row in report.rows if row.id not in new]


def _found(rows: Sequence[Row]) -> Iterator[Cause]:
    yield from causes(rows, Status.FAIL)
    yield from causes(rows, Status.UNDETERMINED)


def unread(report: Report) -> Iterator[tuple[str, Place | None]]:
    """What could not be read: the message, and the place where it is known."""
    for error in report.errors:
        place = Place(printable(error.file), error.line or 1) if error.file else None
        yield one_line(f"{error.source} could not be read: {error.message}"), place


def told_apart(found: Sequence[tuple[str, str]]) -> list[str]:
    """Fingerprints, each once: of several that are the same, the later ones are hashed again with how many went before.

    Args:
        found: the fingerprints, each with what decides which goes first: not the order of the list, which may change.
    """
    given, seen = dict[int, str](), Counter[str]()
    for place, (fingerprint, _) in sorted(enumerate(found), key=lambda each: each[1]):
        earlier = seen[fingerprint]
        given[place] = hashed(fingerprint, str(earlier)) if earlier else fingerprint
        seen[fingerprint] += 1
    return [given[place] for place in range(len(found))]


def hashed(*parts: str) -> str:
    """64 hex digits of some texts."""
    return hashlib.sha256("\n".join(parts).encode(errors="backslashreplace")).hexdigest()


def one_line(text: str) -> str:
    """A text that fits a line of any format: printable, and not too long."""
    return cut(printable(" ".join(text.split())), LONGEST)


def _problem(report: Report, cause: Cause, new: bool | None) -> Problem:
    first = cause.rows[0]
    undetermined = first.verdict is Status.UNDETERMINED
    return Problem(
        control=one_line(first.control),
        title=one_line(first.title),
        severity=cause.severity,
        undetermined=undetermined,
        regression=cause.regression,
        message=one_line(_message(report, cause)),
        fix=one_line(cause.fix),
        places=tuple(_places(cause)),
        fingerprint=_fingerprint(cause),
        new=new,
    )


def _message(report: Report, cause: Cause) -> str:
    said = f"Cannot be determined: {cause.reason}" if cause.rows[0].verdict is Status.UNDETERMINED else cause.reason
    said = f"{said[0].upper()}{said[1:]}." if said else ""
    if len(cause.regions) > 1:
        said += f" Regions: {region_names(cause.regions)}."
    accounts = [account for account in cause.accounts if account]
    if len(report.scope.accounts) > 1 and accounts:
        said += f" {'Account' if len(accounts) == 1 else 'Accounts'}: {listed(accounts, 3)}."
    if cause.dependants:
        said += f" {count(len(cause.dependants), 'more cell')} depend{'s' if len(cause.dependants) == 1 else ''} on it."
    return said


def _places(cause: Cause) -> Iterator[Place]:
    """The evidence of each site, then the calls of modules that lead to it."""
    seen: set[tuple[str, int]] = set()
    origins = [origin for site in cause.sites for origin in site.origins[:1]]
    found = [(origin.file, origin.line or 1) for origin in origins if origin.file]
    for file, line in (*found, *(call for origin in origins for call in origin.calls)):
        if (file, line) not in seen:
            seen.add((file, line))
            yield Place(one_line(file), line)


def _fingerprint(cause: Cause) -> str:
    cells = sorted({(row.account or "", row.region or "", _unnumbered(row.subject or "")) for row in cause.rows})
    return hashed(cause.rows[0].control, str(cause.rows[0].verdict), *("|".join(cell) for cell in cells))


def _unnumbered(address: str) -> str:
    """An address without the indexes of `count`, which change when another instance goes."""
    return re.sub(r"\[\d+\]", "[]", address)
