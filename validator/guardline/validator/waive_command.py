"""`guardline waive`: add a waiver to a file, with all that it needs, or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from guardline.spec import catalogue, regular
from guardline.spec.atomic import write
from guardline.spec.mistakes import did_you_mean
from guardline.spec.saying import complain, printable
from guardline.validator import settings
from guardline.validator.output import UsageError
from guardline.validator.waivers.file import LARGEST, NAME, read
from guardline.validator.waivers.written import faults

_BEGIN = "# What is accepted for a time, by whom and until when: docs/waivers.md of guardline.\nversion: 1\nwaivers:\n"


class WaiveError(Exception):
    """The waiver cannot be added; the message says why. The file is as it was."""


def waive(
    control: Annotated[
        str, typer.Argument(metavar="CONTROL", help="The control's id: `guardline controls` lists them.")
    ],
    reason: Annotated[str, typer.Option(help="Why it is accepted.")],
    owner: Annotated[str, typer.Option(help="Who asks for it, and mends it.")],
    approver: Annotated[str, typer.Option(help="Who accepts it: somebody else.")],
    expires: Annotated[str, typer.Option(metavar="DATE", help="The last day on which it holds.")],
    account: Annotated[
        str | None, typer.Option(metavar="PATTERN", help="Only there; * is any text, ? one character.")
    ] = None,
    region: Annotated[
        str | None, typer.Option(metavar="PATTERN", help="Only there; * is any text, ? one character.")
    ] = None,
    subject: Annotated[str | None, typer.Option(metavar="PATTERN", help="Only this address or id.")] = None,
    ticket: Annotated[str | None, typer.Option(help="Where it was discussed.")] = None,
    compensating_control: Annotated[str | None, typer.Option(help="What holds instead.")] = None,
    created: Annotated[str | None, typer.Option(metavar="DATE", help="The day (default: today, UTC).")] = None,
    file: Annotated[Path, typer.Option(help="The file; made where there is none.")] = Path(NAME),
) -> None:
    """Accept what a control finds, for a time: adds one waiver to waivers.yaml.

    It must say why, who asked for it, who else approved it and until when. `guardline validate` then shows the cells as
    waived, never as covered.

    Examples:

    guardline waive vpc-flow-logs --region eu-west-3 --reason "moves away" --owner web --approver security
    --expires 2027-03-31 --ticket SEC-12

    Exit codes: 0 added; 2 it breaks a rule, or the file cannot be read or written.
    """
    today = datetime.now(UTC).date()
    scope = {name: value for name, value in (("account", account), ("region", region), ("subject", subject)) if value}
    given: dict[str, Any] = {
        "control": control,
        **({"scope": scope} if scope else {}),
        "reason": reason,
        "owner": owner,
        "approver": approver,
        "created": created or today.isoformat(),
        "expires": expires,
        **({"compensating_control": compensating_control} if compensating_control else {}),
        **({"ticket": ticket} if ticket else {}),
    }
    try:
        write(file, _with(file, given).encode())
    except (WaiveError, UsageError) as error:
        complain(f"guardline: {printable(str(error))}")
        raise typer.Exit(2) from None
    except OSError as error:
        complain(f"guardline: {file}: {error.strerror or error}")
        raise typer.Exit(2) from None
    typer.echo(f"added to {file}: {printable(control)}, until {printable(expires)}")


def _with(path: Path, given: Mapping[str, Any]) -> str:
    """The file's text with one waiver more.

    Raises:
        WaiveError: the waiver breaks a rule.
        WaiveError: what is there is no file of waivers, or is laid out so that none can be added at its end.
        UsageError: guardline.toml has mistakes.
        OSError: it cannot be read.
    """
    policy, today = settings.read(None).policy, datetime.now(UTC).date()
    if wrong := [*faults(given, policy, today), *_no_region(given.get("scope", {}).get("region", ""))]:
        raise WaiveError("; ".join(wrong))
    old = regular.read(path, LARGEST).decode("utf-8-sig") if path.exists() else _BEGIN
    if old.rstrip().endswith("waivers: []"):
        old = f"{old.rstrip().removesuffix('[]').rstrip()}\n"
    before, notes = read(old, path.name, policy, today)
    if any(note.control is None for note in notes):
        raise WaiveError(f"{path} has mistakes: {notes[0].where}: {notes[0].message}")
    new = f"{old.rstrip()}\n{_entry(given)}"
    after, still = read(new, path.name, policy, today)
    if len(after) != len(before) + 1 or len(still) != len(notes):
        raise WaiveError(f"{path} is laid out so that nothing can be added at its end: write the waiver by hand")
    return new


def _no_region(pattern: str) -> Iterator[str]:
    """What is wrong with the name of a region that this version does not know; a pattern may be of others too."""
    known = [region.name for partition in catalogue.partitions() for region in catalogue.regions(partition)]
    if pattern and not {"*", "?"} & set(pattern) and pattern not in known:
        yield f"there is no region {pattern}{did_you_mean(pattern, known)}"


def _entry(given: Mapping[str, Any]) -> str:
    """One item of the list; text in quotes, as JSON has it, which YAML reads too."""
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in given.items()]
    return f"  - {lines[0]}\n" + "".join(f"    {line}\n" for line in lines[1:])
