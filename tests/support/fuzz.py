"""Damaged inputs of every kind, made from right ones: ``python -m tests.support.fuzz SEED COUNT`` prints what came of them."""
# ruff: noqa: E501 - inputs in one line each

from __future__ import annotations

import io
import json
import random
import sys
import tempfile
import time
import zipfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from guardline.spec.load import SpecError
from guardline.spec.load import load as load_spec
from guardline.validator.control import Status
from guardline.validator.report import Report
from guardline.validator.reporters import FORMATS, render
from guardline.validator.run import Request, run
from guardline.validator.sources.hcl.cache import Cache
from guardline.validator.sources.hcl.config import load as load_configuration

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
Files = dict[str, bytes]

_HEAD = """\
variable "v" {
  type    = object({ a = optional(string, "x"), b = list(number) })
  default = { b = [1, 2] }
}
provider "aws" {
  region = "us-east-1"
}
resource "aws_guardduty_detector" "d" {
  enable = true
}
"""
_SPEC = (ROOT / "environments" / "single-account" / "guardline.yaml").read_bytes()
_INVENTORY = json.dumps({
    "schema": "guardline/inventory/v1", "partition": "aws", "account": "111122223333", "taken_at": "2026-01-01T00:00:00Z",
    "regions": {"eu-west-1": {"detectors": [{"id": "d", "enabled": True, "filters": ["f"]}], "vpcs": [{"id": "vpc-1"}]}},
})  # fmt: skip
_SMALL_SPEC = (
    'version: 1\nname: fuzz\nhome_region: eu-west-1\nregions: {not_opted_in: rest}\naccount: {id: "111122223333"}\n'
)


def _expressions() -> list[str]:
    recorded = (DATA / "hcl-expressions.txt").read_text(encoding="utf-8")
    return [line for line in recorded.splitlines() if line and not line.startswith("#")]


def _saved() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tfplan", b"x")
        archive.writestr("tfconfig/modules.json", json.dumps([{"Key": "", "Dir": "."}]))
        archive.writestr("tfconfig/m-/main.tf", _HEAD)
    return data.getvalue()


def sources() -> Mapping[str, Files]:
    """Right inputs by their kind; the first file of each is the one that is damaged."""
    names = ("references.tf", "module.tf")
    hcl = {names[0]: (DATA / "references" / "main.tf").read_bytes()}
    return {
        "plan": {"plan.json": (DATA / "plans" / "references-plan.json").read_bytes()},
        "big plan": {"plan.json": (DATA / "watching" / "first.json").read_bytes()},
        "hcl": hcl,
        "json hcl": {"main.tf.json": b'{"resource": {"aws_guardduty_detector": {"d": {"enable": "${var.e}"}}}, "variable": {"e": {"default": true}}}'},
        "tfvars": {"x.auto.tfvars": b'v = { a = "b", b = [1, 2, 3] }\n', "main.tf": _HEAD.encode()},
        "json tfvars": {"x.auto.tfvars.json": b'{"v": {"a": "b", "b": [1, 2, 3]}}', "main.tf": _HEAD.encode()},
        "modules.json": {".terraform/modules/modules.json": b'{"Modules": [{"Key": "m", "Source": "a/b/c", "Dir": "m"}]}',
                         "main.tf": b'module "m" {\n  source = "a/b/c"\n}\n', "m/main.tf": _HEAD.encode()},
        "expression": {"main.tf": b""},
        "saved plan": {"plan": _saved()},
        "spec": {"guardline.yaml": _SPEC, "trusted-ips.txt": b"198.51.100.7\n"},
        "list": {"trusted-ips.txt": b"198.51.100.7  # x\n203.0.113.0/28\n", "guardline.yaml": f"{_SMALL_SPEC}trusted_ips: {{file: trusted-ips.txt}}\n".encode()},
        "inventory": {"i.json": _INVENTORY.encode(), "guardline.yaml": f"{_SMALL_SPEC}inventory: i.json\n".encode()},
        "cache": {"main.tf": _HEAD.encode()},
    }  # fmt: skip


