"""JUnit XML, read back by the library that others read it with."""

from __future__ import annotations

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase

from guardline.validator.control import Status
from guardline.validator.report import Report
from guardline.validator.reporters import render
from tests.support.realistic_report import errors_only, report, row, sample
from tests.validator.reporters.test_hostile import HOSTILE, poisoned


def read(found: Report) -> list[TestCase]:
    text = render(found, "junit")
    assert isinstance(text, str)
    return [case for suite in JUnitXml.fromstring(text.encode()) for case in suite]


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
