"""From a provider for each region to `region` on every resource: what is written at each step of the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from guardline.generator.baseline import Baseline
from guardline.spec.load import SpecError, load
from tests.generator.conftest import COVERED

Make = Callable[..., Path]


def written(spec: Path, settings: str) -> dict[str, str]:
    """The files of root and modules under these settings of `terraform`."""
    text = re.sub(r"aws_provider: \d", f"aws_provider: {settings}", spec.read_text())
    spec.write_text(text)
    return {str(path): text for folder in Baseline.of(spec).folders for path, text in folder.files.items()}


def test_the_first_step_keeps_the_aliases_and_takes_the_new_provider(environment: Make) -> None:
    old = written(environment(provider=5), "5")
    new = written(environment(provider=5, name="new"), "6\n  region_style: alias")
    changed = {path for path in old | new if old.get(path) != new.get(path)}
    # The module of detectors accepts the protection plans that only this provider knows.
    expected = {path for path in new if path.endswith("versions.tf")} | {"guardduty/variables.tf"}
    assert {path for path in changed if path.endswith(".tf")} == expected
    accepts = new["guardduty/variables.tf"]
    for more in (', "AI_PROTECTION", "AI_ANALYST"', ", AI_PROTECTION, AI_ANALYST"):
        accepts = accepts.replace(more, "")
    assert old["guardduty/variables.tf"] == accepts
    assert 'version = ">= 6.0, < 7.0"' in new["versions.tf"]
    assert 'version = ">= 6.0, < 7.0"' in new["guardduty/versions.tf"]


def test_the_second_step_moves_every_region_and_nothing_else(environment: Make) -> None:
    files = written(environment(provider=6), "6\n  moved_from_alias: true")
    moves = re.findall(r"moved \{\n  from = (\S+)\n  to   = (\S+)\n\}", files["moves.tf"])
    assert moves == [
        (f"module.{old}{name.replace('-', '_')}", f'module.{new}["{name}"]')
        for old, new in (("", "region"), ("suppression_", "suppression"))
        for name in COVERED
    ]
    assert "moves.tf" not in written(environment(provider=6, name="settled"), "6")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("5\n  region_style: argument", "terraform.region_style: `argument` needs AWS provider 6"),
        ("5\n  moved_from_alias: true", "terraform.moved_from_alias: the root is in alias style"),
        (
            "6\n  region_style: alias\n  moved_from_alias: true",
            "terraform.moved_from_alias: the root is in alias style",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(environment: Make, settings: str, said: str) -> None:
    spec = environment()
    spec.write_text(re.sub(r"aws_provider: \d", f"aws_provider: {settings}", spec.read_text()))
    with pytest.raises(SpecError, match=re.escape(said)):
        load(spec)
