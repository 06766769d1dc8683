"""The report: every expected cell with its verdict, its reason and its evidence. Reporters are functions of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property

import msgspec

from guardline.validator.control import Severity, Status
from guardline.validator.expectations.scope import Scope, Waiver
from guardline.validator.model.resource import Origin


class Source(msgspec.Struct, frozen=True):
    """One thing that was read.

    Attributes:
        kind: ``plan``, ``hcl``, ``state`` or ``live``.
        path: POSIX, relative to the git root or working folder; ``-`` for standard input.
        sha256: of the bytes read.
        terraform_version: as the source says.
        complete: False when absence must not be claimed from it.
        evidence_class: ``design`` (HCL, plan), ``configured`` (state) or ``operating`` (live).
        note: why it is incomplete, or None.
        unusable: nothing at all may be claimed from it, as from a plan that stopped with an error.
        uncalled: module folders of it that hold GuardDuty's resources and that nobody calls.
    """

    kind: str
    path: str
    sha256: str
    terraform_version: str | None
    complete: bool
    evidence_class: str
    note: str | None = None
    unusable: bool = False
    uncalled: tuple[str, ...] = ()


class SourceError(msgspec.Struct, frozen=True):
    """A source, or a file of one, that could not be read. `file` and `line` where known."""

    source: str
    message: str
    file: str | None = None
    line: int | None = None


class Row(msgspec.Struct, frozen=True):
    """A cell of the report.

    Attributes:
        id: 16 hex digits, stable between runs: sha256 of control|partition|account or -|region or -|subject.
        control: the control's id.
        title, practice, severity, fix, mappings: the control's own.
        practice_name: the practice whose folder holds the control, e.g. ``flow-logs``.
        account, region, subject, subject_id: what was asked about.
        verdict: after the change; `underlying` is the verdict below a waiver.
        before: the verdict before the change, where the source tells.
        regression: it passed before and will not after.
        reason: one sentence.
        evidence: what was looked at.
        waiver: why it counts as accepted and who says so, where `verdict` is waived.
        cause: the id of the row that is the root cause, or None when this row stands for itself.
        in_coverage: whether it counts in the coverage figure.
    """

    id: str
    control: str
    title: str
    practice: int
    practice_name: str
    severity: Severity
    account: str | None
    region: str | None
    subject: str | None
    subject_id: str | None
    verdict: Status
    reason: str
    fix: str
    underlying: Status | None = None
    before: Status | None = None
    regression: bool = False
    evidence: tuple[Origin, ...] = ()
    cause: str | None = None
    in_coverage: bool = True
    mappings: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    waiver: Waiver | None = None


class Options(msgspec.Struct, frozen=True):
    """What decides the exit code.

    Attributes:
        fail_on: the weakest severity that counts.
        allow_undetermined: what could not be determined does not count.
        only_new: only what is new since the result that is compared with counts.
        asked: the options that chose what is asked and how the sources are read, as they are written.
    """

    fail_on: Severity = Severity.MEDIUM
    allow_undetermined: bool = False
    only_new: bool = False
    asked: tuple[str, ...] = ()


class Environment(msgspec.Struct, frozen=True):
    """The spec that was asked by, as an auditor wants it recorded.

    Attributes:
        name: of the environment.
        owner: who answers for it, or None.
        sha256: of the spec's bytes.
        commit: the last one that changed the spec, or None: git does not know it.
        authors: who wrote the commits of the spec, the last one first, as git says.
        changed: whether the spec is not as it was committed.
    """

    name: str
    owner: str | None
    sha256: str
    commit: str | None = None
    authors: tuple[str, ...] = ()
    changed: bool = False


class WaiverNote(msgspec.Struct, frozen=True):
    """A waiver that needs a hand.

    Attributes:
        where: the file and line that it is written at.
        control: the control that it names, where that can be read.
        state: ``malformed``, ``expired``, ``proposed`` (none of these waives), ``unmatched`` or ``expiring``.
        message: what is wrong with it, as the rest of a sentence about the waiver.
    """

    where: str
    control: str | None
    state: str
    message: str


class Share(msgspec.Struct, frozen=True):
    """How much of a control, or of a region, holds before and after.

    Attributes:
        kind: ``control`` or ``region``.
        name: its id or name.
        before, after: pass / (pass + fail + undetermined + waived), 0 to 1; None where nothing counts.
    """

    kind: str
    name: str
    before: float | None
    after: float | None


class NotCompared(msgspec.Struct, frozen=True):
    """Cells that nothing can be said of: neither new, nor fixed, nor in a share.

    Attributes:
        why: why not, as the rest of a sentence about the cells.
        cells: how many.
        open: how many of them failed, or could not be determined, in the earlier result.
    """

    why: str
    cells: int
    open: int


class Comparison(msgspec.Struct, frozen=True):
    """What changed since an earlier result.

    Attributes:
        against: the earlier result's name.
        new: ids of cells that fail, or could not be determined, and did not before.
        fixed: cells of the earlier result that failed, or could not be determined, and are so no more.
        newly_asked: ids of such cells of controls that the earlier run did not ask.
        coverage_before, coverage_after: of the cells that are compared, 0 to 1, or None.
        shares: the controls, then the regions, of which another share holds than before.
        not_compared: the cells that are not, by the reason.
    """

    against: str
    new: tuple[str, ...]
    fixed: tuple[Row, ...]
    newly_asked: tuple[str, ...]
    coverage_before: float | None
    coverage_after: float | None
    shares: tuple[Share, ...] = ()
    not_compared: tuple[NotCompared, ...] = ()


def share(counts: Mapping[Status, int], *others: Status) -> float | None:
    """The share that passes, of what passes and the others; None when that is nothing."""
    passes = counts.get(Status.PASS, 0)
    every = passes + sum(counts.get(status, 0) for status in others)
    return passes / every if every else None


UNCHANGED = "nothing of it changed, so it was not read"
"""What the reason says of a cell that a root that was left out (`--changed`) may decide."""

KEPT = "coverage-kept"
"""The control that asks whether what a change stops covering was approved."""


class Report(msgspec.Struct, frozen=True, dict=True):
    """The whole result. Time and versions are fields, so that a reporter needs no clock.

    Attributes:
        version: of guardline.
        catalogue: sha256 of the controls' metadata.
        generated_at: UTC, ISO 8601 with ``Z``.
        as_of: ISO date that drives date comparisons.
        rows: in a stable order: control (catalogue order), account, region, subject.
        errors: sources that could not be read.
        comparison: what changed since an earlier result, or None: there is none to compare with.
        waiver_notes: waivers that need a hand.
        controls: the ids of the controls that were chosen, whether they had cells or not; None: it is not known, in a
            result of an earlier version.
        left_out: the roots that were named and not judged, because nothing of them changed.
        environment: what is recorded of the spec, or None without one.
    """

    version: str
    catalogue: str
    generated_at: str
    as_of: str
    options: Options
    sources: Sequence[Source]
    scope: Scope
    rows: Sequence[Row]
    errors: Sequence[SourceError] = ()
    comparison: Comparison | None = None
    waiver_notes: Sequence[WaiverNote] = ()
    controls: tuple[str, ...] | None = None
    left_out: tuple[str, ...] = ()
    environment: Environment | None = None

    def count(self, status: Status) -> int:
        """How many cells have a verdict; rows outside coverage (derived ones) are left out."""
        return self._counts[status]

    @cached_property
    def _counts(self) -> Counter[Status]:
        return Counter(row.verdict for row in self.rows if row.in_coverage)

    @property
    def departures(self) -> tuple[Row, ...]:
        """The cells that say what this change stops covering, whoever approved it."""
        return tuple(row for row in self.rows if row.control == KEPT and row.verdict is not Status.UNDETERMINED)

    @property
    def regressions(self) -> int:
        """How many cells passed before the change and will not after it."""
        return sum(row.regression for row in self.rows)

    @property
    def coverage(self) -> float | None:
        """pass / (pass + fail + undetermined + waived); None when that is 0. Leaving something out never raises it."""
        return self._share(Status.FAIL, Status.UNDETERMINED, Status.WAIVED)

    @property
    def coverage_asked(self) -> float | None:
        """pass / (pass + fail + undetermined): of what is asked, without what is waived; None when that is 0."""
        return self._share(Status.FAIL, Status.UNDETERMINED)

    def _share(self, *others: Status) -> float | None:
        return share(self._counts, *others)

    @property
    def weighty(self) -> tuple[Row, ...]:
        """The cells that may decide the exit code."""
        only = frozenset(self.comparison.new) if self.options.only_new and self.comparison is not None else None
        return tuple(
            row
            for row in self.rows
            if row.severity.rank >= self.options.fail_on.rank and (only is None or row.id in only)
        )

    @property
    def exit_code(self) -> int:
        """2 unread source, 1 fail, 3 undetermined at or above `fail_on`, else 0; the strongest wins. Of a source that
        tells nothing at all, nobody can allow what is undetermined."""
        weighty = self.weighty
        if self.errors:
            return 2
        if any(row.verdict is Status.FAIL for row in weighty):
            return 1
        if any(source.unusable for source in self.sources):
            return 3
        if not self.options.allow_undetermined and any(row.verdict is Status.UNDETERMINED for row in weighty):
            return 3
        return 0
