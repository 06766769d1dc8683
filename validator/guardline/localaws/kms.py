"""Keys of other accounts, which moto looks for in the caller's own."""

from __future__ import annotations

import json
from typing import Any

from guardline.localaws import resource_policies
from guardline.localaws.request import Request
from guardline.localaws.restjson import Refused, Response, refusal


def answer(request: Request) -> Response | Request:
    """Describe another account's key to whom its policy lets; hand everything else on to moto.

    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
    """
    if not request.target.endswith(".DescribeKey"):
        return request
    try:
        named = str(json.loads(request.body).get("KeyId"))
    except (ValueError, AttributeError):
        return request  # moto says what is wrong with it
    owner = named.split(":")[4] if named.count(":") > 4 else request.caller.account
    if owner == request.caller.account:
        return request
    key = find(named, owner, request.caller.region)
    who = resource_policies.account(request.caller.account)
    if key is None:
        return refusal(Refused(f"{named.rpartition(':')[2]} is not found.", "NotFoundException"))
    statements = resource_policies.statements(key.policy)
    if not any(resource_policies.lets_in(each, "kms:DescribeKey", who, {}) for each in statements):
        message = f"The ciphertext refers to a customer master key that {request.caller.account} cannot access"
        return refusal(Refused(message, "AccessDeniedException"))
    return Response(200, key.to_dict())


def find(named: str, account: str, region: str) -> Any | None:
    """A key by its id, ARN, alias or alias's ARN, whoever's it is; None where there is none.

    Args:
        named: the id, ARN or alias.
        account: whose key it is, where the name does not say.
        region: where it is, where the name does not say.
    """
    from moto.kms.models import kms_backends

    if named.count(":") > 4:
        _, _, _, region, account, _ = named.split(":", 5)
    backend: Any = kms_backends[account][region]
    alias = backend.get_alias_name(named)
    key_id = backend.get_key_id_from_alias(alias) if alias.startswith("alias/") else backend.get_key_id(named)
    return backend.keys.get(key_id)
