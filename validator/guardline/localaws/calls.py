"""Which operation a signed request means, in every protocol that AWS speaks: what a record of calls is made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qs

# Where a signature's name of a service is not botocore's own.
_MODELS = {"monitoring": "cloudwatch", "sso": "sso-admin"}


class Call(NamedTuple):
    """A call.

    Attributes:
        service: its name in the signature, e.g. ``s3``.
        operation: e.g. ``PutBucketPolicy``, as botocore names it.
    """

    service: str
    operation: str


@dataclass(frozen=True)
class _Path:
    """What a request of a REST protocol looks like.

    Attributes:
        operation: its name.
        method: of HTTP.
        path: as a pattern.
        query: the parameters that must be in the query, with their value or None for any.
    """

    operation: str
    method: str
    path: re.Pattern[str]
    query: Mapping[str, str | None]


def call(service: str, method: str, uri: str, target: str, body: bytes) -> Call:
    """The operation of a request.

    Args:
        service: the name in its signature.
        method: of HTTP.
        uri: the path and query.
        target: the X-Amz-Target header, or empty.
        body: the body.
    """
    if target:
        return Call(service, target.rpartition(".")[2])
    path, _, query = uri.partition("?")
    asked = parse_qs(query, keep_blank_values=True)
    form = parse_qs(body.decode("utf-8", "replace")) if method == "POST" and path == "/" else {}
    action = form.get("Action") or asked.get("Action")
    if action:
        return Call(service, action[0])
    named = asked.get("x-id")  # the newer SDKs say it themselves where the path does not
    return Call(service, named[0] if named else _of_path(service, method, path, asked))


def _of_path(service: str, method: str, path: str, asked: Mapping[str, list[str]]) -> str:
    fitting = [
        each
        for each in _paths(_MODELS.get(service, service))
        if each.method == method
        and each.path.fullmatch(path)
        and all(name in asked and value in (None, asked[name][0]) for name, value in each.query.items())
    ]
    # What asks for more is the one that is meant; a fixed path outweighs a parameter that fits anything.
    best = max(fitting, key=lambda each: (len(each.query), -each.path.groups), default=None)
    return best.operation if best is not None else f"{method} {path}"


@cache
def _paths(service: str) -> tuple[_Path, ...]:
    from botocore.exceptions import UnknownServiceError
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    try:
        model: Any = ServiceModel(Loader().load_service_model(service, "service-2"), service)
    except UnknownServiceError:
        return ()
    operations = [model.operation_model(name) for name in model.operation_names]
    meant = (each for each in operations if not each.deprecated and not _hangs_on_a_header(each.input_shape))
    return tuple(_path(each.name, each.http) for each in meant)


def _hangs_on_a_header(shape: Any) -> bool:
    """Whether only a header tells the operation from another, as it does a copy from a plain write."""
    members = [shape.members[name] for name in shape.required_members] if shape is not None else []
    return any(member.serialization.get("location") == "header" for member in members)


def _path(operation: str, http: Mapping[str, Any]) -> _Path:
    uri, _, query = str(http["requestUri"]).partition("?")
    pattern = ""
    for literal, name, greedy in re.findall(r"([^{]*)(?:\{([\w-]+)(\+?)\})?", uri):
        pattern += re.escape(literal) + (("(.+)" if greedy else "([^/]+)") if name else "")
    wanted = {name: values[0] or None for name, values in parse_qs(query, keep_blank_values=True).items()}
    return _Path(operation, str(http["method"]), re.compile(pattern + "/?"), wanted)
