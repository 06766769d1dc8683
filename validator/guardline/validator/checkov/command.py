"""`guardline checkov`: custom checks for checkov that repeat a stored result."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from guardline.spec.saying import complain, tell

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode="rich")


@app.callback()
def checkov() -> None:
    """Show what Guardline found in checkov's own output."""


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write the checks; made if need be.")],
    result: Annotated[
        Path, typer.Option(metavar="RESULT.json", help="What validate --format json wrote; it is copied beside them.")
    ],
) -> None:
    """Write a folder of custom checks for checkov that repeat a stored result; checkov then needs no Guardline.

    A fail of a resource stands at that resource. What is missing has none: one check at each AWS provider says it.

    Examples:

    \b
    guardline validate . --spec guardline.yaml --format json=result.json
    guardline checkov export checks --result result.json
    checkov -d . --external-checks-dir checks

    Exit codes: 0 written; 2 the result cannot be read, or the folder cannot be written.
    """
    from guardline.validator import stored
    from guardline.validator.checkov.export import write

    try:
        for path in write(stored.read(result), folder):
            tell(f"wrote {path.as_posix()}")
    except stored.StoredError as error:
        complain(f"guardline: {error}")
        raise typer.Exit(2) from None
    except OSError as error:
        complain(f"guardline: {error.filename}: {error.strerror or error}")
        raise typer.Exit(2) from None
