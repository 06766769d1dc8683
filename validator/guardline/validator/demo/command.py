"""`guardline demo`: the whole path on a local AWS, from the spec to the report and back to nothing."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from guardline.spec import completion
from guardline.spec.saying import complain


def _complete(incomplete: str) -> list[str]:
    return [*completion.begins(incomplete, ("three", "default", "all")), *completion.regions(incomplete)]


def demo(
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="Where to work; what an earlier demo left there is replaced.")
    ] = Path("guardline-demo"),
    regions: Annotated[
        str,
        typer.Option(
            metavar="three|default|all|LIST",
            help="The regions to cover: three of them, those AWS enables by default, all, or e.g. us-east-1,eu-west-1.",
            autocompletion=_complete,
        ),
    ] = "three",
) -> None:
    r"""Run the whole path on a local AWS; nothing leaves this machine but the download of Terraform's AWS provider.

    Generate, init, plan, validate, apply, plan again (nothing to do), disable one region's detector and see validate
    catch it, restore, write the HTML report, destroy, and make sure that nothing is left.

    It says beforehand about how long it takes: minutes for three regions, ten for all of them.

    Needs the extra `guardline\[demo]` (moto, and Terraform where none is on PATH). Your AWS credentials are not used.

    Exit codes: 0 every step held; 1 one did not; 2 it cannot be run as asked.
    """
    if any(find_spec(name) is None for name in ("moto", "flask", "werkzeug")):
        complain("guardline: the demo needs its extra: pip install 'guardline[demo]'")
        raise typer.Exit(2)
    from guardline.validator.demo.breaking import UnbreakableError
    from guardline.validator.demo.environment import DemoError, choose
    from guardline.validator.demo.steps import StepError, run
    from guardline.validator.demo.terraform import TerraformError, command

    try:
        command(os.environ)
        chosen = choose(regions)
    except (DemoError, TerraformError) as error:
        complain(f"guardline: {error}")
        raise typer.Exit(2) from None
    try:
        run(folder, chosen)
    except DemoError as error:
        complain(f"guardline: {error}")
        raise typer.Exit(2) from None
    except OSError as error:
        complain(f"guardline: {error.filename or 'the demo'}: {error.strerror or error}")
        raise typer.Exit(2) from None
    except (StepError, TerraformError, UnbreakableError) as error:
        complain(f"guardline: the demo stopped: {error}")
        raise typer.Exit(1) from None
