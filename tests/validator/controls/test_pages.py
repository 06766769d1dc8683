"""The pages in docs/controls are those of the controls, and `guardline controls` prints them."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from guardline.cli import app
from guardline.validator.control import Control
from guardline.validator.controls import CATALOGUE, pages

run = CliRunner().invoke


def test_the_committed_pages_are_current() -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in pages.FOLDER.glob("*.md")}
    assert committed == dict(pages.pages()), f"write them anew with: python -m {pages.MODULE}"


def test_check_finds_stale_and_left_over_pages(tmp_path, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]  # pytest's fixtures
    monkeypatch.setattr(pages, "FOLDER", tmp_path)
    assert pages.main(["--check"]) == 1
    assert not list(tmp_path.iterdir())
    assert pages.main([]) == 0
    assert pages.main(["--check"]) == 0
    (tmp_path / "vpc-flow-logs.md").write_text("edited", encoding="utf-8")
    (tmp_path / "old-control.md").write_text("left", encoding="utf-8")
    capsys.readouterr()
    assert pages.main(["--check"]) == 1
    said = capsys.readouterr().err
    assert "vpc-flow-logs.md is stale" in said
    assert "old-control.md belongs to no control" in said
    assert pages.main([]) == 0
    assert pages.main(["--check"]) == 0
    assert not (tmp_path / "old-control.md").exists()
    assert pages.main(["--wrong"]) == 2


@pytest.mark.parametrize("control", CATALOGUE, ids=lambda control: control.id)
def test_the_command_prints_the_page(control: Control) -> None:
    result = run(app, ["controls", control.id])
    assert (result.exit_code, result.stdout) == (0, pages.page(control))


def test_the_list_names_every_control_once() -> None:
    result = run(app, ["controls"])
    assert result.exit_code == 0
    words = [line.split()[0] for line in result.stdout.splitlines() if line.startswith("   ")]
    assert words == [control.id for control in CATALOGUE]


@pytest.mark.parametrize(
    ("given", "hint"), [("vpc-flowlogs", "did you mean vpc-flow-logs?"), ("zzz", "lists them all")]
)
def test_an_unknown_control_is_bad_usage(given: str, hint: str) -> None:
    result = run(app, ["controls", given])
    assert result.exit_code == 2
    assert hint in result.stderr
    assert result.stdout == ""


def test_a_page_says_whose_mapping_it_is() -> None:
    assert "as mapped by prowler" in pages.page(CATALOGUE[0])


def test_pages_hold_no_table_or_html_that_a_text_could_break() -> None:
    for control in CATALOGUE:
        assert "|" not in control.title
        assert "<" not in pages.page(control).replace("<https://", "")
