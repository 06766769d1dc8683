"""Work that is shared out among processes of this machine, where there is enough of it."""

from __future__ import annotations

import os
import pickle
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

from guardline.spec import signals

ENOUGH = 8
"""So many plans, or accounts, are worth a process of their own."""
MOST = 8
"""More processes would each hold what all need."""

Answer = TypeVar("Answer")


def shares(tasks: int) -> int:
    """Into how many shares some tasks are best parted: one where they are few, or a fork is not safe.

    A fork has all that was read at hand, and is safe while this is the only thread.
    """
    forks = sys.platform == "linux" and threading.active_count() == 1
    alone = not forks or threading.current_thread() is not threading.main_thread()
    return 1 if alone else max(1, min(len(os.sched_getaffinity(0)), MOST, tasks // ENOUGH))


def shared_out(work: Callable[[int], Iterable[Answer]], several: int) -> list[list[Answer]]:
    """The answers of each share, in order. The first share is worked at here, each other in a process of its own.

    Args:
        work: does the work of a share, given its number. Each answer goes through `pickle` by itself, and is let go in
            the process that made it.
        several: how many shares there are.

    Raises:
        Exception: what `work` raises. The share of a process that was killed, or failed, is worked at here.
    """
    if several == 1:
        return [list(work(0))]
    import multiprocessing

    context = multiprocessing.get_context("fork")
    with ExitStack() as ending:
        begun = []
        with signals.waiting():  # a signal that comes while a process begins would leave it behind
            for number in range(1, several):
                ours, theirs = context.Pipe(duplex=False)
                process = context.Process(target=_worked, args=(work, number, theirs.send_bytes))
                process.start()
                theirs.close()
                ending.callback(process.join)
                ending.callback(process.kill)
                begun.append(ours)
        answers = [list(work(0))]
        for number, ours in enumerate(begun, 1):
            with ours:
                try:
                    many = int(ours.recv_bytes())
                    answers.append(
                        [
                            pickle.loads(ours.recv_bytes())  # noqa: S301 - from a process that this one began
                            for _ in range(many)
                        ]
                    )
                except EOFError:
                    answers.append(list(work(number)))
        return answers


def _worked(work: Callable[[int], Iterable[object]], number: int, send: Callable[[bytes], None]) -> None:
    """In a process of its own: work at a share. Whatever goes wrong here goes wrong again where the share is worked at
    next, and is said there, so that this process ends without a word. All is sent at the end: until then the other
    side works at its own share."""
    signals.end_when_asked()
    sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open until the process ends
    answers = [pickle.dumps(each, pickle.HIGHEST_PROTOCOL) for each in work(number)]
    send(str(len(answers)).encode())
    for each in answers:
        send(each)
