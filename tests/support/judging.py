"""Judge a small tree of source, or a plan, as the command does."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from guardline.validator.report import Report, Row
from guardline.validator.run import Request, run
from tests.support.source_trees import write

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def report(root: Path, files: dict[str, str] | str, **options: Any) -> Report:
    """Write a root and judge it; one text is its ``main.tf``. `options` are those of `Request`."""
    write(root, {"main.tf": files} if isinstance(files, str) else files)
    return run(Request((str(root),), date(2026, 11, 25), **options), NOW)


def rows(root: Path, files: dict[str, str] | str, control: str, **options: Any) -> list[Row]:
    """The rows of one control."""
    return list(report(root, files, controls=frozenset({control}), **options).rows)


def row(root: Path, files: dict[str, str] | str, control: str, region: str | None, **options: Any) -> Row:
    """The one row of a control in a region, or in the whole account."""
    (found,) = (each for each in rows(root, files, control, **options) if each.region == region)
    return found


def verdicts(control: str, root: Path, text: str, *regions: str) -> dict[str | None, str]:
    """The verdicts of one control on the whole of an account's source: subject, or else region, -> verdict.

    Args:
        control: its id.
        root: an empty folder.
        text: the root's ``main.tf``.
        regions: those expected; us-east-1 unless given.
    """
    found = rows(root, text, control, regions=",".join(regions or ("us-east-1",)), whole=True, cache=False)
    return {each.subject or each.region: each.verdict.value for each in found}
