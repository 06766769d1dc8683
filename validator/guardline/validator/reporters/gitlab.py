"""GitLab's code quality report: a list of issues that a merge request shows beside its changes.

Source: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from guardline.validator.control import Severity
from guardline.validator.report import Report
from guardline.validator.reporters.problems import Place, hashed, one_line, problems, told_apart, unread
from guardline.validator.reporters.summary import stops_covering

SEVERITIES: Mapping[Severity, str] = {
    Severity.INFO: "info",
    Severity.LOW: "minor",
    Severity.MEDIUM: "major",
    Severity.HIGH: "critical",
    Severity.CRITICAL: "blocker",
}


def render(report: Report) -> str:
    """Render the problems of the report as JSON."""
    return json.dumps(list(_issues(report)), indent=1)


def _issues(report: Report) -> Iterator[dict[str, Any]]:
    nowhere = Place(report.scope.spec or next((source.path for source in report.sources), "guardline.yaml"), 1)
    lost = [(message, place or nowhere) for message, place in unread(report)]
    given = told_apart([(hashed("unreadable", place.file, message), f"{place.line:09}") for message, place in lost])
    for fingerprint, (message, place) in zip(given, lost, strict=True):
        yield _issue("unreadable", message, fingerprint, "blocker", place)
    if (stopped := stops_covering(report)) is not None:
        message = one_line(f"{stopped[0].upper()}{stopped[1:]}.")
        yield _issue("coverage-kept", message, hashed("stops covering", message), "info", nowhere)
    for problem in problems(report):
        message = f"{problem.message} Fix: {problem.fix}"
        place = problem.places[0] if problem.places else nowhere
        yield _issue(problem.control, message, problem.fingerprint, SEVERITIES[problem.severity], place)


def _issue(check: str, message: str, fingerprint: str, severity: str, place: Place) -> dict[str, Any]:
    return {
        "description": message,
        "check_name": check,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": place.file, "lines": {"begin": place.line}},
    }
