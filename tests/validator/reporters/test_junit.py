"""JUnit XML: valid by the schema of those who read it, and read back by the library that others read it with."""

from __future__ import annotations

from pathlib import Path

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase
from xmlschema import XMLSchema, XMLSchemaValidationError

from guardline.validator.control import Status
from guardline.validator.report import Report
from guardline.validator.reporters import render
from tests.support.realistic_report import errors_only, report, row, sample
from tests.validator.reporters.test_hostile import HOSTILE, poisoned

TESTS = Path(__file__).parents[2]
SCHEMA = XMLSchema(TESTS / "schemas" / "junit-10.xsd")


def read(found: Report) -> list[TestCase]:
    text = render(found, "junit")
    assert isinstance(text, str)
    SCHEMA.validate(text)
    return [case for suite in JUnitXml.fromstring(text.encode()) for case in suite]


def test_the_golden_report_is_valid_by_its_schema_and_a_wrong_one_is_not() -> None:
    golden = (TESTS / "golden" / "reports" / "report.junit.xml").read_text(encoding="utf-8")
    SCHEMA.validate(golden)
    with pytest.raises(XMLSchemaValidationError):
        SCHEMA.validate(golden.replace("<failure ", "<failed ", 1).replace("</failure>", "</failed>", 1))


@pytest.mark.parametrize("found", [sample(), errors_only(), report()], ids=["sample", "errors", "nothing"])
def test_it_is_valid_by_its_schema(found: Report) -> None:
    assert len(read(found)) == len(found.rows) + len(found.errors)


@pytest.mark.parametrize(
    ("verdict", "outcome"),
    [
        (Status.PASS, None),
        (Status.FAIL, Failure),
        (Status.UNDETERMINED, Error),
        (Status.WAIVED, Skipped),
        (Status.NOT_APPLICABLE, Skipped),
        (Status.NOT_ASSESSED, Skipped),
    ],
)
def test_only_a_pass_passes(verdict: Status, outcome: type | None) -> None:
    (case,) = read(report(row("trail-encrypted", verdict, "so it is")))
    assert [type(result) for result in case.result] == ([outcome] if outcome else [])


def test_every_cell_is_a_case() -> None:
    assert len(read(sample())) == len(sample().rows)


def test_what_could_not_be_read_is_an_error() -> None:
    assert [type(result) for case in read(errors_only()) for result in case.result] == [Error, Error]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_names_stay_text(text: str) -> None:
    assert len(read(poisoned(text))) == len(poisoned(text).rows) + 1
