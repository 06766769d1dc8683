"""What is wrong with a spec, said so that a person can mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Mistake:
    """One mistake.

    Attributes:
        file: as the user named it, POSIX.
        line: from 1; 0 when the file as a whole is meant.
        column: from 1, counted in characters; 0 when the line or file as a whole is meant.
        message: what is wrong and what is accepted.
    """

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        return f"{place}: {self.message}"


class SpecError(ValueError):
    """A spec that cannot be used, with every mistake in it. Its text is complete: print it to stderr as it is."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes: tuple[Mistake, ...] = tuple(mistakes)
        lines = "\n".join(str(mistake) for mistake in self.mistakes)
        count = len(self.mistakes)
        super().__init__(lines if count == 1 else f"{lines}\n{count} mistakes")


def did_you_mean(word: str, accepted: Iterable[str]) -> str:
    """The end of a sentence: ``; did you mean `x`?`` or nothing."""
    meant = closest(word, accepted)
    return f"; did you mean `{meant}`?" if meant else ""


def closest(word: str, accepted: Iterable[str]) -> str | None:
    """The accepted word that was probably meant, whatever its case, or None."""
    spelled = {each.lower(): each for each in accepted}
    close = difflib.get_close_matches(word.lower()[:100], list(spelled), n=1, cutoff=0.6)
    return spelled[close[0]] if close else None
