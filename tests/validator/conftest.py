"""Fixtures that several tests of the validator share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.repositories import compared_tree


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The repository, and the test in it."""
    tree = compared_tree(tmp_path)
    monkeypatch.chdir(tree)
    return tree
