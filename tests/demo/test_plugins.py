"""Where the provider comes from, decided in folders that a test made."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from guardline.validator.demo import plugins

MACHINE = plugins.ARCHITECTURES.get(platform.machine().lower(), platform.machine().lower())
TARGET = f"{platform.system().lower()}_{MACHINE}"


def unpacked(folder: Path, target: str = TARGET) -> Path:
    """A mirror with the provider laid out as Terraform unpacks it."""
    place = folder / plugins.PROVIDER / "5.100.0" / target
    place.mkdir(parents=True)
    (place / "terraform-provider-aws_v5.100.0_x5").touch()
    return folder


def packed(folder: Path) -> Path:
    """A mirror as `terraform providers mirror` makes it."""
    (folder / plugins.PROVIDER).mkdir(parents=True)
    (folder / plugins.PROVIDER / f"terraform-provider-aws_5.100.0_{TARGET}.zip").touch()
    return folder


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def test_a_cli_configuration_that_exists_is_used(tmp_path: Path, scratch: Path) -> None:
    config = tmp_path / "terraform.tfrc"
    config.touch()
    unpacked(tmp_path / ".terraform.d" / "plugins")
    found = plugins.environment({"TF_CLI_CONFIG_FILE": str(config)}, tmp_path, scratch)
    assert found == {"TF_CLI_CONFIG_FILE": str(config)}


def test_one_that_does_not_exist_is_replaced_by_a_mirror(tmp_path: Path, scratch: Path) -> None:
    mirror = unpacked(tmp_path / ".terraform.d" / "plugins")
    found = plugins.environment({"TF_CLI_CONFIG_FILE": str(tmp_path / "none")}, tmp_path, scratch)
    text = Path(found["TF_CLI_CONFIG_FILE"]).read_text(encoding="utf-8")
    assert Path(found["TF_CLI_CONFIG_FILE"]).parent == scratch
    assert f'path    = "{mirror}"' in text
    assert 'exclude = ["registry.terraform.io/hashicorp/aws"]' in text


def test_without_a_mirror_terraform_does_as_it_always_does(
    tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugins, "find_mirror", lambda *_: None)
    assert plugins.environment({"TF_CLI_CONFIG_FILE": str(tmp_path / "none")}, tmp_path, scratch) == {}
    assert not list(scratch.iterdir())


def test_a_cache_is_kept_for_the_registry(tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "find_mirror", lambda *_: None)
    cache = {"TF_PLUGIN_CACHE_DIR": str(tmp_path)}
    assert plugins.environment(cache, tmp_path, scratch) == cache
    assert plugins.environment({"TF_PLUGIN_CACHE_DIR": str(tmp_path / "none")}, tmp_path, scratch) == {}


def test_a_cache_that_holds_the_provider_is_a_mirror_and_no_longer_a_cache(tmp_path: Path, scratch: Path) -> None:
    cache = unpacked(tmp_path / "cache")
    found = plugins.environment({"TF_PLUGIN_CACHE_DIR": str(cache)}, tmp_path, scratch)
    assert set(found) == {"TF_CLI_CONFIG_FILE"}


@pytest.mark.parametrize("layout", [unpacked, packed])
@pytest.mark.parametrize("place", [".terraform.d/plugins", ".local/share/terraform/plugins"])
def test_the_folders_of_the_user_are_searched(tmp_path: Path, layout: object, place: str) -> None:
    assert callable(layout)
    mirror = layout(tmp_path / place)
    assert plugins.find_mirror({}, tmp_path) == mirror


def test_a_folder_that_is_named_goes_first(tmp_path: Path) -> None:
    unpacked(tmp_path / ".terraform.d" / "plugins")
    named = unpacked(tmp_path / "named")
    assert plugins.find_mirror({plugins.GIVEN: str(named)}, tmp_path) == named


def test_a_provider_for_another_machine_is_none(tmp_path: Path) -> None:
    unpacked(tmp_path / ".terraform.d" / "plugins", "plan9_mips")
    right = unpacked(tmp_path / ".local" / "share" / "terraform" / "plugins")
    assert plugins.find_mirror({}, tmp_path) == right


def test_a_path_is_written_as_text(tmp_path: Path, scratch: Path) -> None:
    mirror = unpacked(tmp_path / 'a "${b}"')
    found = plugins.environment({plugins.GIVEN: str(mirror)}, tmp_path, scratch)
    assert r'a \"$${b}\""' in Path(found["TF_CLI_CONFIG_FILE"]).read_text(encoding="utf-8")
