"""Control alerts-watched."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Cell, Control, Severity, Verdict, failed
from guardline.validator.controls.response.carriers import carriers, cells
from guardline.validator.controls.shared.as_asked import Tests
from guardline.validator.controls.shared.buckets import Fault
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.alarms import MetricAlarm
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import EventTarget
from guardline.validator.model.functions import Function, FunctionRetries
from guardline.validator.model.sqs import Queue
from guardline.validator.model.value import UnknownValue

ID = "alerts-watched"
_LOST, _ERRORS = "ApproximateNumberOfMessagesVisible", "Errors"


def _cells(_estate: Estate, scope: Scope) -> Iterator[Cell]:
    return cells(ID, scope)


def _check(estate: Estate, _scope: Scope, cell: Cell) -> Verdict:
    found, tests = carriers(estate, cell.account), Tests()
    if not found.queues:
        estate.select(EventTarget, cell.account).assert_complete()
        return failed("no rule of the account keeps what it cannot deliver", missing=Queue)
    for queue in found.queues:
        tests.ask(_queue(estate, queue, acts=queue.own_name in found.ending))
    for function in found.functions:
        tests.ask(_function(estate, function))
    if found.unknown is not None:
        tests.unsure.append(found.unknown)
    origins = tuple(one.origin for one in (*found.functions, *found.queues[:3]))
    return tests.verdict("lost alerts:", "an alarm watches alerts and answers that are lost", *origins)


def _queue(estate: Estate, queue: Queue, *, acts: bool) -> Iterator[Fault]:
    name, region = queue.name.get(), queue.location.region.known_or(None)
    alarms = estate.select(MetricAlarm, queue.location.account, region)
    of_it = [one for one in alarms if one.metric.known_or(_LOST) == _LOST and one.queue.known_or(name) == name]
    if not any(one.queue.is_known and (not acts or one.acts.known_or(False)) for one in of_it):
        for one in of_it:
            one.queue.get()
            one.acts.get()
        alarms.assert_complete()
        yield Fault(f"no alarm watches the queue {queue.origin.address}", queue.origin)


def _function(estate: Estate, function: Function) -> Iterator[Fault]:
    if not function.dead_letters.get():
        yield Fault("the function has no queue for what it could not answer", function.origin)
    for one in estate.all(FunctionRetries):
        if one.function.is_known and function.is_named_by(one.function.get()) and one.times.get() < 1:
            yield Fault("the function is not called a second time", one.origin)
    name, region = function.name.get(), function.location.region.known_or(None)
    alarms = estate.select(MetricAlarm, function.location.account, region)
    of_it = [one for one in alarms if one.metric.known_or(_ERRORS) == _ERRORS and one.function.known_or(name) == name]
    if not any(one.function.is_known and one.acts.known_or(False) for one in of_it):
        if any(not one.function.is_known or not one.acts.is_known for one in of_it):
            raise UnknownValue("an alarm on errors may be the function's")
        alarms.assert_complete()
        yield Fault(f"no alarm watches the errors of {function.origin.address}", function.origin)


CONTROL = Control(
    id=ID,
    title="An alarm watches for lost alerts",
    practice=7,
    severity=Severity.MEDIUM,
    why=(
        "A broken role or a full topic loses alerts without a word, and silence looks like peace. An alarm on the "
        "queue of what could not be delivered, and on the function's errors, tells the same day."
    ),
    passes=(
        "Each queue that the account's rules send undelivered events to has a CloudWatch alarm on its messages, which "
        "acts unless the events were on their way to a bus; the function has one on its errors, a queue of its "
        "own for what it could not answer, and is tried again."
    ),
    fails="An alarm is missing or does nothing, the function has no queue, or is not tried again.",
    unsure="A name or an action is known only after apply, or the source is incomplete.",
    fix=(
        "Declare `aws_cloudwatch_metric_alarm` on the queue and the function, with `alarm_actions` of the alerts' "
        "topic."
    ),
    limits="Asked under a spec with `response` in mode create. Thresholds and periods are not judged.",
    cells=_cells,
    check=_check,
    links=("https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html",),
)
