"""What a control is: a question asked of every expected cell, and its documentation in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Account, Origin, Resource

if TYPE_CHECKING:
    from guardline.validator.expectations.scope import Scope


class Status(StrEnum):
    """The verdicts of the result contract."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    UNDETERMINED = "undetermined"
    WAIVED = "waived"
    NOT_APPLICABLE = "not-applicable"
    NOT_ASSESSED = "not-assessed"


class Severity(StrEnum):
    """Severities, weakest first."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for info up to 4 for critical."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class Verdict(msgspec.Struct, frozen=True):
    """What a check says of one cell.

    Attributes:
        status: the verdict.
        reason: one sentence for people, without a full stop.
        evidence: what was looked at.
        cause: the id of the control whose cell in the same account and region is the root cause, e.g. a feature
            that fails because there is no detector has ``detector-enabled``. None: this cell is its own cause.
        fix: how to mend it here, when more exact than the control's own `fix`.
        missing: the kind of thing that is not there; evidence then points to where one would be written.
        lacking: whether the evidence only lacks something, which may be there without being seen: a VPC without a log.
    """

    status: Status
    reason: str
    evidence: tuple[Origin, ...] = ()
    cause: str | None = None
    fix: str | None = None
    missing: type[Resource] | None = None
    lacking: bool = False


def passed(reason: str, *evidence: Origin) -> Verdict:
    """The cell holds."""
    return Verdict(Status.PASS, reason, evidence)


def failed(
    reason: str,
    *evidence: Origin,
    cause: str | None = None,
    fix: str | None = None,
    missing: type[Resource] | None = None,
    lacking: bool = False,
) -> Verdict:
    """The cell does not hold."""
    return Verdict(Status.FAIL, reason, evidence, cause, fix, missing, lacking)


def undetermined(
    reason: str, *evidence: Origin, cause: str | None = None, missing: type[Resource] | None = None
) -> Verdict:
    """The source does not tell. Prefer letting `UnknownValue` rise; this is for when evidence or a cause helps."""
    return Verdict(Status.UNDETERMINED, reason, evidence, cause, missing=missing)


def not_applicable(reason: str, *evidence: Origin) -> Verdict:
    """The question does not arise in reality; the reason cites why."""
    return Verdict(Status.NOT_APPLICABLE, reason, evidence)


class Cell(msgspec.Struct, frozen=True):
    """One question: a control asked of an account, of one region of it, or of one thing there.

    Attributes:
        account: whose.
        region: the region's name; None for account-wide controls.
        subject: the Terraform address (or id) of the one thing asked about; None for a whole region or account.
        subject_id: the AWS id of the subject where known.
        resource: the subject itself, for checks that judge one thing. Not part of the cell's identity.
        region_unknown: the cell stands for a region of unknown name, and this says why it is unknown.
    """

    account: Account
    region: str | None = None
    subject: str | None = None
    subject_id: str | None = None
    resource: Resource | None = None
    region_unknown: str | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cell) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[object, ...]:
        return (self.account, self.region, self.subject, self.subject_id)


class Control(msgspec.Struct, frozen=True):
    """A control: its public id, its question, and its documentation.

    Attributes:
        id: public, kebab-case, never renamed.
        title: what holds when it passes, e.g. ``GuardDuty is on``.
        practice: 1 to 10, the recommendation it verifies.
        severity: of a fail.
        why: why it matters, two or three sentences.
        passes: exactly what passes.
        fails: exactly what fails.
        unsure: what is undetermined.
        fix: how to fix it in Terraform.
        limits: what it cannot see.
        cells: the cells it expects, given the estate and the scope.
        check: judges one cell; may raise `UnknownValue`, which becomes undetermined.
        mappings: framework -> requirement ids, "as mapped by" the source named in `mapped_by`.
        links: AWS or Terraform pages behind the facts.
        in_coverage: False for derived controls that would count a fault twice.
        sources: kinds of source that can tell; elsewhere the control is not-assessed.
        practice_name: the practice it belongs to, e.g. ``flow-logs``; the catalogue sets it from the control's folder.
        subjects: the type of resource that it has one cell for each of, then types of which the account must have one
            for it to ask at all. Where the source may hide a subject, a cell without a subject stands for it.
    """

    id: str
    title: str
    practice: int
    severity: Severity
    why: str
    passes: str
    fails: str
    unsure: str
    fix: str
    cells: Callable[[Estate, Scope], Iterable[Cell]]
    check: Callable[[Estate, Scope, Cell], Verdict]
    limits: str = ""
    mappings: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    links: tuple[str, ...] = ()
    in_coverage: bool = True
    sources: frozenset[str] = frozenset({"hcl", "plan", "state", "live"})
    practice_name: str = ""
    subjects: tuple[type[Resource], ...] = ()
