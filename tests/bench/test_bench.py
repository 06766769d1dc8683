"""The bench itself: its plan is what it says, its figures are of the command measured, its bounds can be missed."""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from guardline.validator.run import Request, run
from guardline.validator.sources.address import parse_modules
from tests.bench import organization, plan, tree
from tests.bench.measure import Failed, Run, measure
from tests.bench.table import Bar, figures, render

COUNT = 500
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plan") / "plan.json"
    plan.write(path, COUNT)
    return path


def test_the_plan_is_the_same_bytes_every_time(written: Path, tmp_path: Path) -> None:
    plan.write(tmp_path / "again.json", COUNT)
    assert (tmp_path / "again.json").read_bytes() == written.read_bytes()


def test_the_plan_holds_exactly_what_was_asked_for(written: Path) -> None:
    made = json.loads(written.read_text(encoding="utf-8"))
    changes = made["resource_changes"]
    assert len(changes) == len({change["address"] for change in changes}) == COUNT
    kinds = Counter(change["type"] for change in changes)
    assert kinds["aws_guardduty_detector"] == 17
    assert kinds["aws_vpc"] == kinds["aws_flow_log"] > 0
    pending, planned = [made["planned_values"]["root_module"]], []
    while pending:
        module = pending.pop()
        planned += module["resources"]
        pending += module.get("child_modules", [])
    assert sorted(each["address"] for each in planned) == sorted(change["address"] for change in changes)


def test_every_resource_of_the_plan_is_configured_with_a_provider_that_exists(written: Path) -> None:
    made = json.loads(written.read_text(encoding="utf-8"))
    configuration = made["configuration"]
    pending: list[tuple[tuple[str, ...], dict[str, Any]]] = [((), configuration["root_module"])]
    blocks: dict[tuple[tuple[str, ...], str], dict[str, Any]] = {}
    while pending:
        path, module = pending.pop()
        blocks |= {(path, block["address"]): block for block in module["resources"]}
        pending += [((*path, name), call["module"]) for name, call in module.get("module_calls", {}).items()]
    for change in made["resource_changes"]:
        path = tuple(step.name for step in parse_modules(change.get("module_address", "")))
        block = blocks[path, f"{change['type']}.{change['name']}"]
        assert block["provider_config_key"] in configuration["provider_config"]
        assert ("index" in change) == ("for_each_expression" in block)


def test_a_correct_reading_finds_its_whole_baseline_in_order(written: Path) -> None:
    from guardline.validator.run import Request, run

    report = run(Request((str(written),), date(2026, 1, 31)), datetime(2026, 1, 31, tzinfo=UTC))
    asked = [row for row in report.rows if row.control in {"detector-enabled", "s3-protection", "vpc-flow-logs"}]
    assert len(asked) > 34
    assert {row.verdict.value for row in asked} == {"pass"}


def test_a_plan_too_small_for_the_baseline_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no room"):
        plan.write(tmp_path / "plan.json", 100)


def test_memory_is_that_of_the_child_alone(tmp_path: Path) -> None:
    grow = "import sys; block = bytearray(int(sys.argv[1])); print(len(block))"
    large = measure([sys.executable, "-c", grow, "300000000"], tmp_path / "log", rounds=1)
    small = measure([sys.executable, "-c", grow, "1"], tmp_path / "log", rounds=2)
    assert large.peak > 300 * MEGABYTE
    assert small.peak < 50 * MEGABYTE, "neither an earlier child's peak nor this process's own memory may count"
    assert (tmp_path / "log").read_text() == "1\n"


def test_a_command_that_fails_gives_no_figure(tmp_path: Path) -> None:
    with pytest.raises(Failed, match=r"ended with 3:\nfirst words"):
        measure([sys.executable, "-c", "print('first words'); raise SystemExit(3)"], tmp_path / "log", rounds=1)


def test_each_round_is_prepared(tmp_path: Path) -> None:
    calls: list[int] = []
    run = measure([sys.executable, "-c", ""], tmp_path / "log", rounds=3, before=lambda: calls.append(1))
    assert (run.rounds, len(calls)) == (3, 3)


def test_the_table_says_which_bounds_hold() -> None:
    runs = {"help": Run(0.1, 20 * MEGABYTE, 9), "validate 3000": Run(0.25, 40 * MEGABYTE, 7)}
    bars = [Bar("quick", 0.25, 1.0, "s"), Bar("slow", 3.0, 2.0, "×"), Bar("faster", 3.0, 2.0, "×", at_least=True)]
    text = render(figures(runs, {3000: 3_500_000}), bars)
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    assert ["`guardline validate`, 3,000 resources (3.5 MB)", "0.25 s", "40 MB", "7"] in lines
    assert ["quick", "0.25 s", "≤ 1.00 s", "yes"] in lines
    assert ["slow", "3.0 ×", "≤ 2.0 ×", "**no**"] in lines
    assert ["faster", "3.0 ×", "≥ 2.0 ×", "yes"] in lines


def test_the_tree_is_what_it_says(tmp_path: Path) -> None:
    """Every tool reads the same files, and a right reading of them finds a baseline in order."""
    size = tree.write(tmp_path / "tree", 34)
    files = sorted((tmp_path / "tree").rglob("*.tf"))
    assert (len(files), size) == (141, sum(file.stat().st_size for file in files))
    assert size > 200_000
    request = Request((str(tmp_path / "tree"),), date(2026, 11, 25))
    report = run(request, datetime(2026, 11, 25, tzinfo=UTC))
    assert not report.errors
    verdicts = Counter((row.control, row.verdict.value) for row in report.rows)
    assert verdicts["detector-enabled", "pass"] == 17
    assert verdicts["vpc-flow-logs", "pass"] == 34
    assert verdicts["trail-multi-region", "pass"] == 1


def test_a_member_is_repeated_with_its_own_id_and_name(tmp_path: Path) -> None:
    spec = "organization: {log_archive_account: '333333333333', members: []}"
    plans = {"guardline.yaml": spec, "security": '{"a": "333333333333"}', "members-archive": '["333333333333 archive"]'}
    folder = organization.multiplied(plans, "members-archive", 2, tmp_path / "made")
    assert json.loads((folder / "members-member0001.json").read_text()) == ["600000000001 member0001"]
    assert json.loads((folder / "members-archive.json").read_text()) == ["333333333333 archive"]
    assert json.loads((folder / "security.json").read_text()) == {"a": "333333333333"}
    assert len(list(folder.glob("*.json"))) == 4


def test_memory_is_that_of_all_processes_together(tmp_path: Path) -> None:
    held = "x = bytearray(80_000_000); time.sleep(2.5)"
    begun = f"subprocess.Popen([sys.executable, '-c', 'import time; {held}'])"
    child = f"import subprocess, sys, time; p = {begun}; {held}; p.wait()"
    run_ = organization.together([sys.executable, "-c", child], tmp_path / "log")
    assert run_.peak > 160_000_000
    with pytest.raises(Failed, match="ended with 3"):
        organization.together([sys.executable, "-c", "raise SystemExit(3)"], tmp_path / "log")
