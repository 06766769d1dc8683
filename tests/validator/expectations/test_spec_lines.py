"""The line of a spec that asks for a control."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardline.validator.expectations.spec_lines import SpecLines

SPEC = """\
version: 1
name: test
home_region: us-east-1
regions:
  not_opted_in: rest
tamper:
  alarm: true
response:
  alerts: {}
"""


@pytest.mark.parametrize(
    ("control", "line"),
    [
        ("tamper-alarm", 6),
        ("records-alarm", 6),
        ("finding-alert", 9),
        ("regional-siblings", 4),
        ("trail-encrypted", 4),  # the spec has no block of it
    ],
)
def test_a_control_is_asked_for_where_its_block_begins(tmp_path: Path, control: str, line: int) -> None:
    path = tmp_path / "guardline.yaml"
    path.write_text(SPEC)
    assert SpecLines(path).of(control) == line
