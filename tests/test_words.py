"""Plain English: phrases that readers did not understand stay out of everything that people read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("generator", "validator", "docs", "modules", "environments")
PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
BANNED = (
    "not told",
    "is told",
    "are told",
    "takes in",
    "hears of",
    "until a day",
    "what is gets",
    "taken for absent",
)
ENDINGS = {".py", ".md", ".j2", ".tf", ".yaml", ".json"}


def texts() -> list[Path]:
    """Every file whose words people read."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in ENDINGS]
    return [ROOT / page for page in PAGES] + [
        path for path in found if path.is_file() and not {".terraform", "data", "node_modules"} & set(path.parts)
    ]


@pytest.mark.parametrize("phrase", BANNED)
def test_no_text_uses_it(phrase: str) -> None:
    pattern = re.compile(r"\s+".join(map(re.escape, phrase.split())), re.IGNORECASE)
    used = [
        f"{path.relative_to(ROOT)}: {text[max(0, match.start() - 40) : match.end() + 20]!r}"
        for path in texts()
        for text in (path.read_text(encoding="utf-8"),)
        for match in pattern.finditer(text)
    ]
    assert not used, "\n".join(used)


def test_there_is_something_to_read() -> None:
    assert len(texts()) > 300
