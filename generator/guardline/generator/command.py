"""`guardline generate`: from a spec to the Terraform in its folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer


def generate(
    spec: Annotated[Path, typer.Argument(metavar="SPEC", help="The guardline.yaml.")],
    out: Annotated[Path | None, typer.Option(help="The root's folder (default: the spec's own).")] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; show what would change, and exit 1.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite generated files that were edited by hand.")] = False,
) -> None:
    """Write the Terraform baseline that a spec describes.

    A rerun changes nothing, your own files are never touched, and what is no longer generated is removed.

    Examples:

    \b
    guardline generate guardline.yaml
    guardline generate guardline.yaml --check          in CI: exit 1 and a diff when they are out of step
    guardline generate guardline.yaml --out build/prod

    Exit codes: 0 written or in step; 1 --check found a difference; 2 the spec or the folder cannot be used.
    """
    from guardline.generator.baseline import Baseline, BaselineError
    from guardline.generator.write import RefusedError

    try:
        baseline = Baseline.of(spec, out)
        changes = [
            (folder, change)
            for folder, found in (baseline.compare() if check else baseline.write(force=force))
            for change in found
        ]
    except (BaselineError, RefusedError) as error:
        typer.echo(f"guardline: {error}" if isinstance(error, RefusedError) else str(error), err=True)
        raise typer.Exit(2) from None
    except OSError as error:
        typer.echo(f"guardline: {error.filename}: {error.strerror or error}", err=True)
        raise typer.Exit(2) from None
    for folder, change in changes:
        name = f"{_shown(folder)}/{change.path}"
        if check:
            typer.echo(change.diff(_shown(folder)), nl=False)
        else:
            typer.echo(f"{'removed' if change.new is None else 'wrote'} {name}")
    where = _shown(baseline.root)
    if check and changes:
        typer.echo(
            f"guardline: {where} is not what {spec} says: {len(changes)} files differ; run guardline generate", err=True
        )
        raise typer.Exit(1)
    if not changes:
        typer.echo(f"{where} is what {spec} says")


def _shown(folder: Path) -> str:
    return Path(os.path.relpath(folder)).as_posix()
