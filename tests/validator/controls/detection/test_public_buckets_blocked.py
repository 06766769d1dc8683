"""Control public-buckets-blocked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.judging import report
from tests.validator.controls.detection.test_plans_on_request import HEAD, ROOT

BLOCK = """
resource "aws_s3_account_public_access_block" "all" {
  block_public_acls       = true
  block_public_policy     = POLICY
  ignore_public_acls      = true
  restrict_public_buckets = true
}
"""


@pytest.mark.parametrize(
    ("block", "verdict"),
    [
        (BLOCK.replace("POLICY", "true"), "pass"),
        (BLOCK.replace("POLICY", "false"), "fail"),
        (BLOCK.replace("POLICY", 'var.status == "x"'), "undetermined"),
        ("", "fail"),
    ],
)
def test_public_buckets_blocked(block: str, verdict: str, tmp_path: Path) -> None:
    found = report(
        tmp_path,
        {"main.tf": ROOT + block, "guardline.yaml": f"{HEAD}block_public_buckets: true\n"},
        spec=tmp_path / "guardline.yaml",
        controls=frozenset({"public-buckets-blocked"}),
    )
    assert [row.verdict.value for row in found.rows] == [verdict]
