"""One request to the local AWS, and what a service makes of it before moto sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from guardline.localaws.restjson import Caller, Response


@dataclass(frozen=True)
class Request:
    """A request as it came.

    Attributes:
        caller: from its signature.
        method: of HTTP.
        uri: the path and query, still percent-encoded (an ARN in a path holds slashes).
        target: the X-Amz-Target header of the JSON protocols, e.g. ``CloudTrail_20131101.DeleteTrail``; else empty.
        body: the body.
    """

    caller: Caller
    method: str
    uri: str
    target: str
    body: bytes


FillIn = Callable[[Request], Response | Request]
"""Answers a request, or hands it on to moto: as it came, or mended."""
