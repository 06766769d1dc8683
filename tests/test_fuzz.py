"""Damaged inputs of every kind: no traceback, no fault, no pass that the whole has not, in seconds and little room."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("seed", "count"), [(0, 13), *(pytest.param(seed, 500, marks=pytest.mark.long) for seed in range(1, 21))]
)
def test_damaged_inputs(seed: int, count: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.fuzz", str(seed), str(count)],
        capture_output=True,
        text=True,
        timeout=1800,
        cwd=Path(__file__).parents[1],
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    outcome = json.loads(done.stdout.splitlines()[-1])
    assert outcome["wrong"] == []
    assert outcome["inputs"] == count
    assert outcome["slowest"] < 10
    assert outcome["megabytes"] < 500
