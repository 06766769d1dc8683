"""Paths as results show them: POSIX, relative to the git root, else to the working folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def _base(folder: Path) -> Path:
    return next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), folder)


def shown(path: str | Path) -> str:
    """Return a path as results show it. ``-`` stays; a path outside the tree stays as given.

    The path need not exist. Symbolic links are kept: the name shown is the one the user knows.
    """
    if str(path) == "-":
        return "-"
    here = Path.cwd()
    absolute = Path(path) if Path(path).is_absolute() else here / path
    parts: list[str] = []
    for part in absolute.parts:
        if part == ".." and len(parts) > 1:
            parts.pop()
        elif part != ".":
            parts.append(part)
    tidy = Path(*parts)
    base = _base(here)
    return tidy.relative_to(base).as_posix() if tidy.is_relative_to(base) else Path(path).as_posix()
