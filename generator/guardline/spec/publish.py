"""Write a generated file of the repository, or check that it is current."""

from __future__ import annotations

import sys
from pathlib import Path

DOCS = Path(__file__).parents[3] / "docs"


def publish(path: Path, text: str, module: str, arguments: list[str]) -> int:
    """Bring the file up to date, or with ``--check`` only compare it.

    Returns:
        The exit code: 0 current or written, 1 stale (with ``--check``), 2 bad usage.
    """
    if arguments not in ([], ["--check"]):
        print(f"usage: python -m {module} [--check]", file=sys.stderr)
        return 2
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return 0
    if arguments:
        print(f"{path.name} is stale; write it anew with: python -m {module}", file=sys.stderr)
        return 1
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return 0
