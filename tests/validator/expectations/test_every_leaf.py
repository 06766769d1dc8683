"""Every leaf of the spec is asked: another legal value there, the Terraform unchanged, and some cell changes.

The table of `expectations/fields.json` names the controls that judge a leaf, or says why none does; the page
``docs/spec-fields.md`` shows it. A leaf that is new to the spec must be set by one of the specs of
``tests/data/leaves``, and stand in the table.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from guardline.generator.baseline import Baseline
from guardline.spec.leaves import leaves
from guardline.validator import expectations
from guardline.validator.controls import CATALOGUE
from guardline.validator.expectations.fields import EVERY, fields
from tests.support.leaf_checks import Judged, is_seen
from tests.support.spec_leaves import BASES, places, spec_data, write

STYLES = ("argument", "alias")
SAMPLE = 1


def generated(base: str, style: str, folder: Path) -> Judged:
    """A spec's source, judged by that spec."""
    data = spec_data(base, style)
    spec = write(data, folder / base)
    Baseline.of(spec).write()
    roots = (path.parent for path in (folder / base).rglob("providers.tf"))
    own = [root for root in roots if "modules" not in root.relative_to(folder / base).parts]
    return Judged(base, data, folder / base, own)


def test_every_leaf_stands_in_the_table() -> None:
    assert set(fields()) == set(leaves())


def test_no_leaf_stands_in_the_table_twice() -> None:
    text = (Path(expectations.__file__).parent / "fields.json").read_text(encoding="utf-8")
    named = json.loads(text, object_pairs_hook=lambda pairs: [leaf for leaf, _ in pairs])
    assert len(named) == len(set(named)) == len(fields())


def test_the_table_names_controls_or_says_why_none_asks() -> None:
    known = {control.id for control in CATALOGUE}
    for leaf, field in fields().items():
        assert bool(field.controls) != bool(field.why), leaf
        assert field.controls == EVERY or set(field.controls) <= known, leaf


def test_some_spec_sets_every_leaf() -> None:
    specs = [spec_data(base, "argument") for base in BASES]
    assert [leaf for leaf in leaves() if not any(True for data in specs for _ in places(data, leaf))] == []


@pytest.mark.parametrize("style", STYLES)
def test_a_sample_of_leaves_is_asked(style: str, tmp_path: Path) -> None:
    source = generated("everything", style, tmp_path)
    for leaf in random.Random(style).sample(source.leaves, SAMPLE):  # noqa: S311 - no secret
        found = source.changed_by_any(leaf)
        assert is_seen(leaf, found.values()) or not found, f"nothing changes with {', '.join(found)}"


@pytest.mark.long
@pytest.mark.parametrize("style", STYLES)
def test_every_leaf_is_asked(style: str, tmp_path: Path) -> None:
    sources = [generated(base, style, tmp_path) for base in BASES]
    wrong: list[str] = []
    for leaf, field in fields().items():
        found = {change: cells for source in sources for change, cells in source.changed_by_any(leaf).items()}
        if found and field.controls and not is_seen(leaf, found.values()):
            wrong.append(f"{leaf}: {', '.join(field.controls)} did not change with {'; '.join(found)}")
        elif field.why and (asked := set().union(*found.values())):
            wrong.append(f"{leaf}: the table says that no control asks, and {', '.join(sorted(asked))} changed")
    assert not wrong, "\n".join(wrong)
