"""Whether EventBridge can publish to a topic, and whether anybody listens."""

from __future__ import annotations

from guardline.validator.controls.shared.acting_roles import or_as_role
from guardline.validator.controls.shared.conditions import Condition, all_hold, arn, broken, policy_of, told, unsure
from guardline.validator.controls.shared.keys import may_use
from guardline.validator.controls.shared.rule_arns import with_rules
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import EventTarget
from guardline.validator.model.sns import Subscription, Topic, TopicPolicy
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.iam_conditions import Context
from guardline.validator.semantics.iam_evaluation import allows_service

SERVICE = "events.amazonaws.com"
_STORES = frozenset({"sqs", "firehose"})  # what comes there, nobody sees until they look


def reaches_people(estate: Estate, topic: Topic, target: EventTarget, source: str) -> Condition:
    """Judge a topic as the end of a rule.

    Args:
        estate: what there is.
        topic: the topic.
        target: the rule's target that leads to the topic.
        source: the rule's ARN, with ``*`` for what is not known of it.
    """
    origin, own = topic.origin, _own_arn(estate, topic)
    publish = told(lambda: _may_publish(estate, topic, source), origin)
    encrypt = told(lambda: _may_encrypt(estate, topic), origin)
    return all_hold(
        (
            Condition(True, "", (origin,)),
            or_as_role(estate, target, "sns:Publish", own, publish),
            or_as_role(estate, target, "kms:GenerateDataKey", "*", encrypt),
            _is_heard(estate, topic),
        )
    )


def _may_publish(estate: Estate, topic: Topic, source: str) -> Condition:
    name, text = topic.origin.address, topic.policy
    beside = [one for one in estate.all(TopicPolicy) if not one.topic.is_known or topic.is_named_by(one.topic.get())]
    for policy in beside:
        if not policy.topic.is_known:
            raise UnknownValue(f"{policy.origin.address} may be the policy of {name}: {policy.topic.reason}")
        text = policy.text
    if not beside and (why := estate.why_incomplete(TopicPolicy)) is not None:
        raise UnknownValue(f"no policy of {name} is seen, but {why}")
    if not text.get():
        return broken(f"{name} has no policy of its own, and the default one does not let EventBridge publish")
    document = policy_of(with_rules(estate, text.get()), f"the policy of {name}")
    account = topic.location.account.id or "*"
    if allows_service(document, SERVICE, "sns:Publish", _own_arn(estate, topic), account, source):
        return Condition(True, "", tuple(policy.origin for policy in beside))
    return broken(f"the policy of {name} does not let {SERVICE} publish", *(policy.origin for policy in beside))


def _own_arn(estate: Estate, topic: Topic) -> str:
    """The ARN that the topic has, or will have, with ``*`` for what is not known of it."""
    given = next((name for name in sorted(topic.names) if name.startswith("arn:")), None)
    plain = sorted(name for name in topic.names if ":" not in name and name != topic.origin.address)
    return given or arn(estate, topic, "sns", plain[0] if plain else "*")


def _may_encrypt(estate: Estate, topic: Topic) -> Condition:
    if not topic.encrypted.get():
        return Condition(True)
    name, ref = topic.origin.address, topic.key.get()
    if (ref.id or "").endswith("alias/aws/sns"):
        return broken(f"{name} is encrypted with the key alias/aws/sns, which EventBridge cannot use")
    # SNS asks for the key in EventBridge's name, for one topic, and does not pass on whose rule it was:
    # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    context: Context = {
        **dict.fromkeys(("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid"), ()),
        "kms:encryptioncontext:aws:sns:topicarn": (_own_arn(estate, topic),),
    }
    return may_use(estate, topic, ref, SERVICE, more=context)


def _is_heard(estate: Estate, topic: Topic) -> Condition:
    """Whether somebody listens. People may subscribe elsewhere, so that nobody in sight is no proof of nobody."""
    here = [one for one in estate.all(Subscription) if one.topic.is_known and topic.is_named_by(one.topic.get())]
    for one in here:
        if one.protocol.known_or("sqs") not in _STORES and not one.filtered.known_or(True):
            return Condition(True, "", (one.origin,))
    if here:
        address = here[0].origin.address
        return unsure(
            f"whether {address} takes every finding to people is not told: a store, or a filter", here[0].origin
        )
    return unsure(f"no subscription to {topic.origin.address} is seen, and whether anybody listens is not told")
