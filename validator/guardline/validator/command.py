"""`guardline validate`: read the sources, judge the expected cells, and write the report where it is asked for."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from glob import glob, has_magic
from pathlib import Path
from typing import Annotated

import typer

from guardline.spec.saying import complain, printable
from guardline.validator import completion, settings
from guardline.validator.control import Severity
from guardline.validator.output import Destination, UsageError, check, deliver
from guardline.validator.report import Report
from guardline.validator.run import Request, run


def _accounts(given: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in given:
        pattern, _, account = each.partition("=")
        if not pattern or len(account) != 12 or not (account.isascii() and account.isdigit()):
            raise UsageError(f"--account {each}: expected PATTERN=ID: a provider key such as aws.west, and 12 digits")
        found[pattern] = account
    return found


def _variables(given: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in given:
        name, separator, value = each.partition("=")
        if not name or not separator:
            raise UsageError(f"--var {each}: expected NAME=VALUE")
        found[name] = value
    return found


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--as-of {text}: expected a date such as 2026-01-31") from None


@contextmanager
def _keeping() -> Iterator[None]:
    """Without the search for garbage: what a run makes stays until the process ends, and a fourth of the time would go
    into looking through it again and again, at the end as well."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def validate(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="Plans as JSON (`terraform show -json PLAN`) or folders of Terraform, or a pattern of such names in "
            "quotes; - is standard input.",
        ),
    ],
    spec: Annotated[Path | None, typer.Option(help="The guardline.yaml that says what is expected.")] = None,
    base: Annotated[
        str | None,
        typer.Option(
            metavar="REF|DIR", help="Compare the spec with this branch: what left since is named, and needs approval."
        ),
    ] = None,
    waivers: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What is accepted for a time (default: waivers.yaml beside the spec)."),
    ] = None,
    source_dir: Annotated[
        Path | None, typer.Option(help="The plan's own Terraform folder: gives verdicts their file and line.")
    ] = None,
    regions: Annotated[
        str,
        typer.Option(
            metavar="default|all|touched|LIST",
            help="The regions to ask about, without a spec.",
            autocompletion=completion.regions,
        ),
    ] = "default",
    practice: Annotated[list[int] | None, typer.Option(min=1, max=10, help="Only these practices; repeats.")] = None,
    control: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Only these controls; repeats.", autocompletion=completion.controls),
    ] = None,
    reference: Annotated[
        list[str] | None,
        typer.Option(metavar="PRACTICE=ARN", help="Without a spec: another root owns it, e.g. trail=ARN; repeats."),
    ] = None,
    account: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN=ID", help="The account of provider configurations, e.g. aws.prod*=111122223333."),
    ] = None,
    default_region: Annotated[
        str | None, typer.Option(metavar="REGION", help="The region of providers that set none.")
    ] = None,
    format_: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="F[=PATH]",
            help="terminal, json, markdown, html, sarif, junit, github, gitlab, ocsf; repeats, once to stdout.",
            autocompletion=completion.formats,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Also write a result for each account into this folder, and an index of them."
        ),
    ] = None,
    compact: Annotated[
        bool,
        typer.Option("--compact", help="In JSON, say once what the cells of a control share: title, fix, mappings."),
    ] = False,
    fail_on: Annotated[
        Severity, typer.Option(help="The weakest severity that decides the exit code.")
    ] = Severity.MEDIUM,
    allow_undetermined: Annotated[
        bool, typer.Option("--allow-undetermined", help="Exit 0 although something could not be determined.")
    ] = False,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="OLD", help="Say what is new and fixed since a stored result, a plan, a folder or git:REF."
        ),
    ] = None,
    only_new: Annotated[
        bool,
        typer.Option(
            "--only-new",
            help="Only what is new since --against, or since what a plan starts from, decides the exit code.",
        ),
    ] = False,
    changed: Annotated[
        str | None,
        typer.Option(metavar="REF", help="Judge only the folders that differ from this commit, and say which do not."),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="The day to judge exclusions by (default: today, UTC).")
    ] = None,
    var: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="A variable of a Terraform folder; repeats.")
    ] = None,
    var_file: Annotated[
        list[Path] | None, typer.Option(help="A file of variables of a Terraform folder; repeats.")
    ] = None,
    workspace: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="The workspace of a Terraform folder (default: TF_WORKSPACE, or as selected)."
        ),
    ] = None,
    whole: Annotated[
        bool,
        typer.Option(
            "--whole", help="Without a spec: take the sources as complete, so that what they lack is missing."
        ),
    ] = False,
    tree: Annotated[
        Path | None,
        typer.Option(help="The folder that holds all source that may be read (default: the git tree of the folder)."),
    ] = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Parse every Terraform file anew, and keep nothing for the next run.")
    ] = False,
    terraform_dir: Annotated[
        Path | None,
        typer.Option(help="Read a saved plan by running `terraform show` (and so its providers) in this folder."),
    ] = None,
) -> None:
    """Show how much of the baseline a Terraform plan or folder holds: every expected account, region and control.

    Every expected region is checked, even one of which the plan has nothing: what is missing fails.
    What the source does not tell is undetermined, never passed.

    Examples:

    \b
    terraform show -json plan | guardline validate -
    guardline validate plan.json --spec guardline.yaml --source-dir .
    guardline validate plan.json --format markdown=comment.md
    guardline validate plan.json --format terminal --format json=result.json
    guardline validate plan.json --only-new --format github
    guardline validate environments/prod --against git:origin/main --only-new
    guardline validate environments/* --changed origin/main
    guardline validate 'plans/**/*.json' --spec guardline.yaml --out results
    guardline validate plan.json --regions touched --fail-on high
    guardline validate environments/prod --spec environments/prod/guardline.yaml

    Exit codes: 0 all well; 1 something fails at or above --fail-on; 2 bad usage or an unreadable source;
    3 nothing fails, and something there is undetermined.
    """
    try:
        destinations = [Destination.parse(each) for each in format_ or ["terminal"]]
        check(destinations, sys.stdout is not None and sys.stdout.isatty())
        request = Request(
            sources=_named(sources),
            spec=spec,
            base=base,
            waivers=waivers,
            policy=settings.read(base).policy,
            source_dir=source_dir,
            regions=regions,
            practices=frozenset(practice or ()),
            controls=frozenset(control or ()),
            references=tuple(reference or ()),
            accounts=_accounts(account or []),
            default_region=default_region,
            fail_on=fail_on,
            allow_undetermined=allow_undetermined,
            as_of=_day(as_of),
            terraform_dir=terraform_dir,
            variables=_variables(var or []),
            variable_files=tuple(var_file or ()),
            workspace=workspace,
            cache=not no_cache,
            whole=whole,
            tree=tree,
        )
        if changed is not None:
            request = _touched(request, changed)
        with _keeping():
            report = _compared(request, against, only_new=only_new)
    except UsageError as error:
        complain(f"guardline: {error}")
        raise typer.Exit(2) from None
    _tell_errors(report)
    if report.sources or not request.sources:
        try:
            deliver(report, destinations, compact=compact)
            if out is not None:
                _by_account(report, out, compact=compact)
        except UsageError as error:
            complain(f"guardline: {error}")
            raise typer.Exit(2) from None
    raise typer.Exit(report.exit_code)


