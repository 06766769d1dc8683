"""The table of practices: what the folders, pages and reports are named by."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardline.spec.practice import PRACTICES, RECOMMENDATIONS, TERRAFORM

ROOT = Path(__file__).parents[2]


def test_every_practice_serves_a_recommendation_and_has_a_name_that_python_takes() -> None:
    for practice in (*PRACTICES.values(), TERRAFORM):
        assert practice.number in RECOMMENDATIONS
        assert practice.package.isidentifier()
        assert practice.package.replace("_", "-") == practice.id


def test_the_names_are_the_eleven_that_the_public_ids_use() -> None:
    assert list(PRACTICES) == [
        "detection",
        "organization",
        "flow-logs",
        "dns-logs",
        "trail",
        "access",
        "tamper",
        "response",
        "security-hub",
        "suppression",
        "lists",
    ]


def names(folder: str) -> set[str]:
    """The practices that a folder of the repository has a part for."""
    entries = (ROOT / folder).iterdir()
    stems = {entry.stem for entry in entries if entry.suffix in ("", ".py", ".md") and not entry.name.startswith("_")}
    return {stem.removeprefix("test_").replace("_", "-") for stem in stems if stem}


VALIDATOR = "validator/guardline/validator"


@pytest.mark.parametrize(
    "folder",
    [
        "generator/guardline/spec/practices",
        "generator/guardline/generator/practices",
        f"{VALIDATOR}/expectations/practices",
    ],
)
def test_every_practice_has_its_part_under_its_name(folder: str) -> None:
    assert names(folder) == set(PRACTICES)


def test_every_practice_has_its_folder_of_controls() -> None:
    assert names(f"{VALIDATOR}/controls") - {"command", "house-rules", "pages"} == {*PRACTICES, TERRAFORM.id, "shared"}


def test_every_practice_has_its_page() -> None:
    assert names("docs/practices") == set(PRACTICES)


@pytest.mark.parametrize("folder", ["tests/spec/practices", "tests/generator/practices"])
def test_the_tests_of_a_practice_bear_its_name(folder: str) -> None:
    assert names(folder)
    assert names(folder) <= set(PRACTICES)


def test_the_tests_of_controls_stand_in_folders_of_the_same_names() -> None:
    folders = {entry.name for entry in (ROOT / "tests/validator/controls").iterdir() if entry.is_dir()}
    assert {folder.replace("_", "-") for folder in folders if not folder.startswith("_")} == {
        *PRACTICES,
        TERRAFORM.id,
        "shared",
    }
