"""What moto's Athena lacks: named queries are made there, and never deleted."""

from __future__ import annotations

from typing import Any

from guardline.localaws.jsonrpc import Service
from guardline.localaws.restjson import Answer, Caller, Parameters, Refused


def service() -> Service:
    """Athena's operations beside moto's."""
    return Service("athena", {"DeleteNamedQuery": _delete_named_query}, "InvalidRequestException")


def _delete_named_query(caller: Caller, asked: Parameters) -> Answer:
    from moto.athena.models import athena_backends

    backends: Any = athena_backends
    if backends[caller.account][caller.region].named_queries.pop(asked["NamedQueryId"], None) is None:
        raise Refused(f"NamedQuery {asked['NamedQueryId']} was not found", "InvalidRequestException")
    return {}
