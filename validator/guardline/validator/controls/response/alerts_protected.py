"""Control alerts-protected."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from guardline.validator.control import Cell, Control, Severity, Verdict, failed
from guardline.validator.controls.response.carriers import carriers, cells
from guardline.validator.controls.shared.alert_topics import mending
from guardline.validator.controls.shared.as_asked import Tests
from guardline.validator.controls.shared.buckets import Fault
from guardline.validator.controls.shared.conditions import policy_of
from guardline.validator.controls.shared.keys import find_key
from guardline.validator.controls.shared.openness import closed_to_plain_http, open_to
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import EventBus, EventBusPolicy, EventTarget
from guardline.validator.model.resource import Origin
from guardline.validator.model.sns import Topic, TopicPolicy
from guardline.validator.model.sqs import Queue
from guardline.validator.model.value import Value

ID = "alerts-protected"
DAY = 86_400
_NOBODY = ": the policy of {} lets nobody in"  # identities of the account come in without it


def _cells(_estate: Estate, scope: Scope) -> Iterator[Cell]:
    return cells(ID, scope)


def _check(estate: Estate, _scope: Scope, cell: Cell) -> Verdict:
    found, tests = carriers(estate, cell.account), Tests()
    if not found.topics:
        estate.select(EventTarget, cell.account).assert_complete()
        return failed("no rule of the account leads to a topic here", missing=EventTarget)
    for topic in found.topics:
        tests.ask(_topic(estate, topic))
    for queue in found.queues:
        tests.ask(_queue(queue))
    for bus in found.buses:
        tests.ask(_bus(estate, bus))
    if found.unknown is not None:
        tests.unsure.append(found.unknown)
    origins = tuple(one.origin for one in (*found.topics, *found.buses))
    verdict = tests.verdict(
        "what carries alerts", "what carries alerts is encrypted and takes its own events only", *origins
    )
    return replace(verdict, fix=mending(verdict.reason) if len(tests.faults) == 1 else None)


def _topic(estate: Estate, topic: Topic) -> Iterator[Fault]:
    if not topic.encrypted.get():
        yield Fault("is not encrypted: the topic has no key", topic.origin)
    elif (key := find_key(estate, topic.key.get(), topic)) is not None and key.managed and not key.rotates.get():
        yield Fault("has a key whose material is never renewed", key.origin)
    for policy in estate.all(TopicPolicy):
        if policy.topic.is_known and topic.is_named_by(policy.topic.get()):
            yield from _policy(policy.text, policy.origin, topic)


def _queue(queue: Queue) -> Iterator[Fault]:
    if queue.plain.get():
        yield Fault("is not encrypted: the queue of undelivered alerts has no key", queue.origin)
    if queue.seconds.get() < DAY:
        yield Fault(
            f"is kept for {queue.seconds.get()} seconds if it cannot be delivered, which is less than a day",
            queue.origin,
        )


def _bus(estate: Estate, bus: EventBus) -> Iterator[Fault]:
    for policy in estate.all(EventBusPolicy):
        if policy.bus.is_known and bus.is_named_by(policy.bus.get()):
            yield from _policy(policy.text, policy.origin, None)


def _policy(text: Value[str], origin: Origin, topic: Topic | None) -> Iterator[Fault]:
    document = policy_of(text.get(), f"the policy {origin.address}")
    if (who := open_to(document)) is not None:
        yield Fault(f"lets in {who}, without a condition", origin)
    if topic is not None and not closed_to_plain_http(document, "sns:Publish"):
        nobody = "" if any(one.allows for one in document.statements) else _NOBODY.format(topic.origin.address)
        yield Fault(f"may come over plain HTTP{nobody}", origin)


CONTROL = Control(
    id=ID,
    title="Alerts are protected on their way",
    practice=7,
    severity=Severity.MEDIUM,
    why=(
        "An alert says what was found, where, and on which resource. Whoever can read it on its way knows what is seen "
        "of them; whoever can put events there floods those who answer."
    ),
    passes=(
        "The topics that the account's rules lead to have a key, which renews its material, and a policy that lets "
        "services in for named accounts only and denies plain HTTP. Queues of what could not be delivered are "
        "encrypted and keep it for a day at least, and buses let in nobody in particular."
    ),
    fails="One of these is otherwise, or no rule leads to a topic.",
    unsure="A target, key or policy is known only after apply or not in the source, or the source is incomplete.",
    fix=(
        "Set `kms_master_key_id` on the topic, conditions such as `aws:SourceAccount` in its policy, and a Deny "
        "of HTTP."
    ),
    limits="Asked under a spec with `response` in mode create. What is encrypted with keys elsewhere is not judged.",
    cells=_cells,
    check=_check,
    links=(
        "https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html",
        "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-perms.html",
    ),
)
