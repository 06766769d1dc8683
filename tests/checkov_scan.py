"""Scan the generated Terraform with checkov: every finding is fixed, or listed with a reason.

Run as `make checkov`. checkov runs as a subprocess from an environment of its own. The reasons are in
`checkov_reasons.yaml` beside this file: a finding that is not listed fails, and so does a reason without a finding,
a file that checkov cannot parse, and a scan that saw no resource.
"""

from __future__ import annotations

import argparse
import json
import os
import posixpath
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import yaml

HERE = Path(__file__).parent
REASONS = HERE / "checkov_reasons.yaml"
ROOT = HERE.parent
FOLDERS = (ROOT / "modules", ROOT / "environments")
LIMIT = 900  # seconds
AT_ONCE = 2
"""How many scans run beside each other; each takes one core."""
ONE_INSTANCE = {"CHECKOV_ENABLE_FOREACH_HANDLING": "False", "CHECKOV_ENABLE_MODULES_FOREACH_HANDLING": "False"}
"""A finding is a block's, so each block is looked at once and not once for each region: a quarter of the time."""
INSTANCE_KEY = re.compile(r'\["(?:[^"\\]|\\.)*"\]|\[\d+\]')


class Finding(NamedTuple):
    """A failed check of one resource block; instances and module calls of it are one finding."""

    check: str
    resource: str


class Scan(NamedTuple):
    """What checkov said: the findings with where each was seen first, files it could not parse, checks it made."""

    findings: dict[Finding, str]
    unparsed: tuple[str, ...]
    made: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Scan, compare with the reasons and print the difference."""
    parser = argparse.ArgumentParser(prog="make checkov", description=__doc__)
    parser.add_argument("--checkov", type=Path, required=True, help="checkov's executable")
    parser.add_argument("--reasons", type=Path, default=REASONS)
    parser.add_argument("folders", type=Path, nargs="*", default=list(FOLDERS))
    options = parser.parse_args(arguments)
    scan = run(options.checkov, options.folders)
    reasons = read(options.reasons)
    wrong = problems(scan, reasons)
    for problem in wrong:
        print(f"checkov: {problem}", file=sys.stderr)
    listed = len(scan.findings.keys() & reasons.keys())
    print(f"checkov: {scan.made} checks made, {len(scan.findings)} findings, {listed} of them listed with a reason")
    return 1 if wrong else 0


def run(checkov: Path, folders: Sequence[Path]) -> Scan:
    """Run checkov on folders of Terraform, on each root by itself: for several it takes longer than for all of them.

    Raises:
        SystemExit: checkov is missing, ended badly or printed no JSON.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        scans = list(pool.map(partial(_run, checkov), [root for folder in folders for root in _roots(folder)]))
    findings = {finding: where for scan in reversed(scans) for finding, where in scan.findings.items()}
    unparsed = tuple(file for scan in scans for file in scan.unparsed)
    # A folder without any check counts for the whole: it was not scanned.
    made = sum(scan.made for scan in scans) if all(scan.made for scan in scans) else 0
    return Scan(findings, unparsed, made)


def _roots(folder: Path) -> list[Path]:
    """The roots in a folder, which are known by their providers; a folder of modules is scanned as one.

    The members of an organization have the same root but for ids, so the first stands for all. The demo's root only
    calls modules/alias, once for each region: the modules are scanned themselves.
    """
    if not any(folder.rglob("*.tf")):
        raise SystemExit(f"checkov: there is no Terraform in {folder}")
    found = sorted({path.parent for path in folder.rglob("providers.tf")})
    members = [root for root in found if root.parent.name == "members"]
    needless = {*members[1:], ROOT / "environments/demo"}
    return [root for root in found if root not in needless] or [folder]


def _run(checkov: Path, folder: Path) -> Scan:
    # Not --quiet: it would keep the names of files that checkov cannot parse to itself.
    options = ("--framework", "terraform", "--output", "json", "--skip-download")
    command = [str(checkov), "--directory", str(folder), *options]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=LIMIT, check=False, env=os.environ | ONE_INSTANCE
        )
    except OSError as error:
        raise SystemExit(f"checkov: {checkov} does not run: {error}") from None
    if done.returncode not in (0, 1):
        raise SystemExit(f"checkov ended with {done.returncode}:\n{done.stderr[-2000:]}")
    try:
        return parse(
            json.loads(done.stdout), os.path.relpath(folder, ROOT) if folder.is_relative_to(ROOT) else folder.name
        )
    except json.JSONDecodeError:
        raise SystemExit(f"checkov printed no JSON:\n{done.stdout[:500]}\n{done.stderr[-2000:]}") from None


def parse(answer: Any, folder: str) -> Scan:
    """Read checkov's JSON: one report, or a list of them; one without resources has only a summary."""
    findings: dict[Finding, str] = {}
    unparsed: list[str] = []
    made = 0
    for report in answer if isinstance(answer, list) else [answer]:
        summary = report.get("summary", report)
        made += summary["passed"] + summary["failed"]
        results = report.get("results", {})
        unnamed = [f"{summary['parsing_errors']} files of {folder}"] if summary["parsing_errors"] else []
        unparsed += results.get("parsing_errors") or unnamed
        for failed in results.get("failed_checks", []):
            block = ".".join(INSTANCE_KEY.sub("", failed["resource"]).split(".")[-2:])
            file = posixpath.normpath(f"{folder}/{failed['file_path']}")  # from an environment into ../modules
            where = f"{file}:{failed['file_line_range'][0]} ({failed['check_name']})"
            findings.setdefault(Finding(failed["check_id"], block), where)
    return Scan(findings, tuple(unparsed), made)


def read(path: Path) -> dict[Finding, str]:
    """Read the reasons.

    Raises:
        SystemExit: an entry is incomplete or there twice.
    """
    entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    reasons: dict[Finding, str] = {}
    for entry in entries:
        if set(entry) != {"check", "resources", "reason"} or not str(entry["reason"]).strip():
            raise SystemExit(f"{path.name}: an entry has check, resources and a reason, not {entry}")
        for resource in entry["resources"]:
            reasons[Finding(entry["check"], resource)] = entry["reason"]
    twice = Counter((entry["check"], resource) for entry in entries for resource in entry["resources"])
    if repeated := [f"{check} {resource}" for (check, resource), number in twice.items() if number > 1]:
        raise SystemExit(f"{path.name}: listed twice: {', '.join(repeated)}")
    return reasons


def problems(scan: Scan, reasons: dict[Finding, str]) -> list[str]:
    """Everything that makes the scan fail, one line each."""
    found = [f"{file}: checkov cannot parse it" for file in scan.unparsed]
    if not scan.made:
        found.append("no check was made in one of the folders: it holds nothing that checkov knows")
    found += [
        f"{where}: {finding.check} on {finding.resource} is neither fixed nor listed with a reason"
        for finding, where in sorted(scan.findings.items())
        if finding not in reasons
    ]
    found += [
        f"{finding.check} on {finding.resource} is listed, and checkov no longer finds it: remove the reason"
        for finding in sorted(reasons.keys() - scan.findings.keys())
    ]
    return found


if __name__ == "__main__":
    sys.exit(main())
