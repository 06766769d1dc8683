"""`guardline generate` as people and CI run it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from guardline.cli import app

ROOT = Path(__file__).parents[2]
Make = Callable[..., Path]
SHARED = """\
version: 1
name: shared
home_region: eu-west-1
terraform: {{aws_provider: {provider}, modules: {modules}}}
regions: {{not_opted_in: rest}}
account: {{id: "111122223333"}}
"""


def generate(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["generate", *map(str, arguments)])


def files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_it_writes_beside_the_spec_says_what_and_a_rerun_says_nothing_is_to_do(environment: Make) -> None:
    spec = environment()
    first = generate(spec)
    assert first.exit_code == 0, first.stderr
    modules, *written = [line.removeprefix("wrote ") for line in first.stdout.splitlines()]
    made = [file for file in (spec.parent / "modules").rglob("*") if file.is_file() and file.name[0] != "."]
    assert modules.endswith(f"environments/env/modules: {len(made)} files")
    assert written[0].rpartition("/")[2].startswith("env: ")  # a root of so many practices has many files as well
    (spec.parent / "modules" / "guardduty" / "main.tf").unlink()
    once_more = generate(spec)
    assert once_more.stdout.rstrip().endswith("environments/env/modules/guardduty/main.tf")
    again = generate(spec)
    assert again.exit_code == 0
    assert "is what" in again.stdout
    assert "wrote" not in again.stdout


def test_check_writes_nothing_and_shows_what_would_change(environment: Make) -> None:
    spec = environment()
    before = files(spec.parent)
    fresh = generate(spec, "--check")
    assert fresh.exit_code == 1
    assert "--- /dev/null\n" in fresh.stdout
    assert "files differ" in fresh.stderr
    assert files(spec.parent) == before
    generate(spec)
    assert generate(spec, "--check").exit_code == 0
    spec.write_text(spec.read_text().replace("retention_days: 400}", "retention_days: 401}"))  # the export's
    drifted = generate(spec, "--check")
    assert drifted.exit_code == 1
    assert "-  retention_days = 400\n+  retention_days = 401\n" in drifted.stdout
    assert "1 file differs" in drifted.stderr


def test_check_sees_a_hand_edit_a_missing_file_and_a_changed_list(environment: Make) -> None:
    spec = environment()
    generate(spec)
    main = spec.parent / "main.tf"
    main.write_text(main.read_text() + "# mine\n")
    (spec.parent / "modules" / "trail" / "main.tf").unlink()
    answer = generate(spec, "--check")
    assert answer.exit_code == 1
    assert "-# mine\n" in answer.stdout
    assert "modules/trail/main.tf" in answer.stdout
    generate(spec, "--force")
    (spec.parent / "trusted-ips.txt").write_text("198.51.100.9\n")
    answer = generate(spec, "--check")
    assert answer.exit_code == 1
    assert "-      198.51.100.7\n-      203.0.113.0/28\n+      198.51.100.9\n" in answer.stdout


def test_a_hand_edit_is_refused_with_2_and_overwritten_with_force(environment: Make) -> None:
    spec = environment()
    generate(spec)
    main = spec.parent / "main.tf"
    good = main.read_text()
    main.write_text(good + "# mine\n")
    refused = generate(spec)
    assert refused.exit_code == 2
    assert "edited by hand" in refused.stderr
    assert "-# mine\n" in refused.stderr
    assert main.read_text().endswith("# mine\n")
    assert generate(spec, "--force").exit_code == 0
    assert main.read_text() == good


def test_out_puts_the_root_elsewhere_and_the_users_files_stay(environment: Make, tmp_path: Path) -> None:
    spec = environment()
    out = tmp_path / "out"
    out.mkdir()
    (out / "backend.tf").write_text("# mine\n")
    (out / "README.md").write_text("# mine\n")
    before = files(out)
    refused = generate(spec, "--out", out)
    assert refused.exit_code == 2
    assert "README.md is in the way" in refused.stderr
    assert files(out) == before
    (out / "README.md").unlink()
    assert generate(spec, "--out", out).exit_code == 0
    assert (out / "backend.tf").read_text() == "# mine\n"
    assert (out / "modules" / "region" / "main.tf").is_file()
    assert not (spec.parent / "main.tf").exists()


def test_shared_modules_are_written_checked_and_named_from_the_root(environment: Make, tmp_path: Path) -> None:
    spec = environment(SHARED.format(provider=5, modules="../../modules/alias"))
    assert generate(spec).exit_code == 0
    shared = tmp_path / "project" / "modules" / "alias"
    assert (shared / "region" / "main.tf").is_file()
    assert not (spec.parent / "modules").exists()
    assert 'source = "../../modules/alias/region"' in (spec.parent / "regions.tf").read_text()
    (shared / "region" / "main.tf").unlink()
    assert generate(spec, "--check").exit_code == 1
    generate(spec)
    assert generate(spec, "--out", tmp_path / "elsewhere").exit_code == 0
    elsewhere = (tmp_path / "elsewhere" / "regions.tf").read_text()
    assert 'source = "../project/modules/alias/region"' in elsewhere


def test_shared_modules_are_not_turned_into_those_of_another_provider(environment: Make) -> None:
    one = environment(SHARED.format(provider=5, modules="../../modules"), name="one")
    two = environment(SHARED.format(provider=6, modules="../../modules"), name="two")
    assert generate(one).exit_code == 0
    refused = generate(two)
    assert refused.exit_code == 2
    assert "holds modules for AWS provider 5" in refused.stderr
    assert generate(one, "--check").exit_code == 0
    assert generate(two, "--force").exit_code == 0


@pytest.mark.parametrize("modules", ["../../modules", "modules"])
def test_the_roots_own_modules_go_when_shared_ones_take_their_place(environment: Make, modules: str) -> None:
    own = SHARED.format(provider=5, modules="null")
    spec = environment(own)
    generate(spec)
    assert (spec.parent / "modules" / "trail" / "main.tf").is_file()
    spec.write_text(SHARED.format(provider=5, modules=modules))
    assert generate(spec, "--check").exit_code == 1, "shared modules hold everything, and the root's own what it uses"
    assert generate(spec).exit_code == 0
    assert (spec.parent / "modules").exists() == (modules == "modules")
    assert (spec.parent / modules / "trail" / "main.tf").is_file()
    assert generate(spec, "--check").exit_code == 0


def test_the_root_itself_is_no_folder_for_modules(environment: Make) -> None:
    spec = environment(SHARED.format(provider=5, modules="."))
    answer = generate(spec)
    assert answer.exit_code == 2
    assert "terraform.modules needs another one" in answer.stderr
    assert not (spec.parent / "main.tf").exists()


def test_a_spec_with_mistakes_writes_nothing_and_lists_them_all(environment: Make) -> None:
    spec = environment("version: 2\nname: X\nhome_region: nowhere\nacount: {id: 1}\n")
    answer = generate(spec)
    assert answer.exit_code == 2
    assert answer.stderr.count("guardline.yaml:") >= 4
    names = sorted(path.name for path in spec.parent.iterdir())
    assert names == ["guardline.yaml", "threat-ips.txt", "trusted-ips.txt"]


def test_a_folder_that_cannot_be_written_is_said_without_a_traceback(environment: Make, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    answer = generate(environment(), "--out", tmp_path / "file")
    assert answer.exit_code == 2
    assert "Not a directory" in answer.stderr
    assert answer.exception is None or isinstance(answer.exception, SystemExit)


def test_an_exclusion_whose_date_has_passed_is_warned_about_and_kept(environment: Make) -> None:
    spec = environment()
    spec.write_text(spec.read_text().replace("2999-12-31", "2020-01-31", 1))
    answer = generate(spec)
    assert answer.exit_code == 0
    assert "ap-northeast-1 was to be looked at again by 2020-01-31" in answer.stderr
    assert re.search(r"^\| excluded\b.* \| ap-northeast-1 \|$", (spec.parent / "README.md").read_text(), re.MULTILINE)


def test_a_suppression_rule_whose_day_has_passed_is_warned_about_and_kept(environment: Make) -> None:
    spec = environment()
    head, _, rules = spec.read_text().partition("suppression:")
    spec.write_text(f"{head}suppression:{rules.replace('2999-12-31', '2026-01-31', 1)}")
    answer = generate(spec)
    assert answer.exit_code == 0
    assert "suppression: scanner was to hold until 2026-01-31; `guardline validate` fails it" in answer.stderr
    assert "(until 2026-01-31)" in (spec.parent / "suppression" / "main.tf").read_text()


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "environments").iterdir()))
def test_the_committed_environments_and_modules_are_what_their_specs_say(name: str) -> None:
    answer = generate(ROOT / "environments" / name / "guardline.yaml", "--check")
    assert answer.exit_code == 0, answer.stdout


def test_the_check_of_the_committed_environments_can_fail(tmp_path: Path) -> None:
    for folder in ("environments", "modules"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    changed = tmp_path / "modules" / "alias" / "trail" / "main.tf"
    changed.write_text(changed.read_text().replace("true", "false", 1))
    assert generate(tmp_path / "environments" / "demo" / "guardline.yaml", "--check").exit_code == 1
    assert generate(tmp_path / "environments" / "single-account" / "guardline.yaml", "--check").exit_code == 0
