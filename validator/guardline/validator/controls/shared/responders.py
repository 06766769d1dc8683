"""Whether EventBridge can call a function, and what becomes of an event that could not be delivered."""

from __future__ import annotations

from guardline.validator.controls.shared.acting_roles import or_as_role
from guardline.validator.controls.shared.alert_topics import SERVICE
from guardline.validator.controls.shared.conditions import (
    Condition,
    all_hold,
    arn,
    best,
    broken,
    may_name,
    shares_a_place,
    unsure,
)
from guardline.validator.controls.shared.dead_letters import survives
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import EventRule, EventTarget
from guardline.validator.model.functions import Function, FunctionPermission
from guardline.validator.semantics.wildcards import covers

_INVOKE = "lambda:InvokeFunction"


def responds(estate: Estate, function: Function, rule: EventRule, target: EventTarget, source: str) -> Condition:
    """Judge a function as the end of a rule.

    Args:
        estate: what there is.
        function: the function.
        rule: the rule.
        target: the rule's target that leads to the function.
        source: the rule's ARN, with ``*`` for what is not known of it.
    """
    return all_hold((may_call(estate, function, rule, target, source), *survives(estate, target, source)))


def may_call(estate: Estate, function: Function, rule: EventRule, target: EventTarget, source: str) -> Condition:
    """Whether EventBridge may call a function for a rule: by the function's policy, or as the target's role."""
    name = function.name.known_or("") or "*"
    likely = arn(estate, function, "lambda", f"function:{name}")
    return or_as_role(estate, target, _INVOKE, likely, _is_permitted(estate, function, rule, source))


def _is_permitted(estate: Estate, function: Function, rule: EventRule, source: str) -> Condition:
    name = function.origin.address
    conditions = [
        _permits(one, function, rule, source)
        for one in estate.all(FunctionPermission)
        if shares_a_place(one, function) and (not one.function.is_known or function.is_named_by(one.function.get()))
    ]
    found = best(conditions)
    if found is not None and found.holds:
        return found
    if found is not None and found.holds is None:
        return found
    if (why := estate.why_incomplete(FunctionPermission)) is not None:
        return unsure(f"no permission for EventBridge to call {name} is seen, but {why}")
    return found or broken(f"nothing permits EventBridge to call {name}", function.origin)


def _permits(one: FunctionPermission, function: Function, rule: EventRule, source: str) -> Condition:
    """Whether one permission lets the rule call the function. What surely bars it outweighs what is not told."""
    name, origin = one.origin.address, one.origin
    account = function.location.account.id
    tests = (
        (one.principal.map(lambda who: who in (SERVICE, "*")), f"{name} permits another principal than {SERVICE}"),
        (one.action.map(lambda action: covers(action, _INVOKE)), f"{name} permits another action than {_INVOKE}"),
        (one.qualifier.map(lambda text: not text), f"{name} holds for one version or alias only"),
        (
            one.account.map(lambda text: not text or account is None or text == account),
            f"{name} is for another account",
        ),
    )
    for value, reason in tests:
        if not value.known_or(True):
            return broken(reason, function.origin, origin)
    reasons = [value.reason for value, _ in tests if not value.is_known]
    if not one.function.is_known:
        reasons.append(f"{name} may be for {function.origin.address}: {one.function.reason}")
    limited = _from_rule(one, rule, source)
    if limited.holds is False or (limited.holds is None and not reasons):
        return limited
    return unsure(reasons[0] or "", origin) if reasons else Condition(True, "", (function.origin, origin))


def _from_rule(one: FunctionPermission, rule: EventRule, source: str) -> Condition:
    if not one.limited.is_known:
        return unsure(one.limited.reason or "", one.origin)
    if not one.limited.get():
        return Condition(True)
    if not one.source.is_known:
        return unsure(f"whose calls {one.origin.address} permits is not told: {one.source.reason}", one.origin)
    named = may_name(one.source.get(), rule, source)
    if named is None:
        return unsure(f"whether {one.origin.address} names {rule.origin.address} is not told", one.origin)
    return (
        Condition(True) if named else broken(f"{one.origin.address} permits another source than {rule.origin.address}")
    )
