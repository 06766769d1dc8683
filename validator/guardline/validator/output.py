"""Where reports go: the one place that probes the terminal and writes files."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from guardline.spec.atomic import write
from guardline.validator.report import Report
from guardline.validator.reporters import FORMATS, pieces, render
from guardline.validator.reporters.vocabulary import ascii_text


class UsageError(Exception):
    """What the user asked for cannot be done; the message says what to change. Exit code 2."""


class Destination(msgspec.Struct, frozen=True):
    """One report to write: its format, and its file (None: standard output)."""

    format: str
    path: Path | None

    @staticmethod
    def parse(text: str) -> Destination:
        """Read ``F`` or ``F=PATH``.

        Raises:
            UsageError: there is no such format, or the path is empty.
        """
        name, separator, path = text.partition("=")
        if name not in FORMATS:
            from difflib import get_close_matches

            near = get_close_matches(name, FORMATS, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise UsageError(f"--format {text}: expected {', '.join(FORMATS)}, alone or with =PATH{hint}")
        if separator and not path:
            raise UsageError(f"--format {text}: the path after = is missing")
        return Destination(name, Path(path) if path else None)


def check(destinations: Sequence[Destination], is_terminal: bool) -> None:
    """Refuse before any work what could not be delivered after it.

    Raises:
        UsageError: two formats on standard output, binary to a terminal, or a folder that is not there.
    """
    on_stdout = [each for each in destinations if each.path is None]
    if len(on_stdout) > 1:
        names = " and ".join(each.format for each in on_stdout)
        raise UsageError(
            f"--format: {names} cannot both go to standard output; give all but one a file: --format F=PATH"
        )
    if on_stdout and FORMATS[on_stdout[0].format].binary and is_terminal:
        raise UsageError(
            f"--format {on_stdout[0].format} is binary; give it a file: --format {on_stdout[0].format}=PATH"
        )
    for each in destinations:
        if each.path is not None and (each.path.is_dir() or not each.path.parent.is_dir()):
            what = "is a folder" if each.path.is_dir() else f"the folder {each.path.parent} does not exist"
            raise UsageError(f"--format {each.format}={each.path}: {what}")


def deliver(report: Report, destinations: Sequence[Destination], *, compact: bool = False) -> None:
    """Write every report: files first and atomically, standard output last. `compact` is for JSON alone.

    A reader of standard output that goes away is no error.

    Raises:
        UsageError: a file or standard output cannot be written.
    """
    for each in sorted(destinations, key=lambda each: each.path is None):
        if each.path is None:
            rendered = render(report, each.format, **_options(each.format, compact, _terminal))
            _print(rendered, each.format)
            continue
        made = pieces(report, each.format, **_options(each.format, compact, _plain))
        try:
            write(each.path, made)
        except OSError as error:
            raise UsageError(f"{each.path} cannot be written: {error.strerror or error}") from None


def _print(rendered: str | bytes, name: str) -> None:
    """Write a report to standard output, in the signs that it can bear."""
    if sys.stdout is None:
        raise UsageError("standard output is closed; give the report a file: --format F=PATH")
    try:
        if isinstance(rendered, bytes):
            sys.stdout.buffer.write(rendered)
        else:
            text = rendered if rendered.endswith("\n") else f"{rendered}\n"
            sys.stdout.write(text if _can_encode(text) else _in_ascii(text, name))
        sys.stdout.flush()
    except BrokenPipeError:
        return
    except OSError as error:
        raise UsageError(f"standard output cannot be written: {error.strerror or error}") from None


def _in_ascii(text: str, name: str) -> str:
    """A report in ASCII: as its format escapes what is not, else in look-alikes."""
    if name in ("json", "sarif", "gitlab"):
        return "".join(sign if sign.isascii() else json.dumps(sign)[1:-1] for sign in text)
    return text.encode("ascii", "xmlcharrefreplace").decode() if name in ("html", "junit") else ascii_text(text)


def _options(name: str, compact: bool, terminal: Callable[[], dict[str, object]]) -> dict[str, object]:
    """What a format's reporter takes."""
    if name == "json" and compact:
        return {"compact": True}
    return terminal() if name == "terminal" else {}


def _plain() -> dict[str, object]:
    """How to write the terminal's report into a file."""
    return {"width": 120, "colour": False, "ascii_only": False}


def _terminal() -> dict[str, object]:
    """How to draw on this standard output. Colour only for people: not in files, pipes or CI, nor with NO_COLOR."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    quiet = any(os.environ.get(name) for name in ("NO_COLOR", "CI")) or os.environ.get("TERM") == "dumb"
    return {
        "width": shutil.get_terminal_size((120, 40)).columns if is_terminal else 120,
        "colour": is_terminal and not quiet,
        "ascii_only": not _can_encode("✓✗·→"),
    }


def _can_encode(text: str) -> bool:
    try:
        text.encode((sys.stdout and sys.stdout.encoding) or "ascii")
    except UnicodeEncodeError:
        return False
    return True
