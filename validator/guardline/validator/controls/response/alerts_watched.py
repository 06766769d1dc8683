"""Control alerts-watched."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from guardline.validator.control import Cell, Control, Severity, Verdict, failed
from guardline.validator.controls.response.carriers import carriers, cells
from guardline.validator.controls.shared.alert_topics import lets_alarm, mending, topic_arn
from guardline.validator.controls.shared.as_asked import Tests
from guardline.validator.controls.shared.buckets import Fault
from guardline.validator.controls.shared.conditions import may_name
from guardline.validator.controls.shared.when_applicable import is_asked
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.alarms import MetricAlarm
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import EventTarget
from guardline.validator.model.functions import Function, FunctionRetries
from guardline.validator.model.resource import Ref
from guardline.validator.model.sns import Topic
from guardline.validator.model.sqs import Queue
from guardline.validator.model.value import UnknownValue

ID = "alerts-watched"
_LOST, _ERRORS = "ApproximateNumberOfMessagesVisible", "Errors"


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    """As what carries alerts, and each other account whose rules send any."""
    yield from cells(ID, scope)
    for one in scope.accounts if is_asked(scope, ID) else ():
        if scope.administrator_of(one) is not None and estate.select(EventTarget, one).here:
            yield Cell(one)


def _check(estate: Estate, _scope: Scope, cell: Cell) -> Verdict:
    found, tests = carriers(estate, cell.account), Tests()
    if not found.queues:
        estate.select(EventTarget, cell.account).assert_complete()
        return failed("no rule of the account keeps what it cannot deliver", missing=Queue)
    for queue in found.queues:
        tests.ask(_queue(estate, queue, acts=queue.own_name in found.ending))
    for function in found.functions:
        tests.ask(_function(estate, function))
    for alarm in estate.select(MetricAlarm, cell.account).here:
        tests.ask(_elsewhere(estate, alarm))
    if found.unknown is not None:
        tests.unsure.append(found.unknown)
    origins = tuple(one.origin for one in (*found.functions, *found.queues[:3]))
    verdict = tests.verdict("lost alerts:", "an alarm watches alerts and answers that are lost", *origins)
    return replace(verdict, fix=mending(verdict.reason) if len(tests.faults) == 1 else None)


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


def _elsewhere(estate: Estate, alarm: MetricAlarm) -> Iterator[Fault]:
    """An alarm on lost alerts acts on a topic of another account only where that account lets it."""
    if alarm.metric.known_or(_LOST) != _LOST:
        return
    name, own = alarm.origin.address, alarm.location.account.id
    for named in alarm.topics.get():
        whose = named.split(":")[4]
        if whose in ("", own):
            continue
        account = next((one for one in estate.accounts if one.id == whose), None)
        if account is None:
            raise UnknownValue(f"{name} acts on a topic of account {whose}, which is not in the source")
        topics = estate.select(Topic, account)
        topic = next((one for one in topics if may_name(Ref(id=named), one, topic_arn(estate, one))), None)
        if topic is None:
            topics.assert_complete()
            yield Fault(f"{name} acts on {named}, which is not there", alarm.origin)
            continue
        condition = lets_alarm(estate, topic, alarm)
        if condition.holds is None:
            raise UnknownValue(condition.reason)
        if not condition.holds:
            yield Fault(f"{name} cannot act: {condition.reason}", (*condition.origins, alarm.origin)[0])


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
        "acts unless the events were on their way to a bus; where an alarm acts on a topic of another account, that "
        "topic's policy and key let it. The function has an alarm on its errors, a queue of its own for what it could "
        "not answer, and is tried again."
    ),
    fails="An alarm is missing, does nothing or may not publish, the function has no queue, or is not tried again.",
    unsure="A name or an action is known only after apply, or the source is incomplete.",
    fix=(
        "Declare `aws_cloudwatch_metric_alarm` on the queue and the function, with `alarm_actions` of the alerts' "
        "topic."
    ),
    limits=(
        "Asked under a spec with `response` in mode create: of the account that people receive alerts from, and of "
        "each other whose rules send any. Thresholds and periods are not judged, nor topics of other accounts that "
        "are not named by their ARN."
    ),
    cells=_cells,
    check=_check,
    links=("https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html",),
)
