"""A run ends when it is asked to, whatever Python is doing just then."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import pytest

from guardline.spec import signals

# What a finalizer raises, Python drops.
FINALIZED = """
import signal, time
from guardline.spec import signals

class Item:
    def __del__(self):
        {does}

signals.heed()
try:
    item = Item()
    del item
    time.sleep({then})
finally:
    print("cleaned")
"""


def finalize(does: str, then: int) -> subprocess.CompletedProcess[str]:
    script = FINALIZED.format(does=does, then=then)
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=25, check=False)


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGHUP", 129), ("SIGINT", -signal.SIGINT)])
def test_a_signal_in_a_finalizer_ends_the_run(name: str, code: int) -> None:
    done = finalize(f"signal.raise_signal(signal.{name})", then=30)
    assert (done.returncode, done.stdout) == (code, "cleaned\n")
    assert "Exception ignored" not in done.stderr


def test_an_error_in_a_finalizer_is_shown_as_ever_and_ends_nothing() -> None:
    done = finalize("raise ValueError('of the finalizer')", then=0)
    assert (done.returncode, done.stdout) == (0, "cleaned\n")
    assert "Exception ignored" in done.stderr
    assert "of the finalizer" in done.stderr


def test_an_ignored_signal_stays_ignored() -> None:
    script = "signals.heed(); signal.raise_signal(signal.SIGHUP); print('goes on')"
    ignored = "import signal; from guardline.spec import signals; signal.signal(signal.SIGHUP, signal.SIG_IGN); "
    done = subprocess.run([sys.executable, "-c", ignored + script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "goes on\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_wait_and_are_not_lost(number: signal.Signals) -> None:
    came: list[int] = []
    before = signal.signal(number, lambda found, _: came.append(found))
    try:
        with signals.waiting():
            # To this thread: those of a test runner do not wait.
            signal.pthread_kill(threading.get_ident(), number)
            assert came == []
        assert came == [number]
    finally:
        signal.signal(number, before)


def started(then: str) -> subprocess.CompletedProcess[str]:
    script = f"import signal, time, guardline.start; {then}"
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=25, check=False)


def test_ctrl_c_while_the_command_loads_ends_it_without_a_word() -> None:
    done = started("signal.raise_signal(signal.SIGINT); print('goes on')")
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_ctrl_c_once_it_is_loaded_is_answered() -> None:
    raised = "signals.heed(); exec('try: signal.raise_signal(signal.SIGINT)\\nexcept KeyboardInterrupt: print(130)')"
    done = started(f"from guardline.spec import signals; {raised}")
    assert (done.returncode, done.stdout, done.stderr) == (0, "130\n", "")
