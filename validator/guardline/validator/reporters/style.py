"""Drawing text on a terminal of some width: wrapping, colour and the ASCII fallback."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from textwrap import wrap

import msgspec

from guardline.spec.saying import printable
from guardline.validator.control import Status
from guardline.validator.reporters.vocabulary import NOTHING, SYMBOLS, ascii_text

_COLOURS: Mapping[Status, str] = {
    Status.PASS: "32",
    Status.FAIL: "1;31",
    Status.UNDETERMINED: "33",
    Status.WAIVED: "35",
    Status.NOT_APPLICABLE: "2",
    Status.NOT_ASSESSED: "2",
}


class Pen(msgspec.Struct, frozen=True):
    """How to draw.

    Attributes:
        width: columns; no line is longer, unless one word is.
        colour: whether to write ANSI colours.
        ascii_only: whether the terminal knows ASCII only.
    """

    width: int
    colour: bool
    ascii_only: bool

    def text(self, text: str) -> str:
        """Make `text`, whoever wrote it, one safe line."""
        return ascii_text(printable(text)) if self.ascii_only else printable(text)

    def style(self, text: str, code: str) -> str:
        """Set `text` in an ANSI style, where there is colour."""
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and text.strip() else text

    def verdict(self, text: str, status: Status | None) -> str:
        """Set `text` in the colour of a verdict; None is nothing asked."""
        return self.style(text, _COLOURS[status] if status else "2")

    def sign(self, status: Status | None) -> str:
        """The sign of a verdict."""
        return self.text(SYMBOLS[status] if status else NOTHING)

    def paragraph(self, text: str, first: str = "", rest: str = "") -> list[str]:
        """Wrap `text`, with `first` before its first line and `rest` before the others.

        Words are never broken, so that addresses and paths can be copied.
        """
        lines = wrap(
            self.text(text),
            max(self.width, 20),
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
        return lines or [first.rstrip()]

    def flow(self, pieces: Iterable[tuple[str, str]], indent: str) -> list[str]:
        """Set pieces (printable, as styled) side by side, three blanks between them, in as many lines as they need."""
        lines: list[str] = []
        used = 0
        for bare, styled in pieces:
            if lines and used + 3 + len(bare) <= self.width:
                lines[-1] += "   " + styled
                used += 3 + len(bare)
            else:
                lines.append(indent + styled)
                used = len(indent) + len(bare)
        return lines


def columns(cells: Sequence[tuple[str, str]], widths: Sequence[int]) -> str:
    """Set cells (printable, as styled) in columns of these widths, one blank between them."""
    padded = (styled + " " * (width - len(bare)) for (bare, styled), width in zip(cells, widths, strict=True))
    return " ".join(padded).rstrip()
