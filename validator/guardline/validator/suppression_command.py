"""`guardline suppression`: what the spec's rules would hide."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from guardline.spec.saying import complain, printable

if TYPE_CHECKING:
    from guardline.spec.exported_findings import Exported
    from guardline.spec.model import Spec

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode="rich")


@app.callback()
def suppression() -> None:
    """Look at suppression rules before they archive anything."""


@app.command()
def preview(
    spec: Annotated[Path, typer.Option("--spec", help="The spec, guardline.yaml.")],
    findings: Annotated[
        Path | None, typer.Argument(help="Findings as JSON: GuardDuty's, EventBridge's, ASFF or OCSF.")
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Read what the account has now, in every covered region, instead of a file.")
    ] = False,
    profile: Annotated[str | None, typer.Option(help="With --live: the profile to sign in with.")] = None,
    confirm: Annotated[
        list[str] | None, typer.Option(help="The name of a rule that may hide severe findings; may be repeated.")
    ] = None,
) -> None:
    """Show what each suppression rule of the spec would archive of findings that were made.

    Exit codes: 0 nothing is refused; 1 a rule would hide a finding of severity 7 or above, or parts of an attack
    sequence, and is not confirmed; 2 bad usage or an unreadable file; 3 nothing is refused, and a finding lacks a
    field that a rule asks for.
    """
    from guardline.spec.exported_findings import FindingsError, read
    from guardline.spec.load import SpecError, load
    from guardline.validator import suppression_preview

    if (findings is None) != live:
        raise _refused("name a file of findings, or say --live")
    try:
        loaded = load(spec)
        rules = loaded.suppression
        found = read(findings) if findings is not None else _now(loaded, profile)
    except (SpecError, FindingsError) as error:
        raise _refused(str(error)) from None
    unknown = sorted(set(confirm or ()) - {rule.name for rule in rules})
    if unknown:
        raise _refused(f"--confirm: the spec has no suppression rule {', '.join(map(printable, unknown))}")
    previews = suppression_preview.preview(rules, found)
    for each in previews:
        typer.echo(f"{each.rule}: archives {each.count} of {len(found)} findings")
        if each.count:
            typer.echo(f"  severity: {', '.join(f'{number} {word}' for word, number in each.severities.items())}")
            typer.echo(f"  highest severity hidden: {each.highest:g}")
        for kind, number in each.types.items():
            typer.echo(f"  {number} x {printable(kind)}")
        if each.oldest is not None and each.newest is not None:
            typer.echo(f"  last updated from {printable(each.oldest)} to {printable(each.newest)}")
        if each.undetermined:
            typer.echo(f"  cannot be determined for {each.undetermined}: they lack a field that the rule asks for")
        for why in each.too_much:
            typer.echo(f"  {'confirmed' if each.rule in (confirm or ()) else 'refused'}: {why}")
    typer.echo(suppression_preview.COST)
    if any(each.too_much and each.rule not in (confirm or ()) for each in previews):
        complain("guardline: narrow these rules, or confirm each by --confirm NAME")
        raise typer.Exit(1)
    if any(each.undetermined for each in previews):
        raise typer.Exit(3)


def _now(spec: Spec, profile: str | None) -> tuple[Exported, ...]:
    """The findings of the account now, in the covered regions."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    from guardline.spec import live_findings
    from guardline.spec.regions import assign

    covered = [each.name for each in assign(spec) if each.state == "covered"]
    try:
        session = boto3.Session(profile_name=profile)
        return tuple(live_findings.read(covered, lambda region: session.client("guardduty", region_name=region)))
    except (BotoCoreError, ClientError) as error:
        raise _refused(f"the findings cannot be read: {error}") from None


def _refused(why: str) -> typer.Exit:
    complain(f"guardline: {why}")
    return typer.Exit(2)
