"""Comments in Terraform source that waive."""

from __future__ import annotations

from datetime import date

import pytest

from guardline.validator.waivers.inline import read
from guardline.validator.waivers.written import Place, Policy

TODAY = date(2026, 11, 25)
GOOD = "owner=web approver=security until=2027-03-31 the region moves away"
SOURCE = """\
provider "aws" {
  region = "us-east-1"
}

# guardline:ignore detector-enabled %s
resource "aws_guardduty_detector" "d" {
  enable = false
}

module "logs" { source = "./logs" }
"""


def test_a_comment_is_about_the_block_below_it() -> None:
    (found,), notes = read(SOURCE % GOOD, "main.tf", Policy(), TODAY)
    assert notes == ()
    assert (found.control, found.reason, found.owner) == ("detector-enabled", "the region moves away", "web")
    assert (found.approver, found.expires) == ("security", date(2027, 3, 31))
    assert (found.where, found.block) == ("main.tf:5", Place("main.tf", 6, 8))


@pytest.mark.parametrize(
    ("line", "block"),
    [
        ("  # guardline:ignore detector-enabled %s\n  enable = false", (6, 9)),
        ("  // guardline:ignore detector-enabled %s\n  enable = false", (6, 9)),
        ("  enable = false\n}\n# guardline:ignore detector-enabled %s\nlocals {", (10, 11)),
    ],
)
def test_or_about_the_one_that_it_stands_in(line: str, block: tuple[int, int]) -> None:
    plain = SOURCE.replace("# guardline:ignore detector-enabled %s", "# nothing").replace("  enable = false", line)
    (found,), _ = read(plain % GOOD, "main.tf", Policy(), TODAY)
    assert found.block is not None
    assert (found.block.first, found.block.last) == block


def test_quotes_hold_a_name_together() -> None:
    given = 'owner="Web Team" approver="Ann B" until=2027-03-31 ticket=SEC-1 why'
    (found,), _ = read(SOURCE % given, "main.tf", Policy(), TODAY)
    assert (found.owner, found.approver, found.ticket, found.reason) == ("Web Team", "Ann B", "SEC-1", "why")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("", "`reason` and `owner` and `approver` and `expires` are missing"),
        (GOOD.replace("until=2027-03-31 ", ""), "`expires` is missing"),
        (GOOD.replace("security", "web"), "the approver is the owner"),
        (GOOD.replace("2027", "2028"), "may hold for 365 days"),
        (GOOD.replace(" the region moves away", ""), "`reason` is missing"),
        (f"{GOOD} foo=bar", "unknown key `foo`"),
    ],
)
def test_one_that_breaks_a_rule_waives_nothing(given: str, says: str) -> None:
    kept, (note,) = read(SOURCE % given, "main.tf", Policy(), TODAY)
    assert kept == ()
    assert (note.where, note.state) == ("main.tf:5", "malformed")
    assert says in note.message


def test_a_comment_with_nothing_below_it() -> None:
    kept, (note,) = read(f"{SOURCE % 'x'}# guardline:ignore detector-enabled {GOOD}\n".replace(
        "# guardline:ignore detector-enabled x\n", ""), "main.tf", Policy(), TODAY)  # fmt: skip
    assert kept == ()
    assert note.message == "no block follows it"


def test_other_comments_are_none() -> None:
    assert read(SOURCE.replace("guardline:ignore", "guardline: ignore") % GOOD, "m", Policy(), TODAY) == ((), ())
