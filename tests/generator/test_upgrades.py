"""What newer templates change in roots that are there: said in one line, and nothing leaves without a word.

The plans themselves are for `tests/environments/test_upgrades.py`; here what earlier versions wrote is compared with
what is written today, resource by resource, without Terraform.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import pytest
from typer.testing import CliRunner

from guardline.cli import app
from guardline.generator.alert_rules import Course, course
from guardline.generator.baseline import Baseline
from guardline.generator.manifest import MANIFEST, Manifest
from guardline.generator.upgrades import KINDS, TEMPLATES, UPGRADES, Does, justified, revision
from tests.support import earlier

Make = Callable[..., Path]
ARCHIVES = earlier.archives()
REGIONS = 3
"""How many regions the roots of the archives cover."""
BLOCK = re.compile(r'^resource "(\w+)" "(\w+)"|^module "(\w+)" \{\n  source += "[^"]*?([\w-]+)"', re.MULTILINE)


def resources(folder: Path) -> set[str]:
    """The addresses of a root's resources, without the keys of instances."""

    def within(module: Path, prefix: str) -> Iterator[str]:
        for file in sorted(module.glob("*.tf")):
            for kind, name, call, source in BLOCK.findall(file.read_text(encoding="utf-8")):
                if kind:
                    yield f"{prefix}{kind}.{name}"
                elif (top / source).is_dir():
                    yield from within(top / source, f"{prefix}module.{call}.")
                else:
                    yield from within(folder / source, f"{prefix}module.{call}.")

    top = next(each / "modules" for each in (folder, *folder.parents) if (each / "modules").is_dir())
    return set(within(folder, ""))


