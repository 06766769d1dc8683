"""EventBridge, as far as a finding needs it: patterns, buses, input transformers, functions, topics, retries.

Customers cannot put events of AWS's own services on a bus, so tests and the demo put them here, past the API. Patterns
and transformers are moto's; who is permitted to call whom is not asked (validate judges that).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from guardline.localaws.function_runs import Environment, FunctionError, run


@dataclass(frozen=True)
class Delivered:
    """What an event led to.

    Attributes:
        rule: the rule that matched.
        kind: what the target is.
        arn: the target.
        answer: what the function returned, or the text that went to the topic or the webhook, which is not called; of a
            dead letter, the error.
    """

    rule: str
    kind: Literal["function", "topic", "webhook", "dead-letter"]
    arn: str
    answer: Any


def deliver(
    environment: Environment, event: Mapping[str, Any], account: str, region: str, bus: str = "default"
) -> list[Delivered]:
    """Deliver an event to all that the rules of a bus say, across buses.

    Args:
        environment: from a region and an account to the variables that a function runs with.
        event: the event.
        account: whose bus it is.
        region: the bus's region.
        bus: the bus's name.
    """
    return list(_deliver(environment, {**event, "ingestion-time": event.get("time", "")}, account, region, bus))


def _deliver(
    environment: Environment, event: Mapping[str, Any], account: str, region: str, bus: str
) -> Iterator[Delivered]:
    from moto.events.models import events_backends

    for rule in list(events_backends[account][region].describe_event_bus(bus).rules.values()):
        if rule.state != "ENABLED" or not rule.event_pattern.matches_event(dict(event)):  # type: ignore[arg-type]  # moto's own kind of dict
            continue
        for target in rule.targets:
            arn = target["Arn"]
            _, _, service, place, owner, name = arn.split(":", 5)
            if service == "events" and name.startswith("api-destination/"):
                yield Delivered(rule.name, "webhook", arn, _transformed(target, event))
            elif service == "events":
                yield from _deliver(environment, event, owner, place, name.removeprefix("event-bus/"))
            elif service == "lambda":
                yield _call(environment, event, rule.name, arn)
            elif service == "sns":
                text = _transformed(target, event)
                from moto.sns.models import sns_backends

                sns_backends[owner][place].publish(message=text, arn=arn)
                yield Delivered(rule.name, "topic", arn, text)


def _call(environment: Environment, event: Mapping[str, Any], rule: str, arn: str) -> Delivered:
    """Call a function as Lambda does for an event: again when it fails, and the dead-letter queue at the end.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
    """
    from moto.awslambda.models import lambda_backends
    from moto.sqs.models import sqs_backends

    _, _, _, region, account, _, name = arn.split(":")
    function = lambda_backends[account][region].get_function(name)
    invoke = lambda_backends[account][region]
    try:
        retries = invoke.get_function_event_invoke_config(name).get("MaximumRetryAttempts", 2)
    except Exception:  # noqa: BLE001 - moto's way to say that there is none; Lambda then tries twice more
        retries = 2
    plain = {key: value for key, value in event.items() if key != "ingestion-time"}
    error = ""
    for _ in range(1 + retries):
        try:
            return Delivered(rule, "function", arn, run(function, plain, environment(region, account)))
        except FunctionError as failed:
            error = str(failed)
    letters = (getattr(function, "remembered", {}).get("DeadLetterConfig") or {}).get("TargetArn", "")
    if letters:
        _, _, _, place, owner, queue = letters.split(":")
        sqs_backends[owner][place].send_message(
            queue, json.dumps(plain), group_id=None, deduplication_id=uuid.uuid4().hex
        )
    return Delivered(rule, "dead-letter", letters, error)


def _transformed(target: Mapping[str, Any], event: Mapping[str, Any]) -> str:
    """What a topic or a webhook gets: what the input transformer makes, or the whole event.

    A template may be several texts, a line each; moto reads one.
    """
    from moto.events.utils import EventTemplateParser

    transformer = target.get("InputTransformer")
    if transformer is None:
        return json.dumps({key: value for key, value in event.items() if key != "ingestion-time"})
    template, paths = transformer["InputTemplate"], transformer.get("InputPathsMap", {})
    texts = template.splitlines() if template.startswith('"') else [template]
    said = [EventTemplateParser.parse(text, paths, dict(event)) for text in texts]  # type: ignore[arg-type]  # moto's own kind of dict
    return "\n".join(each if isinstance(each, str) else json.dumps(each) for each in said)
