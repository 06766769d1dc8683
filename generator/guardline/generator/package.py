"""The response function as files of its module: the source for people, and packed as Lambda takes it.

The archive is the same, byte for byte, whatever packs it: no times, no compression (which differs between releases of
zlib), one order.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path, PurePosixPath

from guardline.generator import responder

ARCHIVE = PurePosixPath("responder.zip")
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_READABLE = 0o100644 << 16


@cache
def actions() -> tuple[str, ...]:
    """The names of the actions that the function knows."""
    from guardline.generator.responder.actions import ACTIONS

    return tuple(ACTIONS)


@cache
def source() -> Mapping[PurePosixPath, str]:
    """The function's files: path in the archive -> text."""
    folder = Path(responder.__file__).parent
    return {
        PurePosixPath(folder.name, path.relative_to(folder).as_posix()): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.py"))
    }


def packed(files: Mapping[PurePosixPath, str]) -> str:
    """An archive of files, as a text in which each byte that is not UTF-8 is a surrogate: how generated files are held.

    Args:
        files: path in the archive -> text.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path, text in sorted(files.items()):
            entry = zipfile.ZipInfo(str(path), _EARLIEST)
            entry.create_system = _UNIX
            entry.external_attr = _READABLE
            archive.writestr(entry, text.encode())
    return buffer.getvalue().decode("utf-8", "surrogateescape")
