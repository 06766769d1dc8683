"""The drawn matrix: whatever the width, each sign stands under the name of its control and beside its region."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from guardline.validator.control import Status
from guardline.validator.expectations.scope import RegionState, Scope, ScopeRegion
from guardline.validator.model.resource import Account
from guardline.validator.report import Report
from guardline.validator.reporters.grid import MOST_LINES, draw
from guardline.validator.reporters.matrix import matrix
from guardline.validator.reporters.style import Pen
from guardline.validator.reporters.vocabulary import NOTHING, SYMBOLS, ascii_text
from tests.support.realistic_report import ACCOUNT, DEFAULT_REGIONS, report, row, sample

CONTROLS = tuple(f"{letter * 9}-control" for letter in "abcdefghijklmnopq")


def stairs(lines: list[str], corner: str) -> dict[str, dict[str, str]]:
    """Region -> control -> the sign below its corner, from all parts of a matrix drawn with stairs."""
    found: dict[str, dict[str, str]] = {}
    columns: dict[str, int] = {}
    for line in lines:
        if head := re.match(rf" *([a-z0-9-]+) {re.escape(corner)}", line):
            columns[head[1]] = head.end() - 1
        elif region := re.match(r"[a-z]{2}-[a-z]+-\d ", line):
            found.setdefault(region[0].strip(), {}).update({control: line[at] for control, at in columns.items()})
        else:
            columns = {}
    return found


def wide() -> Report:
    """A report of as many controls as regions: control n fails in region n, and nowhere else."""
    cells = [
        replace(
            row("detector-enabled", Status.FAIL if n == at else Status.PASS, "so it is", region=region),
            control=control,
        )
        for n, control in enumerate(CONTROLS)
        for at, region in enumerate(DEFAULT_REGIONS)
    ]
    return report(*cells)


@pytest.mark.parametrize("width", [50, 80, 100])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_signs_stand_under_their_controls(width: int, ascii_only: bool) -> None:
    lines = draw(wide(), Pen(width, False, ascii_only))
    assert all(len(line) <= width for line in lines)
    found = stairs(lines, "." if ascii_only else "┐")
    fail, good = (ascii_text(SYMBOLS[each]) if ascii_only else SYMBOLS[each] for each in (Status.FAIL, Status.PASS))
    for at, region in enumerate(DEFAULT_REGIONS):
        wanted = {control: fail if n == at else good for n, control in enumerate(CONTROLS)}
        assert found[region] == wanted, region


def test_names_in_one_line_stand_over_their_columns() -> None:
    lines = draw(sample(), Pen(120, False, False))
    head, drawn = lines[0], {line.split("  ")[0]: line for line in lines[1:]}
    short = {"detector": "detector-enabled", "finding": "finding-publishing-frequency", "flow": "vpc-flow-logs"}
    squares = {(line.regions[0], each.control): each for line in matrix(sample()).lines for each in line.squares}
    for region in ("eu-west-3", "sa-east-1", "us-east-1", "us-west-1"):
        for label, control in short.items():
            worst = squares[region, control].worst
            assert drawn[region][head.index(label)] == (SYMBOLS[worst] if worst else NOTHING), (region, control)
    assert "✗1/4" in drawn["us-east-1"]


def test_more_lines_than_people_read_are_counted() -> None:
    regions = [f"xx-test-{n}" for n in range(MOST_LINES + 5)]
    cells = [
        row("vpc-flow-logs", Status.FAIL if n <= at else Status.PASS, "", region=region, subject=str(n))
        for at, region in enumerate(regions)
        for n in range(len(regions) + 1)
    ]
    scope = Scope("aws", (Account(ACCOUNT, ACCOUNT),), tuple(ScopeRegion(r, RegionState.EXPECTED) for r in regions))
    lines = draw(report(*cells, scope=scope), Pen(120, False, False))
    assert sum(line.startswith("xx-test-") for line in lines) == MOST_LINES
    assert any(line.startswith("and 5 more lines") for line in lines)
    assert any(line.endswith("✗1/46") for line in lines)


def test_where_tallies_have_no_room_regions_do_not_differ_by_them() -> None:
    cells = [
        replace(row("vpc-flow-logs", Status.PASS, "", region=region, subject=str(n)), control=control)
        for control in CONTROLS
        for region in DEFAULT_REGIONS
        for n in range(3)
    ]
    regions = ("eu-west-1", "eu-west-2")
    cells = [
        replace(cell, verdict=Status.FAIL)
        if cell.control == CONTROLS[0] and cell.region in regions[int(cell.subject or 0) :]
        else replace(cell, verdict=Status.UNDETERMINED)
        if cell.control == CONTROLS[1] and cell.region == "us-east-1"
        else cell
        for cell in cells
    ]
    assert any(line.startswith("eu-west-1, eu-west-2 ") for line in draw(report(*cells), Pen(80, False, False)))
    assert any(line.startswith("eu-west-1 ") for line in draw(report(*cells), Pen(250, False, False)))


def test_accounts_are_named_where_there_are_several() -> None:
    accounts: tuple[str | None, ...] = ("1" * 12, "2" * 12, "3" * 12, None)
    cells = [
        row("detector-enabled", Status.PASS if account else Status.FAIL, "", region=region, account=account)
        for account in accounts
        for region in DEFAULT_REGIONS
    ] + [row("trail-encrypted", Status.PASS, "", account=account) for account in accounts]
    scope = replace(sample().scope, accounts=tuple(Account(each, each or "aws") for each in accounts))
    text = re.sub(r"\s+", " ", "\n".join(draw(report(*cells, scope=scope), Pen(120, False, False))))
    assert "unknown: all 17 regions ✗" in text
    assert "111111111111, 222222222222 and" in text
    assert "1 more: all 17 regions" in text
    assert "account-wide unknown" in text
    assert "account-wide 333333333333" in text


def test_nothing_asked_draws_nothing() -> None:
    assert draw(report(), Pen(80, False, False)) == []


def test_one_or_two_lines_are_a_list_where_names_do_not_fit() -> None:
    """Stairs of many controls above one row of ticks are taller than what they say."""
    cells = [
        replace(
            row(
                "detector-enabled",
                Status.FAIL if (control, region) == (CONTROLS[0], "eu-west-1") else Status.PASS,
                "",
                region=region,
            ),
            control=control,
        )
        for control in CONTROLS
        for region in DEFAULT_REGIONS
    ]
    drawn = "\n".join(draw(report(*cells), Pen(80, False, False)))
    assert "┐" not in drawn
    assert f"eu-west-1\n  ✗ {CONTROLS[0]}\n  ✓ {CONTROLS[1]}, " in drawn
    assert f"the other 16 regions\n  ✓ {CONTROLS[0]}, {CONTROLS[1]}, " in drawn
    other = [replace(each, verdict=Status.UNDETERMINED) if each.region == "us-east-1" else each for each in cells]
    assert "┐" in "\n".join(draw(report(*other), Pen(80, False, False)))
