"""The one command line, `guardline`. A command is imported when it runs, so that `--help` costs next to nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from typing import Annotated, Any, NamedTuple, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command_from_info, get_group
from typer.models import CommandInfo

from guardline.lean_parameters import lean
from guardline.spec import signals
from guardline.spec.faults import said
from guardline.spec.saying import complain


class Entry(NamedTuple):
    """Where a command or a group of commands is, and the line that `guardline --help` shows of it."""

    module: str
    function: str
    summary: str


COMMANDS: Mapping[str, Entry] = {
    "init": Entry("guardline.generator.init", "init", "Begin an environment, from answers or from the account itself."),
    "generate": Entry("guardline.generator.command", "generate", "Write the Terraform baseline that a spec describes."),
    "validate": Entry("guardline.validator.command", "validate", "Show how much of the baseline a plan holds."),
    "report": Entry("guardline.validator.report_command", "report", "Render a stored result in any format."),
    "diff": Entry("guardline.validator.report_command", "diff", "Say what is new and what is fixed since a result."),
    "waive": Entry("guardline.validator.waive_command", "waive", "Accept what a control finds, for a time."),
    "checkov": Entry("guardline.validator.checkov.command", "app", "Show what was found in checkov's own output."),
    "controls": Entry(
        "guardline.validator.controls.command", "controls", "Explain the controls: what passes, what fails, how to fix."
    ),
    "response": Entry(
        "guardline.generator.response_command", "app", "Say what findings would set off, and undo what they did."
    ),
    "suppression": Entry(
        "guardline.validator.suppression_command", "app", "Show what suppression rules would hide, before they do."
    ),
    "lists": Entry("guardline.spec.lists_command", "app", "Check IP lists, and explain what touches an address."),
    "regions": Entry("guardline.spec.command", "regions", "Show every region, and its state under a spec."),
    "demo": Entry("guardline.validator.demo.command", "demo", "Run the whole path on a local AWS."),
}


def _shown(parameters: list[Any]) -> list[Any]:
    """Parameters as help shows them: a flag takes no value, so no type stands beside it."""
    for parameter in parameters:
        if getattr(parameter, "is_flag", False):
            parameter.metavar = ""
    return parameters


class Command(TyperCommand):
    """A command that runs."""

    def make_context(self, info_name: Any, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """With the defaults of the project's ``guardline.toml``, where the command is `validate`."""
        if info_name == "validate" and not {"--help", "-h"} & set(args):
            from guardline.validator.output import UsageError
            from guardline.validator.settings import base_of, read

            try:
                extra.setdefault("default_map", read(base_of(args)).defaults)
            except UsageError as error:
                complain(f"guardline: {error}")
                raise typer.Exit(2) from None
        return super().make_context(info_name, args, parent, **extra)

    def get_params(self, ctx: Any) -> list[Any]:
        """See `lean_parameters`."""
        return _shown(lean(super().get_params(ctx), self.callback))


class Group(TyperGroup):
    """A command with commands of its own."""

    def get_params(self, ctx: Any) -> list[Any]:
        """See `lean_parameters`."""
        return _shown(lean(super().get_params(ctx), self.callback))


class Commands(Group):
    """A group whose commands are known by name and summary until one of them runs."""

    def __init__(self, **settings: Any) -> None:
        """Fill in what help and a hint at a mistyped name need: the names and the summaries."""
        known = {
            name: TyperCommand(name=name, callback=None, help=entry.summary, rich_markup_mode="rich")
            for name, entry in COMMANDS.items()
        }
        super().__init__(**{**settings, "commands": known})

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """What running needs: the command itself."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is None or command is None:
            return name, command, rest
        entry = COMMANDS[name]
        function = getattr(import_module(entry.module), entry.function)
        if isinstance(function, typer.Typer):
            for each in function.registered_commands:
                each.cls = Command
            function.info.cls = Group
            group = get_group(function)
            group.name = name
            return name, group, rest
        info = CommandInfo(name=name, cls=Command, callback=function, no_args_is_help=False)
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
        from guardline.spec.installed import version

        typer.echo(f"guardline {version('guardline')}")
        raise typer.Exit


@app.callback()
def root(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Generate a Terraform baseline around Amazon GuardDuty for every AWS region, and show how much of it holds."""


_BROKEN_OFF = (129, 130, 143)


def main() -> None:
    """Run the command line.

    Ctrl-C ends with 130, SIGTERM with 143, SIGHUP with 129, a usage error with 2. So does whatever breaks:
    1 always means that something fails. A reader that goes away (``| head``) is no error of anybody's.
    """
    signals.heed()
    try:
        app(prog_name="guardline")
    except KeyboardInterrupt:
        _end(130)
    except SystemExit as ended:
        # Where a reader goes away, typer and rich end with 1.
        _end(0 if isinstance(ended.__context__, BrokenPipeError) else ended.code)
    except BrokenPipeError:
        _end(0)
    except Exception as error:  # noqa: BLE001 - the last one: no traceback, and never exit 1
        _end(2, said(error))


def _end(code: Any, why: str | None = None) -> NoReturn:
    """Leave, with what was written out of the house."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        pass
    except (OSError, ValueError) as error:
        code, why = 2, why or f"standard output cannot be written: {getattr(error, 'strerror', None) or error}"
    except AttributeError:  # there is none
        pass
    if why is not None:
        complain(f"guardline: {why}")
    # What is left in a stream that does not take it would be written again at the very end, and complained about.
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if why is not None or code in _BROKEN_OFF:
        # Not past Python's own end: it waits for threads, and one may wait for the rest of what a killed process said.
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
