"""Module folders of a root that hold GuardDuty's resources and that nobody calls: most often the call was forgotten.

The text of the files is searched, and nothing is evaluated: it is a hint, and decides no verdict.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from guardline.spec import regular
from guardline.validator.endings import SOURCE

_FILES, _BYTES, _DEPTH = 2000, 1 << 20, 4
"""No more files, no larger ones and none deeper are looked into."""

_CALL = re.compile(r'\bsource"?\s*[=:]\s*"(\.{1,2}/[^"$]+)"')
_COMMENT = re.compile(r"^\s*(#|//|/\*(?s:.*?)\*/).*$", re.MULTILINE)
"""A comment that begins its line; elsewhere ``/*`` is mostly the end of an ARN."""
_GUARDDUTY = re.compile(r'^\s*resource\s+"aws_guardduty_', re.MULTILINE)
_PROVIDER = re.compile(r'^\s*provider\s+"aws"\s*\{', re.MULTILINE)


def uncalled(root: Path) -> tuple[str, ...]:
    """The folders below ``modules/`` of a root that hold GuardDuty's resources and no provider, and that no file of
    the root or of its modules calls; relative to the root.

    Args:
        root: the folder of the root.
    """
    if not (root / "modules").is_dir():
        return ()
    called: set[Path] = set()
    holding: list[Path] = []
    for folder, text in _texts(root):
        called |= {Path(os.path.normpath(folder / found)) for found in _CALL.findall(text)}
        if folder.is_relative_to(root / "modules") and _GUARDDUTY.search(text) and not _PROVIDER.search(text):
            holding.append(folder)
    return tuple(dict.fromkeys(each.relative_to(root).as_posix() for each in holding if each not in called))


def _texts(root: Path) -> Iterator[tuple[Path, str]]:
    """Each Terraform file at or below a folder, with its folder; links and hidden folders are left out."""
    left = _FILES
    for here, folders, names in os.walk(root):
        folder = Path(os.path.normpath(here))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if len(folder.parts) - len(root.parts) >= _DEPTH:
            folders.clear()
        for name in sorted(names):
            path = folder / name
            if not name.endswith(SOURCE) or path.is_symlink():
                continue
            left -= 1
            if left < 0:
                return
            try:
                yield folder, _COMMENT.sub("", regular.read(path, _BYTES).decode(errors="replace"))
            except OSError:
                continue  # the root's own files are read, and complained about, elsewhere
