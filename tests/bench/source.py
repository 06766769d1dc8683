"""Measure `guardline validate` on trees of Terraform source, beside python-hcl2, checkov and c7n-left."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.bench.measure import Run, measure
from tests.bench.table import Bar
from tests.bench.tree import write

GUARDLINE = Path(sys.executable).parent / "guardline"
TREES = {"small": 34, "large": 272}
"""Trees by name, and how many applications each holds."""
PARSE = """\
import sys
from pathlib import Path

import hcl2

for path in sorted(Path(sys.argv[1]).rglob("*.tf")):
    with path.open(encoding="utf-8") as file:
        hcl2.load(file)
"""
POLICY = """\
policies:
  - name: detector-is-on
    resource: [terraform.aws_guardduty_detector]
    filters: [{enable: false}]
  - name: flow-log-of-all-traffic
    resource: [terraform.aws_flow_log]
    filters: [{traffic_type: {value: ALL, op: ne}}]
"""
"""c7n-left ships no policies; these two are questions that Guardline answers among others."""


def take(work: Path, checkov: Path | None, c7n_left: Path | None) -> dict[str, Run]:
    """Take the measurements.

    Args:
        work: a folder of its own.
        checkov, c7n_left: their executables; without one it is not measured.
    """
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    log, cache, parse = work / "output.txt", work / "cache", work / "parse.py"
    parse.write_text(PARSE, encoding="utf-8")
    (work / "policies").mkdir()
    (work / "policies" / "policies.yaml").write_text(POLICY, encoding="utf-8")
    runs: dict[str, Run] = {}
    command: list[str | Path]
    for name, applications in TREES.items():
        write(work / name, applications)
        tree, rounds = work / name, 5 if name == "small" else 2
        command = ["env", f"XDG_CACHE_HOME={cache}", GUARDLINE, "validate", tree, "--format", f"json={log}.json"]
        runs[f"hcl2 {name}"] = measure([sys.executable, parse, tree], log, rounds=rounds)
        runs[f"cold {name}"] = measure(
            command, log, rounds=rounds, ends_with=(0, 1, 3), before=lambda: shutil.rmtree(cache, ignore_errors=True)
        )
        runs[f"warm {name}"] = measure(command, log, rounds=rounds + 2, ends_with=(0, 1, 3))
    if c7n_left is not None:
        command = [c7n_left, "run", "-p", work / "policies", "-d", work / "small"]
        runs["c7n-left"] = measure(command, log, rounds=3, ends_with=(0, 1))
    if checkov is not None:
        command = [checkov, "-d", work / "small", "--framework", "terraform", "--compact", "--quiet", "--skip-download"]
        runs["checkov source"] = measure(command, log, rounds=1, ends_with=(0, 1))
    return runs


def bars(runs: dict[str, Run]) -> Iterable[Bar]:
    """What the project holds itself to."""
    for name in TREES:
        first, parse = runs[f"cold {name}"].seconds, runs[f"hcl2 {name}"].seconds
        yield Bar(f"first run on the {name} tree, of python-hcl2's own parse", first / parse, 1.5, "×")
        again = first / runs[f"warm {name}"].seconds
        yield Bar(f"first run on the {name} tree, of the second", again, 5.0, "×", at_least=True)
