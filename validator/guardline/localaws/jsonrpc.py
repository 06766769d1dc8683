"""Services of AWS's JSON protocol, driven by botocore's own model: the operation stands in the X-Amz-Target header.

Handlers are the same as those of `restjson`: they see valid parameters only, and what they answer is held to the model.
An operation without a handler goes on to moto.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from guardline.localaws.request import Request
from guardline.localaws.restjson import Handler, Refused, Response, refusal
from guardline.localaws.shapes import Shape, from_wire, problems, to_wire


class Service:
    """One service: its model, and a handler for each operation that moto lacks or gets wrong.

    Args:
        name: botocore's name of the service.
        handlers: by operation name.
        error: the name of the exception that the service answers to invalid input.
    """

    def __init__(self, name: str, handlers: Mapping[str, Handler], error: str = "ValidationException") -> None:
        self.name = name
        self.handlers = handlers
        self.error = error

    def answer(self, request: Request) -> Response | Request:
        """Carry out one request, or hand it on."""
        operation = request.target.rpartition(".")[2]
        handler = self.handlers.get(operation)
        if handler is None:
            return request
        asked, answers = _shapes(self.name, operation)
        try:
            answered = dict(handler(request.caller, self._parameters(asked, request.body)))
        except Refused as refused:
            return refusal(refused)
        faults = list(problems(answered, answers, operation)) if answers is not None else []
        if faults:
            return refusal(Refused("the local AWS answered wrongly: " + "; ".join(faults), "InternalError", 500))
        return Response(200, to_wire(answered, answers) if answers is not None else {})

    def _parameters(self, shape: Shape, body: bytes) -> dict[str, Any]:
        """The request's parameters by member name.

        Raises:
            Refused: the model forbids them.
        """
        try:
            content = json.loads(body) if body.strip() else {}
        except (ValueError, RecursionError):
            raise Refused("the request's body is not valid JSON", "SerializationException") from None
        if not isinstance(content, dict):
            raise Refused("the request's body is not a JSON object", "SerializationException")
        if shape is None:
            return {}
        parameters: dict[str, Any] = from_wire(content, shape)
        faults = list(problems(parameters, shape, shape.name))
        if faults:
            raise Refused("; ".join(faults), self.error)
        return parameters


@cache
def _shapes(service: str, operation: str) -> tuple[Shape, Shape]:
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    model: Any = ServiceModel(Loader().load_service_model(service, "service-2"), service)
    found = model.operation_model(operation)
    return found.input_shape, found.output_shape
