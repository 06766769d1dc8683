"""`guardline lists`: IP lists before they are uploaded, and what touches an address."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv4Network, collapse_addresses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from guardline.spec import lists
from guardline.spec.list_formats import format_of
from guardline.spec.saying import complain, printable

if TYPE_CHECKING:
    from guardline.spec.model import Spec

Kind = Literal["trusted", "threat"]

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode="rich")


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="The lists.")],
    kind: Annotated[str, typer.Option(metavar="trusted|threat", help="What they are for.")] = "trusted",
) -> None:
    """Say what AWS would refuse or ignore in IP lists, and which entries could be fewer.

    Exit codes: 0 nothing is wrong; 1 something is; 2 bad usage or an unreadable file.
    """
    if kind not in ("trusted", "threat"):
        raise _refused("--kind is trusted or threat")
    texts = [(file, _read(file)) for file in files]
    wrong = 0
    for file, text in texts:
        name = format_of(text)
        if name != "TXT":
            typer.echo(f"{file}: {name}, which AWS reads itself; Guardline looks into TXT alone")
            for problem in lists.check_other(text):
                wrong += 1
                typer.echo(f"{file}: {problem.message}")
            continue
        for problem in problems(text, "trusted" if kind == "trusted" else "threat"):
            wrong += 1
            typer.echo(f"{file}{f':{problem.line}' if problem.line else ''}: {printable(problem.message)}")
        entries, fewer = lists.entries(text), merged(text)
        typer.echo(f"{file}: {len(entries)} entries")
        if len(fewer) < len(entries):
            typer.echo(f"{file}: {len(fewer)} would do: {', '.join(map(str, fewer[:20]))}{_more(len(fewer) - 20)}")
    if wrong:
        raise typer.Exit(1)


@app.command()
def explain(
    address: Annotated[str, typer.Argument(help="An IPv4 address.")],
    spec: Annotated[Path, typer.Option("--spec", help="The spec, guardline.yaml.")],
) -> None:
    """Say which lists and suppression rules of a spec touch an address, and what GuardDuty makes of it."""
    from guardline.spec.load import SpecError, load

    try:
        wanted = IPv4Address(address)
    except AddressValueError as error:
        raise _refused(f"{printable(address)} is not an IPv4 address: {error}") from None
    try:
        loaded = load(spec)
        sentences = list(explained(loaded, spec.parent, wanted))
        unread = list(_unread(loaded, spec.parent))
    except (SpecError, lists.ListError) as error:
        raise _refused(str(error)) from None
    for sentence in [*sentences, *unread] or [f"no list and no suppression rule of the spec touches {wanted}"]:
        typer.echo(sentence)


@app.command()
def drift(
    spec: Annotated[Path, typer.Option("--spec", help="The spec, guardline.yaml.")],
    profile: Annotated[str | None, typer.Option(help="The profile of AWS's configuration to sign in with.")] = None,
) -> None:
    """Say how each region's active lists, and the objects they point at, differ from the spec. Only reads.

    Sign in to the account that administers GuardDuty. Exit codes: 0 all as the spec says; 1 something differs; 2 bad
    usage or an unreadable file; 3 nothing is seen to differ, and something could not be read.
    """
    import boto3
    from botocore.exceptions import BotoCoreError

    from guardline.spec.lists_drift import differences
    from guardline.spec.load import SpecError, load

    try:
        loaded = load(spec)
        session = boto3.Session(profile_name=profile)
        found = list(
            differences(loaded, spec.parent, lambda service, region: session.client(service, region_name=region))
        )
    except (SpecError, lists.ListError, BotoCoreError) as error:
        raise _refused(str(error)) from None
    for each in found:
        typer.echo(f"{each.region}: {'' if each.sure else 'cannot be determined: '}{printable(each.what)}")
    if not found:
        typer.echo("every covered region has the lists that the spec says, active and with the same content")
    if found:
        raise typer.Exit(1 if any(each.sure for each in found) else 3)


def problems(text: str, kind: Kind) -> tuple[lists.Problem, ...]:
    """What is wrong with a list in plain text, by line."""
    known = lists.check_trusted(text) if kind == "trusted" else lists.check_threat(text)
    return tuple(sorted((*known, *lists.check_doubles(text)), key=lambda each: each.line))


def merged(text: str) -> list[IPv4Network]:
    """The fewest ranges that hold the same addresses; malformed entries are left out."""
    return list(collapse_addresses(network for _, network in _networks(text)))


def explained(spec: Spec, folder: Path, address: IPv4Address) -> Iterator[str]:
    """What touches an address, sentence by sentence.

    Args:
        spec: the spec.
        folder: its folder, beside which the lists are.
        address: the address.

    Raises:
        ListError: a list cannot be read.
    """
    trusted = [] if spec.trusted_ips is None else list(_holding(folder, spec.trusted_ips.file, address))
    for where in trusted:
        yield f"{where} trusts {address}: GuardDuty makes no findings for it"
    for each in spec.threat_ips:
        for where in _holding(folder, each.file, address):
            # https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_upload-lists.html: trusted lists come first.
            beside = "; the trusted list goes first, so there are none" if trusted else ""
            yield f"{where} (threat list {each.name}) suspects {address}: GuardDuty makes findings for it{beside}"
    for rule in spec.suppression:
        for field, test in sorted(rule.match.items()):
            if any(_is_in(address, value) for value in test.equals):
                yield f"the suppression rule {rule.name} asks for {address} in {field}, until {rule.until}"
            if any(_is_in(address, value) for value in test.not_equals):
                yield f"the suppression rule {rule.name} leaves {address} out in {field}"


def _unread(spec: Spec, folder: Path) -> Iterator[str]:
    """The lists that are not looked into."""
    files = [] if spec.trusted_ips is None else [spec.trusted_ips.file]
    for file in (*files, *(each.file for each in spec.threat_ips)):
        if (name := format_of(lists.read(folder, file))) != "TXT":
            yield f"{file} is {name}, which AWS reads itself: whether it has the address is not looked up"


def _holding(folder: Path, file: str, address: IPv4Address) -> Iterator[str]:
    for line, network in _networks(lists.read(folder, file)):
        if address in network:
            yield f"{file}:{line} ({network})"


def _networks(text: str) -> Iterator[tuple[int, IPv4Network]]:
    for number, line in enumerate(text.split("\n"), start=1):
        entry = line.partition("#")[0].strip()
        try:
            if entry:
                yield number, IPv4Network(entry, strict=False)
        except ValueError:
            continue  # `problems` says what is wrong with it


def _is_in(address: IPv4Address, value: str) -> bool:
    try:
        return address in IPv4Network(value, strict=False)
    except ValueError:
        return False


def _read(file: Path) -> str:
    try:
        return lists.read(file.parent, file.name)
    except lists.ListError as error:
        raise _refused(str(error)) from None


def _more(number: int) -> str:
    return f" and {number} more" if number > 0 else ""


def _refused(why: str) -> typer.Exit:
    complain(f"guardline: {why}")
    return typer.Exit(2)
