"""The GitHub Action and its siblings: their shell runs in GitHub's environment, simulated; their YAML is read."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from guardline.generator.fan_out import ACTIONS
from tests.support.repositories import git

ROOT = Path(__file__).parents[1]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = {step.get("name", step.get("uses", "")): step for step in ACTION["runs"]["steps"]}
WORKFLOWS = sorted((ROOT / "environments").rglob(".github/workflows/*.yml"))

# One region without a detector, and one with: a fail with a file and a line.
SOURCE = """\
provider "aws" {
  region = "eu-west-1"
}

resource "aws_guardduty_detector" "this" {
  enable = %s
}
"""


class Runner:
    """A runner's folders and files, with commands that record how they are called."""

    def __init__(self, folder: Path) -> None:
        self.work, self.temp, self.bin = folder / "work", folder / "temp", folder / "bin"
        for each in (self.work, self.bin, self.temp / "guardline" / "bin"):
            each.mkdir(parents=True)
        self.output, self.summary, self.calls = folder / "output", folder / "summary.md", folder / "calls"
        for each in (self.output, self.summary, self.calls):
            each.touch()
        command = self.temp / "guardline" / "bin" / "guardline"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m guardline.cli "$@"\n')
        command.chmod(0o755)

    def command(self, name: str, says: str = "") -> None:
        """Put a command on PATH that writes its arguments down."""
        found = self.bin / name
        found.write_text(
            f'#!/bin/sh\necho "{name} $*" >>"{self.calls}"\ncase "$*" in *--paginate*) echo "{says}";; esac\n'
        )
        found.chmod(0o755)

    def run(self, step: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a step's shell as GitHub does: bash that ends at the first failure."""
        here = {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(sys.path),
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": "owner/name",
            "HOME": str(self.temp),
        }
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[step]["run"]],
            cwd=self.work,
            env=here | variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def outputs(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.output.read_text().splitlines())


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


GIVEN = {
    "SOURCE": "root with a blank", "PLAN": "", "SPEC": "", "BASE": "", "AGAINST": "", "CHANGED": "",
    "ONLY_NEW": "false", "FAIL_ON": "critical", "ALLOW_UNDETERMINED": "true",
}  # fmt: skip


def source(runner: Runner, enabled: str) -> None:
    (runner.work / GIVEN["SOURCE"]).mkdir(exist_ok=True)
    (runner.work / GIVEN["SOURCE"] / "main.tf").write_text(SOURCE % enabled)


def test_what_fails_is_said_beside_its_line_and_ends_the_job(runner: Runner) -> None:
    source(runner, "false")
    done = runner.run("Validate", **GIVEN)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^::error file=root with a blank/main\.tf,line=6", done.stdout, flags=re.MULTILINE)
    outputs = runner.outputs()
    assert (outputs["exit-code"], outputs["written"]) == ("1", "true")
    assert json.loads(Path(outputs["result"]).read_text())["schema"] == "guardline/result/v1"
    assert json.loads(Path(outputs["sarif"]).read_text())["version"] == "2.1.0"
    assert runner.summary.read_text().startswith("<!-- guardline -->")
    assert runner.run("Verdict", CODE=outputs["exit-code"]).returncode == 1


def test_only_what_is_new_ends_the_job_where_that_is_asked(runner: Runner) -> None:
    source(runner, "false")
    runner.run("Validate", **GIVEN)
    stored = runner.temp / "stored.json"
    stored.write_text(Path(runner.outputs()["result"]).read_text())
    runner.output.write_text("")
    done = runner.run("Validate", **{**GIVEN, "AGAINST": str(stored), "ONLY_NEW": "true"})
    assert runner.outputs()["exit-code"] == "0", done.stderr
    assert runner.run("Verdict", CODE="0").returncode == 0


def test_a_branch_is_compared_with_and_what_did_not_change_is_not_judged(runner: Runner) -> None:
    source(runner, "true")
    git(runner.work, "init", "--quiet", "--initial-branch=main")
    git(runner.work, "add", ".")
    git(runner.work, "commit", "--quiet", "--message=one")
    done = runner.run("Validate", **{**GIVEN, "CHANGED": "main"})
    outputs = runner.outputs()
    assert [outputs[each] for each in ("exit-code", "written", "judged")] == ["0", "true", "false"]
    assert "touches none of the named roots" in done.stderr
    runner.command("gh", "42")
    comment = outputs["comment"]
    assert runner.run("Comment", COMMENT=comment, NUMBER="7").returncode == 0
    assert f"--method PATCH repos/owner/name/issues/comments/42 --field body=@{comment}" in runner.calls.read_text()
    assert "This change touches none of the roots: not judged" in Path(comment).read_text()
    source(runner, "false")
    runner.output.write_text("")
    done = runner.run("Validate", **{**GIVEN, "CHANGED": "main", "AGAINST": "git:main", "ONLY_NEW": "true"})
    outputs = runner.outputs()
    assert [outputs[each] for each in ("exit-code", "written", "judged")] == ["1", "true", "true"]
    assert done.stdout.count("::error") == 1
    assert "since git:main: 7 new failures" in done.stdout  # the detector, and the six plans that depend on it
    runner.output.write_text("")
    done = runner.run("Validate", **{**GIVEN, "BASE": "main"})
    assert "--base compares specs: name the spec of now with --spec" in done.stderr


