"""The result as JSON: the contract that scripts rely on, schema v1. It only ever gains fields.

The text is ASCII, so that no terminal or editor is misled by what a plan holds. Cells, regions, sources and errors
stand one to a line: two results can be compared with ``diff``, and one searched with ``grep``.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import structs

from guardline.validator.control import Status
from guardline.validator.expectations.scope import Waiver
from guardline.validator.model.resource import Origin
from guardline.validator.report import Comparison, Environment, Report, Row

SCHEMA = "guardline/result/v1"
"""What a program should check before it reads further."""


COMPACT = "guardline/result-compact/v1"
"""The same, with what the cells of a control share said once."""
SHARED = ("title", "fix", "mappings")
"""What the cells of a control share."""


def render(report: Report, *, compact: bool = False) -> str:
    """Write the report as JSON, keys in the order of the contract; `compact` is for `COMPACT`."""
    return "".join(pieces(report, compact=compact))


def pieces(report: Report, *, compact: bool = False) -> Iterator[str]:
    """The same text piece by piece: that of a thousand accounts is large, and need not be in memory as a whole."""
    for piece in _block(_compact(report) if compact else _result(report), ""):
        yield piece.replace("\x7f", "\\u007f")  # the one control character JSON leaves bare
    yield "\n"


def result(report: Report) -> dict[str, Any]:
    """The report as plain data of the contract (docs/schemas/result.schema.json)."""
    whole = _result(report)
    return {**whole, "cells": list(whole["cells"])}


def _result(report: Report) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "tool": {"name": "guardline", "version": report.version},
        "catalogue": report.catalogue,
        "generated_at": report.generated_at,
        "as_of": report.as_of,
        "options": {
            "fail_on": str(report.options.fail_on),
            "allow_undetermined": report.options.allow_undetermined,
            "only_new": report.options.only_new,
            "asked": list(report.options.asked),
        },
        "exit_code": report.exit_code,
        "sources": [
            {
                "kind": source.kind,
                "path": source.path,
                "sha256": source.sha256,
                "terraform_version": source.terraform_version,
                "complete": source.complete,
                "evidence_class": source.evidence_class,
                "note": source.note,
                "unusable": source.unusable,
                "uncalled": list(source.uncalled),
            }
            for source in report.sources
        ],
        "scope": _scope(report),
        "summary": {
            **{str(status): report.count(status) for status in Status},
            "regressions": report.regressions,
            "coverage": report.coverage,
            "coverage_asked": report.coverage_asked,
            "stops_covering": [row.id for row in report.departures],
        },
        "cells": _Cells(report.rows, _cell),
        "errors": [
            {"source": error.source, "file": error.file, "line": error.line, "message": error.message}
            for error in report.errors
        ],
        "waiver_notes": [structs.asdict(note) for note in report.waiver_notes],
        "comparison": None if report.comparison is None else _comparison(report.comparison),
        "controls": None if report.controls is None else list(report.controls),
        "left_out": list(report.left_out),
        "environment": None if report.environment is None else _environment(report.environment),
    }


def _environment(found: Environment) -> dict[str, Any]:
    return {**structs.asdict(found), "authors": list(found.authors)}


def _comparison(found: Comparison) -> dict[str, Any]:
    return {
        "against": found.against,
        "coverage_before": found.coverage_before,
        "coverage_after": found.coverage_after,
        "new": list(found.new),
        "newly_asked": list(found.newly_asked),
        "fixed": [_cell(row) for row in found.fixed],
        "shares": [structs.asdict(each) for each in found.shares],
        "not_compared": [structs.asdict(each) for each in found.not_compared],
    }


def _scope(report: Report) -> dict[str, Any]:
    scope = report.scope
    return {
        "partition": scope.partition,
        "spec": scope.spec,
        "accounts": [{"id": account.id, "known_from": account.known_from} for account in scope.accounts],
        "regions": [
            {
                "name": region.name,
                "state": str(region.state),
                "reason": region.reason,
                "waiver": _waiver(region.waiver),
            }
            for region in scope.regions
        ],
        "retiring_accounts": [
            {"id": account.id, "waiver": _waiver(waiver)} for account, waiver in scope.retiring.items()
        ],
        "not_asked": [
            {"practice": each.practice, "reason": each.reason, "key": each.key, "waiver": _waiver(each.waiver)}
            for each in scope.not_asked
        ],
    }


def _cell(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "control": row.control,
        "title": row.title,
        "practice": row.practice,
        "practice_name": row.practice_name,
        "severity": str(row.severity),
        "account": row.account,
        "region": row.region,
        "subject": row.subject,
        "subject_id": row.subject_id,
        "verdict": str(row.verdict),
        "underlying": None if row.underlying is None else str(row.underlying),
        "before": None if row.before is None else str(row.before),
        "regression": row.regression,
        "in_coverage": row.in_coverage,
        "reason": row.reason,
        "fix": row.fix,
        "cause": row.cause,
        "evidence": [_evidence(origin) for origin in row.evidence],
        "waiver": _waiver(row.waiver),
        "mappings": {framework: list(ids) for framework, ids in row.mappings.items()},
    }


def _waiver(waiver: Waiver | None) -> dict[str, Any] | None:
    if waiver is None:
        return None
    whole = structs.asdict(waiver)
    return whole if waiver.source != "spec" else {name: whole[name] for name in _OF_SPEC}


_OF_SPEC = ("source", "reason", "approver", "expires")
"""What a spec says of what it leaves out; a written waiver says more."""


def _evidence(origin: Origin) -> dict[str, Any]:
    return {
        "address": origin.address,
        "file": origin.file,
        "line": origin.line,
        "chain": list(origin.chain),
        "calls": [{"file": file, "line": line} for file, line in origin.calls],
        "absent": origin.absent,
    }


def _compact(report: Report) -> dict[str, Any]:
    """The result with a catalogue beside the cells; a cell keeps only a remedy that is not its control's usual one."""
    fixes = defaultdict[str, Counter[str]](Counter)
    firsts: dict[str, Row] = {}
    fixed = report.comparison.fixed if report.comparison is not None else ()
    for row in (*report.rows, *fixed):
        fixes[row.control][row.fix] += 1
        firsts.setdefault(row.control, row)
    usual = {control: several.most_common(1)[0][0] for control, several in fixes.items()}

    def short(row: Row) -> dict[str, Any]:
        own = {"fix": row.fix} if row.fix != usual[row.control] else {}
        return {name: value for name, value in _cell(row).items() if name not in SHARED} | own

    whole = _result(report)
    controls = [
        {"id": control, "title": row.title, "fix": usual[control], "mappings": _cell(row)["mappings"]}
        for control, row in firsts.items()
    ]
    made = {
        **whole,
        "schema": COMPACT,
        "catalogue": {"sha256": report.catalogue, "controls": controls},
        "cells": _Cells(report.rows, short),
    }
    if whole["comparison"] is not None:
        made["comparison"] = {**whole["comparison"], "fixed": [short(row) for row in fixed]}
    return made


