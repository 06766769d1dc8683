"""The demo's spec and folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardline.spec.load import load
from guardline.spec.regions import assign
from guardline.validator.demo.environment import DemoError, choose, home, prepare

ACCOUNT = "123456789012"


@pytest.mark.parametrize(
    ("asked", "number"), [("default", 17), ("all", 34), ("eu-west-1", 1), ("sa-east-1, af-south-1,us-east-1", 3)]
)
def test_the_spec_covers_exactly_the_regions_asked_for(tmp_path: Path, asked: str, number: int) -> None:
    chosen = choose(asked)
    assert len(chosen) == number
    spec = load(prepare(tmp_path / "demo", chosen, ACCOUNT))
    covered = {each.name for each in assign(spec) if each.state == "covered"}
    assert covered == {region.name for region in chosen}
    assert spec.home_region == home(chosen)
    assert spec.account is not None
    assert spec.account.id == ACCOUNT


@pytest.mark.parametrize(
    ("asked", "words"),
    [("eu-west-11", "did you mean eu-west-"), ("af-south-1", "enabled by default"), ("", "enabled by default")],
)
def test_regions_that_cannot_be_are_refused(asked: str, words: str) -> None:
    with pytest.raises(DemoError, match=words):
        choose(asked)


def test_an_earlier_demo_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    prepare(folder, choose("eu-west-1"), ACCOUNT)
    (folder / "terraform.tfstate").touch()
    prepare(folder, choose("us-east-1"), ACCOUNT)
    assert sorted(path.name for path in folder.iterdir()) == ["guardline.yaml", "trusted-ips.txt"]


def test_a_folder_of_the_users_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "guardline.yaml").write_text("version: 1\n", encoding="utf-8")
    with pytest.raises(DemoError, match="not empty"):
        prepare(tmp_path, choose("eu-west-1"), ACCOUNT)
    assert [path.name for path in tmp_path.iterdir()] == ["guardline.yaml"]
    with pytest.raises(DemoError, match="not a folder"):
        prepare(tmp_path / "guardline.yaml", choose("eu-west-1"), ACCOUNT)
