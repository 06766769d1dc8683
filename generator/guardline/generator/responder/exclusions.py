"""What is never touched, and what its owners took out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from .actions.action import Target
from .settings import Settings


def never(target: Target, settings: Settings) -> str | None:
    """Why a target is never touched, before anything is asked about it; None where it may be."""
    name = f"{target.kind}/{target.name}"
    for pattern in settings.never:
        if fnmatchcase(name, pattern):
            return f"the settings say never to touch {pattern}"
    return None


def by_tags(tags: Mapping[str, str], settings: Settings) -> str | None:
    """Why a target's tags leave it to people, or None where they do not."""
    out = _first(tags, settings.opt_out_tags)
    if out is not None:
        return f"its tag {out} leaves it to people"
    if settings.opt_in_tags and _first(tags, settings.opt_in_tags) is None:
        return f"it has none of the tags {', '.join(settings.opt_in_tags)}"
    return None


def _first(tags: Mapping[str, str], wanted: Sequence[str]) -> str | None:
    for tag in wanted:
        key, equals, value = tag.partition("=")
        if key in tags and (not equals or tags[key] == value):
            return tag
    return None