class _Cells:
    """The cells of rows, each made when its line is written."""

    def __init__(self, rows: Sequence[Row], make: Callable[[Row], dict[str, Any]]) -> None:
        self._rows = rows
        self._make = make

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return map(self._make, self._rows)


def _block(value: Any, indent: str) -> Iterator[str]:
    """JSON with a line for each thing that people count; what lies deeper stays on its line."""
    inner = indent + "  "
    if isinstance(value, Mapping) and any(_is_block(each) for each in value.values()):
        yield "{"
        for place, (key, each) in enumerate(value.items()):
            yield f"{',' * bool(place)}\n{inner}{json.dumps(key)}: "
            yield from _block(each, inner)
        yield f"\n{indent}}}"
    elif _is_block(value):
        yield "["
        for place, each in enumerate(value):
            yield f"{',' * bool(place)}\n{inner}{_line(each)}"
        yield f"\n{indent}]"
    else:
        yield "[]" if isinstance(value, _Cells) else json.dumps(value)


def _line(value: Any) -> str:
    """As `json.dumps` writes it, in a fifth of the time where nothing needs a ``\\u``."""
    try:
        text = msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=0)
    except UnicodeEncodeError:  # half of a character
        return json.dumps(value)
    return text.decode() if text.isascii() and b"\\u" not in text else json.dumps(value)


def _is_block(value: Any) -> bool:
    return isinstance(value, list | _Cells) and len(value) > 0
