"""How a report came about, in words for an auditor: what was looked at, how it was listed, by whose spec, with what."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Status
from guardline.validator.report import Report
from guardline.validator.reporters import summary
from guardline.validator.reporters.vocabulary import count, figure, listed

_LISTED = {"vpc-inventory": "VPCs"}
"""The control that says whether all of a kind were listed -> the kind."""

_MOST = 20
"""Accounts that are named."""


def method(report: Report) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Scope and method as (heading, sentences), in a fixed order."""
    return (
        (
            "Evidence",
            tuple(f"{name}: {shows}" for name, shows in summary.evidence(report)) or ("none: nothing was read",),
        ),
        ("Population", tuple(_population(report))),
        ("Environment", tuple(_environment(report))),
        ("Options", tuple(_options(report))),
        ("Version", (f"guardline {report.version}; `{report.catalogue}` is the SHA-256 of its catalogue of controls",)),
    )


def _population(report: Report) -> Iterator[str]:
    scope = report.scope
    for account in scope.accounts[:_MOST]:
        known = f", known from {account.known_from}" if account.known_from else ""
        yield f"Account {account.id or 'unknown'}{known}."
    if len(scope.accounts) > _MOST:
        yield f"And {count(len(scope.accounts) - _MOST, 'more account')}."
    by = "the regions that the spec covers" if scope.spec else "the default ones and those that the sources touch"
    if any(option.startswith("--regions ") for option in report.options.asked):
        by = "as --regions says"
    expected, every = figure(len(scope.expected)), count(len(scope.regions), "region")
    yield f"Regions: {expected} of the {every} of partition {scope.partition} are expected, {by}."
    for control, what in _LISTED.items():
        rows = [row for row in report.rows if row.control == control]
        if rows:
            shown = sum(row.verdict is Status.PASS for row in rows)
            yield f"{what}: the sources show in {shown} of {count(len(rows), 'region')} that all of them were listed."


def _environment(report: Report) -> Iterator[str]:
    found = report.environment
    if found is None:
        yield "no spec: the controls' own rules hold"
        return
    yield f"{found.name}, owner {found.owner or 'nobody'}"
    if report.scope.spec:
        yield f"spec `{report.scope.spec}`, SHA-256 `{found.sha256}`"
    if found.commit is None:
        yield "git knows no commit of the spec, so nobody is named who wrote it"
        return
    yield f"last changed by commit `{found.commit}`; written by {listed(found.authors, 6)}, as git says"
    if found.changed:
        yield "the spec that was read is not as it was committed"


def _options(report: Report) -> Iterator[str]:
    yield f"fails count from severity {report.options.fail_on} up"
    if report.options.allow_undetermined:
        yield "what could not be determined is allowed"
    if report.options.only_new:
        yield "only what is new decides the exit code"
    yield from (f"`{option}`" for option in report.options.asked)
    yield f"judged as of {report.as_of}, on {report.generated_at}"
