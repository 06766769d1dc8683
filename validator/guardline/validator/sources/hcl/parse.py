"""One file of Terraform source into a `Body`, within a time bound.

python-hcl2 8.1.4 parses; what it does not take (a byte order mark, non-ASCII names, ``${~ x ~}``, comments in odd
places) is rewritten before, so that every line number is the file's own.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from guardline.validator.sources.hcl.scan import Marks, marks, tidy
from guardline.validator.sources.hcl.syntax import Body, HclError

if TYPE_CHECKING:
    from types import FrameType


SECONDS_PER_FILE = 30.0
"""How long one file may take. The largest file seen in public repositories takes about 3 s."""

BYTES_PER_FILE = 8 * 1024 * 1024
"""Larger files are refused: no hand-written Terraform comes near."""

NESTING = "nested too deeply to be read (a few hundred levels are)"


def parse(data: bytes, file: str, seconds: float = SECONDS_PER_FILE) -> Body:
    """Parse one file; JSON syntax when its name ends in ``.json``.

    Args:
        data: the file's bytes, UTF-8.
        file: its name as shown to people; it goes into errors.
        seconds: the time bound. It needs the process's main thread on a POSIX system; elsewhere only the size bounds.

    Raises:
        HclError: too large, not UTF-8, not valid, too slow or nested too deeply.
    """
    if len(data) > BYTES_PER_FILE:
        raise HclError(file, None, f"larger than {BYTES_PER_FILE // 2**20} MiB, so it is not read")
    try:
        text = normalize("NFC", data.decode("utf-8-sig"))  # as Terraform does with every text
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise HclError(file, line, "not UTF-8 text; save the file as UTF-8") from None
    try:
        with time_limit(seconds):
            if file.endswith(".json"):
                from guardline.validator.sources.hcl.jsonsyntax import read

                return read(text, file)
            return _native(text, file)
    except RecursionError:
        raise HclError(file, None, NESTING) from None
    except OutOfTimeError:
        raise HclError(file, None, f"not parsed within {seconds:g} s, so it is not read") from None


def grammar(text: str) -> Any:
    """Parse HCL text into python-hcl2's tree. The text must end in a newline."""
    import hcl2

    return hcl2.parses_to_tree(text)


def _native(text: str, file: str) -> Body:
    from lark.exceptions import UnexpectedInput

    from guardline.validator.sources.hcl.convert import Converter

    rewriting = marks(text)
    marked = rewriting.apply(text) if rewriting is not None else text
    try:
        tree = grammar(marked)
    except UnexpectedInput as first:
        try:
            tree = grammar(tidy(marked + "\n"))
        except UnexpectedInput:
            raise _syntax_error(first, file, marked, rewriting) from None
    return Converter(file, rewriting, grammar).body(next(_bodies(tree)))


def _bodies(tree: Any) -> Iterator[Any]:
    return (child for child in tree.children if getattr(child, "data", "") == "body")


def _syntax_error(error: Any, file: str, text: str, rewriting: Marks | None) -> HclError:
    """Say where a parse stopped, in the file's own words rather than the grammar's."""
    line, column = getattr(error, "line", -1), getattr(error, "column", -1)
    token = getattr(error, "token", None)
    rows = text.split("\n")
    row = rows[line - 1] if 0 < line <= len(rows) else ""
    if getattr(token, "type", "") == "$END" or line <= 0 or line > len(rows):
        last = text.rstrip("\n").count("\n") + 1
        return HclError(file, last, "the file ends too early: a brace, bracket or quote is not closed")
    rest = row[column - 1 :][:30].partition('"')[0].rstrip() or row[column - 1 :][:1]  # a text may be a secret
    before = row[: column - 1]
    if rewriting is not None:
        rest, before = rewriting.restore(rest), rewriting.restore(before)
    found = f"unexpected {rest!r}" if rest else "unexpected end of line"
    return HclError(file, line, f"not valid HCL: {found}", len(before) + 1)


class OutOfTimeError(BaseException):
    """The alarm went off. A BaseException, so that nothing below takes it for its own."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise OutOfTimeError in the block when the time is over. Only on the main thread of a POSIX system."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise OutOfTimeError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
