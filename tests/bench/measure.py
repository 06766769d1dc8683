"""Run one command and say what it took: wall time, and the peak memory of that process alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path


class Failed(Exception):  # noqa: N818 - reads as what happened
    """A measured command did not end as it should have; a figure of it would mean nothing."""


@dataclass(frozen=True)
class Run:
    """What one command took: the seconds of its fastest round, which other work on the machine disturbed least, and the
    most memory that any round held, in bytes."""

    seconds: float
    peak: int
    rounds: int


def measure(
    command: Sequence[str | Path],
    log: Path,
    *,
    rounds: int = 5,
    ends_with: Collection[int] = (0,),
    before: Callable[[], object] = lambda: None,
) -> Run:
    """Run a command several times.

    Args:
        command: the argument list.
        log: where its output goes; a pipe would make this process part of the measurement.
        rounds: how often; the fastest counts.
        ends_with: the exit codes of a right run.
        before: called before each round, outside the time taken.

    Raises:
        Failed: another exit code; the message has the end of the output.
    """
    times, peaks = [], []
    for _ in range(rounds):
        before()
        seconds, peak = _once([str(part) for part in command], log, ends_with)
        times.append(seconds)
        peaks.append(peak)
    return Run(min(times), max(peaks), rounds)


LAUNCHER = """\
import json, os, subprocess, sys, time

log, *command = sys.argv[1:]
with open(log, "wb") as output:
    began = time.perf_counter()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - began
child.returncode = os.waitstatus_to_exitcode(status)
print(json.dumps([child.returncode, seconds, usage.ru_maxrss * 1024]))
"""
"""wait4 tells of this child alone, where getrusage(RUSAGE_CHILDREN) is the peak of all so far. Linux counts what the
parent held at the fork too, so that the parent is a process of its own, which holds next to nothing."""


def _once(command: list[str], log: Path, ends_with: Collection[int]) -> tuple[float, int]:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", LAUNCHER, log, *command], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Failed(f"{' '.join(command)} did not start:\n{done.stderr[-2000:]}")
    code, seconds, peak = json.loads(done.stdout)
    if code not in ends_with:
        tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise Failed(f"{' '.join(command)} ended with {code}:\n{tail}")
    return seconds, peak
