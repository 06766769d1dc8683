"""The signals that ask a run to end: Ctrl-C, and those that ask a process."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

_AGAIN_AFTER = 0.01  # seconds
_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]  # Windows has no SIGHUP


def heed() -> None:
    """Answer Ctrl-C, also where it has ended all so far; let SIGTERM end this run with 143 and SIGHUP with 129 (unless
    they are ignored: nohup); no signal gets lost.

    A handler ends the run by what it raises. Where Python cannot hand that on (in a finalizer, or a callback around a
    fork) it prints and drops it: https://docs.python.org/3/library/sys.html#sys.unraisablehook. It is raised again a
    moment later, until it comes through.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in _ENDING:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)
    if not hasattr(signal, "setitimer"):  # Windows
        return
    dropped: list[BaseException] = []
    otherwise = sys.unraisablehook

    def hook(unraisable: sys.UnraisableHookArgs) -> Any:
        if not isinstance(unraisable.exc_value, KeyboardInterrupt | SystemExit):
            return otherwise(unraisable)
        dropped[:] = [unraisable.exc_value]
        return signal.setitimer(signal.ITIMER_REAL, _AGAIN_AFTER)

    def raise_again(_number: int, _frame: FrameType | None) -> NoReturn:
        raise dropped[0]

    signal.signal(signal.SIGALRM, raise_again)
    sys.unraisablehook = hook


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


@contextmanager
def waiting() -> Iterator[None]:
    """The signals wait for the length of a `with`, in this process and in those that begin meanwhile."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, *_ENDING})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_when_asked() -> None:
    """In a process that works for the run: it ends at once when it is asked to; Ctrl-C is for the run to answer."""
    for number in _ENDING:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):  # it began while they waited
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, *_ENDING})
