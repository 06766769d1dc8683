"""`guardline generate`: from a spec to the Terraform in its folder."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from guardline.spec.saying import complain, tell

if TYPE_CHECKING:
    from guardline.generator.baseline import Baseline
    from guardline.generator.changes import Change

MANY = 12
"""More changed files of one folder than this are shown as a number."""


def generate(
    spec: Annotated[Path, typer.Argument(metavar="SPEC", help="The guardline.yaml.")],
    out: Annotated[Path | None, typer.Option(help="The root's folder (default: the spec's own).")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; show what would change, and exit 1 if anything would.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite generated files that were edited by hand.")] = False,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Write nothing; list what AWS bills, by region.")
    ] = False,
    deploy_policy: Annotated[
        bool, typer.Option("--deploy-policy", help="Write nothing; print the IAM policy that applying needs, as JSON.")
    ] = False,
) -> None:
    """Write the Terraform baseline that a spec describes.

    A rerun changes nothing, your own files are never touched, and what is no longer generated is removed.

    Examples:

    \b
    guardline generate guardline.yaml
    guardline generate guardline.yaml --check          in CI: exit 1 and a diff when files differ from the spec
    guardline generate guardline.yaml --out build/prod
    guardline generate guardline.yaml --estimate       what is billed: units and links, no prices
    guardline generate guardline.yaml --deploy-policy > policy.json

    Exit codes: 0 written or in step; 1 --check found a difference; 2 the spec cannot be used,
    or something of yours would be lost; nothing is written then.
    """
    from guardline.generator.baseline import Baseline
    from guardline.generator.manifest import RefusedError
    from guardline.spec.load import SpecError

    if sum((check, estimate, deploy_policy)) > 1:
        raise typer.BadParameter("--check, --estimate and --deploy-policy are three questions: ask one")
    try:
        baseline = Baseline.of(spec, out)
        if estimate or deploy_policy:
            _tell(baseline, estimate=estimate)
            return
        changes = baseline.compare() if check else baseline.write(force=force, tell=_warn)
    except SpecError as error:
        complain(str(error))
        raise typer.Exit(2) from None
    except RefusedError as error:
        complain(f"guardline: {error}")
        raise typer.Exit(2) from None
    except OSError as error:
        complain(f"guardline: {error.filename}: {error.strerror or error}")
        raise typer.Exit(2) from None
    for sentence in baseline.expired(datetime.now(UTC).date()):
        complain(f"guardline: warning: {spec}: {sentence}")
    for sentence in (*baseline.losses, *baseline.long_role_policies()):
        complain(f"guardline: warning: {spec}: {sentence}")
    if baseline.upgrade is not None:
        complain(f"guardline: {_shown(baseline.root)}: {baseline.upgrade}")
    if check:
        for change in changes:
            tell(change.diff(_shown(change.folder)).removesuffix("\n"))
    else:
        for line in _done(changes):
            tell(line)
    where = _shown(baseline.root)
    if check and changes:
        files = "1 file differs" if len(changes) == 1 else f"{len(changes)} files differ"
        complain(f"guardline: {where} is not what {spec} says: {files}; run guardline generate")
        raise typer.Exit(1)
    if not changes:
        tell(f"{where} is what {spec} says")
    for account, names in baseline.absent() if changes else ():
        complain(f"guardline: must not exist yet in {account}: {'; '.join(names)}")


def _warn(sentence: str) -> None:
    complain(f"guardline: {sentence}")


def _done(changes: Sequence[Change]) -> Iterator[str]:
    """What was written and removed: file by file, and by folder where there are many."""
    by_folder: dict[tuple[str, Path], list[Change]] = {}
    for change in changes:
        by_folder.setdefault(("removed" if change.new is None else "wrote", change.folder), []).append(change)
    for (verb, folder), of_folder in by_folder.items():
        if len(of_folder) > MANY:
            yield f"{verb} {_shown(folder)}: {len(of_folder)} files"
        else:
            yield from (f"{verb} {_shown(folder / change.path)}" for change in of_folder)


def _tell(baseline: Baseline, *, estimate: bool) -> None:
    """Print what the spec comes to, and write nothing."""
    if estimate:
        from rich.console import Console

        from guardline.generator.estimate import rows, show

        for each in show(rows(baseline.roots)):
            Console().print(each, highlight=False, soft_wrap=isinstance(each, str))
        return
    import json

    from guardline.generator.deploy import MANAGED, policies

    found = policies(baseline.roots)
    typer.echo(json.dumps(next(iter(found.values())) if len(found) == 1 else found, indent=2))
    if len(found) > len(baseline.roots):
        complain(
            f"guardline: a managed policy takes {MANAGED:,} characters, so that some roles need several of these "
            "policies (NAME-1, NAME-2, ...): attach all of a name"
        )
    if not baseline.spec.terraform.provider.default_tags:
        complain(
            "guardline: without `terraform.provider.default_tags` no condition tells the baseline's keys from others: "
            "the role may change every KMS key of its account whose own policy lets it"
        )


def _shown(folder: Path) -> str:
    return Path(os.path.relpath(folder)).as_posix()
