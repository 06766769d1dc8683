"""SARIF: valid by its own schema whatever a plan holds, and within what GitHub shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from guardline.validator.control import Status
from guardline.validator.controls import CATALOGUE
from guardline.validator.model.resource import Origin
from guardline.validator.report import Report
from guardline.validator.reporters import render, sarif
from guardline.validator.reporters.problems import problems
from tests.support.realistic_report import errors_only, report, row, sample
from tests.validator.reporters.test_hostile import HOSTILE, poisoned

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft7Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


def run(found: Report) -> dict[str, Any]:
    document = json.loads(render(found, "sarif"))
    VALIDATOR.validate(document)
    (only,) = document["runs"]
    assert isinstance(only, dict)
    return only


@pytest.mark.parametrize("found", [sample(), errors_only(), report()], ids=["sample", "errors", "nothing"])
def test_it_is_valid_by_its_schema(found: Report) -> None:
    run(found)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_names_stay_text(text: str) -> None:
    found = run(poisoned(text))
    assert all(result["message"]["text"].isprintable() for result in found["results"])


def test_every_control_is_a_rule_and_every_problem_a_result_of_one() -> None:
    found = run(sample())
    rules = found["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [control.id for control in CATALOGUE]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in found["results"])
    assert len(found["results"]) == len(problems(sample()))


def test_the_resource_is_the_location_and_the_module_call_is_related() -> None:
    where = Origin("module.a.aws_vpc.x", "modules/a b/main.tf", 7, calls=(("main.tf", 3),))
    (result,) = run(report(row("vpc-flow-logs", Status.FAIL, "none", region="eu-west-1", evidence=(where,))))["results"]
    first = result["locations"][0]["physicalLocation"]
    assert (first["artifactLocation"]["uri"], first["region"]["startLine"]) == ("modules/a%20b/main.tf", 7)
    (call,) = result["relatedLocations"]
    assert call["physicalLocation"]["artifactLocation"]["uri"] == "main.tf"


def test_what_has_no_line_points_at_the_spec() -> None:
    (result,) = run(report(row("trail-multi-region", Status.FAIL, "no trail")))["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "environments/production/guardline.yaml"


def test_an_undetermined_problem_is_a_note_that_says_so() -> None:
    (result,) = run(report(row("trail-multi-region", Status.UNDETERMINED, "its region is unknown")))["results"]
    assert result["level"] == "note"
    assert result["message"]["text"].startswith("Cannot be determined: ")


def test_what_github_would_cut_is_cut_here_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "RESULTS", 1)
    monkeypatch.setattr(sarif, "LOCATIONS", 1)
    calls = tuple((f"{name}.tf", 1) for name in "abc")
    evidence = (Origin("aws_vpc.x", "main.tf", 7, calls=calls),)
    rows = [row("vpc-flow-logs", Status.FAIL, "none", region="eu-west-1", evidence=evidence)]
    rows += [row("trail-multi-region", Status.FAIL, "no trail"), row("trail-encrypted", Status.FAIL, "no key")]
    found = run(report(*rows))
    assert len(found["results"]) == 1
    assert "2 problems of 3 are left out" in found["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_what_could_not_be_read_is_a_notification_of_a_run_that_failed() -> None:
    (invocation,) = run(errors_only())["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [one["level"] for one in invocation["toolExecutionNotifications"]] == ["error", "error"]
