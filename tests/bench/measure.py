"""Run one command and say what it took: wall time, and the peak memory of that process alone."""

from __future__ import annotations

import os
import subprocess
import time
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


def _once(command: list[str], log: Path, ends_with: Collection[int]) -> tuple[float, int]:
    with log.open("wb") as output:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        # wait4 tells of this child alone, where getrusage(RUSAGE_CHILDREN) is the peak of all so far. Linux counts
        # what this process held at the fork too, so that the bench writes its plans in processes of their own.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in ends_with:
        tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise Failed(f"{' '.join(command)} ended with {process.returncode}:\n{tail}")
    return seconds, usage.ru_maxrss * 1024
