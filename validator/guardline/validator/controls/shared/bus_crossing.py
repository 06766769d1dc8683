"""Whether an event gets from a rule to another bus: the role that puts it there, and the bus's own policy.

AWS's documents read two ways on a bus of the same account in another region: the role's policy is enough
(https://repost.aws/knowledge-center/eventbridge-centralized-bus-to-bus), or the bus has to let the account in as in
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-example-policy-restrict-rule.html, since
EventBridge asks it when the target is made. What satisfies both holds; what
satisfies the first only is not known to.
"""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.controls.shared.acting_roles import SERVICE, acts
from guardline.validator.controls.shared.conditions import Condition, all_hold, asked, broken, policy_of, unsure
from guardline.validator.controls.shared.event_rules import Bus, name_of
from guardline.validator.controls.shared.keys import may_use
from guardline.validator.controls.shared.rule_arns import rule_arn, with_rules
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import DEFAULT_BUS, EventBus, EventBusPolicy, EventRule, EventTarget
from guardline.validator.model.iam import Identity
from guardline.validator.model.resource import Ref
from guardline.validator.model.value import Value
from guardline.validator.semantics.iam_conditions import all_of
from guardline.validator.semantics.iam_documents import Document, Statement
from guardline.validator.semantics.iam_evaluation import allows_account
from guardline.validator.semantics.place_texts import account_text

_ACTION = "events:PutEvents"


def may_cross(estate: Estate, rule: EventRule, target: EventTarget, bus: Bus) -> Condition:
    """Judge the way from a rule to another bus.

    Args:
        estate: what there is.
        rule: the rule.
        target: its target that leads to the bus.
        bus: the bus.
    """
    return estate.recalled((may_cross, bus), (rule, target), lambda: all_hold(_parts(estate, rule, target, bus)))


def _parts(estate: Estate, rule: EventRule, target: EventTarget, bus: Bus) -> Iterator[Condition]:
    yield Condition(True, "", (target.origin,))
    own = bus.account.key == rule.location.account.key
    far = rule.location.region.known_or(None) != bus.region
    if estate.partition != "aws" and far and own:
        yield unsure(f"whether EventBridge crosses regions in {estate.partition} is not known", target.origin)
    source, arn = rule_arn(estate, rule), _arn(estate, bus)
    if target.acting is not None:
        yield acts(estate, target, _ACTION, arn, source)
    elif own and not target.role.known_or(True):
        yield unsure(f"{target.origin.address} gives no role to put events on the other bus with", target.origin)
    if far or not own:
        yield asked(lambda: _may_enter(estate, rule, target, bus), target.origin)
    named = [one for one in estate.select(EventBus, bus.account, bus.region).here if bus.name in one.names]
    yield from (_is_readable(estate, one, one.key, bus) for one in named if one.key is not None)


def _is_readable(estate: Estate, one: EventBus, key: Value[Ref], bus: Bus) -> Condition:
    """Whether the bus's key lets EventBridge encrypt and match what is on the bus, its rules and targets.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-key-policy.html
    """
    arn, account = _arn(estate, bus), bus.account.id or "*"
    request = {
        "aws:sourcearn": (arn,),
        "aws:sourceaccount": (account,),
        "kms:encryptioncontext:aws:events:event-bus:arn": (arn,),
    }
    return asked(lambda: may_use(estate, one, key.get(), SERVICE, more=request), one.origin)


def _arn(estate: Estate, bus: Bus) -> str:
    return f"arn:{estate.partition}:events:{bus.region}:{bus.account.id or '*'}:event-bus/{bus.name}"


def _may_enter(estate: Estate, rule: EventRule, target: EventTarget, bus: Bus) -> Condition:
    """Whether the bus lets the rule's account put events on it.

    Raises:
        UnknownValue: the bus's policy is not known.
    """
    here = estate.select(EventBusPolicy, bus.account, bus.region)
    found = [one for one in here if not one.bus.is_known or name_of(estate, one.bus.get()) == bus.name]
    own, whose = bus.account.key == rule.location.account.key, bus.account.id or "another account"
    if not found:
        if own and bus.name == DEFAULT_BUS:  # by itself it lets its own account in, and nobody else
            return Condition(True)
        here.assert_complete()
        if own:
            return unsure(
                f"the bus {bus.name} has no policy, and whether it lets its own account in from another region without "
                "one is not known",
                target.origin,
            )
        return broken(f"the bus {bus.name} of {whose} has no policy that lets others in", target.origin)
    statements = list[Statement]()
    for policy in found:
        policy.bus.get()
        # An account of unknown id is ``*`` in what is asked; here it is the one that its mark means.
        own_account = account_text(policy.location.account)
        text = with_rules(estate, policy.text.get()).replace(own_account, bus.account.id or "*")
        statements += policy_of(text, f"the policy {policy.origin.address}").statements
    account = rule.location.account.id or "*"
    source = rule_arn(estate, rule)
    allowed, denied = allows_account(
        Document(tuple(statements)),
        account,
        _ACTION,
        _arn(estate, bus),
        role=_role_arn(estate, target),
        more={
            "aws:sourcearn": (source,),
            "aws:sourceaccount": (account,),
            "aws:principalorgid": (estate.organization,) if estate.organization is not None else None,
        },
    )
    name, origins = found[0].origin.address, tuple(one.origin for one in found)
    if denied:
        return broken(f"{name} denies {rule.origin.address} to put events there", *origins)
    if all_of((allowed, None if denied is None else True)):
        return Condition(True, "", origins)
    if allowed is False and not own:
        return broken(f"{name} does not let {rule.location.account.id or 'the account'} put events there", *origins)
    if own:
        return unsure(
            f"{name} does not surely let the whole account in for {rule.origin.address}, and whether EventBridge then "
            "makes the target is not known",
            *origins,
        )
    return unsure(f"whether {name} lets account {account} in depends on what is not known", *origins)


def _role_arn(estate: Estate, target: EventTarget) -> str | None:
    """The ARN of the role that puts the event there, where it is known."""
    if target.acting is None or not target.acting.is_known:
        return None
    ref = target.acting.get()
    role = estate.find(Identity, ref, target.location.account)
    names = (ref.id or "", *(sorted(role.names) if role is not None else ()))
    return next((name for name in names if name.startswith("arn:")), None)
