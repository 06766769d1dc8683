"""Reads a stored result (``--format json``) back into a report, so that any format can be made of it later."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec.structs import replace

from guardline.spec import regular
from guardline.validator.control import Severity, Status
from guardline.validator.expectations.scope import NotAsked, RegionState, Scope, ScopeRegion, Waiver
from guardline.validator.model.resource import Account, Origin
from guardline.validator.report import (
    Comparison,
    Environment,
    NotCompared,
    Options,
    Report,
    Row,
    Share,
    Source,
    SourceError,
    WaiverNote,
)

SCHEMA = "guardline/result/v1"
COMPACT = "guardline/result-compact/v1"
LARGEST = 1 << 30
"""Bytes. A result of a thousand accounts has some hundred million."""


class StoredError(Exception):
    """The file is no result that can be read; the message says what was expected."""


class OtherFileError(StoredError):
    """It is no result of any kind."""


class _Call(msgspec.Struct):
    file: str
    line: int


class _Evidence(msgspec.Struct):
    address: str
    file: str | None = None
    line: int | None = None
    chain: tuple[str, ...] = ()
    calls: tuple[_Call, ...] = ()
    absent: bool = False

    def origin(self) -> Origin:
        calls = tuple((call.file, call.line) for call in self.calls)
        return Origin(self.address, self.file, self.line, self.chain, calls, self.absent)


class _Cell(msgspec.Struct, kw_only=True):
    id: str
    control: str
    title: str
    practice: int
    severity: Severity
    account: str | None
    region: str | None
    subject: str | None
    subject_id: str | None
    verdict: Status
    reason: str
    fix: str
    practice_name: str = ""
    underlying: Status | None = None
    before: Status | None = None
    regression: bool = False
    in_coverage: bool = True
    cause: str | None = None
    evidence: tuple[_Evidence, ...] = ()
    mappings: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    waiver: Waiver | None = None

    def row(self) -> Row:
        given = {name: getattr(self, name) for name in self.__struct_fields__}
        return Row(**{**given, "evidence": tuple(each.origin() for each in self.evidence)})


class _CompactCell(_Cell, kw_only=True):
    title: str = ""
    fix: str = ""  # of its own, where it is not the usual one
    mappings: dict[str, tuple[str, ...]] = {}

    def completed(self, controls: Mapping[str, _Shared]) -> _CompactCell:
        """The cell with what its control's cells share."""
        shared = controls[self.control]
        return replace(self, title=shared.title, fix=self.fix or shared.fix, mappings=shared.mappings)


class _Shared(msgspec.Struct):
    id: str
    title: str
    fix: str
    mappings: dict[str, tuple[str, ...]] = {}


class _Catalogue(msgspec.Struct):
    sha256: str
    controls: tuple[_Shared, ...]


class _Tool(msgspec.Struct):
    version: str


class _Account(msgspec.Struct):
    id: str | None
    known_from: str | None = None


class _Region(msgspec.Struct):
    name: str
    state: RegionState
    reason: str | None = None
    waiver: Waiver | None = None


class _Retiring(msgspec.Struct):
    id: str
    waiver: Waiver


class _NotAsked(msgspec.Struct):
    practice: int
    reason: str
    key: str | None = None
    waiver: Waiver | None = None


class _Scope(msgspec.Struct):
    partition: str
    spec: str | None
    accounts: tuple[_Account, ...]
    regions: tuple[_Region, ...]
    not_asked: tuple[_NotAsked, ...]
    retiring_accounts: tuple[_Retiring, ...] = ()


class _Comparison(msgspec.Struct, frozen=True):
    against: str
    coverage_before: float | None
    new: tuple[str, ...]
    newly_asked: tuple[str, ...]
    fixed: tuple[_Cell, ...]
    coverage_after: float | msgspec.UnsetType | None = msgspec.UNSET
    shares: tuple[Share, ...] = ()
    not_compared: tuple[NotCompared, ...] = ()

    def comparison(self, coverage: float | None) -> Comparison:
        """What changed; earlier versions compared all cells, so that the coverage after was the whole result's."""
        return Comparison(
            against=self.against,
            new=self.new,
            fixed=tuple(cell.row() for cell in self.fixed),
            newly_asked=self.newly_asked,
            coverage_before=self.coverage_before,
            coverage_after=coverage if isinstance(self.coverage_after, msgspec.UnsetType) else self.coverage_after,
            shares=self.shares,
            not_compared=self.not_compared,
        )