def test_what_cannot_be_read_is_no_comment(runner: Runner) -> None:
    done = runner.run("Validate", **{**GIVEN, "SOURCE": "nowhere"})
    assert done.returncode == 0
    assert (runner.outputs()["exit-code"], runner.outputs()["written"]) == ("2", "false")
    assert "nowhere" in done.stderr


def test_an_input_is_never_shell(runner: Runner) -> None:
    """What a pull request may name stays a word."""
    runner.run("Validate", **{**GIVEN, "SOURCE": "$(touch hacked); touch hacked", "SPEC": "`touch hacked`"})
    assert not (runner.work / "hacked").exists()
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize(
    ("there", "calls"),
    [
        ("", "--method POST repos/owner/name/issues/7/comments"),
        ("42", "--method PATCH repos/owner/name/issues/comments/42"),
    ],
)
def test_the_comment_is_written_once_and_then_updated(runner: Runner, there: str, calls: str) -> None:
    runner.command("gh", there)
    comment = runner.temp / "comment.md"
    comment.write_text("<!-- guardline -->\n")
    done = runner.run("Comment", COMMENT=str(comment), NUMBER="7")
    assert done.returncode == 0, done.stderr
    listed, written = runner.calls.read_text().splitlines()
    assert "--paginate repos/owner/name/issues/7/comments" in listed
    assert calls in written
    assert f"body=@{comment}" in written


def test_modules_are_fetched_without_a_provider(runner: Runner) -> None:
    runner.command("terraform")
    assert runner.run("Fetch modules", SOURCE="root").returncode == 0
    assert runner.calls.read_text() == "terraform -chdir=root get -no-color\n"


def test_actions_are_pinned_by_commit_and_packages_by_hash() -> None:
    used = [step["uses"] for step in ACTION["runs"]["steps"] if "uses" in step]
    assert all(re.search(r"@[0-9a-f]{40}$", each) for each in used)
    of_workflows = {each.split(" ")[0].split("@")[0]: each.split(" ")[0] for each in ACTIONS.values()}
    assert [each for each in used if of_workflows.get(each.split("@")[0], each) != each] == []
    install = STEPS["Install Guardline"]["run"]
    assert install.count("pip install") == 2
    assert "--require-hashes" in install
    assert "--no-deps --no-build-isolation" in install


def test_every_input_and_output_of_a_step_exists() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(ACTION["inputs"])
    written = set(re.findall(r'echo "([\w-]+)=', STEPS["Validate"]["run"]))
    alerts = next(step for step in ACTION["runs"]["steps"] if "upload-sarif" in step.get("uses", ""))
    assert "judged == 'true'" in alerts["if"]
    assert "judged" not in STEPS["Comment"]["if"]
    assert set(re.findall(r"steps\.validate\.outputs\.([\w-]+)", text)) <= written


@pytest.mark.parametrize("file", [ROOT / "action.yml", *WORKFLOWS], ids=lambda file: file.name)
def test_zizmor_finds_nothing(file: Path) -> None:
    zizmor = Path(sys.executable).with_name("zizmor")
    # Low: it would have `$/` for workflows of one repository, which not every GitHub knows yet.
    options = ["--offline", "--no-config", "--format", "plain", "--min-severity", "medium"]
    done = subprocess.run([zizmor, *options, file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_hooks_run_commands_that_exist() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert [hook["entry"].split()[:2] for hook in hooks] == [["guardline", "validate"], ["guardline", "generate"]]
    assert all(re.search(hook["files"], "environments/x/guardline.yaml") for hook in hooks)
    assert not any(hook["pass_filenames"] for hook in hooks)


def test_the_gitlab_job_writes_what_it_keeps(tmp_path: Path) -> None:
    """Its script is run with its own variables; pip is left out."""
    job = yaml.safe_load((ROOT / "docs" / "ci" / "guardline.gitlab-ci.yml").read_text(encoding="utf-8"))[".guardline"]
    runner = Runner(tmp_path)
    source(runner, "true")
    command = runner.bin / "guardline"
    command.symlink_to(runner.temp / "guardline" / "bin" / "guardline")
    (runner.work / "guardline.yaml").write_text(
        'version: 1\nname: one\nhome_region: eu-west-1\nregions: {not_opted_in: rest}\naccount: {id: "111122223333"}\n'
    )
    variables = {**job["variables"], "GUARDLINE_SOURCE": GIVEN["SOURCE"]}
    STEPS["GitLab"] = {"run": job["script"][1]}
    done = runner.run("GitLab", **variables)
    assert done.returncode == 1, done.stderr
    kept = [*job["artifacts"]["paths"], *job["artifacts"]["reports"].values()]
    assert [name for name in kept if not (runner.work / name).stat().st_size] == []


def test_examples_name_steps_and_files_that_exist() -> None:
    atlantis = yaml.safe_load((ROOT / "docs" / "ci" / "atlantis.yaml").read_text(encoding="utf-8"))
    steps = atlantis["workflows"][atlantis["projects"][0]["workflow"]]["plan"]["steps"]
    assert any("guardline validate" in step["run"] for step in steps if isinstance(step, dict))
    copied = re.findall(
        r"^COPY (?!--from)(.+) \S+$", (ROOT / "docs" / "ci" / "Containerfile").read_text(), re.MULTILINE
    )
    assert [name for line in copied for name in line.split() if not (ROOT / name).exists()] == []