_TOKENS = (
    b"\0", b"\xff", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\x1b[31m", b"{", b"}", b"[", b"]", b'"', b"${", b"%{", b"*a", b"&a ", b"!!timestamp ", b"null",
    b"-1", b"1e9999999", b"9" * 400, b"../", b"/etc/passwd", b"\n::error::x\n", b"\\ud800", b"<<E\n", b"each.key", b"for_each = ", b"count = 30000\n", b"true", b"(" * 300, b"[" * 3000, b"x" * 5000,
)  # fmt: skip


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Bytes with one to four things wrong."""
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(data) + 1)
        end = min(len(data), start + chance.choice((1, 1, 2, 8, 40, 400)))
        match chance.randrange(6):
            case 0:
                data = data[:start] + data[end:]
            case 1:
                data = data[:start] + chance.choice(_TOKENS) + data[start:]
            case 2:
                data = data[:start] + chance.choice(_TOKENS) + data[end:]
            case 3:
                data = data[:start] + data[start:end] * chance.choice((2, 3, 50)) + data[end:]
            case 4:
                data = data[:start]
            case _:
                data = data[:start] + bytes([chance.randrange(256)]) + data[end:]
    return data


def _judge(where: Path, name: str) -> Report:
    report = run(
        Request((str(where / name),), as_of=date(2026, 11, 30), cache=False), datetime(2026, 11, 30, tzinfo=UTC)
    )
    for form in FORMATS:
        render(report, form, **({"width": 80, "colour": False, "ascii_only": True} if form == "terminal" else {}))
    return report


Passed = tuple[str, str | None, str | None]


def _passes(report: Report) -> set[Passed]:
    """What passes. A VPC whose region is damaged is the same VPC: of what has a name, the region does not count."""
    passed = [row for row in report.rows if row.verdict is Status.PASS]
    return {(row.control, row.subject, None if row.subject else row.region) for row in passed}


class Outcome:
    """What came of the inputs of one run."""

    def __init__(self) -> None:
        self.inputs = self.refused = 0
        self.slowest = 0.0
        self.wrong: list[str] = []

    def one(self, kind: str, where: Path, files: Files, whole: set[Passed]) -> None:
        """Try one input."""
        for name, data in files.items():
            (where / name).parent.mkdir(parents=True, exist_ok=True)
            (where / name).write_bytes(data)
        began = time.monotonic()
        if kind in ("spec", "list", "inventory"):
            try:
                load_spec(where / "guardline.yaml")
            except SpecError:
                self.refused += 1
        elif kind == "cache":
            cache = Cache(where / "cache")
            load_configuration(where, cache=cache)
        else:
            report = _judge(where, "plan.json" if "plan.json" in files else "plan" if "plan" in files else ".")
            self.refused += bool(report.errors)
            texts = [*(error.message for error in report.errors), *(row.reason for row in report.rows)]
            self.wrong += [f"{kind}: {text[:300]}" for text in texts if "fails here" in text][:1]
            if report.errors and (more := _passes(report) - whole):
                self.wrong.append(f"{kind}: passes that the whole input has not: {sorted(map(str, more))[:3]}")
        self.slowest = max(self.slowest, time.monotonic() - began)


def fuzz(seed: int, count: int) -> Outcome:
    """Try so many damaged inputs, kind by kind in turn."""
    chance, outcome = random.Random(seed), Outcome()  # noqa: S311 - damage, the same every time
    known = dict(sources())
    expressions = _expressions()
    wholes: dict[str, set[Passed]] = {}
    kinds = sorted(known)
    for number in range(count):
        kind = kinds[number % len(kinds)]
        files = dict(known[kind])
        with tempfile.TemporaryDirectory(prefix="guardline-fuzz-") as scratch:
            where = Path(scratch)
            (where / ".git").mkdir()
            if kind not in wholes and kind not in ("spec", "list", "inventory", "cache", "expression"):
                _write(where, files)
                wholes[kind] = _passes(
                    _judge(where, "plan.json" if "plan.json" in files else "plan" if "plan" in files else ".")
                )
            first = next(iter(files))
            if kind == "expression":
                text = damaged(chance.choice(expressions).encode(), chance)
                files[first] = (
                    b"locals {\n  x = "
                    + text
                    + b"\n}\n"
                    + _HEAD.encode()
                    + b'resource "aws_vpc" "v" {\n  cidr_block = local.x\n}\n'
                )
            elif kind == "cache":
                _write(where, files)
                load_configuration(where, cache=Cache(where / "cache"))
                for entry in (each for each in (where / "cache").rglob("*") if each.is_file()):
                    entry.write_bytes(damaged(entry.read_bytes(), chance))
            else:
                files[first] = damaged(files[first], chance)
            outcome.inputs += 1
            try:
                outcome.one(kind, where, files, wholes.get(kind, set()))
            except Exception as error:  # noqa: BLE001 - what is looked for
                outcome.wrong.append(f"{kind}: seed {seed}, input {number}: {type(error).__name__}: {error}"[:300])
    return outcome


def _write(where: Path, files: Files) -> None:
    for name, data in files.items():
        (where / name).parent.mkdir(parents=True, exist_ok=True)
        (where / name).write_bytes(data)


def main(arguments: list[str]) -> None:
    """Print the outcome as JSON."""
    outcome = fuzz(int(arguments[0]), int(arguments[1]))
    # Not ru_maxrss: over an exec Linux hands on what the parent, here a long test run, had at its peak.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    peak = int(status["VmHWM"].split()[0]) // 1024
    print(
        json.dumps(
            {
                "inputs": outcome.inputs,
                "refused": outcome.refused,
                "slowest": round(outcome.slowest, 2),
                "megabytes": peak,
                "wrong": outcome.wrong,
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1:])
