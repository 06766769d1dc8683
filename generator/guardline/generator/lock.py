"""One run at a time in a folder: a lock that the operating system takes back when the run ends, however it ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from guardline.generator.manifest import RefusedError

PATIENCE = 60.0
"""Seconds to wait for another run; one takes about a second."""


@contextmanager
def locked(folders: Iterable[Path], tell: Callable[[str], None], patience: float = PATIENCE) -> Iterator[None]:
    """Hold folders alone. Those that are not there are made, and taken away again if they stay empty.

    The lock is on the folder itself, so there is no lock file that a killed run could leave behind.

    Args:
        folders: in any order; they are locked in one order, so that two runs never wait for each other.
        tell: is given a sentence where another run has to be waited for, or where a file system has no locks.
        patience: seconds to wait.

    Raises:
        RefusedError: another run still holds a folder.
        OSError: a folder cannot be made or opened.
    """
    with ExitStack() as held:
        for folder in sorted({folder.resolve() for folder in folders}):
            _hold(folder, held, tell, time.monotonic() + patience)
        yield


def _hold(folder: Path, held: ExitStack, tell: Callable[[str], None], until: float) -> None:
    while True:
        made = [each for each in (folder, *folder.parents) if not each.exists()]
        with suppress(FileExistsError):  # a file of that name: to open it says what is wrong
            folder.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:  # its maker has just taken it away again
            continue
        with ExitStack() as opened:
            opened.callback(os.close, descriptor)
            _wait(folder, descriptor, tell, until)
            if _has_its_name(folder, descriptor):
                for each in reversed(made):
                    opened.callback(_remove_empty, each)  # in the end first, while the lock still holds
                held.push(opened.pop_all())
                return


def _wait(folder: Path, descriptor: int, tell: Callable[[str], None], until: float) -> None:
    said = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise RefusedError(
                    f"another run of guardline generate holds {folder}: run again when it is done"
                ) from None
            if not said:
                tell(f"another run of guardline generate holds {folder}: waiting for it")
                said = True
            time.sleep(0.02)
        except OSError as error:  # a network file system, for one
            tell(f"warning: {folder} cannot be locked ({error.strerror}): let no two runs write into it at once")
            return
        else:
            return


def _has_its_name(folder: Path, descriptor: int) -> bool:
    """Whether the folder that was opened is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(descriptor), folder.stat())
    except FileNotFoundError:
        return False


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):  # something is in it, which is what it was made for
        folder.rmdir()
