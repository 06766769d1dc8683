"""Sources judged by the spec that they are made of, and by that spec with another value at one leaf."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest import mock

from guardline.validator.expectations.fields import EVERY, fields
from guardline.validator.load_sources import Choices, Read, read
from guardline.validator.model.resource import Account
from guardline.validator.run import Request, run
from tests.support.spec_leaves import Change, changes, places, write

NOW = datetime(2026, 11, 25, tzinfo=UTC)
TODAY = NOW.date()
Cells = dict[str, tuple[str, str, str]]


class Judged:
    """The sources of a spec, and their cells when they are judged by that spec or by a changed one."""

    def __init__(
        self, base: str, data: dict[str, Any], folder: Path, sources: Sequence[Path], as_of: date = TODAY
    ) -> None:
        """Judge the sources by the spec that they are made of.

        Args:
            base: the name of the spec, one of `BASES`.
            data: its content, in one of the styles.
            folder: where it stands as ``guardline.yaml``, above the sources.
            sources: folders of Terraform, or plans.
            as_of: the day of which it is asked what has expired.
        """
        self.as_of = as_of
        self.read: dict[tuple[Account | None, str], Read] = {}
        self.base, self.folder, self.data = base, folder, data
        self.sources = tuple(sorted(map(str, sources)))
        self.cells = self.judge(folder / "guardline.yaml")

    def judge(self, spec: Path) -> Cells:
        """Every cell under a spec: its control, verdict and reason by its id."""
        request = Request(self.sources, self.as_of, spec=spec, tree=self.folder)
        with mock.patch("guardline.validator.run.read", self._read):
            report = run(request, NOW)
        assert not report.errors
        # A cell that the spec leaves out says so in the spec's own words, which ask nothing.
        said = {row.id: "" if row.waiver is not None else row.reason for row in report.rows}
        return {row.id: (row.control, row.verdict.value, said[row.id]) for row in report.rows}

    def _read(self, sources: Sequence[str], choices: Choices) -> Read:
        """Read the source once: it is the same whatever the spec says, but for account and partition."""
        key = (choices.hints.account, choices.hints.partition)
        if key not in self.read:
            self.read[key] = read(sources, choices)
        return self.read[key]

    @property
    def leaves(self) -> list[str]:
        """The leaves that the spec sets, and that some control asks of whom the spec covers."""
        judged = {control for control, _, _ in self.cells.values()}
        asked = (leaf for leaf, field in fields().items() if field.controls == EVERY or judged & set(field.controls))
        return [leaf for leaf in asked if any(True for _ in places(self.data, leaf))]

    def never_passes(self, leaf: str) -> bool:
        """Whether nothing that is asked for a leaf passes, whatever the spec says of it."""
        verdicts = {verdict for control, verdict, _ in self.cells.values() if control in fields()[leaf].controls}
        return verdicts <= {"undetermined", "fail"}

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
