"""The report as a pull-request comment: what it comes to first, causes next, everything else folded away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from guardline.spec.saying import printable
from guardline.validator.control import Status
from guardline.validator.report import Report, Row
from guardline.validator.reporters import summary
from guardline.validator.reporters.causes import Cause, causes
from guardline.validator.reporters.left_out import entries, outside_the_list
from guardline.validator.reporters.matrix import Square, labels, matrix
from guardline.validator.reporters.vocabulary import (
    MEANINGS,
    NOTHING,
    SYMBOLS,
    count,
    listed,
    region_names,
    ticked,
)

MARKER = "<!-- guardline -->"
"""The first line, by which a job finds its earlier comment and replaces it."""

LIMIT = 60_000
"""Characters; GitHub refuses a comment of more than 65,536. What does not fit is left out, and that is said."""

LONGEST = 600
"""Signs of one text from a source."""

MOST_CAUSES = 20

# The last two begin what a forge links by itself: GH-1, and the 40 digits of a commit.
_ACTIVE = re.compile(
    r"[\\`*_\[\]<>|~@#!$^&{}]|:(?=\S)|(?<=www)\.|(?<=\bGH)-(?=\d)|[0-9a-f](?<![0-9a-z].)(?=[0-9a-f]{39}(?![0-9a-z]))",
    re.IGNORECASE,
)

_HEADINGS = {Status.FAIL: "Fails", Status.UNDETERMINED: "Not determined", Status.WAIVED: "Waived"}


def render(report: Report) -> str:
    """Return the comment in GitHub's Markdown, no longer than `LIMIT`; nothing of a plan is live in it."""
    sign = {0: Status.PASS, 3: Status.UNDETERMINED}.get(report.exit_code, Status.FAIL)
    covered = f"{SYMBOLS[sign]} GuardDuty coverage {summary.coverage(report)}" if report.rows else "GuardDuty coverage"
    title = f"### {covered}"
    if _is_well(report):
        parts = [MARKER, f"{title}: {prose(summary.headline(report))}", *_folded(report)]
    else:
        parts = [*_head(report, title), *_causes(report), *_foot(report), *_folded(report)]
    text = ""
    for number, part in enumerate(parts):
        if len(text) + len(part) > LIMIT:
            return (
                f"{text}{count(len(parts) - number, 'part')} left out, too long for a comment: see the HTML report.\n"
            )
        text += part + ("\n\n" if number + 1 < len(parts) else "\n")
    return text


def _is_well(report: Report) -> bool:
    """Whether there is nothing to do or to know: then one line says so, and the rest is folded."""
    settled = all(row.verdict not in _HEADINGS for row in report.rows)
    found = report.comparison
    compared = found is not None and (found.new or found.fixed or found.not_compared)
    return settled and not (report.exit_code or compared or report.departures or report.waiver_notes)


def _head(report: Report, title: str) -> Iterator[str]:
    first = (title, f"**{prose(summary.headline(report))}**")
    yield MARKER
    yield from reversed(first) if report.departures else first  # what is no longer covered goes first
    yield from (f"{prose(note)}." for note in summary.uncalled(report))
    if (said := summary.compared(report)) is not None:
        items = (
            [] if report.options.only_new else [f"- new: {escape(each)}" for each in summary.new(report)[:MOST_CAUSES]]
        )
        items += [f"- fixed: {escape(each)}" for each in summary.fixed(report)[:MOST_CAUSES]]
        items += [f"- not compared: {escape(each)}" for each in summary.not_compared(report)]
        yield "\n".join([f"{escape(said[0].upper() + said[1:])}.", *([""] if items else []), *items])
    if report.regressions:
        yield f"**{count(report.regressions, 'cell')} covered before this change will not be after it.**"
    notes = [
        f"{each.state} waiver {code(each.where)}: {prose(each.message)}" for each in report.waiver_notes[:MOST_CAUSES]
    ]
    yield from ("\n".join(f"- {each[0].upper()}{each[1:]}" for each in notes),) if notes else ()
    for error in report.errors:
        yield f"Could not read {code(error.file or error.source)}: {prose(error.message)}"
    for source in report.sources:
        if not source.complete:
            yield f"{code(source.path)} is incomplete: {prose(source.note or '')}."


def escape(text: str) -> str:
    """Return `text` so that Markdown shows it as it is: no markup, link, mention, reference or HTML.

    Forges look for mentions, references and addresses in the rendered text too, where an entity would not hide them;
    a blank of no width does.
    """

    def entity(found: re.Match[str]) -> str:
        sign, follows = found.group(), found.string[found.end() :]
        return f"&#{ord(sign)};" + ("&#8203;" if sign in "@#!.-" or sign.isalnum() or follows.startswith("//") else "")

    return _ACTIVE.sub(entity, _short(text))


def code(text: str) -> str:
    """Return `text` as code, also inside a table."""
    shown = _short(text)
    return f"<code>{escape(shown)}</code>" if not shown.strip() or set("`|") & set(shown) else f"`{shown}`"


def _short(text: str) -> str:
    """One line of at most `LONGEST` signs, so that no single text crowds out the rest."""
    return printable(text if len(text) <= LONGEST else f"{text[:LONGEST]}…")


