"""Which rules stand on a bus, and which targets and further buses they lead to."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from guardline.validator.controls.shared.conditions import Condition, region_of, unsure
from guardline.validator.controls.shared.references import referring
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import DEFAULT_BUS, EventBus, EventRule, EventTarget
from guardline.validator.model.resource import Account, Ref, may_be_beside
from guardline.validator.model.value import UnknownValue, Value
from guardline.validator.semantics.event_patterns import Pattern, parse
from guardline.validator.semantics.finding_samples import ACCOUNT
from guardline.validator.semantics.place_texts import account_text
from guardline.validator.semantics.unknown_parts import has_marks

_WHICH = "which account this is is not known"
_OF_ACCOUNT = (("account",), ("detail", "accountId"), ("detail", "findings", "AwsAccountId"), ("resources",))


class Bus(msgspec.Struct, frozen=True):
    """A bus, by where it is and its name."""

    account: Account
    region: str
    name: str


def pattern_of(rule: EventRule, account: Account) -> Pattern | None:
    """The pattern of a rule; None where it only keeps a schedule.

    Raises:
        UnknownValue: the pattern is unknown, or asks for an account id that is.
        ValueError: AWS would refuse it.
    """
    text = rule.pattern.get()
    if not text:
        return None
    own = account_text(account)
    filled = text.replace(own, account.id or ACCOUNT)  # the account of the sample events
    if has_marks(filled):
        raise UnknownValue("its pattern names an account that is unknown")
    pattern = parse(filled)
    if account.id is None and own not in text and any(path in _OF_ACCOUNT for path in pattern.paths()):
        raise UnknownValue(f"its pattern names an account, and {_WHICH}")
    return pattern


def rules_on(estate: Estate, bus: Bus) -> tuple[tuple[EventRule, Condition], ...]:
    """The rules on a bus, and whether they surely are on it."""
    return estate.recalled((rules_on, bus), (), lambda: tuple(_rules_on(estate, bus)))


def _rules_on(estate: Estate, wanted: Bus) -> Iterator[tuple[EventRule, Condition]]:
    region = wanted.region
    selection = estate.select(EventRule, wanted.account, region)
    for rule in selection.here:
        if (condition := _is_on_bus(estate, rule, wanted)) is not None:
            yield rule, condition
    for rule in selection.possible:
        if (condition := _is_on_bus(estate, rule, wanted)) is not None:
            yield rule, unsure(f"{rule.origin.address} may be in {region}: {rule.location.region.reason}", rule.origin)


def _is_on_bus(estate: Estate, rule: EventRule, bus: Bus) -> Condition | None:
    if not rule.bus.is_known:
        return unsure(f"the bus of {rule.origin.address} is unknown: {rule.bus.reason}", rule.origin)
    ref = rule.bus.get()
    if name_of(estate, ref) != bus.name:
        return None
    # Names of buses are of one account and region; an ARN says of which.
    region, account = _place(ref)
    if region not in (bus.region, None) or (account is not None and bus.account.id not in (account, None)):
        return None
    if account is not None and bus.account.id is None:
        return unsure(f"{rule.origin.address} is on a bus of account {account}, and {_WHICH}", rule.origin)
    return Condition(True)


def _place(ref: Ref) -> tuple[str | None, str | None]:
    """The region and account of a bus that is named by its ARN; None where it is named otherwise."""
    parts = (ref.id or "").split(":", 5)
    is_arn = len(parts) == 6 and parts[2] == "events" and parts[5].startswith("event-bus/")
    return (parts[3], parts[4]) if is_arn else (None, None)


def name_of(estate: Estate, ref: Ref) -> str:
    """The name of the bus that a reference means; its address where the name is not known."""
    found = estate.find(EventBus, ref)
    if found is not None:
        plain = sorted(name for name in found.names if ":" not in name and name != found.origin.address)
        return plain[0] if plain else found.origin.address
    return (ref.id or ref.address or DEFAULT_BUS).rpartition("event-bus/")[2]


def targets_of(estate: Estate, rule: EventRule) -> tuple[tuple[EventTarget, Condition], ...]:
    """The targets of a rule, and whether they surely are its."""
    return estate.recalled(targets_of, (rule,), lambda: tuple(_targets_of(estate, rule)))


def _targets_of(estate: Estate, rule: EventRule) -> Iterator[tuple[EventTarget, Condition]]:
    several = [one for one in referring(estate, EventTarget, "rule", rule, "") if may_be_beside(one, rule)]
    for target in several:
        named = target.rule.is_known and rule.is_named_by(target.rule.get())
        if named and _same_bus(estate, target.bus, rule.bus) is not False:
            yield target, _is_beside(estate, target, rule)
    for target in several:
        if not target.rule.is_known:
            yield target, unsure(f"{target.origin.address} may be a target of it: {target.rule.reason}", target.origin)


def _is_beside(estate: Estate, target: EventTarget, rule: EventRule) -> Condition:
    """Whether a target that names a rule surely finds it: on the rule's own bus, in its own region."""
    if target.location.region.is_known != rule.location.region.is_known:
        return unsure(f"whether {target.origin.address} is in the region of its rule is unknown", target.origin)
    if _same_bus(estate, target.bus, rule.bus) is None and rule.bus.is_known:
        return unsure(f"the bus of {target.origin.address} is unknown: {target.bus.reason}", target.origin)
    return Condition(True)


def _same_bus(estate: Estate, one: Value[Ref], other: Value[Ref]) -> bool | None:
    """Whether two things name the same bus; None where that is unknown."""
    if not (one.is_known and other.is_known):
        return None
    return name_of(estate, one.get()) == name_of(estate, other.get())


def hop(estate: Estate, target: EventTarget) -> Bus | None:
    """The bus that a target leads to; None where it is something else.

    Raises:
        UnknownValue: it is a bus whose place is not known, or another account's that the source does not show.
    """
    ref = target.target.get()
    bus = estate.find(EventBus, ref)
    if bus is not None:
        return Bus(bus.location.account, region_of(bus), name_of(estate, ref))
    region, identity = _place(ref)
    if region is None or identity is None:
        return None
    own = target.location.account
    if own.id == identity:
        return Bus(own, region, name_of(estate, ref))
    account = next((account for account in estate.accounts if account.id == identity), None)
    if account is None:
        why = _WHICH if own.id is None else "that account is not in the source"
        raise UnknownValue(f"{target.origin.address} leads to a bus of account {identity}, and {why}")
    return Bus(account, region, name_of(estate, ref))
