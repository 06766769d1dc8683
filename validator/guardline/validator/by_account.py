"""One result for each account, and an index of them: a report on hundreds of accounts in files that people can open.

Each file is a result of its own (schema v1), so that `guardline report` and `--against` take it. What could not be
read, and sources that are not whole, stand in all of them: they may have held any account. All sources stand in the
index.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from guardline.spec.atomic import write
from guardline.validator.control import Status
from guardline.validator.report import Comparison, Report, Row
from guardline.validator.reporters.json import render, result

SCHEMA = "guardline/index/v1"
INDEX = "index.json"
_UNKNOWN = "unknown"


def write_all(report: Report, folder: Path, *, compact: bool = False) -> None:
    """Write `INDEX` and a result for each account into a folder, which is made where it is not there.

    Each file is written whole or not at all, the index last: what it names is there. Files of accounts that are gone
    stay, and the index no longer names them.

    Args:
        report: on any number of accounts.
        folder: where to.
        compact: whether each result is a compact one.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for name, part in parts(report):
        write(folder / name, render(part, compact=compact).encode())
        entries.append(_entry(name, part))
    data = result(replace(report, rows=()))
    whole = {
        "schema": SCHEMA,
        "guardline": report.version,
        "as_of": report.as_of,
        "exit_code": report.exit_code,
        "coverage": report.coverage,
        "coverage_asked": report.coverage_asked,
        "sources": data["sources"],
        "errors": data["errors"],
        "accounts": sorted(entries, key=_worst_first),
    }
    write(folder / INDEX, (json.dumps(whole, indent=2) + "\n").encode())


def parts(report: Report) -> Iterator[tuple[str, Report]]:
    """The name of each account's file and its part of the report, in the order of the scope."""
    rows = defaultdict[str | None, list[Row]](list)
    for row in report.rows:
        rows[row.account].append(row)
    sources = tuple(each for each in report.sources if each.unusable or each.uncalled or not each.complete)
    for account in dict.fromkeys([*(each.id for each in report.scope.accounts), *rows]):
        mine = tuple(each for each in report.scope.accounts if each.id == account)
        part = replace(
            report,
            scope=replace(report.scope, accounts=mine),
            sources=sources,
            rows=tuple(rows[account]),
            comparison=_compared(report.comparison, account, {row.id for row in rows[account]}),
        )
        yield f"{account or _UNKNOWN}.json", part


def _compared(found: Comparison | None, account: str | None, held: set[str]) -> Comparison | None:
    """What is new and fixed in one account; shares and what they were before are of all accounts together."""
    if found is None:
        return None
    return replace(
        found,
        new=tuple(each for each in found.new if each in held),
        newly_asked=tuple(each for each in found.newly_asked if each in held),
        fixed=tuple(row for row in found.fixed if row.account == account),
        coverage_before=None,
        coverage_after=None,
        shares=(),
        not_compared=(),
    )


def _entry(name: str, part: Report) -> dict[str, Any]:
    return {
        "account": None if name == f"{_UNKNOWN}.json" else name.removesuffix(".json"),
        "file": name,
        "exit_code": part.exit_code,
        **{str(status): part.count(status) for status in Status},
        "regressions": part.regressions,
        "coverage": part.coverage,
        "coverage_asked": part.coverage_asked,
    }


def _worst_first(entry: dict[str, Any]) -> tuple[int, int, str]:
    return -entry[str(Status.FAIL)], -entry[str(Status.UNDETERMINED)], entry["file"]
