"""Whether EventBridge can call a function, and what becomes of an event that could not be delivered."""

from __future__ import annotations

from guardline.validator.controls.shared.acting_roles import SERVICE, or_as_role
from guardline.validator.controls.shared.conditions import Condition, all_hold
from guardline.validator.controls.shared.dead_letters import survives
from guardline.validator.controls.shared.function_calls import INVOKE, function_arn, is_permitted, runs
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import EventRule, EventTarget
from guardline.validator.model.functions import Function


def responds(estate: Estate, function: Function, rule: EventRule, target: EventTarget, source: str) -> Condition:
    """Judge a function as the end of a rule.

    Args:
        estate: what there is.
        function: the function.
        rule: the rule.
        target: the rule's target that leads to the function.
        source: the rule's ARN, with a mark or ``*`` for what is unknown in it.
    """
    return all_hold((may_call(estate, function, rule, target, source), *survives(estate, target, source)))


def may_call(estate: Estate, function: Function, rule: EventRule, target: EventTarget, source: str) -> Condition:
    """Whether EventBridge may call a function for a rule, by the function's policy or as the target's role, and the
    function then runs."""
    return estate.recalled(
        (may_call, source), (function, rule, target), lambda: _may_call(estate, function, rule, target, source)
    )


def _may_call(estate: Estate, function: Function, rule: EventRule, target: EventTarget, source: str) -> Condition:
    permitted = is_permitted(estate, function, SERVICE, rule, source)
    return all_hold(
        (
            or_as_role(estate, target, INVOKE, function_arn(estate, function), permitted, source),
            runs(estate, function),
        )
    )
