"""Every leaf of the spec is asked: another legal value there, the Terraform unchanged, and some cell changes.

The table of `expectations/fields.json` names the controls that judge a leaf, or says why none does; the page
``docs/spec-fields.md`` shows it. A leaf that is new to the spec must be set by one of the specs of
``tests/data/leaves``, and stand in the table.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from unittest import mock

import pytest

from guardline.generator.baseline import Baseline
from guardline.spec.leaves import leaves
from guardline.validator.controls import CATALOGUE
from guardline.validator.expectations.fields import EVERY, fields
from guardline.validator.load_sources import Choices, Read, read
from guardline.validator.model.resource import Account
from guardline.validator.run import Request, run
from tests.support.spec_leaves import BASES, Change, changes, places, spec_data, write

STYLES = ("argument", "alias")
SAMPLE = 1
Cells = dict[str, tuple[str, str, str]]


class Generated:
    """A spec's source, and its cells when it is judged by that spec or by a changed one."""

    def __init__(self, base: str, style: str, folder: Path) -> None:
        self.read: dict[tuple[Account | None, str], Read] = {}
        self.base, self.folder, self.data = base, folder / base, spec_data(base, style)
        self.spec = write(self.data, self.folder)
        for _ in Baseline.of(self.spec).write():
            pass
        roots = (path.parent for path in self.folder.rglob("providers.tf"))
        self.roots = tuple(sorted(str(root) for root in roots if "modules" not in root.relative_to(self.folder).parts))
        self.cells = self.judge(self.spec)

    def judge(self, spec: Path) -> Cells:
        request = Request(self.roots, date(2026, 11, 25), spec=spec, tree=self.folder)
        with mock.patch("guardline.validator.run.read", self._read):
            report = run(request, datetime(2026, 11, 25, tzinfo=UTC))
        assert not report.errors
        return {row.id: (row.control, row.verdict.value, row.reason) for row in report.rows}

    def _read(self, sources: Sequence[str], choices: Choices) -> Read:
        """Read the source once: it is the same whatever the spec says, but for account and partition."""
        key = (choices.hints.account, choices.hints.partition)
        if key not in self.read:
            self.read[key] = read(sources, choices)
        return self.read[key]

    def changed_by(self, change: Change) -> set[str]:
        """The controls of which a cell changes."""
        after = self.judge(write(change.data, self.folder, "changed.yaml"))
        ids = {one for one in after.keys() | self.cells.keys() if after.get(one) != self.cells.get(one)}
        return {(after.get(one) or self.cells[one])[0] for one in ids}

    def changed_by_any(self, leaf: str) -> dict[str, set[str]]:
        """Each legal change of a leaf, as people say it, with the controls of which a cell changes."""
        return {str(each): self.changed_by(each) for each in changes(self.base, self.data, leaf, self.folder)}


def is_seen(leaf: str, changed: Iterable[set[str]]) -> bool:
    """Whether a cell changed of a control that the table names for a leaf."""
    named, seen = fields()[leaf].controls, set[str]().union(*changed)
    return bool(seen) if named == EVERY else not seen.isdisjoint(named)


def test_every_leaf_stands_in_the_table() -> None:
    assert set(fields()) == set(leaves())


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
    source = Generated("everything", style, tmp_path)
    asked = [
        leaf for leaf, field in fields().items() if field.controls and any(True for _ in places(source.data, leaf))
    ]
    for leaf in random.Random(style).sample(asked, SAMPLE):  # noqa: S311 - no secret
        found = source.changed_by_any(leaf)
        assert is_seen(leaf, found.values()) or not found, f"nothing changes with {', '.join(found)}"


@pytest.mark.long
@pytest.mark.parametrize("style", STYLES)
def test_every_leaf_is_asked(style: str, tmp_path: Path) -> None:
    sources = [Generated(base, style, tmp_path) for base in BASES]
    wrong: list[str] = []
    for leaf, field in fields().items():
        found = {change: cells for source in sources for change, cells in source.changed_by_any(leaf).items()}
        if found and field.controls and not is_seen(leaf, found.values()):
            wrong.append(f"{leaf}: {', '.join(field.controls)} did not change with {'; '.join(found)}")
        elif field.why and (asked := set().union(*found.values())):
            wrong.append(f"{leaf}: the table says that no control asks, and {', '.join(sorted(asked))} changed")
    assert wrong == []
