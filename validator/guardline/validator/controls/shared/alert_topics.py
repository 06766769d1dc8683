"""Whether EventBridge and alarms can publish to a topic, and whether anybody listens."""

from __future__ import annotations

import re

from guardline.validator.controls.shared.acting_roles import SERVICE, or_as_role
from guardline.validator.controls.shared.conditions import (
    Condition,
    all_hold,
    arn,
    asked,
    best,
    broken,
    in_region_of,
    may_name,
    own_arn,
    plain_name,
    policy_of,
    unsure,
)
from guardline.validator.controls.shared.function_calls import is_permitted, runs
from guardline.validator.controls.shared.keys import BROKEN_KEY, may_use
from guardline.validator.controls.shared.references import policy_beside, referring
from guardline.validator.controls.shared.rule_arns import with_rules
from guardline.validator.model.alarms import MetricAlarm
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import EventTarget
from guardline.validator.model.functions import Function
from guardline.validator.model.sns import Subscription, Topic, TopicPolicy
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.iam_conditions import Context
from guardline.validator.semantics.iam_evaluation import allows_service
from guardline.validator.semantics.place_texts import account_text

_NOTIFIER, _WATCH = "sns.amazonaws.com", "cloudwatch.amazonaws.com"
_STORES = frozenset({"sqs", "firehose"})  # what comes there, nobody sees until they look

_BARRED = re.compile(
    r"the policy of (?P<policy>\S+) (?:does not let \S+ publish|lets nobody in)"
    r"|(?P<topic>\S+) has no policy of its own, and the default one does not let"
)


def mending(reason: str) -> str | None:
    """How to mend a topic's policy that bars who is to publish, whatever was to come that way; None for others."""
    found = _BARRED.search(reason)
    if found is None:
        return None
    return (
        f"Let {SERVICE}, and {_WATCH} where alarms act on the topic, do sns:Publish in the policy of "
        f"{found['policy'] or found['topic']}, beside a Deny of plain HTTP."
    )


def reaches_people(estate: Estate, topic: Topic, target: EventTarget, source: str) -> Condition:
    """Judge a topic as the end of a rule.

    Args:
        estate: what there is.
        topic: the topic.
        target: the rule's target that leads to the topic.
        source: the rule's ARN, with a mark or ``*`` for what is unknown in it.
    """
    return estate.recalled(
        (reaches_people, source), (topic, target), lambda: _reaches_people(estate, topic, target, source)
    )


def _reaches_people(estate: Estate, topic: Topic, target: EventTarget, source: str) -> Condition:
    origin, own = topic.origin, topic_arn(estate, topic)
    publish = asked(lambda: _may_publish(estate, topic, SERVICE, account_text(topic.location.account), source), origin)
    # SNS asks for the key in EventBridge's name, for one topic, and does not pass on whose rule it was:
    # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    nobody: Context = dict.fromkeys(("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid"), ())
    encrypt = asked(lambda: _may_encrypt(estate, topic, SERVICE, "EventBridge", nobody), origin)
    return all_hold(
        (
            Condition(True, "", (origin,)),
            _is_standard(topic),
            or_as_role(estate, target, "sns:Publish", own, publish, source),
            _encrypted(estate, target, encrypt, source),
            _is_heard(estate, topic),
        )
    )


def lets_alarm(estate: Estate, topic: Topic, alarm: MetricAlarm) -> Condition:
    """Judge a topic as what an alarm of another account acts on.

    Source: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
    """
    origin, account = topic.origin, account_text(alarm.location.account)
    source = arn(estate, alarm, "cloudwatch", "alarm:*")
    whose: Context = {"aws:sourceaccount": (account,), "aws:sourcearn": (source,)}
    return all_hold(
        (
            in_region_of(alarm, topic),
            asked(lambda: _may_publish(estate, topic, _WATCH, account, source), origin),
            asked(lambda: _may_encrypt(estate, topic, _WATCH, "CloudWatch", whose), origin),
        )
    )


def topic_arn(estate: Estate, topic: Topic) -> str:
    """A topic's ARN, with a mark or ``*`` for what is unknown in it."""
    return own_arn(estate, topic, "sns", plain_name(topic))


def addresses(estate: Estate, topic: Topic) -> tuple[frozenset[str], str | None]:
    """The e-mail addresses and chats that get every message of a topic, and why there may be others, or None."""
    own, found, unsure = topic_arn(estate, topic), set[str](), estate.why_incomplete(Subscription)
    for one in referring(estate, Subscription, "topic", topic, own, anywhere=True):
        if not one.topic.is_known or not may_name(one.topic.get(), topic, own):
            unsure = unsure or (one.topic.reason if not one.topic.is_known else None)
        elif not one.address.is_known or not one.filtered.is_known:
            unsure = unsure or one.address.reason or one.filtered.reason
        elif one.protocol.known_or("") in ("email", "email-json") and not one.filtered.get():
            found.add(one.address.get().lower())
        elif one.protocol.known_or("") == "chat":
            found.add(one.address.get())
    return frozenset(found), unsure


