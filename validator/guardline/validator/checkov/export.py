"""Custom checks for checkov: one for each control that says something of a resource, and one for what is missing.

The checks are a file of this package, copied as it is: it reads a small JSON beside it and imports checkov alone.
Source: https://www.checkov.io/3.Custom%20Policies/Python%20Custom%20Policies.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from guardline.spec.atomic import write as write_file
from guardline.validator.control import Status
from guardline.validator.report import Report, Row

CHECKS = Path(__file__).with_name("guardline_checks.py.txt")
MANY = 5
"""Cells without a resource that the check at the provider names; the rest is counted."""

_INDEX = re.compile(r'\["(?:[^"\\]|\\.)*"\]|\[\d+\]')


def write(report: Report, folder: Path) -> Iterator[Path]:
    """Write the folder.

    Args:
        report: the stored result.
        folder: made where it is not there.

    Yields:
        Each file that was written.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        # checkov imports what the folder's own list names.
        "__init__.py": '__all__ = ["guardline_checks"]\n',
        "guardline_checks.py": CHECKS.read_text(encoding="utf-8"),
        "guardline_checks.json": json.dumps(content(report), indent=1) + "\n",
    }
    for name, text in files.items():
        write_file(folder / name, text.encode())
        yield folder / name


def content(report: Report) -> dict[str, Any]:
    """What the checks read: of each control the resources that fail and those that pass, by address without indices."""
    controls: dict[str, dict[str, Any]] = {}
    without: list[Row] = []
    for row in report.rows:
        addresses = _addresses(row)
        if row.verdict is Status.FAIL and not addresses and row.cause is None:
            without.append(row)
        if row.verdict not in (Status.FAIL, Status.PASS) or not addresses:
            continue
        of = controls.setdefault(
            row.control, {"title": row.title, "severity": str(row.severity), "fails": {}, "passes": []}
        )
        # The first is what the verdict is about; the others led there.
        if row.verdict is Status.FAIL:
            of["fails"].setdefault(addresses[0], _said(row))
        elif addresses[0] not in of["passes"]:
            of["passes"].append(addresses[0])
    without.sort(key=lambda row: -row.severity.rank)
    more = len(without) - MANY
    named = [*map(_said, without[:MANY]), *([f"and {more} more"] if more > 0 else [])]
    return {"controls": controls, "without_resource": named}


def _addresses(row: Row) -> list[str]:
    """The resources that a cell is about, as checkov names them."""
    found = (_INDEX.sub("", each.address) for each in row.evidence if not each.absent)
    return [each for each in found if re.search(r"(^|\.)(aws|awscc)_\w+\.[\w-]+$", each)]


def _said(row: Row) -> str:
    where = ", ".join(part for part in (row.account, row.region) if part)
    return f"{row.control}{f' in {where}' if where else ''}: {row.reason}"
