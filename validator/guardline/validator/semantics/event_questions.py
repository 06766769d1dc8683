"""What controls ask of an event pattern: which findings it matches.

Each question is answered by matching sample events of the rule's own account and region. Types and severities that
the pattern cannot tell apart are tried once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from guardline.spec.findings import families
from guardline.validator.semantics.event_patterns import Path, Pattern
from guardline.validator.semantics.event_samples import (
    Event,
    finding_event,
)
from guardline.validator.semantics.finding_samples import ACCOUNT, REGION, SEVERITIES

ASKED_OFTEN = 256  # the same few patterns are asked about in every region
Make = Callable[[str, float, str, str], Event]
# Where samples differ by their type, and by their severity: other fields cannot tell two samples apart.
_BY_TYPE: tuple[Path, ...] = (
    ("detail", "type"),
    ("detail", "resource"),
    ("detail", "service", "action"),
    ("detail", "findings", "Types"),
)
_NAMED: tuple[Path, ...] = (
    ("detail", "resource"),
    ("detail", "service", "action"),
    ("detail", "findings", "Resources"),
)
_BY_SEVERITY: tuple[Path, ...] = (("detail", "severity"), ("detail", "findings", "Severity"))
_ANYWHERE: frozenset[Path] = frozenset({("source",), ("detail-type",), ("detail", "severity"), ("detail", "type")})
"""Fields that are the same in the findings of every account and region."""


def severities_matched(
    pattern: Pattern, account: str = ACCOUNT, region: str = REGION, make: Make = finding_event
) -> tuple[float, ...]:
    """The severities (tenths from 1.0 to 10.0) at which the pattern matches the findings of *every* type.

    Args:
        pattern: of a rule in `account` and `region`.
        make: `finding_event`, or `security_hub_event` for findings that Security Hub imported.
    """
    if pattern.paths() <= _ANYWHERE:  # so is the answer, and it is worked out once
        account, region = ACCOUNT, REGION
    return _everywhere(pattern, account, region, make)


def matches_some_finding(
    pattern: Pattern, account: str = ACCOUNT, region: str = REGION, make: Make = finding_event
) -> bool:
    """Whether the pattern matches the findings of some type at some severity.

    A field that names one resource, peer or account (`_is_name`) is left out: samples do not have the user's names.
    """
    loose = pattern.without(_is_name)
    return any(loose.matches(event) for _, event in _told_apart(loose, account, region, make))


def _is_name(path: Path) -> bool:
    """Whether a field holds a name or number of the user's own things, or of a peer."""
    if path[:1] != ("detail",):
        return path == ("resources",)
    kinds = ("resourceType", "actionType", "blocked", "connectionDirection", "protocol", "resourceRole")
    return path[1:2] in (("id",), ("arn",), ("accountId",)) or (
        path[-1] not in kinds and any(path[: len(each)] == each for each in _NAMED)
    )


def _names(pattern: Pattern, fields: tuple[Path, ...]) -> bool:
    """Whether the pattern names a field at, below or above one of these."""
    return any(path[: len(each)] == each[: len(path)] for path in pattern.paths() for each in fields)


def _told_apart(pattern: Pattern, account: str, region: str, make: Make) -> Iterator[tuple[float | None, Event]]:
    """Sample findings, one for all that the pattern cannot tell apart, each with its severity (None: any)."""
    kinds = tuple(families())
    severities = SEVERITIES if _names(pattern, _BY_SEVERITY) else (None,)
    for kind in kinds if _names(pattern, _BY_TYPE) else kinds[:1]:
        for severity in severities:
            yield severity, make(kind, severity or SEVERITIES[0], account, region)


@lru_cache(maxsize=ASKED_OFTEN)
def _everywhere(pattern: Pattern, account: str, region: str, make: Make) -> tuple[float, ...]:
    missed: set[float] = set()
    for severity, event in _told_apart(pattern, account, region, make):
        if severity in missed or pattern.matches(event):
            continue
        if severity is None:
            return ()
        missed.add(severity)
    return tuple(severity for severity in SEVERITIES if severity not in missed)
