"""One validation from request to report. No terminal, no exit codes: this is what other programs import."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from guardline.spec import regular
from guardline.spec.installed import version
from guardline.spec.lists import ListError
from guardline.validator import base_branch, departures
from guardline.validator.control import Control, Severity
from guardline.validator.controls import every, installed_rules
from guardline.validator.evaluate import evaluate
from guardline.validator.expectations.build import (
    Sources,
    UnknownRegionError,
    base_of,
    foreign_regions,
    with_spec,
    without_spec,
)
from guardline.validator.expectations.references import BadReferenceError, referred
from guardline.validator.expectations.scope import Base
from guardline.validator.load_sources import PLAN_BYTES, Choices, Read, read, unchanged
from guardline.validator.model.resource import Account
from guardline.validator.output import UsageError
from guardline.validator.paths import shown
from guardline.validator.report import Options, Report, Row, SourceError
from guardline.validator.sources.plan.decode import PlanError
from guardline.validator.sources.plan.load import Hints
from guardline.validator.spec_record import environment
from guardline.validator.veil import Veil, meeting
from guardline.validator.waivers.written import Policy

if TYPE_CHECKING:
    from guardline.spec.model import Spec
    from guardline.validator.sources.plan.own_source import PlanSource


class Request(msgspec.Struct, frozen=True):
    """What to judge, and how; the fields are the options of `guardline validate`."""

    sources: tuple[str, ...]
    as_of: date
    spec: Path | None = None
    source_dir: Path | None = None
    regions: str = "default"
    practices: frozenset[int] = frozenset()
    controls: frozenset[str] = frozenset()
    accounts: Mapping[str, str] = msgspec.field(default_factory=dict)
    default_region: str | None = None
    fail_on: Severity = Severity.MEDIUM
    allow_undetermined: bool = False
    terraform_dir: Path | None = None
    variables: Mapping[str, str] = msgspec.field(default_factory=dict)
    variable_files: tuple[Path, ...] = ()
    workspace: str | None = None
    cache: bool = True
    whole: bool = False
    tree: Path | None = None
    references: tuple[str, ...] = ()
    base: str | None = None
    waivers: Path | None = None
    policy: Policy = Policy()
    left_out: tuple[str, ...] = ()


def run(request: Request, now: datetime) -> Report:
    """Read, judge and report.

    Args:
        request: what to do.
        now: the time to write into the report, UTC.

    Raises:
        UsageError: an option makes no sense, or the spec has mistakes.
    """
    with meeting() as secrets:
        report = _waived(_run(request, now), request)
    veil = Veil(secrets)
    rows = [veil.fields(row, "subject", "subject_id", "reason", "evidence") for row in report.rows]
    return replace(report, rows=rows, sources=veil(tuple(report.sources)), errors=veil(tuple(report.errors)))


def _run(request: Request, now: datetime) -> Report:
    controls = _chosen(request)
    if request.base is not None and request.spec is None:
        raise UsageError("--base compares specs: name the spec of now with --spec")
    if request.references and request.spec is not None:
        raise UsageError("--reference is for runs without a spec: the spec says it by `mode: reference`")
    spec = _spec(request.spec) if request.spec is not None else None
    hints = Hints(
        accounts=request.accounts,
        default_region=request.default_region,
        account=Account(one.id, one.id, "spec") if (one := spec.account if spec is not None else None) else None,
        partition=spec.partition if spec is not None else "aws",
        workspace=request.workspace,
    )
    source = None
    source_errors: tuple[SourceError, ...] = ()
    if request.source_dir is not None:
        source = _source(request.source_dir, request)
        source_errors = tuple(
            SourceError(shown(request.source_dir), error.message, error.file, error.line) for error in source.errors
        )
    choices = Choices(
        hints,
        source,
        request.terraform_dir,
        request.variables,
        request.variable_files,
        request.cache,
        request.tree,
        request.left_out,
    )
    found = read(request.sources, choices)
    seen = Sources(found.after, found.before, found.told, hints.partition)
    try:
        if spec is not None and request.spec is not None:
            base = _base(request.base, request.spec) if request.base is not None else None
            scope = with_spec(spec, request.spec, shown(request.spec), seen, request.regions, request.as_of, base)
            if request.left_out:
                said = unchanged(request.left_out)
                scope = replace(scope, unread={key: f"{why} ({said})" for key, why in scope.unread.items()})
        else:
            scope = without_spec(seen, request.regions, request.as_of, whole=request.whole)
            scope = replace(scope, references=referred(request.references, scope.partition))
    except UnknownRegionError as error:
        raise UsageError(f"--regions: {error}") from None
    except (ListError, BadReferenceError) as error:
        raise UsageError(str(error)) from None
    rules = (SourceError(fault.rule, fault.message) for fault in installed_rules().faults)
    errors = [*found.errors, *source_errors, *rules]
    if spec is None:
        errors += _of_another_partition(found)
    rows: tuple[Row, ...] = ()
    if found.after is not None and (spec is not None or _uses_aws(found)):
        rows = evaluate(found.after, found.before, scope, controls, found.kinds, found.roots, every())
        not_asked = departures.not_asked(scope, rows)
        if request.practices or request.controls:
            chosen = {control.practice for control in controls}
            not_asked = tuple(each for each in not_asked if each.practice in chosen)
        scope = replace(scope, not_asked=not_asked)
    elif found.after is not None:
        errors += [SourceError(source.path, _NO_AWS, source.path) for source in found.sources]
    return Report(
        version=version("guardline"),
        catalogue=catalogue_hash(),
        generated_at=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        as_of=request.as_of.isoformat(),
        options=Options(request.fail_on, request.allow_undetermined, asked=tuple(_asked(request))),
        sources=found.sources,
        scope=scope,
        rows=rows,
        errors=tuple(errors),
        controls=tuple(control.id for control in controls),
        left_out=request.left_out,
        environment=environment(spec, request.spec) if spec is not None and request.spec is not None else None,
    )


def _asked(request: Request) -> Iterator[str]:
    """The options that chose what is asked and how the sources are read. Values of variables may be secret."""
    if request.regions != "default":
        yield f"--regions {request.regions}"
    yield from (f"--practice {number}" for number in sorted(request.practices))
    yield from (f"--control {name}" for name in sorted(request.controls))
    yield from (f"--reference {each}" for each in request.references)
    yield from (f"--account {pattern}={account}" for pattern, account in request.accounts.items())
    yield from (f"--var {name}=..." for name in request.variables)
    yield from (f"--var-file {shown(path)}" for path in request.variable_files)
    named = (
        ("--default-region", request.default_region),
        ("--workspace", request.workspace),
        ("--base", request.base),
        ("--waivers", request.waivers and shown(request.waivers)),
        ("--source-dir", request.source_dir and shown(request.source_dir)),
    )
    yield from (f"{option} {value}" for option, value in named if value is not None)
    if request.whole:
        yield "--whole"


def _of_another_partition(found: Read) -> Iterator[SourceError]:
    """The sources that work in another partition than the one that is judged: what they hold there is not looked at."""
    if found.after is None:
        return
    estates = [after for after, _ in found.roots] or [found.after]
    for source, estate in zip(found.sources, estates, strict=True):
        foreign = foreign_regions(estate, found.after.partition)
        if names := sorted(frozenset().union(*foreign.values())):
            partition = found.after.partition
            why = f"works in {', '.join(names)}, and one run judges one partition, here {partition}: nothing there is"
            yield SourceError(source.path, f"{why} judged; name the sources of each partition in a run of its own")


_NO_AWS = "no AWS provider here, so nothing to judge: name the folder or the plan that sets up AWS"


def _uses_aws(found: Read) -> bool:
    """Whether the sources have anything to do with AWS; one that cannot be read whole may have."""
    estates = [estate for estate in (found.after, found.before) if estate is not None]
    return any(each.accounts or each.configured or each.resources or each.incomplete for each in estates)


def _source(path: Path, request: Request) -> PlanSource:
    """The plans' own source: a folder, or a saved plan, which holds a copy of it."""
    from guardline.validator.sources.plan import own_source

    try:
        if path.is_file():
            return own_source.from_saved(regular.read(path, PLAN_BYTES), path.parent, cache=request.cache)
        return own_source.from_folder(path, request.tree, cache=request.cache)
    except (own_source.HclError, PlanError, OSError) as error:
        raise UsageError(f"--source-dir {path}: {error}") from None


