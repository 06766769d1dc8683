"""What EventBridge checks when a rule gets a bus of another region or account as its target, and moto does not.

The bus's policy must let the account that calls PutTargets put events on it. AWS documents the grant for the account,
alone or with ``aws:SourceArn``: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html and
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-example-policy-restrict-rule.html; and for the
organization, by ``aws:PrincipalOrgID``: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-perms.html.
A grant that
hangs on anything else, such as ``aws:PrincipalArn`` of the role that forwards, was refused when the target was made:
https://github.com/ministryofjustice/modernisation-platform-environments/pull/19002.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from guardline.localaws import organizations, resource_policies
from guardline.localaws.request import Request
from guardline.localaws.restjson import Refused, Response, refusal


def answer(request: Request) -> Response | Request:
    """Refuse a target that its bus does not accept; hand everything else on to moto."""
    if not request.target.endswith(".PutTargets"):
        return request
    try:
        asked = json.loads(request.body)
    except ValueError:
        return request  # moto says what is wrong with it
    try:
        _check(request, asked)
    except Refused as refused:
        return refusal(refused)
    return request


def _check(request: Request, asked: Mapping[str, Any]) -> None:
    caller = request.caller
    bus = str(asked.get("EventBusName") or "default").rpartition("/")[2]
    on_bus = "" if bus == "default" else f"{bus}/"
    rule = f"arn:{caller.partition}:events:{caller.region}:{caller.account}:rule/{on_bus}{asked.get('Rule')}"
    organization = organizations.of(caller)
    known = {"aws:SourceArn": rule, "aws:SourceAccount": caller.account}
    known |= {"aws:PrincipalOrgID": organization.id} if organization is not None else {}
    for target in asked.get("Targets", ()):
        arn = str(target.get("Arn"))
        parts = arn.split(":", 5)
        if parts[2:3] != ["events"] or (parts[3], parts[4]) == (caller.region, caller.account):
            continue
        if not target.get("RoleArn"):
            raise Refused(f"RoleArn is required for target {arn}.", "ValidationException")
        who = resource_policies.account(caller.account)
        if not any(resource_policies.lets_in(each, "events:PutEvents", who, known) for each in _statements(arn)):
            raise Refused(
                f"User: arn:{caller.partition}:iam::{caller.account}:root is not authorized to perform: "
                f"events:PutEvents on resource: {arn} because no resource-based policy allows the events:PutEvents "
                "action",
                "AccessDeniedException",
            )


def _statements(arn: str) -> Iterable[Mapping[str, Any]]:
    from moto.events.models import events_backends

    _, partition, _, region, account, resource = arn.split(":", 5)
    backends: Any = events_backends
    backend = backends[account][region] if partition else None
    found = backend.event_buses.get(resource.partition("/")[2]) if backend is not None else None
    return resource_policies.statements(found.policy) if found else ()
