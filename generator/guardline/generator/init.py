"""`guardline init`: a new environment's folder, from answers or from the account itself."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from guardline.spec.saying import complain

if TYPE_CHECKING:
    from guardline.spec.inventory import Inventory

SPEC, INVENTORY = "guardline.yaml", "inventory.json"


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The environment's folder; made if need be.")],
    name: Annotated[str | None, typer.Option(help="The environment's name: part of resource names.")] = None,
    account: Annotated[str | None, typer.Option(help="The account's 12 digits (with --discover: read).")] = None,
    home_region: Annotated[str | None, typer.Option(help="Where trail, buckets and keys shall live.")] = None,
    owner: Annotated[str | None, typer.Option(help="Who answers for it, e.g. an e-mail address.")] = None,
    provider: Annotated[int, typer.Option(min=5, max=6, help="Major version of the AWS provider.")] = 6,
    discover: Annotated[
        bool, typer.Option("--discover", help="Read the account first (needs read access), and adopt what it has.")
    ] = False,
    profile: Annotated[str | None, typer.Option(help="With --discover: a profile of the AWS configuration.")] = None,
) -> None:
    """Begin an environment: write its guardline.yaml, and with --discover the inventory of what the account has.

    What no option says is asked for on a terminal. Nothing that exists is overwritten, but for the inventory, which
    --discover brings up to date.

    Examples:

    \b
    guardline init environments/production
    guardline init environments/production --discover --profile audit
    guardline init prod --name prod --account 111122223333 --home-region eu-west-1 --owner security@example.com

    Exit codes: 0 written; 2 an answer is missing or wrong, or AWS cannot be asked; nothing is written then.
    """
    from guardline.generator.scaffold import Answers, opted_in, spec_text
    from guardline.spec import catalogue
    from guardline.spec.atomic import write

    spec = folder / SPEC
    if spec.exists() and not discover:
        _refuse(f"{spec} is there already: edit it, or name another folder")
    home = home_region or (_ask("--home-region", "Home region", "us-east-1") if not spec.exists() else _home(spec))
    known = catalogue.region(home)
    if known is None or not known.default_enabled:
        _refuse(f"--home-region: {home} is not a region that AWS enables by default; `guardline regions` lists them")
    partition = known.partition
    inventory = _discover(home, profile) if discover else None
    if inventory is not None and account not in (None, inventory.account):
        _refuse(f"--account: the credentials are of account {inventory.account}, not {account}")
    written = []
    if not spec.exists():
        answers = Answers(
            name=name or _ask("--name", "Name of the environment", folder.resolve().name),
            account=account or (inventory.account if inventory is not None else _ask("--account", "Account id", None)),
            partition=partition,
            home_region=home,
            owner=owner or _ask("--owner", "Who answers for it", None),
            aws_provider=provider,
            opted_in=opted_in(inventory) if inventory is not None else (),
        )
        text = spec_text(answers, inventory, INVENTORY)
        mistakes = _mistakes(text, inventory)
        if mistakes:
            _refuse(mistakes)
        written.append((spec, text))
    if inventory is not None:
        written.append((folder / INVENTORY, inventory.text()))
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in written:
        write(path, content.encode())
        typer.echo(f"wrote {path.as_posix()}")
    if inventory is not None:
        _tell_unseen(inventory)
    typer.echo(f"Next: guardline generate {spec.as_posix()}")


def _ask(option: str, question: str, default: str | None) -> str:
    if not sys.stdin.isatty():
        _refuse(f"{option} is missing, and there is no terminal to ask on")
    return str(typer.prompt(question, default=default))


def _refuse(message: str) -> NoReturn:
    complain(f"guardline: {message}")
    raise typer.Exit(2)


def _home(spec: Path) -> str:
    """The home region of a spec that is there already."""
    from guardline.spec.load import SpecError, load

    try:
        return load(spec).home_region
    except SpecError as error:
        # An inventory that is missing so far is what this run is about to write.
        if all("inventory" in mistake.message for mistake in error.mistakes):
            _refuse(f"{spec}: its home region cannot be read yet; say it with --home-region")
        complain(str(error))
        raise typer.Exit(2) from None


def _discover(home: str, profile: str | None) -> Inventory:
    import boto3
    from botocore.exceptions import BotoCoreError

    from guardline.generator.discover.account import DiscoverError, discover

    def tell(region: str) -> None:
        if sys.stderr.isatty():
            typer.echo(f"\r\x1b[Kread {region}", err=True, nl=False)

    try:
        found = discover(boto3.Session(profile_name=profile), home, datetime.now(UTC), tell)
    except (DiscoverError, BotoCoreError) as error:
        _refuse(str(error))
    finally:
        if sys.stderr.isatty():
            typer.echo("\r\x1b[K", err=True, nl=False)
    return found


def _mistakes(text: str, inventory: Inventory | None) -> str:
    """The mistakes of a spec that is not written yet."""
    import tempfile

    from guardline.spec.load import SpecError, load

    with tempfile.TemporaryDirectory(prefix="guardline-init-") as scratch:
        spec = Path(scratch, SPEC)
        spec.write_text(text, encoding="utf-8")
        if inventory is not None:
            Path(scratch, INVENTORY).write_text(inventory.text(), encoding="utf-8")
        try:
            load(spec)
        except SpecError as error:
            return "\n".join(f"{mistake.message}" for mistake in error.mistakes)
    return ""


def _tell_unseen(inventory: Inventory) -> None:
    if not inventory.unseen:
        return
    complain(f"guardline: warning: AWS did not answer {len(inventory.unseen)} questions; what they are")
    complain("about may exist, and Terraform would then fail to make it a second time:")
    for each in inventory.unseen[:20]:
        complain(f"  {each.region}: {each.operation}: {each.reason}")
    if len(inventory.unseen) > 20:
        complain(f"  ... and {len(inventory.unseen) - 20} more, under `unseen` in the inventory")
