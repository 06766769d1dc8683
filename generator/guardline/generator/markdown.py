"""Texts of the spec as Markdown."""

from __future__ import annotations

import re


def markdown(text: str) -> str:
    """A text as one line of Markdown that shows it as it is."""
    escaped = re.sub(r"([\\`*_\[\]<>|~&])", r"\\\1", text)
    return " ".join(escaped.split())
