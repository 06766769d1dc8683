"""What people read of the sample report, sign for sign.

The expected texts are in `tests/golden/reports`. To rewrite them after a wanted change: GUARDLINE_GOLDEN=write, then
read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from guardline.validator.reporters import FORMATS, render
from tests.support.realistic_report import sample

GOLDEN = Path(__file__).parents[2] / "golden" / "reports"
WAYS: dict[str, tuple[str, dict[str, object]]] = {
    "terminal-80.txt": ("terminal", {"width": 80}),
    "terminal-120.txt": ("terminal", {"width": 120}),
    "terminal-colour.txt": ("terminal", {"width": 120, "colour": True}),
    "terminal-ascii.txt": ("terminal", {"width": 80, "ascii_only": True}),
    "report.json": ("json", {}),
    "report.md": ("markdown", {}),
    "report.html": ("html", {}),
    "report.sarif": ("sarif", {}),
    "report.junit.xml": ("junit", {}),
    "report.github.txt": ("github", {}),
    "report.gitlab.json": ("gitlab", {}),
    "report.ocsf.jsonl": ("ocsf", {}),
}


@pytest.mark.parametrize("file", WAYS)
def test_the_report_is_the_golden_one(file: str) -> None:
    name, options = WAYS[file]
    rendered = render(sample(), name, **options)
    assert isinstance(rendered, str)
    if os.environ.get("GUARDLINE_GOLDEN") == "write":
        (GOLDEN / file).write_bytes(rendered.encode())
    assert rendered == (GOLDEN / file).read_bytes().decode()


def test_every_format_has_its_golden_text() -> None:
    assert {name for name, _ in WAYS.values()} == set(FORMATS)
    assert sorted(path.name for path in GOLDEN.iterdir()) == sorted(WAYS)
