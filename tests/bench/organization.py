"""An organization of many accounts, judged from their plans: time, and the memory of all processes together.

The plans are those of the example organization (`environments/organization`), made once with Terraform and the stub
provider; a member's plan, with another id and name, is that of each further member, as plans of one module differ.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import yaml

from guardline.localaws import serve
from tests.bench.measure import Failed, Run
from tests.bench.table import Bar
from tests.support.stub_roots import ENVIRONMENTS, found, roots, written
from tests.support.stubprovider.server import attached

ACCOUNTS = (203, 1_003)
_OTHERS = 3
"""The management account, the administrator's and the archive's."""
_EVERY = 0.5
"""Seconds between two looks at the memory."""


def take(work: Path, guardline: Path) -> dict[str, Run]:
    """Judge organizations of so many accounts.

    Args:
        work: an empty or missing folder.
        guardline: the command.

    Raises:
        Failed: it does not end well.
    """
    shutil.rmtree(work, ignore_errors=True)
    base, member = planned(work / "roots")
    runs = {}
    for accounts in ACCOUNTS:
        folder = multiplied(base, member, accounts - _OTHERS, work / str(accounts))
        plans = sorted(folder.glob("*.json"))
        result = work / "result.json"
        command: list[str | Path] = [
            guardline,
            "validate",
            "--spec",
            folder / "guardline.yaml",
            *plans,
            "--format",
            f"json={result}",
        ]
        runs[f"organization {accounts}"] = together(command, work / "output.txt")
        judged = len(json.loads(result.read_text(encoding="utf-8"))["scope"]["accounts"])
        if judged != accounts:
            raise Failed(f"{accounts} accounts were given, and {judged} were judged")
        shutil.rmtree(folder)
    return runs


def bars(runs: Mapping[str, Run]) -> list[Bar]:
    """What is held: time and memory of the smaller one, and how both grow."""
    small, large = (runs[f"organization {accounts}"] for accounts in ACCOUNTS)
    of = f"{ACCOUNTS[0]:,} accounts"
    return [
        Bar(f"validate the plans of {of}", small.seconds, 20.0, "s"),
        Bar(f"memory of all processes at {of}, of 500 MB", small.peak / 500e6, 1.0, "×"),
        Bar(f"growth to {ACCOUNTS[1]:,} accounts", large.seconds / small.seconds, 5.5, "×"),
        Bar(f"growth of the memory to {ACCOUNTS[1]:,} accounts", large.peak / small.peak, 1.5, "×"),
    ]


def planned(work: Path) -> tuple[dict[str, str], str]:
    """The plans of the example organization, by the names of their roots, and which is a member's."""
    [environment] = [each for each in ENVIRONMENTS if each.name == "organization"]
    plans: dict[str, str] = {}
    member = ""
    with serve() as aws, attached("argument", aws) as stub:
        aws.reset()
        baseline = written(environment, work, 6)
        found(baseline, aws)
        for root in roots(baseline, stub):
            name = "-".join(root.folder.relative_to(work).parts)
            if name == "organization":
                continue
            root.init()
            root.plan()
            plans[name] = (root.folder / "plan.json").read_text(encoding="utf-8")
            member = name if root.folder.parent.name == "members" else member
    plans["guardline.yaml"] = (work / "guardline.yaml").read_text(encoding="utf-8")
    return plans, member


def multiplied(plans: Mapping[str, str], member: str, members: int, folder: Path) -> Path:
    """A folder with the plans and the spec of an organization of so many members beside the other accounts."""
    folder.mkdir(parents=True)
    spec = yaml.safe_load(plans["guardline.yaml"])
    organization = spec["organization"]
    given = {"id": organization["log_archive_account"], "name": member.partition("-")[2]}
    named = [{"id": f"{600_000_000_000 + number}", "name": f"member{number:04}"} for number in range(members)]
    organization["members"] = named
    (folder / "guardline.yaml").write_text(yaml.safe_dump(spec, sort_keys=False), encoding="utf-8")
    for listed in ("trusted-ips.txt",):
        [environment] = [each for each in ENVIRONMENTS if each.name == "organization"]
        shutil.copy(environment / listed, folder)
    for name, text in plans.items():
        if name != "guardline.yaml":
            (folder / f"{name}.json").write_text(text, encoding="utf-8")
    for each in named:
        text = plans[member].replace(given["id"], each["id"]).replace(given["name"], each["name"])
        (folder / f"members-{each['name']}.json").write_text(text, encoding="utf-8")
    return folder


def together(command: list[str | Path], log: Path) -> Run:
    """Run a command once: its seconds, and the most memory that it and its processes held together.

    What processes share is counted once (PSS, https://www.kernel.org/doc/html/latest/filesystems/proc.html).
    """
    most = 0
    with log.open("wb") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        while process.poll() is None:
            most = max(most, sum(map(_proportional, _tree(process.pid))))
            time.sleep(_EVERY)
        seconds = time.perf_counter() - began
    if process.returncode not in (0, 1):
        raise Failed(f"validate ended with {process.returncode}:\n{log.read_text(errors='replace')[-2000:]}")
    return Run(seconds, most, 1)


def _tree(process: int) -> list[int]:
    """A process and all that it began."""
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8").split()
    except OSError:
        children = []
    return [process, *(each for child in children for each in _tree(int(child)))]


def _proportional(process: int) -> int:
    """A process's share of the memory, in bytes; 0 once it has ended."""
    try:
        with open(f"/proc/{process}/smaps_rollup", encoding="utf-8") as lines:  # noqa: PTH123 - a file of the kernel's
            return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0