def _waived(report: Report, request: Request) -> Report:
    """The report with what is waived in writing, in a file or beside the resources."""
    from guardline.validator.waivers import apply, collect
    from guardline.validator.waivers.file import NAME

    if request.waivers is not None and not request.waivers.is_file():
        raise UsageError(f"--waivers {request.waivers}: there is no such file")
    beside = request.spec.parent / NAME if request.spec is not None else None
    file = request.waivers or beside
    folders = [Path(name) for name in (*request.sources, request.source_dir) if name and Path(name).is_dir()]
    policy, as_of = request.policy, request.as_of
    with ExitStack() as open_:
        try:
            tree = None
            if request.base is not None and request.spec is not None:
                tree = open_.enter_context(base_branch.opened(request.base, request.spec))
            found = collect.of_comments(report.rows, folders, policy, as_of, tree)
            if file is not None:
                found = collect.of_file(file, policy, as_of, tree) + found
        except base_branch.BaseError as error:
            raise UsageError(f"--base {request.base}: {error}") from None
        except OSError as error:
            raise UsageError(f"{error.filename or file} cannot be read: {error.strerror or error}") from None
    if not found.written and not found.notes:
        return report
    return apply.waive(report, found.written, found.notes, policy)


def _base(name: str, path: Path) -> Base | None:
    """What the spec of the base branch says; None: it has no such spec yet."""
    try:
        with base_branch.opened(name, path) as tree:
            there = tree.file(path)
            return base_of(_spec(there), there) if there is not None else None
    except (base_branch.BaseError, UsageError) as error:
        raise UsageError(f"--base {name}: {error}") from None


def _spec(path: Path) -> Spec:
    from guardline.spec.load import SpecError, load

    try:
        return load(path)
    except SpecError as error:
        raise UsageError(str(error)) from None


def _chosen(request: Request) -> tuple[Control, ...]:
    """The controls to judge, in the catalogue's order."""
    known = [control.id for control in every()]
    for name in sorted(request.controls - set(known)):
        near = get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UsageError(f"--control {name}: there is no such control{hint} `guardline controls` lists them")
    return tuple(
        control
        for control in every()
        if (not request.controls or control.id in request.controls)
        and (not request.practices or control.practice in request.practices)
    )


def catalogue_hash() -> str:
    """The sha256 of the controls' metadata: two results with the same one asked the same questions."""
    digest = hashlib.sha256()
    for control in every():
        texts = (control.id, control.title, control.severity, control.passes, control.fails, control.unsure)
        digest.update("\x1f".join(texts).encode())
    return digest.hexdigest()