def _named(sources: list[str]) -> tuple[str, ...]:
    """The sources, patterns replaced by what they match, in the order of their names.

    Raises:
        UsageError: a pattern matches nothing.
    """
    found: list[str] = []
    for name in sources:
        if not has_magic(name) or os.path.lexists(name):
            found.append(name)
        elif matched := sorted(glob(name, recursive=True)):  # noqa: PTH207 - Path.glob takes no absolute pattern
            found += matched
        else:
            raise UsageError(f"{name}: no file or folder matches this pattern")
    return tuple(dict.fromkeys(found))


def _by_account(report: Report, folder: Path, *, compact: bool) -> None:
    from guardline.validator.by_account import write_all

    try:
        write_all(report, folder, compact=compact)
    except OSError as error:
        raise UsageError(f"--out {folder}: {error.filename or folder} cannot be written: {error.strerror}") from None


_ONLY_NEW = "--only-new needs something to compare with: --against OLD, or plans, which say what was before"


def _touched(request: Request, commit: str) -> Request:
    """The request for the roots that differ from a commit. Where none does, the report is empty, and is written all the
    same: a comment on a pull request must not say what an earlier run found."""
    from guardline.validator.changed import only

    found = only(request, commit)
    for name in found.left_out:
        complain(f"guardline: {printable(name)}: nothing of it changed since {printable(commit)}, so it is not judged")
    if not found.sources:
        complain("guardline: this change touches none of the named roots, so nothing is judged")
    return found


def _compared(request: Request, against: str | None, *, only_new: bool) -> Report:
    """The report, with what is new in it and what is fixed."""
    from msgspec.structs import replace

    from guardline.validator import comparison

    now = datetime.now(UTC)
    if only_new and against is None and (request.left_out or any(Path(name).is_dir() for name in request.sources)):
        raise UsageError(_ONLY_NEW)
    if against is None:
        report = comparison.by_plan(run(request, now))
    else:
        from guardline.validator.against import earlier

        before = earlier(against, request, now)
        for error in before.errors:
            where = f"{error.file or error.source}{'' if error.line is None else f':{error.line}'}"
            complain(f"guardline: --against {printable(against)}: {printable(where)}: {printable(error.message)}")
        report = comparison.compare(run(request, now), before, against)
    if only_new and report.comparison is None and not report.errors:
        raise UsageError(_ONLY_NEW)
    return replace(report, options=replace(report.options, only_new=only_new))


def _tell_errors(report: Report) -> None:
    for error in report.errors:
        where = (error.file or error.source) if error.line is None else f"{error.file}:{error.line}"
        complain(f"guardline: {printable(where)}: {printable(error.message)}")
