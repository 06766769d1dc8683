"""GitLab's code quality report, field by field as its page asks.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
What is asked here holds all that GitLab's own schema asks: see ../../schemas/README.md.
"""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from msgspec.structs import replace

from guardline.validator.control import Status
from guardline.validator.report import Report, SourceError
from guardline.validator.reporters import render
from guardline.validator.reporters.problems import problems
from tests.support.realistic_report import errors_only, report, row, sample
from tests.validator.reporters.test_hostile import HOSTILE, poisoned

TEXT = {"type": "string", "minLength": 1}
LINES = {"type": "object", "required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}}
ISSUE = {
    "type": "object",
    "required": ["description", "check_name", "fingerprint", "severity", "location"],
    "properties": {
        "description": TEXT,
        "check_name": TEXT,
        "fingerprint": TEXT,
        "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
        "location": {"type": "object", "required": ["path", "lines"], "properties": {"path": TEXT, "lines": LINES}},
    },
}


def issues(found: Report) -> list[dict[str, Any]]:
    document: list[dict[str, Any]] = json.loads(render(found, "gitlab"))
    jsonschema.validate(document, {"type": "array", "items": ISSUE})
    assert len({issue["fingerprint"] for issue in document}) == len(document), "GitLab shows the first of equals only"
    return document


def test_one_for_each_problem() -> None:
    assert len(issues(sample())) == len(problems(sample()))


def test_nothing_wrong_is_an_empty_list() -> None:
    assert issues(report(row("trail-encrypted", Status.PASS, "it is"))) == []


def test_what_could_not_be_read_blocks() -> None:
    assert [issue["severity"] for issue in issues(errors_only())] == ["blocker", "blocker"]


def test_what_could_not_be_read_is_told_apart_by_what_it_is() -> None:
    first, second = SourceError("a", "expected `}`", "a.tf", 7), SourceError("a", "expected `]`", "a.tf", 9)
    again = SourceError("a", "expected `}`", "a.tf", 20)
    whole = issues(replace(errors_only(), errors=(first, second, again)))
    assert len(whole) == 3
    left = issues(replace(errors_only(), errors=(second,)))
    assert left[0]["fingerprint"] == whole[1]["fingerprint"]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_names_stay_text(text: str) -> None:
    assert all(issue["description"].isprintable() for issue in issues(poisoned(text)))
