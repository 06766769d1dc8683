"""What a waiver covers, by its patterns."""

from __future__ import annotations

import time
from datetime import date

import pytest

from guardline.validator.control import Status
from guardline.validator.waivers.written import Written
from tests.support.realistic_report import row


def covers(pattern: str, subject: str) -> bool:
    waiver = Written("w:1", "vpc-flow-logs", "r", "o", "a", date(2027, 1, 31), scope={"subject": pattern})
    return waiver.covers(row("vpc-flow-logs", Status.FAIL, "", region="eu-west-1", subject=subject))


@pytest.mark.parametrize(
    ("pattern", "subject", "covered"),
    [
        ("aws_vpc.this", "aws_vpc.this", True),
        ("aws_vpc.this", "aws_vpc.this2", False),
        ("*.aws_vpc.*", "module.a.aws_vpc.this", True),
        ('aws_vpc.this["a"]', 'aws_vpc.this["a"]', True),  # brackets are no class of characters
        ("aws_vpc.this[ab]", "aws_vpc.thisa", False),
        ("aws_vpc.v?", "aws_vpc.v1", True),
        ("aws_vpc.v?", "aws_vpc.v12", False),
        ("aws_vpc.*", "aws_vpc.a\nb", True),
    ],
)
def test_an_asterisk_is_any_text(pattern: str, subject: str, covered: bool) -> None:
    assert covers(pattern, subject) is covered


def test_a_pattern_of_many_asterisks_takes_no_time() -> None:
    """A file of waivers may come from anybody: with a backtracking match this took minutes."""
    began = time.monotonic()
    assert not covers("*a" * 60 + "*b", "a" * 10_000)
    assert time.monotonic() - began < 2
