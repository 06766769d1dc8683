"""Twelve situations that people meet, each judged as a run would: what the first lines of a report are held to."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from guardline.validator.report import Report
from guardline.validator.run import Request, run
from tests.support.plan_mutants import Json, Mutate, put
from tests.support.plans import PLANS
from tests.support.record import BASELINE, RESPONSE

DAY = date(2026, 11, 25)
CLOSED = json.dumps({"Version": "2012-10-17", "Statement": []})
DETECTOR = 'resource "aws_guardduty_detector" "this" {\n  enable = true\n}\n'
ONE_REGION = 'provider "aws" {\n  region = "eu-west-1"\n}\n' + DETECTOR

WAIVER = """\
version: 1
waivers:
  - control: trail-multi-region
    scope: {}
    reason: the platform team's trail replaces it, TICKET-9
    owner: jo@example.com
    approver: sam@example.com
    created: 2026-11-01
    expires: 2027-01-31
"""


def _judged(folder: Path, *sources: str, **asked: Any) -> Report:
    """The report on sources in a folder, which paths are relative to."""
    here = Path.cwd()
    os.chdir(folder)
    try:
        return run(Request(sources, DAY, **asked), datetime(2026, 11, 25, 12, tzinfo=UTC))
    finally:
        os.chdir(here)


def of_plan(data: Path, *mutations: Mutate, waivers: str | None = None) -> Callable[[Path], Report]:
    """A recorded plan after apply, with faults."""

    def report(folder: Path) -> Report:
        plan = json.loads((data / "applied.json").read_bytes())
        for mutate in mutations:
            mutate(plan)
        (folder / "plan.json").write_text(json.dumps(plan))
        for path in data.iterdir():
            if path.suffix in (".yaml", ".txt"):
                (folder / path.name).write_bytes(path.read_bytes())
        if waivers is not None:
            (folder / "waivers.yaml").write_text(waivers)
        return _judged(folder, "plan.json", spec=Path("guardline.yaml"))

    return report


def _source(files: dict[str, str], *roots: str, **asked: Any) -> Callable[[Path], Report]:
    def report(folder: Path) -> Report:
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        return _judged(folder, *roots or ("live",), tree=folder, cache=False, **asked)

    return report


def _without(module: str) -> Mutate:
    """Delete everything that a module holds."""

    def mutate(plan: Json) -> None:
        for each in plan["resource_changes"]:
            if each["address"].startswith(module):
                inner = each["change"]
                inner.update(actions=["delete"], before=inner["before"] or inner["after"], after=None, after_unknown={})

    return mutate


def _given(name: str) -> Callable[[Path], Report]:
    def report(folder: Path) -> Report:
        (folder / "plan.json").write_bytes((PLANS / name).read_bytes())
        return _judged(folder, "plan.json")

    return report


def _nothing_asked(folder: Path) -> Report:
    return _source({"live/main.tf": ONE_REGION}, controls=frozenset({"trusted-ip-list"}))(folder)


def _account(number: int) -> str:
    account = f"{number}" * 12
    return f'provider "aws" {{\n  region = "eu-west-1"\n  allowed_account_ids = ["{account}"]\n}}\n'


SITUATIONS: dict[str, Callable[[Path], Report]] = {
    "clean": of_plan(BASELINE),
    "one detector suspended": of_plan(BASELINE, put("aws_guardduty_detector", "module.us_east_1.", enable=False)),
    "region removed": of_plan(BASELINE, _without("module.us_east_1.")),
    "trail narrowed": of_plan(BASELINE, put("aws_cloudtrail", "", is_multi_region_trail=False)),
    "topic policy broken": of_plan(RESPONSE, put("aws_sns_topic_policy", "module.alert_topic.", policy=CLOSED)),
    "no spec, one region": _source({"live/main.tf": ONE_REGION}),
    "unresolved module": _source(
        {"live/main.tf": ONE_REGION + 'module "baseline" {\n  source = "git::https://example.com/baseline.git"\n}\n'}
    ),
    "errored plan": _given("regressions-plan-errored.json"),
    "targeted plan": _given("references-plan-targeted.json"),
    "waived": of_plan(BASELINE, put("aws_cloudtrail", "", is_multi_region_trail=False), waivers=WAIVER),
    "three accounts": _source(
        {
            "one/main.tf": _account(1) + DETECTOR,
            "two/main.tf": _account(2) + DETECTOR,
            "three/main.tf": _account(3) + DETECTOR.replace("true", "false"),
        },
        "one",
        "two",
        "three",
    ),
    "nothing asked": _nothing_asked,
}
"""Name -> what makes its report, given an empty folder."""
