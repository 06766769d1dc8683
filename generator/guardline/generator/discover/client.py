"""One region's clients. A question that is not answered is noted: it must never read as "there is none"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from guardline.spec.inventory import Unseen

SERVICES = ("guardduty", "securityhub", "config", "cloudtrail", "ec2", "route53resolver")

# How services say that they are not on here, which is an answer and no failure.
_NOTHING = {
    ("securityhub", "InvalidAccessException"),
    ("securityhub", "ResourceNotFoundException"),
}


class RegionClient:
    """Asks one region.

    Args:
        region: its name.
        clients: boto3 clients by service.

    Attributes:
        unseen: the questions that were not answered.
    """

    def __init__(self, region: str, clients: Mapping[str, Any]) -> None:
        self.region = region
        self.unseen: list[Unseen] = []
        self._clients = clients

    def all(self, service: str, operation: str, key: str, **parameters: Any) -> list[Any]:
        """Every item of a listing, over all its pages; empty when AWS does not answer (see `unseen`).

        Args:
            service: e.g. ``guardduty``.
            operation: in boto3's spelling, e.g. ``list_detectors``.
            key: of the answer's list.
            parameters: of the operation.
        """
        client = self._clients[service]
        if client.can_paginate(operation):
            pages = self._answer(
                service, operation, lambda: list(client.get_paginator(operation).paginate(**parameters))
            )
        else:
            pages = [self._answer(service, operation, lambda: getattr(client, operation)(**parameters))]
        return [item for page in pages or () for item in (page or {}).get(key, ())]

    def one(self, service: str, operation: str, **parameters: Any) -> Mapping[str, Any] | None:
        """One answer; None when AWS does not give it (see `unseen`) or says that there is none."""
        client = self._clients[service]
        answer: Mapping[str, Any] | None = self._answer(
            service, operation, lambda: getattr(client, operation)(**parameters)
        )
        return answer

    def _answer(self, service: str, operation: str, call: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return call()
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", "unknown"))
            if (service, code) not in _NOTHING:
                self._note(service, operation, code)
        except BotoCoreError as error:  # no endpoint here, a timeout, ...
            self._note(service, operation, type(error).__name__)
        return None

    def _note(self, service: str, operation: str, reason: str) -> None:
        name = "".join(part.capitalize() for part in operation.split("_"))
        self.unseen.append(Unseen(region=self.region, operation=f"{service}:{name}", reason=reason))
