"""What holds an event that a target could not take: retries, and a queue that EventBridge may send to."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.controls.shared.acting_roles import SERVICE
from guardline.validator.controls.shared.conditions import (
    Condition,
    all_hold,
    asked,
    broken,
    own_arn,
    policy_of,
    unsure,
)
from guardline.validator.controls.shared.keys import may_use
from guardline.validator.controls.shared.references import policy_beside
from guardline.validator.controls.shared.rule_arns import with_rules
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import EventTarget
from guardline.validator.model.resource import Ref, may_be_beside
from guardline.validator.model.sqs import Queue, QueuePolicy
from guardline.validator.model.value import UnknownValue, Value
from guardline.validator.semantics.iam_evaluation import allows_service
from guardline.validator.semantics.place_texts import account_text


def survives(estate: Estate, target: EventTarget, source: str) -> Iterator[Condition]:
    """Judge what becomes of an event that could not be delivered.

    Args:
        estate: what there is.
        target: the target.
        source: its rule's ARN, with a mark or ``*`` for what is unknown in it.
    """
    name, origin = target.origin.address, target.origin
    if not target.dead_letters.is_known:
        yield unsure(f"{name}: {target.dead_letters.reason}", origin)
    elif not target.dead_letters.get():
        yield broken(f"{name} has no dead-letter queue: a finding that cannot be delivered is lost", origin)
    elif target.queue is not None:
        queue = target.queue
        yield asked(lambda: _takes(estate, target, queue, source), origin)
    if not target.retries.is_known:
        yield unsure(f"{name}: {target.retries.reason}", origin)
    elif target.retries.get() < 1:
        yield broken(f"{name} does not try again", origin)


def _takes(estate: Estate, target: EventTarget, ref: Value[Ref], source: str) -> Condition:
    """Whether EventBridge may send to the queue: nobody may whom its policy does not name."""
    queue = estate.find(Queue, ref.get())
    if queue is None:
        where = target.origin.address
        raise UnknownValue(f"the dead-letter queue of {where} is not in the source, so its policy is not known")
    name = queue.origin.address
    if queue.fifo.get():  # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
        return broken(f"{name}, the dead-letter queue, is a FIFO queue, and EventBridge takes none", queue.origin)
    if not may_be_beside(queue, target):
        return broken(f"{name}, the dead-letter queue, is in another region than {target.origin.address}", queue.origin)
    if queue.location.region.is_known != target.location.region.is_known:
        raise UnknownValue(
            f"whether {name}, the dead-letter queue, is in the region of {target.origin.address} is not known"
        )
    beside = policy_beside(estate, QueuePolicy, "queue", queue, _arn(estate, queue))
    text = beside.text if beside is not None else queue.policy
    if beside is None and (why := estate.why_incomplete(QueuePolicy)) is not None:
        raise UnknownValue(f"no policy of {name} is seen, but {why}")
    origins = (*((beside.origin,) if beside is not None else ()), queue.origin)
    if not text.get():
        return broken(f"{name}, the dead-letter queue, has no policy that lets {SERVICE} send to it", *origins)
    document, account = (
        policy_of(with_rules(estate, text.get()), f"the policy of {name}"),
        account_text(queue.location.account),
    )
    if not allows_service(document, SERVICE, "sqs:SendMessage", _arn(estate, queue), account, source):
        return broken(f"the policy of {name}, the dead-letter queue, does not let {SERVICE} send to it", *origins)
    return _may_encrypt(estate, queue)


def _arn(estate: Estate, queue: Queue) -> str:
    return own_arn(estate, queue, "sqs", queue.name.known_or("") or "*")


def _may_encrypt(estate: Estate, queue: Queue) -> Condition:
    """Whether EventBridge may use the key of an encrypted queue; SQS's own key needs no leave."""
    if not queue.encrypted.get():
        return Condition(True, "", (queue.origin,))
    name, ref = queue.origin.address, queue.key.get()
    if (ref.id or "").endswith("alias/aws/sqs"):
        return broken(f"{name} is encrypted with the key alias/aws/sqs, which EventBridge cannot use", queue.origin)
    return all_hold((Condition(True, "", (queue.origin,)), may_use(estate, queue, ref, SERVICE)))
