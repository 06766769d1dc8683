"""The ARNs that rules have, or will have."""

from __future__ import annotations

import re
from urllib.parse import unquote

from guardline.validator.controls.shared.conditions import own_arn
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import DEFAULT_BUS, EventRule
from guardline.validator.model.resource import Ref
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.unknown_parts import filled

_PENDING = re.compile(r"guardline:rule:([\w.~%-]+)")


def rule_arn(estate: Estate, rule: EventRule) -> str:
    """A rule's ARN, with a mark or ``*`` for what is unknown in it."""
    name = rule.name.known_or("") or "*"
    bus = rule.bus.known_or(None)
    own = "" if bus is not None and bus.id == DEFAULT_BUS else f"{bus.id}/" if bus is not None and bus.id else "*/"
    if own.startswith("arn:"):
        own = f"{own.rpartition('event-bus/')[2]}"
    return own_arn(estate, rule, "events", f"rule/{own}{name}")


def with_rules(estate: Estate, policy: str) -> str:
    """A policy's text with the ARNs of rules that were known by their addresses only.

    Raises:
        UnknownValue: a rule is not in the source, or its name is not known.
    """

    def known(name: str, attribute: str) -> str | None:
        rule = estate.find(EventRule, Ref(address=name)) if attribute == "arn" else None
        if rule is None or not rule.name.known_or(""):
            return None
        return rule_arn(estate, rule)

    def told(match: re.Match[str]) -> str:
        rule = estate.find(EventRule, Ref(address=unquote(match[1])))
        if rule is None:
            raise UnknownValue(f"{unquote(match[1])}, for which the policy is, is not in the source")
        if not rule.name.known_or(""):  # a pattern in its place would match the ARN of every rule
            raise UnknownValue(f"the name of {rule.origin.address}, for which the policy is, is known only after apply")
        return rule_arn(estate, rule)

    return filled(_PENDING.sub(told, policy), known)
