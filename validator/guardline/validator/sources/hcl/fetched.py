"""What ``terraform init`` fetched, and whether it is what a module call asks for now.

Terraform refuses to plan where the record names another source, or a version that the call no longer admits: what lies
there is not what will be built.
Sources: https://developer.hashicorp.com/terraform/language/modules/sources,
https://developer.hashicorp.com/terraform/language/expressions/version-constraints
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from urllib.parse import unquote

import msgspec

from guardline.spec import regular
from guardline.validator.sources.hcl.config import Configuration
from guardline.validator.sources.hcl.syntax import HclError

RECORD_BYTES = 16 << 20
"""A larger ``modules.json`` is not what ``terraform init`` writes."""

_ADDED = re.compile(
    r"^(?:[a-z0-9]+::)*(?:[a-z0-9+]+://)?(?:[^/@]*@)?(?:registry\.terraform\.io/|registry\.opentofu\.org/)?"
)
"""What Terraform writes before a source, or leaves out, when it records it."""

_CONSTRAINT = re.compile(r"\s*(=|!=|>=|<=|~>|>|<)?\s*v?(\d+(?:\.\d+){0,2})\s*", re.ASCII)
_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:\+.*)?", re.ASCII)


class Fetched(msgspec.Struct, frozen=True):
    """A module that was fetched.

    Attributes:
        folder: where it is.
        source: where it is from; None where the record does not say.
        version: its version, for one of a registry.
    """

    folder: Path
    source: str | None = None
    version: str | None = None

    def is_outdated(self, source: str | None, version: str | None) -> bool:
        """Whether a call asks for something else. What cannot be compared is taken as it is.

        Args:
            source: what the call names; None where that is unknown.
            version: the versions that it admits; None for any, or where that is unknown.
        """
        asked = _plain(source) if source is not None else None
        recorded = _plain(self.source) if self.source is not None else None
        other = asked is not None and recorded is not None and asked != recorded
        return other or (version is not None and self.version is not None and not _admits(version, self.version))


def fetched(root: Path, found: Configuration) -> dict[str, Fetched]:
    """What ``terraform init`` recorded in a root: dotted static path -> module. A damaged record is an error of it."""
    record = root / ".terraform" / "modules" / "modules.json"
    if not os.path.lexists(record) or not found.bounds.admits(record):
        return {}
    shown = found.bounds.shown(record)
    try:
        entries = json.loads(regular.read(record, RECORD_BYTES))["Modules"]
        return {
            entry["Key"]: Fetched(root / entry["Dir"], _text(entry.get("Source")), _text(entry.get("Version")))
            for entry in entries
            if entry["Key"]
        }
    except regular.NotRegularError as error:
        found.errors.append(HclError(shown, None, f"{error.strerror}, so it is not read"))
    except OSError as error:
        found.errors.append(HclError(shown, None, f"cannot be read: {error.strerror}"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        found.errors.append(HclError(shown, None, "not what terraform init writes; run terraform init again"))
    return {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _plain(source: str) -> str | None:
    """A source without what Terraform adds to it in its record; None for one that it writes in another way there."""
    if source.startswith("/") or "amazonaws.com" in source:
        return None
    address, _, query = unquote(_ADDED.sub("", source, count=1)).partition("?")
    address = re.sub(r"\.git(?=//|/?$)", "", address.replace(":", "/", 1)).rstrip("/")
    return f"{address}?{'&'.join(sorted(query.split('&')))}".lower()


def _admits(constraints: str, version: str) -> bool:
    """Whether a version is admitted; a pre-release, and what is no constraint, cannot be compared."""
    numbers = _VERSION.fullmatch(version)
    parts = [_CONSTRAINT.fullmatch(each) for each in constraints.split(",")]
    if numbers is None or not all(parts):
        return True
    have = tuple(int(number) for number in numbers.groups())
    return all(_holds(part[1] or "=", part[2], have) for part in parts if part is not None)


def _holds(operator: str, wanted: str, have: tuple[int, ...]) -> bool:
    given = [int(number) for number in wanted.split(".")]
    least = (*given, 0, 0)[:3]
    match operator:
        case "=":
            return have == least
        case "!=":
            return have != least
        case ">":
            return have > least
        case ">=":
            return have >= least
        case "<":
            return have < least
        case "<=":
            return have <= least
        case _:  # ~>: only the last number that is given may grow
            fixed = len(given) - 1
            return have >= least and have[:fixed] == least[:fixed]
