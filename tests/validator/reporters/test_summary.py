"""The sentences that say what was expected, what was found and what that proves."""

from __future__ import annotations

import re

import pytest

from guardline.validator.control import Status
from guardline.validator.report import Row, Source
from guardline.validator.reporters.summary import (
    conclusion,
    counts,
    denominator,
    evidence,
    headline,
    percent,
    regions_outside,
    uncalled,
)
from tests.support.realistic_report import errors_only, report, row, sample


def test_the_denominator_counts_each_kind_of_cell_once() -> None:
    found = denominator(sample())
    assert (found.accounts, found.regions, found.controls) == (1, 17, 13)
    assert (found.of_regions, found.of_things, found.of_accounts, found.derived) == (119, 20, 4, 17)
    assert found.cells + found.derived == len(sample().rows)


def test_the_denominator_in_words() -> None:
    one = report(row("s3-protection", Status.PASS, "", region="eu-west-1"))
    assert str(denominator(one)) == "1 cell of 1 account, 17 regions and 1 control: 1 about whole regions"
    assert str(denominator(errors_only())) == "0 cells of 0 accounts, 0 regions and 0 controls"


def test_counts_name_the_three_that_matter_even_at_none() -> None:
    assert counts(report()) == "0 pass, 0 fail, 0 undetermined"
    waived = row("s3-protection", Status.WAIVED, "", region="eu-west-1")
    derived = row("region-consistency", Status.FAIL, "", region="eu-west-1")
    assert counts(report(waived, derived)) == "0 pass, 0 fail, 0 undetermined, 1 waived"


def detectors(status: Status, *regions: str, regression: bool = False) -> list[Row]:
    return [
        row("detector-enabled", status, "no detector: it is gone", region=r, regression=regression) for r in regions
    ]


NOTHING = "Nothing was asked: what was chosen is asked only where a spec or the source has it."


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (detectors(Status.PASS, "eu-west-1"), "All that is asked holds: 1 of 1 cell pass."),
        (detectors(Status.FAIL, "eu-west-1"), "eu-west-1 has no GuardDuty. 1 of 1 cell fails."),
        (
            detectors(Status.FAIL, "eu-west-1", "us-east-1", regression=True),
            "eu-west-1, us-east-1 lose GuardDuty. 2 of 2 cells fail.",
        ),
        (
            [row("trail-encrypted", Status.FAIL, "the trail has no key: S3's own is used")],
            "The trail has no key. 1 of 1 cell fails.",
        ),
        (
            [row("trail-encrypted", Status.UNDETERMINED, "its key is known only after apply")],
            "Nothing fails. 1 of 1 cell cannot be determined: its key is known only after apply.",
        ),
        (
            [row("region-consistency", Status.FAIL, "", region="eu-west-1")],
            NOTHING,
        ),
    ],
    ids=["all well", "missing", "lost", "another fault", "unknown", "nothing"],
)
def test_the_first_sentence_speaks_of_the_account(rows: list[Row], says: str) -> None:
    assert headline(report(*rows)) == says


def test_the_first_sentence_names_two_faults_and_counts_the_others() -> None:
    assert headline(sample()) == (
        "eu-west-3 loses GuardDuty; the flow log records REJECT traffic only, not ALL (us-east-1); 3 more faults. "
        "11 of 139 cells fail, 4 cannot be determined."
    )


def test_what_could_not_be_read_is_said_first() -> None:
    assert "could not be read" in headline(errors_only())


def test_the_numbers_of_one_report_agree() -> None:
    """The denominator is the sum of the verdicts, and the first sentence's is that of the coverage figure."""
    given = sample()
    verdicts = sum(int(number) for number in re.findall(r"(\d+) [a-z-]+", counts(given)))
    assert verdicts == denominator(given).cells
    inside = sum(given.count(each) for each in (Status.PASS, Status.FAIL, Status.UNDETERMINED))
    assert f" of {inside} cells " in headline(given)


def test_derived_cells_are_told_apart_where_they_decide() -> None:
    rows = [
        *detectors(Status.UNDETERMINED, "eu-west-1"),
        row("region-consistency", Status.UNDETERMINED, "", region="eu-west-1"),
    ]
    assert conclusion(report(*rows)).endswith("but 1 cell and 1 derived cell there are undetermined")


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


def test_the_first_sentence_stays_one_whatever_an_address_is_called() -> None:
    long = f"module.{10_000 * 'x'}.aws_vpc.y"
    found = headline(
        report(row("vpc-flow-logs", Status.FAIL, f"no flow log on {long}", region="eu-west-1", subject=long))
    )
    assert found.startswith("No flow log on module.xxx")
    assert found.endswith("… (eu-west-1). 1 of 1 cell fails.")
    assert len(found) < 300


def test_a_folder_that_nobody_calls_is_named_with_its_source_where_there_are_several() -> None:
    one, other = (Source("hcl", name, 64 * "a", None, True, "design", uncalled=("modules/gd",)) for name in ("a", "b"))
    said = "modules/gd is called by nobody, so what is in there is not built"
    assert uncalled(report(sources=(one,))) == (said,)
    assert uncalled(report(sources=(one, other))) == (f"a: {said}", f"b: {said}")
