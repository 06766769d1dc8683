"""`guardline controls`: the catalogue, or the page of one control."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated

import typer

from guardline.spec.saying import complain


def complete(incomplete: str) -> list[tuple[str, str]]:
    """What the shell completes: the ids of controls, with their titles."""
    from guardline.validator.controls import CATALOGUE

    return [(each.id, each.title) for each in CATALOGUE if each.id.startswith(incomplete)]


def controls(
    control: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="A control, e.g. vpc-flow-logs.", autocompletion=complete),
    ] = None,
) -> None:
    """Explain the controls: what passes, what fails, what stays undetermined, and how to fix it in Terraform.

    Without ID, list them all.
    """
    from guardline.spec.practice import RECOMMENDATIONS
    from guardline.validator.controls import CATALOGUE, by_id
    from guardline.validator.controls.pages import page

    if control is None:
        width = max(len(each.id) for each in CATALOGUE)
        for practice in dict.fromkeys(each.practice for each in CATALOGUE):
            typer.echo(f"{practice}. {RECOMMENDATIONS[practice]}")
            for each in CATALOGUE:
                if each.practice == practice:
                    typer.echo(f"   {each.id:<{width}}  {each.severity:<8}  {each.title}")
        return
    found = by_id(control)
    if found is None:
        near = get_close_matches(control, [each.id for each in CATALOGUE], n=1)
        hint = f"did you mean {near[0]}?" if near else "`guardline controls` lists them all"
        complain(f"guardline: there is no control {control!r}; {hint}")
        raise typer.Exit(2)
    typer.echo(page(found), nl=False)
