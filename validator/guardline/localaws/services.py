"""What the local AWS adds to moto, service by service: operations that moto lacks, and requests it gets wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from guardline.localaws import (
    athena,
    cloudtrail,
    config,
    events,
    function_runs,
    kms,
    route53resolver,
    securityhub,
    ssoadmin,
)
from guardline.localaws.guardduty import service as guardduty
from guardline.localaws.request import FillIn, Request
from guardline.localaws.restjson import Response


def fill_ins(environment: function_runs.Environment) -> tuple[Mapping[str, FillIn], Callable[[], None]]:
    """By the service's name in a signature, its fill-in; and what makes all of them forget what was made.

    Args:
        environment: from a region and an account to the variables that a function runs with.
    """
    guardduty_service, guardduty_state = guardduty()
    hub_service, hub_state = securityhub.service()

    def answer_guardduty(request: Request) -> Response:
        return guardduty_service.answer(request.caller, request.method, request.uri, request.body)

    def mend_cloudtrail(request: Request) -> Request:
        return replace(request, body=cloudtrail.mend(request.target, request.body))

    def mend_config(request: Request) -> Request:
        return replace(request, body=config.mend(request.target, request.body))

    def answer_securityhub(request: Request) -> Response | Request:
        if not hub_service.serves(request.method, request.uri):
            return request
        return hub_service.answer(request.caller, request.method, request.uri, request.body)

    def forget() -> None:
        guardduty_state.clear()
        hub_state.clear()

    return {
        "athena": athena.service().answer,
        "cloudtrail": mend_cloudtrail,
        "config": mend_config,
        "events": events.answer,
        "guardduty": answer_guardduty,
        "kms": kms.answer,
        "lambda": lambda request: function_runs.invoke(request, environment),
        "route53resolver": route53resolver.service().answer,
        "securityhub": answer_securityhub,
        "sso": ssoadmin.service().answer,
    }, forget