class _CompactComparison(_Comparison, frozen=True):
    fixed: tuple[_CompactCell, ...]


class _Result(msgspec.Struct, kw_only=True, frozen=True):
    schema: str
    tool: _Tool
    catalogue: str
    generated_at: str
    as_of: str
    options: Options
    sources: tuple[Source, ...]
    scope: _Scope
    cells: tuple[_Cell, ...]
    errors: tuple[SourceError, ...]
    comparison: _Comparison | None = None
    waiver_notes: tuple[WaiverNote, ...] = ()
    controls: tuple[str, ...] | None = None
    left_out: tuple[str, ...] = ()
    environment: Environment | None = None


class _Compact(_Result, kw_only=True, frozen=True):
    catalogue: _Catalogue  # type: ignore[assignment]  # the hash stands in it
    cells: tuple[_CompactCell, ...]
    comparison: _CompactComparison | None = None

    def unexplained(self) -> list[str]:
        """The controls of cells that the catalogue does not have."""
        fixed = self.comparison.fixed if self.comparison is not None else ()
        return sorted({cell.control for cell in (*self.cells, *fixed)} - {each.id for each in self.catalogue.controls})

    def whole(self) -> _Result:
        """The result with every cell completed."""
        controls = {each.id: each for each in self.catalogue.controls}
        found = self.comparison
        given = {name: getattr(self, name) for name in self.__struct_fields__}
        given["catalogue"] = self.catalogue.sha256
        given["cells"] = tuple(cell.completed(controls) for cell in self.cells)
        if found is not None:
            given["comparison"] = replace(found, fixed=tuple(cell.completed(controls) for cell in found.fixed))
        return _Result(**given)


def read(path: Path) -> Report:
    """Read a stored result.

    Args:
        path: a file that ``guardline validate --format json`` wrote.

    Returns:
        The report; every format of it is the one that the run itself would have written.

    Raises:
        OtherFileError: it is no result.
        StoredError: it is a damaged one, or of a later schema.
        OSError: it cannot be read.
    """
    data, is_result = regular.read(path, LARGEST), False
    try:
        schema = msgspec.json.decode(data, type=dict[str, msgspec.Raw]).get("schema")
        which = msgspec.json.decode(schema) if schema is not None else None
        if which not in (SCHEMA, COMPACT):
            kind = OtherFileError if schema is None else StoredError
            raise kind(f'{path} is not a result: expected "schema": "{SCHEMA}", as validate --format json writes it')
        is_result = True
        if which == COMPACT:
            compact = msgspec.json.decode(data, type=_Compact)
            if lost := compact.unexplained():
                raise StoredError(f"{path} is not a whole result: its catalogue has no control {lost[0]}")
            result = compact.whole()
        else:
            result = msgspec.json.decode(data, type=_Result)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        kind = StoredError if is_result else OtherFileError
        raise kind(f"{path} is not a result of guardline validate --format json: {error}") from None
    named = frozenset(result.comparison.new) if result.comparison is not None else frozenset()
    if unknown := sorted(named - {cell.id for cell in result.cells}):
        raise StoredError(f"{path} is not a whole result: it calls the cell {unknown[0]} new, and has no such cell")
    return _report(result)


def _report(result: _Result) -> Report:
    scope = result.scope
    report = Report(
        version=result.tool.version,
        catalogue=result.catalogue,
        generated_at=result.generated_at,
        as_of=result.as_of,
        options=result.options,
        sources=result.sources,
        scope=Scope(
            scope.partition,
            tuple(Account(one.id, one.id or f"stored-{n}", one.known_from) for n, one in enumerate(scope.accounts)),
            tuple(ScopeRegion(one.name, one.state, one.reason, one.waiver) for one in scope.regions),
            spec=scope.spec,
            not_asked=tuple(NotAsked(one.practice, one.reason, one.key, one.waiver) for one in scope.not_asked),
            retiring={Account(one.id, one.id): one.waiver for one in scope.retiring_accounts},
        ),
        rows=tuple(cell.row() for cell in result.cells),
        errors=result.errors,
        waiver_notes=result.waiver_notes,
        controls=result.controls,
        left_out=result.left_out,
        environment=result.environment,
    )
    if result.comparison is None:
        return report
    return replace(report, comparison=result.comparison.comparison(report.coverage))
