"""`guardline report`: any format of a stored result."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from guardline.spec.saying import complain
from guardline.validator.output import Destination, UsageError, check, deliver
from guardline.validator.stored import StoredError, read


def report(
    result: Annotated[Path, typer.Argument(metavar="RESULT.json", help="What validate --format json wrote.")],
    format_: Annotated[
        list[str] | None, typer.Option("--format", metavar="F[=PATH]", help="As of validate; repeats.")
    ] = None,
) -> None:
    """Render a stored result in any format: the same text as the run that made it.

    Examples:

    guardline validate plan.json --format json=result.json

    guardline report result.json --format html=coverage.html --format sarif=guardline.sarif

    Exit codes: 0 written; 2 bad usage, or RESULT.json is no result. What the result says decides nothing here.
    """
    try:
        destinations = [Destination.parse(each) for each in format_ or ["terminal"]]
        check(destinations, sys.stdout is not None and sys.stdout.isatty())
        deliver(read(result), destinations)
    except UsageError as error:
        complain(f"guardline: {error}")
        raise typer.Exit(2) from None
    except StoredError as error:
        complain(f"guardline: {result} {error}")
        raise typer.Exit(2) from None
    except OSError as error:
        complain(f"guardline: {result} cannot be read: {error.strerror or error}")
        raise typer.Exit(2) from None