def _is_standard(topic: Topic) -> Condition:
    """EventBridge publishes to no FIFO topic, and such a topic reaches no person:
    https://docs.aws.amazon.com/sns/latest/dg/fifo-message-delivery.html."""
    if not topic.fifo.is_known:
        return unsure(f"whether {topic.origin.address} is a FIFO topic is not known: {topic.fifo.reason}", topic.origin)
    if topic.fifo.get():
        return broken(f"{topic.origin.address} is a FIFO topic, to which EventBridge does not publish", topic.origin)
    return Condition(True)


def _encrypted(estate: Estate, target: EventTarget, condition: Condition, source: str) -> Condition:
    """Whether the key lets EventBridge, or the target's role, encrypt; a key that does not work lets nobody."""
    if condition.holds is False and condition.reason.startswith(BROKEN_KEY):
        return condition
    return or_as_role(estate, target, "kms:GenerateDataKey", "*", condition, source)


def _may_publish(estate: Estate, topic: Topic, service: str, account: str, source: str) -> Condition:
    """Whether the topic's policy lets a service publish on behalf of an account's rule or alarm."""
    name, own = topic.origin.address, topic_arn(estate, topic)
    beside = policy_beside(estate, TopicPolicy, "topic", topic, own)
    text = beside.text if beside is not None else topic.policy
    if beside is None and (why := estate.why_incomplete(TopicPolicy)) is not None:
        raise UnknownValue(f"no policy of {name} is seen, but {why}")
    if not text.get():
        return broken(
            f"{name} has no policy of its own, and the default one does not let {service} publish", topic.origin
        )
    document = policy_of(with_rules(estate, text.get()), f"the policy of {name}")
    origin = beside.origin if beside is not None else topic.origin
    if allows_service(document, service, "sns:Publish", own, account, source):
        return Condition(True, "", (origin,))
    whose = f" for account {account}" if account.isdigit() and account != topic.location.account.id else ""
    return broken(f"the policy of {name} does not let {service} publish{whose}", origin)


def _may_encrypt(estate: Estate, topic: Topic, service: str, called: str, whose: Context) -> Condition:
    if not topic.encrypted.get():
        return Condition(True)
    name, ref = topic.origin.address, topic.key.get()
    if (ref.id or "").endswith("alias/aws/sns"):
        return broken(f"{name} is encrypted with the key alias/aws/sns, which {called} cannot use")
    context: Context = {**whose, "kms:encryptioncontext:aws:sns:topicarn": (topic_arn(estate, topic),)}
    return may_use(estate, topic, ref, service, more=context)


def _is_heard(estate: Estate, topic: Topic) -> Condition:
    """Whether somebody listens. People may subscribe elsewhere, so that nobody in sight is no proof of nobody."""
    own = topic_arn(estate, topic)
    several = referring(estate, Subscription, "topic", topic, own, anywhere=True)
    named = [(one, may_name(one.topic.get(), topic, own)) for one in several if one.topic.is_known]
    here = [one for one, answer in named if answer]
    found = best(_listens(estate, topic, one) for one in here)
    if found is not None:
        return found
    for one, answer in named:
        if answer is None:
            return unsure(f"whether {one.origin.address} is for {topic.origin.address} is not known", one.origin)
    if any(each.startswith(f"{own}:") for each in estate.leaving):  # a subscription's id begins with its topic's ARN
        return broken(f"the change deletes the only subscription to {topic.origin.address} that is seen", topic.origin)
    return unsure(f"no subscription to {topic.origin.address} is seen, and whether anybody listens is not known")


def _listens(estate: Estate, topic: Topic, one: Subscription) -> Condition:
    address = one.origin.address
    if one.protocol.known_or("sqs") in _STORES or one.filtered.known_or(True):
        return unsure(f"whether {address} brings every alert to people is not known: a store, or a filter", one.origin)
    if one.pending.known_or(False):  # what AWS says after apply, when it was last asked
        return unsure(f"runtime: pending: nobody has confirmed the subscription {address} yet", one.origin)
    if one.endpoint is None:
        return Condition(True, "", (one.origin,))
    if not one.endpoint.is_known:
        return unsure(f"which function {address} calls is not known: {one.endpoint.reason}", one.origin)
    function = estate.find(Function, one.endpoint.get())
    if function is None:
        return unsure(
            f"{address} calls a function that is not in the source, so who may call it is not known", one.origin
        )
    at = Condition(True, "", (one.origin,))
    permitted = is_permitted(estate, function, _NOTIFIER, topic, topic_arn(estate, topic))
    return all_hold((at, permitted, runs(estate, function)))
