"""Values against the real Terraform: never another value, seldom none.

Allowed are an unknown, and a value where Terraform refuses to give one; both are counted, and bounded.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.hcl_expressions import Expressions
from tests.support.terraform_values import ERROR, UNKNOWN, of_guardline, of_terraform

DATA = Path(__file__).parents[3] / "data"
CURATED = [line for line in (DATA / "hcl-expressions.txt").read_text(encoding="utf-8").splitlines() if line.strip()]
RECORDED: dict[str, str] = json.loads((DATA / "hcl-expressions.json").read_text(encoding="utf-8"))
"""What Terraform 1.11.4 gave for each."""

BINARY = {"1/3", "range(0,1,0.3)"}
"""Terraform's numbers are binary; the last of 155 digits differs."""
LENIENT = {'format("%s", null)', "can(1/0)"}
"""Terraform is more lenient here than its documentation says."""


@pytest.mark.parametrize("expression", sorted(set(RECORDED) - BINARY - LENIENT))
def test_expressions_have_terraforms_value(expression: str) -> None:
    ours = of_guardline(expression)
    if ours != UNKNOWN or not expression.startswith(("[", "{")):  # whether two collections are of one type is not kept
        assert ours == RECORDED[expression]


def test_the_record_covers_the_list() -> None:
    assert set(RECORDED) == set(CURATED)


@pytest.mark.terraform
def test_the_record_is_what_terraform_says(tmp_path: Path) -> None:
    assert dict(zip(CURATED, of_terraform(CURATED, tmp_path), strict=True)) == RECORDED


def disagreements(seed: int, number: int, folder: Path) -> tuple[list[str], int, int]:
    """Contradictions, how many are unknown here, and to how many only Terraform objects."""
    generator = Expressions(seed)
    expressions = [generator.any(4) for _ in range(number)]
    wrong: list[str] = []
    unknown = lenient = 0
    for expression, theirs in zip(expressions, of_terraform(expressions, folder), strict=True):
        ours = of_guardline(expression)
        if ours == UNKNOWN:
            unknown += 1
        elif theirs == ERROR and ours != ERROR:
            lenient += 1
        elif ours != theirs and "-0" not in str(theirs):  # Terraform keeps a negative zero
            wrong.append(f"{expression}\n  terraform: {theirs}\n  guardline: {ours}")
    return wrong, unknown, lenient


@pytest.mark.terraform
def test_random_expressions_never_contradict_terraform(tmp_path: Path) -> None:
    wrong, unknown, lenient = disagreements(7, 250, tmp_path)
    assert not wrong, "\n".join(wrong)
    assert unknown <= 25
    assert lenient <= 15


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 110))
def test_many_random_expressions_never_contradict_terraform(seed: int, tmp_path: Path) -> None:
    wrong, unknown, lenient = disagreements(seed, 300, tmp_path)
    assert not wrong, "\n".join(wrong)
    assert unknown <= 30
    assert lenient <= 20
