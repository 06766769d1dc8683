"""guardline.toml: default options, which the command line overrules and the base branch decides."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from guardline.cli import app
from guardline.validator.output import UsageError
from guardline.validator.settings import base_of, read
from guardline.validator.waivers.written import Policy

ROOT = 'provider "aws" {\n  region = "us-east-1"\n  allowed_account_ids = ["111122223333"]\n}\n'
SPEC = """\
version: 1
name: settings
home_region: us-east-1
account: {id: "111122223333"}
regions: {not_opted_in: rest, exclude: [{region: rest, reason: r, approved_by: Ann, until: 2099-12-31}]}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "main.tf").write_text(ROOT)
    (tmp_path / "guardline.yaml").write_text(SPEC)
    (tmp_path / "deep").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def validate(*options: str) -> Result:
    return CliRunner().invoke(app, ["validate", *options, "--no-cache"])


def test_what_the_command_line_leaves_out_is_the_files(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "guardline.toml").write_text(
        '[validate]\nspec = "guardline.yaml"\ncontrol = ["detector-enabled"]\nformat = ["json"]\nfail-on = "low"\n'
    )
    monkeypatch.chdir(project / "deep")  # the nearest file above, and paths seen from it
    found = json.loads(validate("..").stdout)
    assert found["scope"]["spec"] is not None
    assert {cell["control"] for cell in found["cells"]} == {"detector-enabled"}
    assert found["options"]["fail_on"] == "low"
    assert json.loads(validate("..", "--fail-on", "high").stdout)["options"]["fail_on"] == "high"


def test_without_the_file_nothing_changes(project: Path) -> None:
    assert read(None).defaults == {}
    assert json.loads(validate(str(project), "--format", "json").stdout)["scope"]["spec"] is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[validate]\nfailon = 'low'\n", "failon: is no option"),
        ("[validate]\nterraform-dir = 'x'\n", "terraform-dir: is no option"),
        ("[validate]\nbase = 'main'\n", "base: is no option"),
        ("[validate]\nformat = ['json=out.json']\n", "which files are written is for the command line"),
        ("[validate]\nspec = '../guardline.yaml'\n", "must be a path below"),
        ("[validate]\nspec = '/etc/passwd'\n", "must be a path below"),
        ("[validate]\ncontrol = 'x'\n", "control: must be a list"),
        ("[validate]\nwhole = 'yes'\n", "whole: must be true or false"),
        ("[validate]\nregions = 7\n", "regions: must be text"),
        ("[waivers]\nlongest-days = 'x'\n", "[waivers]"),
        ("[waivers]\nlong = 7\n", "[waivers]"),
        ("[generate]\n", "unknown table [generate]"),
        ("[validate\n", "guardline.toml"),
    ],
)
def test_a_file_with_mistakes_is_refused(project: Path, text: str, says: str) -> None:
    (project / "guardline.toml").write_text(text)
    with pytest.raises(UsageError) as raised:
        read(None)
    assert says in str(raised.value)
    done = validate(str(project))
    assert (done.exit_code, says in done.stderr) == (2, True)


def test_the_policy_of_waivers(project: Path) -> None:
    (project / "guardline.toml").write_text("[waivers]\nlongest-days = 90\nwarn-days = 7\n")
    assert read(None).policy == Policy(90, 7)


def test_a_change_cannot_loosen_its_own_check(project: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *identity, *arguments], cwd=project, capture_output=True, check=True)

    file = project / "guardline.toml"
    file.write_text('[validate]\nfail-on = "medium"\n')
    git("init", "--quiet", "--initial-branch=main")
    git("add", ".")
    git("commit", "--quiet", "--message=strict")
    file.write_text('[validate]\nfail-on = "critical"\nallow-undetermined = true\n')
    assert read("main").defaults == {"fail_on": "medium"}
    assert read(None).defaults == {"fail_on": "critical", "allow_undetermined": True}
    git("rm", "--quiet", "--cached", "guardline.toml")
    git("commit", "--quiet", "--message=none")
    assert read("main").defaults == {}


@pytest.mark.parametrize(
    ("arguments", "base"),
    [(["a", "--base", "main"], "main"), (["--base=x", "a"], "x"), (["a"], None), (["--base"], None)],
)
def test_the_base_is_found_before_the_options_are_parsed(arguments: list[str], base: str | None) -> None:
    assert base_of(arguments) == base
