"""Writing one file so that readers see the old one or the new one, never a part."""

from __future__ import annotations

import os
from pathlib import Path


def write(path: Path, data: bytes) -> None:
    """Write a file atomically: readers see the old one or the new one, never a part.

    What is not a regular file (a device, a pipe, ``/dev/stdout``) is written to, never replaced; a symbolic link stays,
    and what it leads to is written.

    Raises:
        OSError: it cannot be written; the old one is untouched.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    path = path.resolve()
    import tempfile  # loaded by nobody who writes nothing

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        # mkstemp makes files private; these are as readable as any other file the user writes.
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
