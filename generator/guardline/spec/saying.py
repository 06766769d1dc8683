"""What is said on standard error: what it names is escaped, so that it can neither steer a terminal nor a workflow.

A line that begins with ``::`` is a command to GitHub Actions:
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TextIO


def printable(text: str) -> str:
    """One line that prints as it reads: line breaks, terminal escapes and characters that turn the reading direction
    become visible escapes such as ``\\n`` or ``\\u202e``."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def printable_lines(text: str) -> str:
    """Several lines of our own, each printable but for its tabs, and none a command to a workflow."""
    lines = ("\t".join(map(printable, line.split("\t"))) for line in text.split("\n"))
    return "\n".join(f"\\x3a{line[1:]}" if line.lstrip().startswith("::") else line for line in lines)


def complain(text: str) -> None:
    """Say something on standard error. Where that is closed or full, nothing is said."""
    with suppress(OSError, ValueError):
        _print(text, sys.stderr)


def tell(text: str) -> None:
    """Say something on standard output.

    Raises:
        OSError: it is closed or full.
    """
    _print(text, sys.stdout)


def _print(text: str, stream: TextIO | None) -> None:
    """Print what a stream of any encoding can bear. Python gives no stream where it was closed from the start."""
    if stream is not None:
        encoding = stream.encoding or "ascii"
        print(printable_lines(text).encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)
