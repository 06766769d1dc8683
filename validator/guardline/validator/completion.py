"""What the shell completes of a report: ids of controls, and formats."""

from __future__ import annotations

from guardline.spec import completion


def controls(incomplete: str) -> list[tuple[str, str]]:
    """The ids of controls, with their titles."""
    from guardline.validator.controls.command import complete

    return complete(incomplete)


def formats(incomplete: str) -> list[str]:
    """The output formats."""
    from guardline.validator.reporters import FORMATS

    return completion.begins(incomplete, FORMATS)


def regions(incomplete: str) -> list[str]:
    """The names of regions, and the words for several."""
    words = completion.begins(incomplete, ("default", "all", "touched"))
    return [*words, *completion.regions(incomplete)]
