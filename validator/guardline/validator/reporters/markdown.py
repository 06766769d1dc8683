"""The report as a comment on a pull request: the verdict first, then what to mend, and the rest folded away.

It fits in a comment (GitHub takes 65,536 characters), pings nobody and links nowhere, whatever a plan holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from guardline.validator.control import Status
from guardline.validator.report import Report, Row
from guardline.validator.reporters import summary
from guardline.validator.reporters.causes import Cause, causes
from guardline.validator.reporters.matrix import Line, Square, matrix
from guardline.validator.reporters.words import PRACTICES, SYMBOLS, count, cut, listed, plain, region_names

MARK = "<!-- guardline -->"
"""The first line, by which a job finds the comment that it wrote before."""

LIMIT = 60_000  # characters
MOST_OPEN = 10  # fails that are not folded away
MOST = 40  # entries of one list, and lines of the matrix

SIGNS = {**SYMBOLS, Status.PASS: "✅", Status.FAIL: "❌", Status.UNDETERMINED: "❓"}

_SPECIAL = re.compile(r"[\\`*_\[\]<>&~|$]")
_LINKS = re.compile(r"(?<=[@#])|(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)


def render(report: Report) -> str:
    """Write the comment."""
    parts = [f"{MARK}\n### {_verdict(report)}", _figures(report)]
    length, left = sum(map(len, parts)), 0
    for part in (*_fails(report), _lost(report), *_doubts(report), _matrix(report), _scope(report)):
        if length + len(part) > LIMIT:
            left += 1
        elif part:
            parts.append(part)
            length += len(part) + 2
    if left:
        parts.append(f"{count(left, 'part')} left out, for a comment holds no more: see another format of this report.")
    return "\n\n".join(parts) + "\n"


def text(words: str, most: int = 600) -> str:
    """Words from anywhere as plain text of one line. What stands between backticks becomes code."""
    pieces = cut(plain(words), most).split("`")
    if len(pieces) % 2 == 0:  # a backtick without its like
        return _escaped("`".join(pieces))
    return "".join(code(piece) if n % 2 and piece.strip() else _escaped(piece) for n, piece in enumerate(pieces))


def code(words: str) -> str:
    """Words without backticks as code; not for a table, where a bar would end the cell."""
    return _escaped(words) if "`" in words or "|" in words else f"`{plain(words)}`"


def _escaped(words: str) -> str:
    """No markup, and nothing that a forge turns into a link or a mention: it is broken by a blank of no width."""
    return _LINKS.sub("&#8203;", _SPECIAL.sub(r"\\\g<0>", words))


def _verdict(report: Report) -> str:
    fails, open_ = report.count(Status.FAIL), report.count(Status.UNDETERMINED)
    said = [count(fails, "cell fails", "cells fail")] if fails else []
    said += [f"{open_} undetermined"] if open_ else []
    if report.errors:
        said.append(f"{count(len(report.errors), 'source or file', 'sources or files')} could not be read")
    sign = {0: SIGNS[Status.PASS], 3: SIGNS[Status.UNDETERMINED]}.get(report.exit_code, SIGNS[Status.FAIL])
    return (
        f"{sign} Guardline: {', '.join(said) or ('all that was asked holds' if report.rows else 'nothing was asked')}"
    )


def _figures(report: Report) -> str:
    lines = [f"**Coverage {summary.percent(report.coverage)}**: {summary.counts(report)}."]
    if report.regressions:
        lines.append(f"**{count(report.regressions, 'cell')} covered before this change will not be after it.**")
    lines += [f"Not read: {text(error.source)}: {text(error.message)}" for error in report.errors[:MOST]]
    lines.append(f"{summary.conclusion(report).capitalize()}.")
    return "  \n".join(lines)


def _fails(report: Report) -> Iterator[str]:
    found = causes(report.rows, Status.FAIL)
    if found:
        yield "\n".join(["**To mend**", "", *(_entry(cause, Status.FAIL) for cause in found[:MOST_OPEN])])
    if len(found) > MOST_OPEN:
        yield _folded(f"{len(found) - MOST_OPEN} more causes of fails", found[MOST_OPEN:], Status.FAIL)


def _doubts(report: Report) -> Iterator[str]:
    for status in (Status.UNDETERMINED, Status.WAIVED):
        if found := causes(report.rows, status):
            yield _folded(f"{report.count(status)} {status}", found, status)


def _folded(title: str, found: tuple[Cause, ...], status: Status) -> str:
    entries = [_entry(cause, status) for cause in found[:MOST]]
    if len(found) > MOST:
        entries.append(f"- and {len(found) - MOST} more, none graver")
    return _details(title, "\n".join(entries))


def _details(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def _entry(cause: Cause, status: Status) -> str:
    places = [site.where or site.what for site in cause.sites]
    where = f"{', '.join(code(cut(place, 200)) for place in places[:3])} " if places else ""
    more = f"and {len(places) - 3} more places " if len(places) > 3 else ""
    regions = f" in {text(region_names(cause.regions))}" if cause.regions else ""
    after = f", and because of it {count(len(cause.dependants), 'more cell')}" if cause.dependants else ""
    controls = listed([code(control) for control in cause.controls], 4)
    lines = [
        f"- {SIGNS[status]} **{cause.severity}** {where}{more}{text(cause.reason)}",
        f"  {controls}{regions}{after}",
    ]
    if status is Status.FAIL and cause.fix:
        lines.append(f"  *Fix:* {text(cause.fix)}")
    return "<br>\n".join(lines)


def _lost(report: Report) -> str:
    """What was covered and will not be, by region."""
    places: dict[tuple[str | None, str | None], list[Row]] = {}
    for row in report.rows:
        if row.regression:
            places.setdefault((row.account, row.region), []).append(row)
    several = len({account for account, _ in places}) > 1
    lines = []
    for (account, region), rows in list(places.items())[:MOST]:
        whose = f" in account {account or 'unknown'}" if several else ""
        things = listed([code(control) for control in dict.fromkeys(row.control for row in rows)], 12)
        lines.append(f"- **{text(region or 'account-wide')}**{whose}: {things} ({count(len(rows), 'cell')})")
    if len(places) > MOST:
        lines.append(f"- and in {len(places) - MOST} more places")
    return "\n".join(["**Was covered, will not be**", "", *lines]) if lines else ""


def _matrix(report: Report) -> str:
    whole = matrix(report)
    wide = [(account, square) for account, squares in whole.account_wide for square in squares if square.rows]
    lines = whole.folded() if whole.columns else ()
    table = ["| | " + " | ".join(whole.columns) + " |", "|---|" + ":-:|" * len(whole.columns)] if lines else []
    table += [f"| {_name(line)} | {' | '.join(map(_square, line.squares))} |" for line in lines[:MOST]]
    if len(lines) > MOST:
        table += ["", f"and {len(lines) - MOST} more lines, none graver"]
    if wide:
        several = len(whole.account_wide) > 1
        said = [f"{_square(square)} {square.control}" + f" ({account})" * several for account, square in wide]
        table += ["", f"Account-wide: {listed(said, MOST)}"]
    return _details("Regions × controls", "\n".join(table)) if table else ""


def _name(line: Line) -> str:
    accounts = listed([account or "unknown account" for account in line.accounts], 2)
    return f"{text(region_names(line.regions))}" + (f"<br>{text(accounts)}" if any(line.accounts) else "")


def _square(square: Square) -> str:
    those, of = square.tally
    return f"{SIGNS[square.worst]}{f' {those}/{of}' * (those < of)}{' ⚠' * square.lost}" if square.worst else ""


def _scope(report: Report) -> str:
    lines = [f"- {summary.denominator(report)}"]
    lines += [f"- {name} evidence: {shows}" for name, shows in summary.evidence(report)]
    for state, regions in summary.regions_outside(report).items():
        why = listed(list(dict.fromkeys(region.reason for region in regions if region.reason)), 5)
        names = region_names(region.name for region in regions)
        lines.append(f"- {state}: {text(names)}" + (f": {text(why)}" if why else ""))
    for each in report.scope.not_asked:
        lines.append(f"- not asked: practice {each.practice} ({PRACTICES.get(each.practice, '')}): {text(each.reason)}")
    return _details("What was asked", "\n".join(lines))
