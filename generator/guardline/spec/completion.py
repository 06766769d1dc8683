"""What the shell completes: regions, and in `guardline.validator.completion` controls and formats."""

from __future__ import annotations

from collections.abc import Iterable


def begins(incomplete: str, words: Iterable[str]) -> list[str]:
    """The words that go on from what is typed."""
    return [word for word in words if word.startswith(incomplete)]


def regions(incomplete: str) -> list[str]:
    """The names of regions, the last of several with commas."""
    from guardline.spec import catalogue

    before, comma, last = incomplete.rpartition(",")
    names = (region.name for partition in catalogue.partitions() for region in catalogue.regions(partition))
    return [f"{before}{comma}{name}" for name in begins(last, names)]


def home_regions(incomplete: str) -> list[str]:
    """The regions that can be a home region."""
    from guardline.spec import catalogue

    known = (region for partition in catalogue.partitions() for region in catalogue.regions(partition))
    return begins(incomplete, (region.name for region in known if region.default_enabled))