def moved(folder: Path) -> list[tuple[str, str]]:
    """The `moved` blocks of a root, without the keys of instances."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.tf")))
    blocks = re.findall(r"^moved \{\n  from += (\S+)\n  to += (\S+)", text, re.MULTILINE)
    return [(re.sub(r"\[.*?\]", "", old), re.sub(r"\[.*?\]", "", new)) for old, new in blocks]


@pytest.mark.parametrize("environment", earlier.ENVIRONMENTS)
@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda path: path.name.removesuffix(".tar.xz"))
def test_no_resource_of_an_earlier_root_leaves_but_by_the_table(
    tmp_path: Path, archive: Path, environment: str
) -> None:
    spec = earlier.unpack(archive, environment, tmp_path)
    alerts: dict[Path, Course] = {
        spec.parent / root.folder: course(root)
        for root in Baseline.of(spec).roots
        if root.duty != "hub-members"  # earlier versions wrote no such root
    }
    folders = list(alerts)
    before = {folder: resources(folder) for folder in folders}
    was = {
        folder: revision(Manifest.read(folder, (folder / MANIFEST).read_text(encoding="utf-8"))) for folder in folders
    }
    assert sum(map(len, before.values())) > 100
    Baseline.of(spec).write()
    for folder in folders:
        names = moved(folder)
        now = resources(folder)
        kept = {_renamed(address, names) for address in before[folder]}
        gone = sorted(kept - now)
        assert [each for each in gone if not justified(was[folder], each, "destroys", REGIONS, alerts[folder])] == []


def _renamed(address: str, names: list[tuple[str, str]]) -> str:
    for old, new in names:
        if address.startswith(f"{old}."):
            return new + address[len(old) :]
    return address


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda path: path.name.removesuffix(".tar.xz"))
def test_an_upgrade_is_said_in_one_line_and_once(tmp_path: Path, archive: Path) -> None:
    spec = earlier.unpack(archive, "everything", tmp_path)
    unrecorded = '"holds"' not in (tmp_path / MANIFEST).read_text(encoding="utf-8")
    answer = CliRunner().invoke(app, ["generate", str(spec)])
    assert answer.exit_code == 0, answer.output
    (line,) = (each for each in answer.stderr.splitlines() if "older templates" in each)
    assert ("not recorded" in line) is unrecorded
    assert f"revision {0 if unrecorded else 1}" in line
    assert f"with revision {TEMPLATES} the next apply" in line
    assert json.loads((tmp_path / MANIFEST).read_text(encoding="utf-8"))["templates"] == TEMPLATES
    assert "older templates" not in CliRunner().invoke(app, ["generate", str(spec)]).output


def test_a_new_root_is_no_upgrade(environment: Make) -> None:
    assert Baseline.of(environment()).upgrade is None
    Baseline.of(environment()).write()
    assert Baseline.of(environment()).upgrade is None


def test_what_a_root_does_not_have_is_not_said(tmp_path: Path) -> None:
    spec = earlier.unpack(ARCHIVES[0], "everything", tmp_path)
    said = Baseline.of(spec).upgrade or ""
    assert "query over the trail" in said
    text = spec.read_text(encoding="utf-8")
    spec.write_text(re.sub(r"^tamper:\n(  .*\n|- .*\n)+", "", text, flags=re.MULTILINE), encoding="utf-8")
    manifest = json.loads((tmp_path / MANIFEST).read_text(encoding="utf-8"))
    manifest["files"].pop("tamper.tf")
    (tmp_path / "tamper.tf").unlink()
    (tmp_path / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    fewer = Baseline.of(spec).upgrade or ""
    assert "query over the trail" not in fewer
    assert "older templates" in fewer


def test_the_table_is_in_order_and_each_line_complete() -> None:
    assert [each.since for each in UPGRADES] == sorted(each.since for each in UPGRADES)
    assert {each.since for each in UPGRADES} <= set(range(1, TEMPLATES + 1))
    assert {each.does for each in UPGRADES} <= set(KINDS)
    for each in UPGRADES:
        assert re.compile(each.addresses).pattern
        assert each.files
        assert all(PurePosixPath(name).suffix == ".tf" for name in each.files)
        assert each.why.endswith(".")


@pytest.mark.parametrize(
    ("address", "does", "regions", "known"),
    [
        ("module.event_bus.aws_cloudwatch_event_bus.this", "destroys", 1, True),
        ("module.event_bus.aws_cloudwatch_event_bus.this", "destroys", 3, False),
        ("module.eu_west_1.module.event_rules[0].aws_sns_topic.undelivered[0]", "creates", 3, True),
        ('module.region["eu-west-1"].module.event_rules[0].aws_sns_topic.undelivered[0]', "creates", 3, True),
        ("module.eu_west_1.module.event_rules[0].aws_sns_topic.undelivered[0]", "creates", 1, False),
    ],
)
def test_the_table_speaks_of_both_styles_and_of_how_many_regions(
    address: str, does: Does, regions: int, known: bool
) -> None:
    assert justified(0, address, does, regions) is known


@pytest.mark.parametrize(
    ("address", "does", "alerts"),
    [
        ("module.alert_topic.aws_sns_topic.this", "destroys", "go"),
        ('module.alert_rules.aws_cloudwatch_event_rule.this["tamper-record"]', "destroys", "go"),
        ("module.event_bus.aws_cloudwatch_event_bus.this[0]", "destroys", "go"),
        ("module.alert_topic.aws_sns_topic_policy.this", "changes", "come"),
    ],
)
def test_alerts_leave_the_accounts_alone_that_send_them_elsewhere(address: str, does: Does, alerts: Course) -> None:
    courses: tuple[Course, ...] = ("stay", "come", "go")
    for regions in (1, 3):
        assert justified(1, address, does, regions, alerts)
    # Without an organization one region loses its bus, for another reason.
    assert [each for each in courses if justified(1, address, does, 3, each)] == [alerts]


def test_one_line_says_what_leaves_the_accounts_of_an_organization(tmp_path: Path) -> None:
    spec = earlier.unpack(ARCHIVES[-1], "organization", tmp_path)
    said = Baseline.of(spec).upgrade or ""
    assert "in the organization's other accounts the bus, the topic with its subscriptions and key" in said
    text = spec.read_text(encoding="utf-8")
    spec.write_text(text.replace("  canary_region:", "  alerts_in: each\n  canary_region:"), encoding="utf-8")
    kept = Baseline.of(spec).upgrade or ""
    assert "older templates" in kept
    assert "other accounts" not in kept


def test_a_practice_that_comes_with_the_upgrade_is_no_change_of_what_is_there(tmp_path: Path) -> None:
    """What a file holds that earlier templates did not write was never applied."""
    spec = earlier.unpack(ARCHIVES[0], "everything", tmp_path)
    manifest = json.loads((tmp_path / MANIFEST).read_text(encoding="utf-8"))
    manifest["files"].pop("alerts.tf")
    (tmp_path / "alerts.tf").unlink()
    (tmp_path / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    assert "over the bus itself" not in (Baseline.of(spec).upgrade or "")
