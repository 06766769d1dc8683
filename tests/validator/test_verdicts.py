"""Small configurations and plans on which a verdict was once wrong, each beside its nearest right sibling.

`tests/data/verdicts/expect.json` has a row for each run: the folder, what is given, the cells with the verdicts that
are right, and why. Each row stands for a kind of fault. The plans are real ones of Terraform 1.11.4 and AWS provider
5.100.0.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from guardline.cli import app

FOLDER = Path(__file__).parents[1] / "data" / "verdicts"
ROWS: list[dict[str, Any]] = json.loads((FOLDER / "expect.json").read_text(encoding="utf-8"))


def fits(cell: dict[str, Any], want: dict[str, Any]) -> bool:
    same = all(cell[key] == want[key] for key in ("control", "region", "account") if key in want)
    return same and want.get("subject_has", "") in (cell["subject"] or "")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['case']}-{row['kind']}")
def test_the_verdict_is_right(row: dict[str, Any]) -> None:
    arguments = [argument.replace("{case}", str(FOLDER / row["case"])) for argument in row["args"]]
    done = CliRunner().invoke(app, [*arguments, "--no-cache"])
    assert done.exit_code in row.get("exit", [0, 1, 3]), done.output
    assert row.get("stderr", "").lower() in done.stderr.lower()
    if not row["cells"]:
        return
    cells = json.loads(done.stdout)["cells"]
    if row.get("no_regression"):
        assert not any(cell["regression"] for cell in cells)
    for want in [*row["cells"], *row.get("none_but", [])]:
        found = [cell for cell in cells if fits(cell, want)]
        wrong = [(cell["verdict"], cell["reason"]) for cell in found if cell["verdict"] not in want["verdict"]]
        assert not wrong, row["why"]
        assert found or want not in row["cells"] or row.get("optional"), f"no cell of {want}"
