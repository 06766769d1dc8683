"""`guardline init`: a new environment's folder, from answers or from the account itself."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from guardline.spec import completion
from guardline.spec.saying import complain

if TYPE_CHECKING:
    from guardline.spec.inventory import Inventory

SPEC, INVENTORY, SCHEMA = "guardline.yaml", "inventory.json", "guardline.schema.json"


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The environment's folder; made if need be.")],
    name: Annotated[str | None, typer.Option(help="The environment's name: part of resource names.")] = None,
    account: Annotated[str | None, typer.Option(help="The account's 12 digits (with --discover: read).")] = None,
    home_region: Annotated[
        str | None,
        typer.Option(help="Where trail, buckets and keys shall live.", autocompletion=completion.home_regions),
    ] = None,
    owner: Annotated[str | None, typer.Option(help="Who answers for it, e.g. an e-mail address.")] = None,
    provider: Annotated[int, typer.Option(min=5, max=6, help="Major version of the AWS provider.")] = 6,
    discover: Annotated[
        bool, typer.Option("--discover", help="Read the account first (needs read access), and adopt what it has.")
    ] = False,
    profile: Annotated[str | None, typer.Option(help="With --discover: a profile of the AWS configuration.")] = None,
) -> None:
    """Begin an environment: its guardline.yaml, a schema for editors, and with --discover what the account has.

    What no option says is asked for on a terminal. Nothing that exists is overwritten, but for the inventory, which
    --discover brings up to date.

    Examples:

    \b
    guardline init environments/production
    guardline init environments/production --discover --profile audit
    guardline init prod --account 111122223333 --home-region eu-west-1 \\
        --name prod --owner security@example.com

    Exit codes: 0 written; 2 an answer is missing or wrong, or AWS cannot be asked; nothing is written then.
    """
    from guardline.generator.scaffold import Answers, opted_in, spec_text, summary
    from guardline.spec import catalogue, schema
    from guardline.spec.atomic import write
    from guardline.spec.values import AccountId, Name, Text

    spec = folder / SPEC
    if spec.exists() and not discover:
        _refuse(f"{spec} is there already: edit it, or name another folder")
    fresh = not spec.exists()
    given = {"--name": name, "--account": account, "--home-region": home_region, "--owner": owner}
    if fresh:
        _refuse_what_is_missing({key: value for key, value in given.items() if key != "--account" or not discover})
    home = home_region or (_ask("Home region", "us-east-1", _no_home) if fresh else _home(spec))
    problem, known = _no_home(home), catalogue.region(home)
    if problem is not None or known is None:
        _refuse(f"--home-region: {problem}")
    inventory = _discover(home, profile) if discover else None
    if inventory is not None and account not in (None, inventory.account):
        _refuse(f"--account: the credentials are of account {inventory.account}, not {account}")
    written = []
    if fresh:
        answers = Answers(
            name=name or _ask("Name of the environment", folder.resolve().name, _by(Name)),
            account=account
            or (inventory.account if inventory is not None else _ask("Account id", None, _by(AccountId))),
            partition=known.partition,
            home_region=home,
            owner=owner or _ask("Who answers for it", None, _by(Text)),
            aws_provider=provider,
            opted_in=opted_in(inventory) if inventory is not None else (),
        )
        text = spec_text(answers, inventory, INVENTORY, SCHEMA, _in_half_a_year())
        mistakes = _mistakes(text, inventory)
        if mistakes:
            _refuse(mistakes)
        written.append((spec, text))
        if not (folder / SCHEMA).exists():
            written.append((folder / SCHEMA, schema.text(schema.schema())))
    if inventory is not None:
        written.append((folder / INVENTORY, inventory.text()))
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in written:
        write(path, content.encode())
        typer.echo(f"wrote {path.as_posix()}")
    if inventory is not None:
        for line in summary(inventory):
            typer.echo(line)
        _tell_unseen(inventory)
    typer.echo(f"Next: guardline generate {spec.as_posix()}")


def _in_half_a_year() -> date:
    return datetime.now(UTC).date() + timedelta(days=182)


def at_a_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty()


def _refuse_what_is_missing(given: Mapping[str, str | None]) -> None:
    """Where nobody can be asked, all that is missing is said at once."""
    missing = [option for option, value in given.items() if not value]
    if missing and not at_a_terminal():
        are = "is" if len(missing) == 1 else "are"
        _refuse(f"{', '.join(missing)} {are} missing, and there is no terminal to ask on")


def _ask(question: str, default: str | None, wrong: Callable[[str], str | None]) -> str:
    """Ask on the terminal until the answer can be used.

    Args:
        question: what is asked.
        default: what an empty answer means, unless it cannot be used.
        wrong: what is wrong with an answer, or None.
    """
    usable = default if default is not None and wrong(default) is None else None
    while True:
        answer = str(typer.prompt(question, default=usable)).strip()
        problem = wrong(answer)
        if problem is None:
            return answer
        complain(f"  {problem}")


def _no_home(answer: str) -> str | None:
    from guardline.spec import catalogue
    from guardline.spec.mistakes import did_you_mean

    known = catalogue.region(answer)
    if known is not None and known.default_enabled:
        return None
    hint = did_you_mean(answer, completion.home_regions("")) or "; `guardline regions` lists them"
    return f"{answer} is not a region that AWS enables by default{hint}"


def _by(kind: Any) -> Callable[[str], str | None]:
    """What the spec's own type says of an answer."""

    def wrong(answer: str) -> str | None:
        from pydantic import TypeAdapter, ValidationError

        try:
            TypeAdapter(kind).validate_python(answer)
        except ValidationError as error:
            return error.errors()[0]["msg"].removeprefix("Value error, ")
        return None

    return wrong


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

    if not sys.stderr.isatty():
        complain("guardline: reading the account, region by region ...")

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
