"""The report as one HTML page that stands alone: no request, nothing of a plan that is not escaped.

Its one script filters the page; with scripts off, everything is there and can be read.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from guardline.spec import catalogue
from guardline.spec.practice import RECOMMENDATIONS
from guardline.spec.saying import printable
from guardline.validator.control import Status
from guardline.validator.controls import by_id
from guardline.validator.controls.shared.mappings import FRAMEWORKS, NOTES, citation, mapped_by
from guardline.validator.report import Report, Row
from guardline.validator.reporters import summary
from guardline.validator.reporters.accounts import account_lines, practices
from guardline.validator.reporters.alike import Groups, folded, maps, speakers
from guardline.validator.reporters.causes import causes
from guardline.validator.reporters.left_out import Entry, entries, outside_the_list
from guardline.validator.reporters.matrix import CALM, Square, matrix
from guardline.validator.reporters.method import method
from guardline.validator.reporters.vocabulary import MEANINGS, NOTHING, SYMBOLS, figure, ticked

if TYPE_CHECKING:
    from jinja2 import Template

_HERE = Path(__file__).parent

_HEADINGS = {
    Status.FAIL: "What fails, by root cause",
    Status.UNDETERMINED: "What could not be determined",
    Status.WAIVED: "What is waived",
}

_SECTIONS = (
    ("left-out", "Coverage, and what is left out"),
    ("map", "Regions and controls"),
    ("cells", "Every cell, by control"),
    ("requirements", "Index by requirement"),
    ("method", "Scope and method"),
)
"""What stands on every page below the causes: the id of each section, and its heading."""

_OVERALL = {0: Status.PASS, 1: Status.FAIL, 2: Status.FAIL, 3: Status.UNDETERMINED}


@cache
def _page() -> Template:
    """The template, compiled."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    def safe(value: object) -> object:
        """Make text from a plan one visible line; autoescaping follows. The style sheet and the script are ours."""
        return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    pages = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, finalize=safe, trim_blocks=True
    )
    return pages.get_template("report.html.j2")


def render(report: Report) -> str:
    """Return the whole page.

    The page's own policy allows its one style sheet and its one script, by their hashes, and nothing else.
    """
    from markupsafe import Markup

    css = (_HERE / "report.css").read_text(encoding="utf-8")
    script = (_HERE / "report.js").read_text(encoding="utf-8")
    whole = matrix(report)
    by_control = _by_control(report)
    cells = {square.control: folded(square.rows) for square in by_control}
    groups = {status: causes(outside_the_list(report), status) for status in _HEADINGS}
    left_out = entries(report)
    return (
        _page().render(
            report=report,
            css=Markup(css),  # noqa: S704 - a file of this package
            script=Markup(script),  # noqa: S704 - a file of this package
            policy=policy(css, script),
            sections=[(f"causes-{status}", _HEADINGS[status]) for status in groups if groups[status]] + [*_SECTIONS],
            Status=Status,
            symbols=SYMBOLS,
            meanings=MEANINGS,
            practices=RECOMMENDATIONS,
            nothing=NOTHING,
            ticked=ticked,
            mapped_by=mapped_by(),
            frameworks=FRAMEWORKS,
            citation=citation,
            framework_notes=NOTES,
            requirements=_by_requirement(report),
            unmapped=_unmapped(report),
            place_name=_place_name,
            regions_in=_regions_in,
            limits=_limits,
            statuses=[status for status in Status if any(row.verdict is status for row in report.rows)],
            overall=_OVERALL[report.exit_code],
            percent=summary.percent(report.coverage),
            percent_asked=summary.percent(report.coverage_asked),
            coverage=summary.coverage(report),
            notes=summary.uncalled(report),
            hint=summary.hint(report),
            headline=summary.headline(report),
            conclusion=summary.conclusion(report),
            denominator=str(summary.denominator(report)),
            figure=figure,
            derived=summary.denominator(report).derived,
            counts=summary.counts(report),
            evidence=summary.evidence(report),
            left_out=left_out,
            sentences=_sentences(left_out),
            tabled=[each for each in left_out if each.kind != "not asked"],
            account_lines=account_lines(report),
            account_practices=practices(report),
            matrix=whole,
            calm=CALM,
            maps=maps(whole),
            speaks=speakers([each for those in cells.values() for each in those]),
            folded=cells,
            groups=Groups(report),
            causes=[(status, heading, groups[status]) for status, heading in _HEADINGS.items()],
            by_control=by_control,
            method=method(report),
        )
        + "\n"
    )


def policy(css: str, script: str) -> str:
    """The content-security policy of a page whose one style sheet is `css`, and its one script `script`."""
    allowed = (f"style-src {_hash(css)}", f"script-src {_hash(script)}")
    return "; ".join(("default-src 'none'", *allowed, "base-uri 'none'", "form-action 'none'"))


def _hash(text: str) -> str:
    """The source expression that allows this text alone: https://www.w3.org/TR/CSP3/#grammardef-hash-source."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _place_name(region: str) -> str:
    """The place that people know a region by: ``Frankfurt`` of ``Europe (Frankfurt)``; "" where it is unknown."""
    known = catalogue.region(region)
    return known.title.partition("(")[2].rstrip(")") or known.title if known is not None else ""


def _regions_in(text: str) -> list[tuple[str, bool]]:
    """Split a sentence into (part, is the name of a region): a name is not broken at its hyphens. What stands between
    backticks is left whole."""
    parts = re.split(r"(`[^`]*`)|\b([a-z]{2}(?:-[a-z]+){1,2}-\d(?:/\d)*)(?![\w-])", text)
    return [(part, number % 3 == 2) for number, part in enumerate(parts) if part]


def _limits(control: str) -> str:
    """What a control cannot see; "" for one of another version."""
    known = by_id(control)
    return known.limits if known is not None else ""


def _sentences(left_out: Sequence[Entry]) -> dict[str, list[str]]:
    """Practice -> what of it is not asked, in the practices' order."""
    found: dict[str, list[str]] = {}
    for each in sorted((each for each in left_out if each.kind == "not asked"), key=lambda each: _numbered(each.what)):
        found.setdefault(each.what, []).append(each.rest)
    return found


def _by_requirement(report: Report) -> dict[str, dict[str, list[Square]]]:
    """Framework -> citation -> the controls of this report that support it."""
    found: dict[str, dict[str, list[Square]]] = {framework: {} for framework in FRAMEWORKS}
    for square in _by_control(report):
        for framework, ids in square.rows[0].mappings.items():
            for requirement in ids:
                found.setdefault(framework, {}).setdefault(citation(framework, requirement), []).append(square)
    return {
        framework: dict(sorted(cited.items(), key=lambda each: _numbered(each[0])))
        for framework, cited in found.items()
    }


def _unmapped(report: Report) -> list[str]:
    return [square.control for square in _by_control(report) if not square.rows[0].mappings]


def _numbered(text: str) -> list[tuple[int, str]]:
    """A key by which 9 comes before 10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", text)]


def _by_control(report: Report) -> list[Square]:
    rows: dict[str, list[Row]] = {}
    for row in report.rows:
        rows.setdefault(row.control, []).append(row)
    return [Square(control, tuple(found)) for control, found in rows.items()]
