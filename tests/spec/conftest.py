"""Specs on disk for the tests of `guardline.spec`."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from guardline.spec.load import SpecError, load

MINIMAL = """\
version: 1
name: production
home_region: eu-west-1
account: {id: "111122223333"}
regions: {not_opted_in: rest}
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Write a spec into a folder of its own."""

    def write(text: str) -> Path:
        path = tmp_path / "guardline.yaml"
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    return write


@pytest.fixture
def mistakes(write: Callable[[str], Path]) -> Callable[[str], list[tuple[int, int, str]]]:
    """The mistakes of a spec's text as (line, column, message), all in the spec itself."""

    def mistakes(text: str) -> list[tuple[int, int, str]]:
        path = write(text)
        with pytest.raises(SpecError) as raised:
            load(path)
        assert {mistake.file for mistake in raised.value.mistakes} == {path.as_posix()}
        return [(mistake.line, mistake.column, mistake.message) for mistake in raised.value.mistakes]

    return mistakes
