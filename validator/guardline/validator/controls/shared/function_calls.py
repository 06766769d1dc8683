"""Whether a service may call a function, and whether the function runs when it is called."""

from __future__ import annotations

from guardline.validator.controls.shared.conditions import (
    Condition,
    all_hold,
    arn,
    best,
    broken,
    may_name,
    unsure,
)
from guardline.validator.controls.shared.keys import key_works
from guardline.validator.controls.shared.references import referring
from guardline.validator.model.estate import Estate
from guardline.validator.model.functions import Function, FunctionPermission
from guardline.validator.model.resource import Account, Resource, may_be_beside
from guardline.validator.model.value import Value, unknown
from guardline.validator.semantics.place_texts import account_text
from guardline.validator.semantics.unknown_parts import has_marks
from guardline.validator.semantics.wildcards import covers

INVOKE = "lambda:InvokeFunction"


def function_arn(estate: Estate, function: Function) -> str:
    """The ARN that the function has, or will have, with a mark or ``*`` for what is unknown in it."""
    name = function.name.known_or("") or "*"
    return arn(estate, function, "lambda", f"function:{name}")


def runs(estate: Estate, function: Function) -> Condition:
    """Whether the function runs at all: it does not with no concurrency, or with variables that nobody can decrypt."""
    name, origin = function.origin.address, function.origin
    if not function.concurrency.is_known:
        at_once = unsure(f"how many of {name} may run at once is not known: {function.concurrency.reason}", origin)
    elif function.concurrency.get() == 0:
        at_once = broken(f"{name} never runs: its reserved concurrency is 0", origin)
    else:
        at_once = Condition(True)
    key = function.key
    return all_hold((at_once, key_works(estate, key, function) if key is not None else Condition(True)))


def is_permitted(estate: Estate, function: Function, service: str, caller: Resource, source: str) -> Condition:
    """Whether the function's own policy lets a service call it.

    Args:
        estate: what there is.
        function: the function.
        service: e.g. ``events.amazonaws.com``.
        caller: the rule or topic on whose behalf the service calls.
        source: its ARN, with a mark or ``*`` for what is unknown in it.
    """
    name, likely = function.origin.address, function_arn(estate, function)
    conditions = list[Condition]()
    for one in referring(estate, FunctionPermission, "function", function, likely):
        if not may_be_beside(one, function):
            continue
        named = may_name(one.function.get(), function, likely) if one.function.is_known else None
        if named is not False:
            conditions.append(_permits(one, function, named, service, caller, source))
    found = best(conditions)
    if found is not None and found.holds is not False:
        return found
    if (why := estate.why_incomplete(FunctionPermission)) is not None:
        return unsure(f"no permission for {service} to call {name} is seen, but {why}")
    return found or broken(f"nothing permits {service} to call {name}", function.origin)


def _permits(
    one: FunctionPermission, function: Function, named: bool | None, service: str, caller: Resource, source: str
) -> Condition:
    """Whether one permission lets the caller call the function. What surely bars it outweighs what is not known."""
    name, origin = one.origin.address, one.origin
    tests = (
        (one.principal.map(lambda who: who in (service, "*")), f"{name} permits another principal than {service}"),
        (one.action.map(lambda action: covers(action, INVOKE)), f"{name} permits another action than {INVOKE}"),
        (one.qualifier.map(lambda text: not text), f"{name} holds for one version or alias only"),
        (
            _is_of(one.account, function.location.account),
            f"{name} is for another account",
        ),
        (one.free, ""),
    )
    for value, reason in tests:
        if not value.known_or(True):
            return broken(reason, origin, function.origin)
    reasons = [value.reason for value, _ in tests if not value.is_known]
    if named is None:
        why = one.function.reason or f"it names {one.function.get().id}"
        reasons.append(f"{name} may be for {function.origin.address}: {why}")
    limited = _is_for(one, caller, source)
    if limited.holds is False or (limited.holds is None and not reasons):
        return limited
    return unsure(reasons[0] or "", origin) if reasons else Condition(True, "", (function.origin, origin))


def _is_of(said: Value[str], account: Account) -> Value[bool]:
    """Whether the account that a permission is for, if any, is the function's own."""
    text = said.known_or("") or ""
    if text and text != account_text(account) and (account.id is None or has_marks(text)):
        which = "the function's own account" if account.id is None else "which one"
        return unknown(f"it names an account, and {which} is unknown")
    return said.map(lambda text: text in ("", account_text(account)))


def _is_for(one: FunctionPermission, caller: Resource, source: str) -> Condition:
    if not one.limited.is_known:
        return unsure(one.limited.reason or "", one.origin)
    if not one.limited.get():
        return Condition(True)
    if not one.source.is_known:
        return unsure(f"whose calls {one.origin.address} permits is not known: {one.source.reason}", one.origin)
    named = may_name(one.source.get(), caller, source)
    if named is None:
        return unsure(f"whether {one.origin.address} names {caller.origin.address} is not known", one.origin)
    if named:
        return Condition(True)
    return broken(f"{one.origin.address} permits another source than {caller.origin.address}", one.origin)
