"""EventBridge: buses, rules and their targets.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_event_rule (and
cloudwatch_event_target, cloudwatch_event_bus, cloudwatch_event_bus_policy, cloudwatch_event_api_destination).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from guardline.validator.model.events import (
    DEFAULT_BUS,
    ApiDestination,
    EventBus,
    EventBusPolicy,
    EventRule,
    EventTarget,
)
from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import UnknownValue, Value, known, unknown
from guardline.validator.semantics.unknown_parts import has_marks
from guardline.validator.sources.adapt.common import KEY_OR_ALIAS, ByType, common, default, is_given
from guardline.validator.sources.adapt.policies import Documents
from guardline.validator.sources.blocks import Block, Wanted

_RULE = "aws_cloudwatch_event_rule"
_TARGET = "aws_cloudwatch_event_target"
_BUS = "aws_cloudwatch_event_bus"
_POLICY = "aws_cloudwatch_event_bus_policy"
_DESTINATION = "aws_cloudwatch_event_api_destination"

_PERMISSION = "aws_cloudwatch_event_permission"

MAKES: Mapping[str, type[Resource]] = {
    _RULE: EventRule,
    _TARGET: EventTarget,
    _BUS: EventBus,
    **dict.fromkeys((_POLICY, _PERMISSION), EventBusPolicy),
    _DESTINATION: ApiDestination,
}

_RETRIES = 185  # EventBridge's own, over 24 hours
_ON = frozenset({"ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"})
WANTED_RULE = Wanted(frozenset({_RULE}), attributes=frozenset({"name", "id", "arn"}))
WANTED_QUEUE = Wanted(frozenset({"aws_sqs_queue"}), attributes=frozenset({"id", "url", "arn"}))
WANTED_ROLE = Wanted(frozenset({"aws_iam_role"}), attributes=frozenset({"arn", "id"}))
WANTED_BUS = Wanted(frozenset({_BUS}), attributes=frozenset({"name", "id", "arn"}))
# What the controls know to follow; the ARN says what any other kind of target is.
_REACHED = Wanted(
    frozenset(
        {
            "aws_sns_topic",
            "aws_lambda_function",
            "aws_lambda_alias",
            _BUS,
            "aws_sqs_queue",
            "aws_sfn_state_machine",
            _DESTINATION,
        }
    )
)


def buses(by_type: ByType) -> Iterator[EventBus]:
    """Event buses."""
    for block in by_type.both(_BUS):
        at = block.tree.at("kms_key_identifier")
        key = block.link("kms_key_identifier", wanted=KEY_OR_ALIAS) if at.is_set else None
        yield EventBus(**common(block, "name"), key=key)


def bus_policies(by_type: ByType) -> Iterator[EventBusPolicy]:
    """The policies of buses, and single statements of them."""
    documents = Documents(by_type)
    for block in by_type.managed(_POLICY, _PERMISSION):
        shared = common(block)
        shared["names"] = frozenset({f"{block.root}{block.address}"})  # its id is the bus's name
        text = documents.draft(block, "policy") if block.type == _POLICY else _statement(block)
        yield EventBusPolicy(**shared, bus=_bus(block), text=text)


def _statement(block: Block) -> Value[str]:
    """One statement as the policy that it comes to."""
    try:
        who = block.tree.text("principal").get() or "*"
        made: dict[str, Any] = {"Effect": "Allow", "Action": block.tree.text("action").get() or "events:PutEvents"}
        for each in block.tree.blocks("condition").get():
            key, value = each.text("key").get() or "", each.text("value").get() or ""
            made["Condition"] = {each.text("type").get() or "": {key: value}}
    except UnknownValue as unknown_value:
        return unknown(unknown_value.reason)
    return known(json.dumps({"Statement": [{**made, "Principal": {"AWS": who}, "Resource": "*"}]}))


def api_destinations(by_type: ByType) -> Iterator[ApiDestination]:
    """HTTPS addresses."""
    for block in by_type.managed(_DESTINATION):
        yield ApiDestination(**common(block, "name"), url=default(block.tree.text("invocation_endpoint"), ""))


def rules(by_type: ByType) -> Iterator[EventRule]:
    """Rules."""
    documents = Documents(by_type)
    for block in by_type.managed(_RULE):
        yield EventRule(
            **common(block, "name"),
            name=default(block.tree.text("name"), ""),
            bus=_bus(block),
            pattern=_pattern(documents, block),
            enabled=_enabled(block),
        )


def targets(by_type: ByType) -> Iterator[EventTarget]:
    """Targets."""
    for block in by_type.managed(_TARGET):
        rule = block.link("rule", wanted=WANTED_RULE)
        shared = common(block)
        # The target's own `arn` is that of what it leads to, so it does not name the target.
        shared["names"] = frozenset({f"{block.root}{block.address}"})
        target = block.link("arn", wanted=_REACHED)
        chains = [link.get().chain for link in (rule, target) if link.is_known]
        shared["origin"] = block.origin.following(dict.fromkeys(step for chain in chains for step in chain))
        yield EventTarget(
            **shared,
            rule=rule,
            bus=_bus(block),
            target=target,
            role=is_given(block.tree, "role_arn"),
            dead_letters=is_given(block.tree, "dead_letter_config", 0, "arn"),
            retries=_retries(block),
            queue=_linked(block, "dead_letter_config", 0, "arn", wanted=WANTED_QUEUE),
            acting=_linked(block, "role_arn", wanted=WANTED_ROLE),
        )


def _linked(block: Block, *path: str | int, wanted: Wanted) -> Value[Ref] | None:
    """Where an attribute leads; None where it is not set."""
    return block.link(*path, wanted=wanted) if block.tree.at(*path).is_set else None


def _bus(block: Block) -> Value[Ref]:
    """The bus of a rule, a target or a policy: the default one where none is named."""
    named = block.tree.text("event_bus_name")
    if named.is_known:
        return known(Ref(id=named.get() or DEFAULT_BUS))
    return block.link("event_bus_name", wanted=WANTED_BUS)


def _pattern(documents: Documents, block: Block) -> Value[str]:
    """A rule's pattern, with a mark for whose events it matches where that alone is unknown."""
    text = default(block.tree.text("event_pattern"), "")
    if text.is_known:
        return text
    draft = documents.draft(block, "event_pattern")
    try:
        made = json.loads(draft.known_or(""))
    except ValueError:
        return text
    rest = {key: value for key, value in made.items() if key != "account"} if isinstance(made, dict) else made
    return text if has_marks(json.dumps(rest, ensure_ascii=False)) else draft


def _enabled(block: Block) -> Value[bool]:
    """Whether a rule is on: `state`, or the deprecated `is_enabled`, whichever is configured; the provider keeps the
    earlier value of the other one."""
    state = block.tree.text("state").map(lambda text: None if text is None else text in _ON)
    both = {"state": state, "is_enabled": block.tree.flag("is_enabled")}
    ordered = sorted(both, key=lambda name: not block.is_configured(name))
    for name in ordered:
        value = both[name]
        if not value.is_known and not block.is_configured(name):
            continue  # the provider will fill it in from the other
        if value.known_or(False) is not None:
            return value.map(bool)
    return known(True)


def _retries(block: Block) -> Value[int]:
    policy = block.tree.blocks("retry_policy")
    if not policy.is_known:
        return unknown(policy.reason or "")
    if not policy.get():
        return known(_RETRIES)
    attempts = policy.get()[0].number("maximum_retry_attempts")
    if attempts.known_or(0) is None:
        return unknown(f"{block.address} has a retry_policy that sets no maximum_retry_attempts")
    return default(attempts, _RETRIES)
