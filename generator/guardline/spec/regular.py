"""Reading a file that anybody may have put there: a regular one only, and only up to a size.

To open a named pipe waits for whoever writes to it, a device may do anything, and a sparse file of many gigabytes
takes no room on a disk: none of them may stop or fill the process that reads.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


class NotRegularError(OSError):
    """It is no regular file, or too large; ``strerror`` says so as the rest of a sentence about the file."""


def read(path: Path | str, at_most: int) -> bytes:
    """The bytes of a regular file.

    Args:
        path: the file; symbolic links are followed, so where they may lead is for the caller to settle.
        at_most: bytes that it may have.

    Raises:
        NotRegularError: it is no regular file, or larger.
        OSError: it cannot be read. All of these name the file.
        ValueError: the path holds a NUL.
    """
    # Non-blocking, for the pipe that takes the file's place between two calls.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotRegularError(errno.EINVAL, "is not a regular file", str(path))
        if status.st_size > at_most:
            raise _larger(path, at_most)
        return _all(descriptor, path, at_most, status.st_size)
    finally:
        os.close(descriptor)


def _all(descriptor: int, path: Path | str, at_most: int, size: int) -> bytes:
    """What the file holds; it may grow meanwhile, and some (under ``/proc``) say that they are empty."""
    parts: list[bytes] = []
    left = at_most + 1
    while part := os.read(descriptor, min(left, max(size + 1, 1 << 16))):
        parts.append(part)
        left -= len(part)
        if not left:
            raise _larger(path, at_most)
    return b"".join(parts)


def _larger(path: Path | str, at_most: int) -> NotRegularError:
    shown = f"{at_most // 1024:,} KiB" if at_most < 1 << 20 else f"{at_most >> 20:,} MiB"
    return NotRegularError(errno.EFBIG, f"is larger than {shown}, the most that is read", str(path))
