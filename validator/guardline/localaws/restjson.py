"""Services of AWS's REST-JSON protocol, driven by botocore's own model of each.

A service is a mapping of operation names to handlers. Which operation a request means, what its parameters are and
whether AWS would refuse them is read from the service model, so a handler sees valid parameters only; what a handler
answers is held to the model too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote

from guardline.localaws.shapes import Shape, from_text, from_wire, problems, to_wire

Parameters = Mapping[str, Any]
Answer = Mapping[str, Any]


@dataclass(frozen=True)
class Caller:
    """Whose request it is, and where it went: what AWS knows from the signature."""

    account: str
    region: str
    partition: str


@dataclass(frozen=True)
class Response:
    """What goes back over HTTP."""

    status: int
    body: Mapping[str, Any]
    error: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):  # noqa: N818 - the word of the domain; it is an answer, not a fault of this program
    """What AWS answers to a request that it will not carry out.

    Args:
        message: the sentence for the caller.
        code: the name of the exception in the service model.
        status: the HTTP status.
    """

    def __init__(self, message: str, code: str = "BadRequestException", status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


Handler = Callable[[Caller, Parameters], Answer]


@dataclass(frozen=True)
class Operation:
    """One operation of a service model, and the requests that mean it."""

    name: str
    method: str
    path: re.Pattern[str]
    status: int
    input: Shape
    output: Shape


class Service:
    """One service: its model, and a handler for each operation that is served.

    Args:
        name: botocore's name of the service.
        handlers: by operation name. Other operations of the model are answered 501.
    """

    def __init__(self, name: str, handlers: Mapping[str, Handler]) -> None:
        self.name = name
        self.handlers = handlers

    def answer(self, caller: Caller, method: str, uri: str, body: bytes) -> Response:
        """Carry out one request.

        Args:
            caller: from the request's signature.
            method: of HTTP.
            uri: the path and query as they came, still percent-encoded (an ARN in a path holds slashes).
            body: as it came.
        """
        path, _, query = uri.partition("?")
        operation, found = self._operation(method, path)
        if operation is None:
            return refusal(Refused(f"{self.name} has no operation {method} {path}", "UnknownOperationException", 404))
        handler = self.handlers.get(operation.name)
        if handler is None:
            message = f"the local AWS does not serve {self.name} {operation.name}"
            return refusal(Refused(message, "NotImplementedException", 501))
        try:
            parameters = _parameters(operation.input, found, query, body)
            answered = dict(handler(caller, parameters))
        except Refused as refused:
            return refusal(refused)
        faults = list(problems(answered, operation.output, operation.name)) if operation.output is not None else []
        if faults:
            return refusal(Refused("the local AWS answered wrongly: " + "; ".join(faults), "InternalError", 500))
        return Response(operation.status, to_wire(answered, operation.output) if operation.output is not None else {})

    def serves(self, method: str, uri: str) -> bool:
        """Whether a request is for an operation that has a handler."""
        operation, _ = self._operation(method, uri.partition("?")[0])
        return operation is not None and operation.name in self.handlers

    def _operation(self, method: str, path: str) -> tuple[Operation | None, dict[str, str]]:
        for operation in operations(self.name):
            found = operation.path.fullmatch(path) if operation.method == method else None
            if found is not None:
                return operation, {name: unquote(text) for name, text in found.groupdict().items()}
        return None, {}


@cache
def operations(service: str) -> tuple[Operation, ...]:
    """Every operation of a service, from botocore's model."""
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    model: Any = ServiceModel(Loader().load_service_model(service, "service-2"), service)
    return tuple(
        Operation(
            name,
            operation.http["method"],
            _pattern(operation.http["requestUri"]),
            operation.http.get("responseCode", 200),
            operation.input_shape,
            operation.output_shape,
        )
        for name in model.operation_names
        for operation in [model.operation_model(name)]
    )


def _pattern(uri: str) -> re.Pattern[str]:
    """What matches an operation's path; in a member written ``{name+}`` clients leave slashes as they are."""
    parts = re.split(r"\{(\w+)(\+?)\}", uri.partition("?")[0])
    pattern = re.escape(parts[0])
    for name, greedy, literal in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        pattern += f"(?P<{name}>{'.+?' if greedy else '[^/]+'}){re.escape(literal)}"
    return re.compile(pattern + "/?")


def _parameters(shape: Shape, path: Mapping[str, str], query: str, body: bytes) -> dict[str, Any]:
    """The request's parameters by member name.

    Raises:
        Refused: the model forbids them.
    """
    if shape is None:
        return {}
    try:
        content = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError):
        raise Refused("the request's body is not valid JSON", "SerializationException") from None
    if not isinstance(content, dict):
        raise Refused("the request's body is not a JSON object", "SerializationException")
    asked = parse_qs(query, keep_blank_values=True)
    parameters: dict[str, Any] = {}
    in_body = {}
    for name, member in shape.members.items():
        place = member.serialization.get("location")
        wire_name = member.serialization.get("name", name)
        if place == "uri":
            parameters[name] = from_text(path[wire_name], member)
        elif place == "querystring" and wire_name in asked:
            values: Iterable[str] = asked[wire_name]
            if member.type_name == "list":
                parameters[name] = [from_text(value, member.member) for value in values]
            else:
                parameters[name] = from_text(next(iter(values)), member)
        elif place is None:
            in_body[name] = member
    read = from_wire(content, shape)
    parameters |= {name: value for name, value in read.items() if name in in_body}
    faults = list(problems(parameters, shape, shape.name))
    if faults:
        raise Refused("The request is rejected because of invalid input: " + "; ".join(faults))
    return parameters


def refusal(refused: Refused) -> Response:
    """What goes back for a request that is not carried out."""
    return Response(refused.status, {"__type": refused.code, "message": str(refused)}, refused.code)
