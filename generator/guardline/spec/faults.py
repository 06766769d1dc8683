"""Faults of guardline's own, as a person reads of them: where, and of what kind, and nothing of what was read."""

from __future__ import annotations

from pathlib import PurePath
from traceback import walk_tb


def fault(error: BaseException) -> str:
    """Half a sentence about an exception that nobody foresaw. Its own words are left out: they may quote a secret."""
    where = ""
    for frame, line in walk_tb(error.__traceback__):
        parts = PurePath(frame.f_code.co_filename).parts
        if "guardline" in parts[:-1]:
            inner = parts[len(parts) - parts[::-1].index("guardline") :]
            where = f" at {'/'.join(inner)}:{line}"
    return f"guardline fails here ({type(error).__name__}{where}); please report it"


def said(error: Exception) -> str:
    """An exception that ends a run: the system's errors with the file they are about, all others as a fault."""
    if isinstance(error, OSError):
        # Only the working folder is looked for without a name.
        nameless = "the working folder" if isinstance(error, FileNotFoundError) else "the run"
        return f"{error.filename or nameless}: {error.strerror or type(error).__name__}"
    return fault(error)
