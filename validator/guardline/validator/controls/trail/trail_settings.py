"""Control trail-settings."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Cell, Control, Severity, Verdict, failed
from guardline.validator.controls.shared.as_asked import Tests
from guardline.validator.controls.shared.buckets import Fault
from guardline.validator.controls.shared.cells import account_cells
from guardline.validator.controls.shared.trails import ROOT, recording
from guardline.validator.controls.shared.when_applicable import is_asked
from guardline.validator.expectations.asked import Recording
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.cloudtrail import Trail
from guardline.validator.model.estate import Estate
from guardline.validator.model.logs import LogGroup
from guardline.validator.model.value import UnknownValue

ID = "trail-settings"
_ORDER = ("pass", "undetermined", "fail")


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    return account_cells(estate, scope) if is_asked(scope, ID) else iter(())


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    asked = scope.asked.recording if scope.asked is not None else None
    if asked is None:
        raise UnknownValue("no spec says what the trail is to do")
    trails = recording(estate, cell.account)
    if not trails:
        estate.select(Trail, cell.account).assert_complete()
        return failed("no trail records the account", cause=ROOT, missing=Trail)
    return min((_judge(estate, asked, one) for one in trails), key=lambda verdict: _ORDER.index(verdict.status.value))


def _judge(estate: Estate, asked: Recording, trail: Trail) -> Verdict:
    tests = Tests()
    tests.ask(_insights(asked, trail))
    tests.ask(_copy(estate, asked, trail))
    looked_for = f" looks for {', '.join(sorted(asked.insights))} and" if asked.insights else ""
    copied = f"has a copy for {asked.copy_days} days" if asked.copy_days is not None else "needs no copy"
    return tests.verdict("the trail", f"the trail{looked_for} {copied}", trail.origin)


def _insights(asked: Recording, trail: Trail) -> Iterator[Fault]:
    if missing := sorted(asked.insights - set(trail.insights.get())):
        yield Fault(f"does not look for {', '.join(missing)}, which the spec asks for", trail.origin)


def _copy(estate: Estate, asked: Recording, trail: Trail) -> Iterator[Fault]:
    if asked.copy_days is None:
        return
    if trail.group is None:
        yield Fault("has no copy in CloudWatch Logs, which the spec asks for", trail.origin)
        return
    group = estate.find(LogGroup, trail.group.get())
    if group is None or not group.managed:
        raise UnknownValue("its log group is not in the source, so how long the copy is kept is unknown")
    days = group.days.get()
    if days and days < asked.copy_days:
        yield Fault(f"has a copy that is kept for {days} days, and the spec asks for {asked.copy_days}", group.origin)
    if trail.key is not None and group.key is None:
        yield Fault("has a copy without the trail's key", group.origin)


CONTROL = Control(
    id=ID,
    title="The trail does what the spec asks beside recording",
    practice=1,
    severity=Severity.MEDIUM,
    why=(
        "Insights tell of calls in unusual numbers, and a copy in CloudWatch Logs is searched at once. Both can be "
        "gone without a word while the trail itself goes on."
    ),
    passes=(
        "A trail of the account looks for the insights that the spec names, and has a copy in a log group that keeps "
        "it as long as asked and is encrypted where the trail is. More insights and a longer time pass as well."
    ),
    fails=(
        "An insight or the copy is missing, the copy is kept for a shorter time, or has no key; or there is no trail."
    ),
    unsure="A setting is known only after apply, the log group is not in the source, or the source is incomplete.",
    fix=(
        "Declare `insight_selector` and `cloud_watch_logs_group_arn` on the `aws_cloudtrail` as the spec's "
        "`trail` says."
    ),
    limits="Asked under a spec with `trail` in mode create. One such trail is enough.",
    cells=_cells,
    check=_check,
    links=(
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-insights-events-with-cloudtrail.html",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html",
    ),
)
