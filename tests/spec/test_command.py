"""`guardline regions` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from guardline.spec import catalogue, refresh
from guardline.spec.command import regions

from .conftest import MINIMAL

APP = typer.Typer()
APP.command()(regions)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(APP, list(arguments))


def test_the_table_has_every_region_of_aws_on_a_line_of_its_own() -> None:
    result = run()
    assert result.exit_code == 0
    lines = {line.split()[0]: line for line in result.stdout.splitlines() if line.strip()}
    assert all(region.name in lines for region in catalogue.regions("aws"))
    assert "opt-in" in lines["sa-west-1"]
    assert "unknown" in lines["sa-west-1"]
    assert "AWS provider 5 needs skip_region_validation" in lines["sa-west-1"]
    assert "not documented: RDS Protection" in lines["ap-east-2"]
    assert result.stdout.rstrip().endswith("36 regions in aws: 17 enabled by default, 19 opt-in")


def test_features_not_offered() -> None:
    assert run("--partition", "aws-cn").stdout.count("not offered: Runtime Monitoring") == 2
    assert "not offered: all protection plans" in run("--partition", "aws-iso-b").stdout


def test_states_under_a_spec(tmp_path: Path) -> None:
    path = tmp_path / "guardline.yaml"
    more = "exclude: [{region: eu-west-2, reason: 'no [red]data[/]', approved_by: CISO, until: 2027-03-31}]"
    path.write_text(MINIMAL.replace("not_opted_in: rest", f"not_opted_in: rest, opted_in: [ap-east-1], {more}"))
    lines = {line.split()[0]: line for line in run("--spec", str(path)).stdout.splitlines() if line.strip()}
    assert " covered " in lines["ap-east-1"]
    assert " not-opted-in " in lines["af-south-1"]
    assert "excluded" in lines["eu-west-2"]
    assert "no [red]data[/] (approved by CISO, until 2027-03-31)" in lines["eu-west-2"]
    rows = json.loads(run("--spec", str(path), "--format", "json").stdout)["regions"]
    assert {row["name"]: row["state"] for row in rows}["eu-west-2"] == "excluded"


def test_json_without_a_spec_has_no_states() -> None:
    result = json.loads(run("--format", "json", "--partition", "aws-us-gov").stdout)
    assert result["partition"] == "aws-us-gov"
    assert [row["name"] for row in result["regions"]] == ["us-gov-east-1", "us-gov-west-1"]
    assert all("state" not in row for row in result["regions"])
    assert result["regions"][0]["features"]["S3_DATA_EVENTS"] is True


def test_a_bad_spec_is_exit_2_with_the_mistakes_on_stderr(tmp_path: Path) -> None:
    path = tmp_path / "guardline.yaml"
    path.write_text(MINIMAL + "zebra: 1\n")
    result = run("--spec", str(path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{path.as_posix()}:6:1: unknown key `zebra`")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("--partition", "aws-x"), "not a partition"), (("--refresh", "--partition", "aws"), "--refresh stands alone")],
)
def test_bad_usage_is_exit_2(arguments: tuple[str, ...], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_spec_of_another_partition_than_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "guardline.yaml"
    path.write_text(MINIMAL)
    result = run("--spec", str(path), "--partition", "aws-cn")
    assert result.exit_code == 2
    assert "the spec is for partition aws" in result.stderr


def test_refresh_prints_what_changed_and_what_to_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (
        "added    eu-north-2 (Europe (Oslo), partition aws)",
        "changed  sa-west-1 services.guardduty: unknown -> yes",
    )
    monkeypatch.setattr(refresh, "refresh", lambda: lines)
    printed = run("--refresh").stdout.splitlines()
    assert printed[:2] == list(lines)
    assert printed[2] == f"2 changes ({refresh.installed()})"
    assert printed[3].startswith("look up eu-north-2")


def test_refresh_of_a_read_only_catalogue_is_exit_2(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> tuple[str, ...]:
        raise PermissionError(13, "Permission denied", "/x")

    monkeypatch.setattr(refresh, "refresh", refuse)
    result = run("--refresh")
    assert result.exit_code == 2
    assert "regions.json: cannot be read or written: Permission denied" in result.stderr