def prose(text: str) -> str:
    """Escape a sentence; what stands between backticks becomes code."""
    return "".join(code(part) if is_code else escape(part) for part, is_code in ticked(text))


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _details(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def _matrix(report: Report) -> list[str]:
    whole = matrix(report)
    several = len(whole.account_wide) > 1 or len({row.account for row in report.rows}) > 1
    parts: list[str] = []
    if whole.columns:
        rows = []
        folded, heads = whole.folded(), labels(whole.columns, 12)
        for line in folded[:40]:
            everywhere = len(line.regions) > 1 and set(line.regions) == set(report.scope.expected)
            names = f"all {len(line.regions)} regions" if everywhere else region_names(line.regions)
            accounts = listed([account or "unknown" for account in line.accounts], 2) + ": " if several else ""
            rows.append([escape(accounts + names), *map(_square, line.squares)])
        columns = ", ".join(f"{head}: {code(c)}" for head, c in zip(heads, whole.columns, strict=True) if head != c)
        left = f"\n\nAnd {len(folded) - 40} more lines, none graver." if len(folded) > 40 else ""
        parts += [_table(["Region", *heads], rows) + left, f"<sub>{columns}</sub>"]
    for account, squares in whole.account_wide:
        asked = [f"{_square(square)} {code(square.control)}" for square in squares if square.rows]
        of = f" of {escape(account or 'unknown')}" if several else ""
        parts += [f"Account-wide{of}: {', '.join(asked)}"] if asked else []
    return parts


def _square(square: Square) -> str:
    those, of = square.tally
    part = f" {those}/{of}" if those < of else ""
    return (SYMBOLS[square.worst] if square.worst else NOTHING) + ("!" if square.lost else "") + part


def _causes(report: Report) -> list[str]:
    parts = []
    rows = outside_the_list(report)
    if report.options.only_new and report.comparison is not None:  # what is older is folded
        rows = tuple(row for row in rows if row.id in frozenset(report.comparison.new))
    for status, heading in _HEADINGS.items():
        found = causes(rows, status)
        if found:
            more = [f"- and {len(found) - MOST_CAUSES} more, none graver"] if len(found) > MOST_CAUSES else []
            parts.append(
                f"#### {heading}\n\n" + "\n".join([*(_cause(each, report) for each in found[:MOST_CAUSES]), *more])
            )
    return parts


def _cause(cause: Cause, report: Report) -> str:
    places = [
        code(site.where or site.what) + (f" (called at {code(site.called)})" if site.called else "")
        for site in cause.sites
    ]
    where = f"{listed(places, 2)}: " if places else ""
    lines = [f"- {SYMBOLS[cause.rows[0].verdict]} **{cause.severity}** {where}{prose(cause.reason)}"]
    if cause.regression and "covered before" not in cause.reason:
        lines.append("**Covered before this change, not after it.**")
    regions = f" in {escape(region_names(cause.regions))}" if cause.regions else ""
    regions += escape(summary.whose(cause, report))
    needs = f"; because of it {count(len(cause.dependants), 'more cell')}" if cause.dependants else ""
    lines.append(f"{listed([code(control) for control in cause.controls], 4)}{regions}{needs}")
    lines += map(prose, cause.offers)
    if cause.fix and cause.rows[0].verdict is Status.FAIL:
        lines.append(f"Fix: {prose(cause.fix)}")
    return "<br>\n  ".join(lines)


def _folded(report: Report) -> list[str]:
    open_ = [row for row in outside_the_list(report) if row.verdict in _HEADINGS]
    parts = [_details("Every region and control", "\n\n".join([*_matrix(report), _read(report)]))]
    if open_:
        heads = ("Control", "Account", "Region", "Verdict", "What", "Evidence")
        for start in range(0, len(open_), 100):
            shown = open_[start : start + 100]
            title = f"Cells that do not pass, {start + 1} to {start + len(shown)} of {len(open_)}"
            parts.append(_details(title, _table(heads, map(_row, shown))))
    outside = [
        f"- {each.kind}: {escape(each.what)}" + (f": {escape(each.rest)}" if each.rest else "")
        for each in entries(report)
    ]
    if moved := summary.moved(report):
        table = _table(("Control or region", "Coverage"), [(code(name), change) for name, change in moved[:200]])
        parts.append(_details("Coverage before and after", table))
    return parts + ([_details("What is not asked, and who said so", "\n".join(outside))] if outside else [])


def _row(row: Row) -> list[str]:
    what = f"{code(row.subject)}: " if row.subject else ""
    seen = [code(f"{o.file}:{o.line}" if o.file and o.line else o.address) for o in row.evidence]
    place = [escape(row.account or "unknown"), escape(row.region or "account-wide")]
    return [code(row.control), *place, str(row.verdict), what + prose(row.reason), listed(seen, 3)]


def _foot(report: Report) -> list[str]:
    return [f"{summary.conclusion(report)}."]


def _read(report: Report) -> str:
    met = [status for status in Status if any(row.verdict is status for row in report.rows)]
    legend = "; ".join(f"{SYMBOLS[status]} {status}: {MEANINGS[status]}" for status in met)
    lost = "; ! was covered before this change" if report.regressions else ""
    read = ", ".join(f"{source.kind} {code(source.path)}" for source in report.sources) or "nothing"
    proof = "".join(f" Evidence of class {escape(name)}: {shows}." for name, shows in summary.evidence(report))
    hint = summary.hint(report)
    part = f" {prose(hint)}." if hint is not None else ""
    return (
        f"{summary.denominator(report)}: {summary.counts(report)}.{proof}\n\n{legend}{lost}\n\n"
        f"Read: {read}, as of {escape(report.as_of)}, by guardline {escape(report.version)}.{part}"
    )
