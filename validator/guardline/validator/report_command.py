"""`guardline report` and `guardline diff`: what is made of stored results."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace

from guardline.spec.saying import complain
from guardline.validator import completion
from guardline.validator.comparison import compare
from guardline.validator.output import Destination, UsageError, check, deliver
from guardline.validator.report import Report
from guardline.validator.stored import StoredError, read


def report(
    result: Annotated[Path, typer.Argument(metavar="RESULT.json", help="What validate --format json wrote.")],
    format_: Annotated[
        list[str] | None,
        typer.Option(
            "--format", metavar="F[=PATH]", help="As of validate; repeats.", autocompletion=completion.formats
        ),
    ] = None,
    compact: Annotated[
        bool,
        typer.Option("--compact", help="In JSON, say once what the cells of a control share: title, fix, mappings."),
    ] = False,
) -> None:
    """Render a stored result in any format: the same text as the run that made it.

    Examples:

    guardline validate plan.json --format json=result.json

    guardline report result.json --format html=coverage.html --format sarif=guardline.sarif

    Exit codes: 0 written; 2 bad usage, or RESULT.json is no result. What the result says decides nothing here.
    """
    _deliver(lambda: read(result), format_, compact=compact)


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD.json", help="The result to compare with.")],
    new: Annotated[Path, typer.Argument(metavar="NEW.json", help="The result of now.")],
    format_: Annotated[
        list[str] | None,
        typer.Option(
            "--format", metavar="F[=PATH]", help="As of validate; repeats.", autocompletion=completion.formats
        ),
    ] = None,
) -> None:
    """Say what is new and what is fixed between two stored results.

    Examples:

    guardline diff main.json branch.json

    guardline diff main.json branch.json --format markdown=comment.md

    Exit codes: 0 nothing new fails; 1 something new fails at or above the severity that NEW was judged by;
    2 bad usage, or a file that is no result; 3 nothing new fails, and something new could not be determined.
    """
    found = _deliver(lambda: _compared(old, new), format_)
    raise typer.Exit(found.exit_code)


def _compared(old: Path, new: Path) -> Report:
    report = read(new)
    return compare(replace(report, options=replace(report.options, only_new=True)), read(old), str(old))


def _deliver(make: Callable[[], Report], formats: list[str] | None, *, compact: bool = False) -> Report:
    try:
        destinations = [Destination.parse(each) for each in formats or ["terminal"]]
        check(destinations, sys.stdout is not None and sys.stdout.isatty())
        report = make()
        deliver(report, destinations, compact=compact)
    except (UsageError, StoredError) as error:
        complain(f"guardline: {error}")
        raise typer.Exit(2) from None
    except OSError as error:
        complain(f"guardline: {error.filename} cannot be read: {error.strerror or error}")
        raise typer.Exit(2) from None
    return report
