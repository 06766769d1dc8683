"""SARIF 2.1.0, for GitHub code scanning and every other reader of the format.

Sources: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html and, for what GitHub shows and its limits,
https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from guardline.validator.control import Control, Severity
from guardline.validator.controls import every
from guardline.validator.report import Report
from guardline.validator.reporters.problems import Place, Problem, one_line, problems, unread
from guardline.validator.reporters.summary import not_judged, stops_covering
from guardline.validator.reporters.vocabulary import count

RESULTS, LOCATIONS = 5_000, 100
"""GitHub shows the 5,000 gravest results of a run and 100 locations of a result."""

LEVELS: Mapping[Severity, str] = {
    Severity.INFO: "note",
    Severity.LOW: "note",
    Severity.MEDIUM: "warning",
    Severity.HIGH: "error",
    Severity.CRITICAL: "error",
}
SCORES: Mapping[Severity, str] = {
    Severity.INFO: "1.0",
    Severity.LOW: "3.0",
    Severity.MEDIUM: "5.5",
    Severity.HIGH: "8.0",
    Severity.CRITICAL: "9.5",
}
"""GitHub's `security-severity`: above 9.0 critical, 7.0 high, 4.0 medium, else low."""


def render(report: Report) -> str:
    """Render the report as one run."""
    found = problems(report)
    kept = found[:RESULTS]
    rules = {control.id: number for number, control in enumerate(every())}
    run = {
        "tool": {
            "driver": {
                "name": "guardline",
                "version": one_line(report.version),
                "rules": [_rule(control) for control in every()],
            }
        },
        "invocations": [
            {
                "executionSuccessful": not report.errors,
                "exitCode": report.exit_code,
                "endTimeUtc": report.generated_at,
                "toolExecutionNotifications": list(_notifications(report, len(found) - len(kept))),
            }
        ],
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The root of the repository."}}},
        "properties": {"coverage": report.coverage, "coverageAsked": report.coverage_asked},
        "results": [_result(problem, rules, report) for problem in kept],
    }
    return json.dumps(
        {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}, indent=1
    )


def _rule(control: Control) -> dict[str, Any]:
    markdown = f"{control.why}\n\n**Passes:** {control.passes}\n\n**Fails:** {control.fails}\n\n**Fix:** {control.fix}"
    return {
        "id": control.id,
        "name": "".join(word.capitalize() for word in control.id.split("-")),
        "shortDescription": {"text": f"{control.title}."},
        "fullDescription": {"text": control.why},
        "help": {"text": f"{control.why} Fix: {control.fix}", "markdown": markdown},
        "defaultConfiguration": {"level": LEVELS[control.severity]},
        "properties": {
            "tags": ["security", control.practice_name],
            "security-severity": SCORES[control.severity],
            "precision": "very-high",
        },
    }


def _result(problem: Problem, rules: Mapping[str, int], report: Report) -> dict[str, Any]:
    first, *others = problem.places[:LOCATIONS] or (_nowhere(report),)
    cut = len(problem.places) - LOCATIONS
    more = f" {count(cut, 'more place')} are left out." if cut > 0 else ""
    result: dict[str, Any] = {
        "ruleId": problem.control,
        "level": "note" if problem.undetermined else LEVELS[problem.severity],
        "message": {"text": f"{problem.message} Fix: {problem.fix}{more}"},
        "locations": [_location(first)],
        "partialFingerprints": {"guardlineCells/v1": problem.fingerprint},
        "properties": {"undetermined": problem.undetermined, "regression": problem.regression},
    }
    if problem.new is not None:
        result["baselineState"] = "new" if problem.new else "unchanged"
    if problem.control in rules:
        result["ruleIndex"] = rules[problem.control]
    if others:
        result["relatedLocations"] = [_location(place, number) for number, place in enumerate(others)]
    return result


def _nowhere(report: Report) -> Place:
    """Where what has no line is shown: the spec, which asked, else the source."""
    return Place(one_line(report.scope.spec or next((each.path for each in report.sources), "guardline.yaml")), 1)


def _location(place: Place, number: int | None = None) -> dict[str, Any]:
    physical = {
        "artifactLocation": {"uri": quote(place.file), "uriBaseId": "SRCROOT"},
        "region": {"startLine": max(place.line, 1)},
    }
    return {"physicalLocation": physical} | ({} if number is None else {"id": number})


def _notifications(report: Report, left_out: int) -> Iterator[dict[str, Any]]:
    if (stopped := stops_covering(report)) is not None:
        yield {"level": "warning", "message": {"text": one_line(f"{stopped[0].upper()}{stopped[1:]}.")}}
    for message, place in unread(report):
        locations: Sequence[dict[str, Any]] = [_location(place)] if place is not None else []
        yield {"level": "error", "message": {"text": message}, "locations": locations}
    if (said := not_judged(report)) is not None:
        yield {"level": "note", "message": {"text": one_line(f"{said[0].upper()}{said[1:]}.")}}
    if left_out > 0:
        said = f"{count(left_out, 'problem')} of {left_out + RESULTS} are left out: GitHub shows {RESULTS} of a run."
        yield {"level": "warning", "message": {"text": said}}
