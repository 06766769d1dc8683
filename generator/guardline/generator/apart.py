"""A few milliseconds of work that a killed run does not interrupt: a process of its own does it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

from guardline.spec import signals


def run_apart(work: Callable[[], None]) -> None:
    """Do work in a child process, in a session of its own: killing this process or its group leaves it running.

    Ctrl-C and the signals that ask a process to end wait until the work is done.

    Raises:
        OSError: that the work raised, or the child process was killed itself.
    """
    with signals.waiting():
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            _do(work, writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as answers:
            answer = answers.read()
        os.waitpid(child, 0)
    if not answer:
        raise OSError(None, "the process that renames the files was killed: run guardline generate again", None)
    code, message, file = json.loads(answer)
    if code:
        raise OSError(code, message, file)


def _do(work: Callable[[], None], writing: int) -> None:
    """The child: whatever happens, it ends here and never goes back into the run's own code."""
    try:
        os.setsid()
        try:
            work()
        except OSError as error:
            answer = [error.errno, error.strerror, None if error.filename is None else str(error.filename)]
        else:
            answer = [0, "", None]
        os.write(writing, json.dumps(answer).encode())
    finally:
        os._exit(0)
