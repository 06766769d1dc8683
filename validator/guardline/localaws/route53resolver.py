"""What moto's Route 53 Resolver lacks for the baseline: query logging is set up there, and never taken away."""

from __future__ import annotations

import inspect
from functools import wraps
from typing import Any

from guardline.localaws.jsonrpc import Service
from guardline.localaws.restjson import Answer, Caller, Parameters, Refused


def correct() -> None:
    """Let query logging configurations have tags.

    moto 5.2.5 keeps the tags they are made with, but knows no such resource when it is asked for them.
    """
    from moto.route53resolver.models import Route53ResolverBackend

    known = inspect.unwrap(Route53ResolverBackend._matched_arn)  # noqa: SLF001 - moto has no other seam

    @wraps(known)
    def matched(self: Any, resource_arn: str) -> None:
        if all(each.arn != resource_arn for each in self.resolver_query_log_configs.values()):
            known(self, resource_arn)

    backend: Any = Route53ResolverBackend  # a method is replaced, which no checker allows on the class itself
    backend._matched_arn = matched  # noqa: SLF001 - as above


def service() -> Service:
    """Route 53 Resolver's operations beside moto's."""
    handlers = {
        "DeleteResolverQueryLogConfig": _delete,
        "DisassociateResolverQueryLogConfig": _disassociate,
    }
    return Service("route53resolver", handlers, "InvalidParameterException")


def _delete(caller: Caller, asked: Parameters) -> Answer:
    backend, config = _config(caller, asked)
    if config.association_count:
        raise Refused("the query logging configuration is still associated with VPCs", "InvalidRequestException")
    del backend.resolver_query_log_configs[config.id]
    config.status = "DELETING"
    return {"ResolverQueryLogConfig": config.description()}


def _disassociate(caller: Caller, asked: Parameters) -> Answer:
    backend, config = _config(caller, asked)
    associations = backend.resolver_query_log_config_associations
    for each in list(associations.values()):
        if (each.resolver_query_log_config_id, each.resource_id) == (config.id, asked["ResourceId"]):
            del associations[each.id]
            config.association_count -= 1
            each.status = "DELETING"
            return {"ResolverQueryLogConfigAssociation": each.description()}
    raise Refused(f"{asked['ResourceId']} is not associated with {config.id}", "ResourceNotFoundException")


def _config(caller: Caller, asked: Parameters) -> tuple[Any, Any]:
    """The region's backend in moto, and the configuration that is asked for."""
    from moto.route53resolver.models import route53resolver_backends

    backends: Any = route53resolver_backends
    backend = backends[caller.account][caller.region]
    config = backend.resolver_query_log_configs.get(asked["ResolverQueryLogConfigId"])
    if config is None:
        message = f"no query logging configuration has the id {asked['ResolverQueryLogConfigId']}"
        raise Refused(message, "ResourceNotFoundException")
    return backend, config
