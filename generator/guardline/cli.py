"""The one command line, `guardline`. A command is imported when it runs, so that `--help` costs next to nothing."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command_from_info
from typer.models import CommandInfo


class Entry(NamedTuple):
    """Where a command is, and the line that `guardline --help` shows of it."""

    module: str
    function: str
    summary: str


COMMANDS: Mapping[str, Entry] = {
    "init": Entry("guardline.generator.init", "init", "Begin an environment, from answers or from the account itself."),
    "generate": Entry("guardline.generator.command", "generate", "Write the Terraform baseline that a spec describes."),
    "validate": Entry("guardline.validator.command", "validate", "Show how much of the baseline a plan holds."),
    "controls": Entry(
        "guardline.validator.controls.command", "controls", "Explain the controls: what passes, what fails, how to fix."
    ),
    "regions": Entry("guardline.spec.command", "regions", "Show every region, and its state under a spec."),
    "demo": Entry("guardline.validator.demo.command", "demo", "Run the whole path on a local AWS."),
}


class Commands(TyperGroup):
    """A group whose commands are known by name and summary until one of them runs."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the signature is the base class's
        """The commands in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - the signature is the base class's
        """What help needs: the name and the summary."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        return TyperCommand(name=cmd_name, callback=None, help=entry.summary, rich_markup_mode="rich")

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """What running needs: the command itself."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is None or command is None:
            return name, command, rest
        entry = COMMANDS[name]
        function = getattr(import_module(entry.module), entry.function)
        info = CommandInfo(name=name, callback=function, no_args_is_help=False)
        loaded = get_command_from_info(info, pretty_exceptions_short=True, rich_markup_mode="rich")
        return name, loaded, rest


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 all well; 1 something fails or drifted; 2 bad usage or unreadable input; "
    "3 nothing fails, and something could not be determined.",
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"guardline {version('guardline')}")
        raise typer.Exit


@app.callback()
def root(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Generate a Terraform baseline around Amazon GuardDuty for every AWS region, and show how much of it holds."""


def main() -> None:
    """Run the command line. Ctrl-C ends with 130, a usage error with 2."""
    app(prog_name="guardline")


if __name__ == "__main__":
    main()
