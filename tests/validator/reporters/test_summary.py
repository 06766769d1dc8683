"""The sentences that say what was expected, what was found and what that proves."""

from __future__ import annotations

import pytest

from guardline.validator.control import Status
from guardline.validator.report import Source
from guardline.validator.reporters.summary import counts, denominator, evidence, percent, regions_outside
from tests.support.realistic_report import errors_only, report, row, sample


def test_the_denominator_counts_each_kind_of_cell_once() -> None:
    found = denominator(sample())
    assert (found.accounts, found.regions, found.controls) == (1, 17, 13)
    assert (found.of_regions, found.of_things, found.of_accounts, found.derived) == (119, 20, 4, 17)
    assert found.cells + found.derived == len(sample().rows)


def test_the_denominator_in_words() -> None:
    one = report(row("s3-protection", Status.PASS, "", region="eu-west-1"))
    assert str(denominator(one)) == "1 account × 17 regions × 1 control: 1 cell expected (1 of whole regions)"
    assert str(denominator(errors_only())) == "0 accounts × 0 regions × 0 controls: 0 cells expected"


def test_counts_name_the_three_that_matter_even_at_none() -> None:
    assert counts(report()) == "0 pass, 0 fail, 0 undetermined"
    waived = row("s3-protection", Status.WAIVED, "", region="eu-west-1")
    derived = row("region-consistency", Status.FAIL, "", region="eu-west-1")
    assert counts(report(waived, derived)) == "0 pass, 0 fail, 0 undetermined, 1 waived"


@pytest.mark.parametrize(
    ("coverage", "says"),
    [
        (None, "none (no cell could be judged)"),
        (0.0, "0.0 %"),
        (0.29, "29.0 %"),  # 0.29 * 1000 is 289.99… as a float
        (2 / 3, "66.6 %"),
        (9999 / 10000, "99.9 %"),
        (1 - 1e-12, "99.9 %"),
        (1.0, "100 %"),
    ],
)
def test_coverage_is_never_rounded_up(coverage: float | None, says: str) -> None:
    assert percent(coverage) == says


def test_each_class_of_evidence_is_explained_once() -> None:
    sources = [Source("plan", name, "", None, True, "design") for name in "ab"]
    live = Source("live", "", "", None, True, "operating")
    found = evidence(report(sources=(*sources, live)))
    assert [name for name, _ in found] == ["design", "operating"]
    assert all(shows for _, shows in found)


def test_regions_outside_are_all_there() -> None:
    outside = {state: [each.name for each in regions] for state, regions in regions_outside(sample()).items()}
    assert outside == {
        "retiring": ["eu-south-1"], "excluded": ["me-south-1"], "not-opted-in": ["af-south-1", "ap-east-1"],
    }  # fmt: skip
