"""Versions are what the packages' own records say."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest

from guardline.spec.installed import version


@pytest.mark.parametrize("name", ["guardline", "python-hcl2", "PyYAML", "typing_extensions"])
def test_a_version_is_that_of_the_record(name: str) -> None:
    assert version(name) == metadata.version(name)


def test_the_first_folder_that_knows_it_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "some_thing-1.5.dist-info").mkdir()
    (tmp_path / "some_thing_else-2.0.dist-info").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path / "missing"), str(tmp_path)])
    assert version("some-thing") == "1.5"


def test_what_is_not_installed_has_no_version() -> None:
    with pytest.raises(metadata.PackageNotFoundError):
        version("no-such-package")
