"""`guardline waive` adds one waiver that keeps the rules, or nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from guardline.cli import app
from guardline.validator.waivers.file import read
from guardline.validator.waivers.written import Policy

TODAY = datetime.now(UTC).date()
SOON = (TODAY + timedelta(days=30)).isoformat()


def waive(path: Path, *more: str, owner: str = "web", expires: str = SOON) -> Result:
    given = ("--reason", 'moves "away": soon', "--owner", owner, "--approver", "security", "--expires", expires)
    return CliRunner().invoke(app, ["waive", "vpc-flow-logs", *given, "--file", str(path), *more])


def test_the_first_one_makes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "waivers.yaml"
    done = waive(path, "--region", "eu-*", "--ticket", "SEC-12")
    assert (done.exit_code, done.stdout) == (0, f"added to {path}: vpc-flow-logs, until {SOON}\n")
    (found,), notes = read(path.read_text(), "waivers.yaml", Policy(), TODAY)
    assert (found.reason, found.scope, found.ticket, notes) == ('moves "away": soon', {"region": "eu-*"}, "SEC-12", ())
    assert found.expires == date.fromisoformat(SOON)


def test_what_is_there_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "waivers.yaml"
    waive(path)
    before = path.read_text().replace("version: 1", "# ours\nversion: 1")
    path.write_text(before)
    assert waive(path, "--subject", "aws_vpc.v").exit_code == 0
    assert path.read_text().startswith(before)
    assert len(read(path.read_text(), "w", Policy(), TODAY)[0]) == 2


def test_an_empty_list_is_begun(tmp_path: Path) -> None:
    path = tmp_path / "waivers.yaml"
    path.write_text("version: 1\nwaivers: []\n")
    assert waive(path).exit_code == 0
    assert len(read(path.read_text(), "w", Policy(), TODAY)[0]) == 1


@pytest.mark.parametrize(
    ("there", "options", "says"),
    [
        (None, {"owner": "Security"}, "the approver is the owner"),
        (None, {"expires": "2020-01-01"}, "before it was created"),
        (None, {"expires": "2999-01-01"}, "may hold for 365 days"),
        (None, {"expires": "soon"}, "must be a date"),
        ("version: 2\n", {}, "has mistakes"),
        ("version: 1\nwaivers: [{control: a}]\n", {}, "write the waiver by hand"),
    ],
)
def test_one_that_breaks_a_rule_leaves_the_file_alone(
    tmp_path: Path, there: str | None, options: dict[str, str], says: str
) -> None:
    path = tmp_path / "waivers.yaml"
    if there is not None:
        path.write_text(there)
    done = waive(path, **options)
    assert done.exit_code == 2
    assert says in done.stderr
    assert (path.read_text() if path.exists() else None) == there


def test_there_is_no_such_control(tmp_path: Path) -> None:
    words = ["--reason", "r", "--owner", "a", "--approver", "b", "--expires", SOON, "--file", str(tmp_path / "w.yaml")]
    done = CliRunner().invoke(app, ["waive", "vpc-flowlogs", *words])
    assert (done.exit_code, "there is no control vpc-flowlogs; did you mean `vpc-flow-logs`?" in done.stderr) == (
        2,
        True,
    )


@pytest.mark.parametrize("region", ["eu-west-3", "us-gov-west-1", "eu-*", "eu-west-?"])
def test_a_region_is_named_or_is_a_pattern(tmp_path: Path, region: str) -> None:
    assert waive(tmp_path / "w.yaml", "--region", region).exit_code == 0


def test_there_is_no_such_region(tmp_path: Path) -> None:
    done = waive(tmp_path / "w.yaml", "--region", "eu-west-33")
    assert (done.exit_code, (tmp_path / "w.yaml").exists()) == (2, False)
    assert "there is no region eu-west-33; did you mean `eu-west-3`?" in done.stderr
