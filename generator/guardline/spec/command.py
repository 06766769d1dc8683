"""``guardline regions``: the catalogue on the screen, a spec's view of it, and its refresh."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from guardline.spec import catalogue
from guardline.spec.features import FEATURES
from guardline.spec.saying import complain


class Format(StrEnum):
    """How to print."""

    TABLE = "table"
    JSON = "json"


def regions(
    spec: Annotated[Path | None, typer.Option(metavar="SPEC", help="Show each region's state under this spec.")] = None,
    partition: Annotated[str | None, typer.Option(help="The partition; left out, the spec's, else aws.")] = None,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Rebuild the catalogue from the installed botocore.")
    ] = False,
    format_: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
) -> None:
    """Show every AWS region: opt-in or not, what GuardDuty offers there, and its state under a spec."""
    if refresh:
        if spec is not None or partition is not None:
            raise typer.BadParameter("--refresh stands alone", param_hint="--refresh")
        _refresh()
        return
    states: Mapping[str, tuple[str, str | None]] = {}
    if spec is not None:
        states, partition = _states(spec, partition)
    partition = partition or "aws"
    if partition not in catalogue.partitions():
        raise typer.BadParameter(
            f"{partition!r} is not a partition; known: {', '.join(catalogue.partitions())}", param_hint="--partition"
        )
    rows = [_row(region, states) for region in catalogue.regions(partition)]
    if format_ is Format.JSON:
        print(json.dumps({"partition": partition, "regions": rows}, indent=2))
    else:
        _table(partition, rows, with_states=spec is not None)


def _states(spec: Path, partition: str | None) -> tuple[Mapping[str, tuple[str, str | None]], str]:
    from guardline.spec.load import SpecError, load
    from guardline.spec.regions import assign

    try:
        loaded = load(spec)
    except SpecError as error:
        complain(str(error))
        raise typer.Exit(2) from None
    if partition not in (None, loaded.partition):
        raise typer.BadParameter(f"the spec is for partition {loaded.partition}", param_hint="--partition")
    return {entry.name: (entry.state, entry.reason) for entry in assign(loaded)}, loaded.partition


def _row(region: catalogue.Region, states: Mapping[str, tuple[str, str | None]]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": region.name,
        "title": region.title,
        "default_enabled": region.default_enabled,
        "guardduty": region.services["guardduty"],
        "services": dict(region.services),
        "features": dict(region.features),
        "skip_region_validation": region.skip_region_validation,
    }
    if region.name in states:
        row["state"], row["reason"] = states[region.name]
    return row


def _table(partition: str, rows: list[dict[str, Any]], *, with_states: bool) -> None:
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    if not console.is_terminal:  # a pipe has no width: keep every row on one line
        console = Console(width=1000)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    columns = ("region", "name", "enabled", "GuardDuty", *(("state",) if with_states else ()), "notes")
    for column in columns:
        table.add_column(column, no_wrap=column in ("region", "state", "enabled"))
    for row in rows:
        cells = [row["name"], row["title"], "by default" if row["default_enabled"] else "opt-in"]
        cells.append(_WORD[row["guardduty"]])
        if with_states:
            cells.append(row["state"])
        table.add_row(*(escape(cell) for cell in (*cells, _notes(row))), style=_STYLE.get(row.get("state", "")))
    console.print(table)
    default = sum(row["default_enabled"] for row in rows)
    console.print(f"{len(rows)} regions in {partition}: {default} enabled by default, {len(rows) - default} opt-in")


_WORD = {True: "yes", False: "no", None: "unknown"}
_STYLE = {"excluded": "yellow", "retiring": "yellow", "not-opted-in": "dim"}


def _notes(row: Mapping[str, Any]) -> str:
    notes = [row["reason"]] if row.get("state") in ("excluded", "retiring") else []
    for state, words in ((False, "not offered"), (None, "not documented")):
        plans = [plan.title for plan in FEATURES if row["features"][plan.name] is state]
        if plans:
            notes.append(f"{words}: {'all protection plans' if len(plans) == len(FEATURES) else ', '.join(plans)}")
    if row["skip_region_validation"]:
        notes.append("AWS provider 5 needs skip_region_validation")
    return "; ".join(notes)


def _refresh() -> None:
    from guardline.spec import refresh as source

    try:
        lines = source.refresh()
    except OSError as error:
        complain(f"{catalogue.REGIONS}: cannot be read or written: {error.strerror}")
        raise typer.Exit(2) from None
    for line in lines:
        print(line)
    print(f"{len(lines)} changes ({source.installed()})" if lines else f"no change ({source.installed()})")
    added = source.undocumented(line.split()[1] for line in lines if line.startswith("added"))
    for name in added:
        print(f"look up {name} in AWS's pages: opt-in status and features go into {catalogue.FACTS.name}")
