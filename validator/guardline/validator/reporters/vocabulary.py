"""The words and signs that the reporters share, and text made safe to print."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from guardline.validator.control import Status

SYMBOLS: Mapping[Status, str] = {
    Status.PASS: "✓",
    Status.FAIL: "✗",
    Status.UNDETERMINED: "?",
    Status.WAIVED: "w",
    Status.NOT_APPLICABLE: "–",  # noqa: RUF001 - a dash as long as the other signs are wide
    Status.NOT_ASSESSED: "○",
}
"""One sign per verdict, so that colour alone never carries a verdict."""

NOTHING = "·"
"""The sign of a square in which nothing is asked, e.g. flow logs in a region without a VPC."""

MEANINGS: Mapping[Status, str] = {
    Status.PASS: "it holds",
    Status.FAIL: "it does not hold",
    Status.UNDETERMINED: "the source does not tell; never counted as covered",
    Status.WAIVED: "does not hold, and is accepted until a date; never counted as covered",
    Status.NOT_APPLICABLE: "the question does not arise; outside coverage",
    Status.NOT_ASSESSED: "this kind of source cannot tell; outside coverage",
}

_ASCII = str.maketrans("✓✗–○·×÷┐│", "+X-o.x/.|", "") | {ord("…"): "...", ord("→"): "->"}  # noqa: RUF001


def ascii_text(text: str) -> str:
    """Return `text` in ASCII: signs become look-alikes, anything else an escape."""
    return text.translate(_ASCII).encode("ascii", "backslashreplace").decode()


def cut(text: str, most: int) -> str:
    """`text` in at most `most` characters, with the cut shown."""
    return text if len(text) <= most else f"{text[: most - 2]} …"


def figure(number: int) -> str:
    """A number for people, with a thousands separator from 10,000 on."""
    return f"{number:,}" if number >= 10_000 else str(number)


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Say how many: ``count(2, "region")`` is ``2 regions``."""
    return f"{figure(number)} {noun if number == 1 else plural or noun + 's'}"


def listed(names: Sequence[str], most: int) -> str:
    """Join names with commas, the rest beyond `most` counted."""
    rest = len(names) - most
    return ", ".join(names) if rest <= 0 else f"{', '.join(names[:most])} and {rest} more"


def region_names(names: Iterable[str], whole: int = 4) -> str:
    """Name regions briefly: up to `whole` of them in full, more with numbers drawn together (``eu-west-1/2/3``)."""
    regions = list(names)
    if len(regions) <= whole:
        return ", ".join(regions)
    areas: dict[str, list[str]] = {}
    for region in regions:
        area, _, number = region.rpartition("-")
        areas.setdefault(area, []).append(number)
    return ", ".join(f"{area}-{'/'.join(numbers)}" if area else "/".join(numbers) for area, numbers in areas.items())


def ticked(text: str) -> tuple[tuple[str, bool], ...]:
    """Split a sentence at its backticks into (part, is code); a backtick without its fellow is text."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        parts[-2:] = ["`".join(parts[-2:])]
    return tuple((part, number % 2 == 1) for number, part in enumerate(parts) if part)
