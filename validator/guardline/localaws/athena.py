"""What moto's Athena lacks: named queries are never deleted there, and a workgroup without tags does not exist."""

from __future__ import annotations

from typing import Any

from guardline.localaws.jsonrpc import Service
from guardline.localaws.restjson import Answer, Caller, Parameters, Refused


def service() -> Service:
    """Athena's operations beside moto's."""
    handlers = {"DeleteNamedQuery": _delete_named_query, "ListTagsForResource": _list_tags}
    return Service("athena", handlers, "InvalidRequestException")


def _list_tags(caller: Caller, asked: Parameters) -> Answer:
    from moto.athena.models import athena_backends

    backends: Any = athena_backends
    backend, arn = backends[caller.account][caller.region], asked["ResourceARN"]
    known = {group.arn for group in backend.work_groups.values()} | {
        each.arn for each in backend.data_catalogs.values()
    }
    if arn not in known:
        raise Refused(f"Athena Resource, {arn} Does Not Exist", "InvalidRequestException")
    return {"Tags": backend.tagger.list_tags_for_resource(arn)["Tags"]}


def _delete_named_query(caller: Caller, asked: Parameters) -> Answer:
    from moto.athena.models import athena_backends

    backends: Any = athena_backends
    if backends[caller.account][caller.region].named_queries.pop(asked["NamedQueryId"], None) is None:
        raise Refused(f"NamedQuery {asked['NamedQueryId']} was not found", "InvalidRequestException")
    return {}
