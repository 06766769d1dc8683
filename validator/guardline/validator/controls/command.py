"""`guardline controls`: the catalogue, or the page of one control."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated

import typer

from guardline.spec.saying import complain, printable


def complete(incomplete: str) -> list[tuple[str, str]]:
    """What the shell completes: the ids of controls, with their titles."""
    from guardline.validator.controls import every

    return [(each.id, each.title) for each in every() if each.id.startswith(incomplete)]


def controls(
    control: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="A control, e.g. vpc-flow-logs.", autocompletion=complete),
    ] = None,
) -> None:
    """Explain the controls: what passes, what fails, what stays undetermined, and how to fix it in Terraform.

    Without ID, list them all; house rules with the package that brings them.

    Exit codes: 0 shown; 2 there is no such control, or a house rule that is installed cannot be used.
    """
    from guardline.spec.practice import RECOMMENDATIONS
    from guardline.validator.controls import by_id, every, installed_rules
    from guardline.validator.controls.pages import page

    rules = installed_rules()
    for fault in rules.faults:
        complain(f"guardline: {printable(fault.rule)}: {printable(fault.message)}")
    if control is None:
        width = max(len(each.id) for each in every())
        for practice in dict.fromkeys(each.practice for each in every()):
            typer.echo(f"{practice}. {RECOMMENDATIONS[practice]}")
            for each in every():
                if each.practice == practice:
                    of = f" ({rules.packages[each.id]})" if each.id in rules.packages else ""
                    typer.echo(f"   {each.id:<{width}}  {each.severity:<8}  {printable(each.title + of)}")
        raise typer.Exit(2 if rules.faults else 0)
    found = by_id(control)
    if found is None:
        near = get_close_matches(control, [each.id for each in every()], n=1)
        hint = f"did you mean {near[0]}?" if near else "`guardline controls` lists them all"
        complain(f"guardline: there is no control {control!r}; {hint}")
        raise typer.Exit(2)
    typer.echo(page(found, rules.packages.get(found.id)), nl=False)
