"""What GuardDuty keeps: at most one detector for each account and region, with its filters, lists and tags."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import RLock
from typing import Any

from guardline.localaws.restjson import Answer, Caller, Refused

# The sentences are AWS's own: the Terraform provider recognises what is gone by them.
NO_DETECTOR = "The request is rejected because the input detectorId is not owned by the current account."
NOT_FOUND = "The request is rejected since no such resource found."


def new_id() -> str:
    """An identifier of GuardDuty's form: 32 hexadecimal digits."""
    return secrets.token_hex(16)


@dataclass
class IpList:
    """A trusted IP list or a threat list. A deleted one can still be asked for, and says DELETED."""

    name: str
    format: str
    location: str
    status: str
    tags: dict[str, str]
    bucket_owner: str | None


@dataclass
class Filter:
    """A filter of findings; an archiving one is a suppression rule."""

    name: str
    description: str
    action: str
    rank: int
    criteria: dict[str, Any]
    tags: dict[str, str]
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    updated: datetime = field(default_factory=lambda: datetime.now(UTC))
    version: int = 1


@dataclass
class Destination:
    """Where findings are exported to: its type, and the ARNs of bucket and key."""

    kind: str
    bucket: str
    key: str
    tags: dict[str, str]


@dataclass
class Feature:
    """One protection plan: ENABLED or DISABLED, and its agents' states by name."""

    status: str
    updated: datetime
    agents: dict[str, tuple[str, datetime]] = field(default_factory=dict)


@dataclass
class Detector:
    """GuardDuty in one account and region."""

    id: str
    enabled: bool
    frequency: str
    tags: dict[str, str]
    features: dict[str, Feature]
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    updated: datetime = field(default_factory=lambda: datetime.now(UTC))
    filters: dict[str, Filter] = field(default_factory=dict)
    # By the kind's place in an ARN (ipset, threatintelset), then by id.
    lists: dict[str, dict[str, IpList]] = field(default_factory=dict)
    destinations: dict[str, Destination] = field(default_factory=dict)
    findings: dict[str, dict[str, Any]] = field(default_factory=dict)  # as GetFindings gives them, by id
    # What the organization's administrator sets for members: {"members": "ALL", "features": {name: setting}}.
    organization: dict[str, Any] | None = None


class State:
    """Every detector of this AWS, by (account, region). A lock keeps requests apart."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.detectors: dict[tuple[str, str], Detector] = {}
        # By management account and region, the organization's administrator; and who is naming the first one now.
        self.administrators: dict[tuple[str, str], str] = {}
        self.registering: set[str] = set()
        # What was answered to a request with a ClientToken, by account, region, operation and token.
        self.answered: dict[tuple[str, str, str, str], Answer] = {}

    def clear(self) -> None:
        """Forget everything."""
        with self.lock:
            self.detectors.clear()
            self.administrators.clear()
            self.registering.clear()
            self.answered.clear()

    def detector(self, caller: Caller, identifier: str) -> Detector:
        """The caller's detector.

        Raises:
            Refused: the caller has no detector of that id in that region.
        """
        found = self.detectors.get((caller.account, caller.region))
        if found is None or found.id != identifier:
            raise Refused(NO_DETECTOR)
        return found
