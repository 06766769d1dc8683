"""Writing one file so that readers see the old one or the new one, never a part."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO


def write(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Write a file atomically, whole or piece by piece: readers see the old one or the new one, never a part.

    What is not a regular file (a device, a pipe, ``/dev/stdout``) is written to, never replaced; a symbolic link stays,
    and what it leads to is written.

    Raises:
        OSError: it cannot be written; the old one is untouched.
    """
    several = (data,) if isinstance(data, bytes) else data
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            file.writelines(several)
        return
    path = path.resolve()
    temporary = path.with_name(f".{path.name}.guardline")
    with _held(temporary) as file:
        try:
            file.writelines(several)
            file.flush()
            # As readable as any other file that the user writes.
            mask = os.umask(0)
            os.umask(mask)
            os.fchmod(file.fileno(), 0o666 & ~mask)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def _held(temporary: Path) -> BinaryIO:
    """The temporary file, empty and ours alone. It always has the same name, so the next run takes over what a killed
    one left."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK  # nobody reads from a pipe of that name
    while True:
        file = os.fdopen(os.open(temporary, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600), "wb")
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            if os.path.samestat(os.fstat(file.fileno()), temporary.stat()):
                file.truncate()
                return file
        except FileNotFoundError:
            pass  # another run has just renamed it
        file.close()
