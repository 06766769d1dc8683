"""The reporters: each turns a `Report` into the text of one format, and does nothing else.

A reporter is one module with `render(report) -> str` (or bytes, for a binary format). It reads no clock, no
environment and no terminal; who calls it decides where the result goes. To add a format: write the module and name
it in `FORMATS`. Modules are imported when asked for, so that a format costs nothing until it is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import NamedTuple

from guardline.validator.report import Report


class Format(NamedTuple):
    """One output format.

    Attributes:
        module: the module whose `render` writes it.
        binary: whether `render` returns bytes, which must not go to a terminal.
    """

    module: str
    binary: bool


FORMATS: Mapping[str, Format] = {
    "terminal": Format("guardline.validator.reporters.terminal", binary=False),
    "json": Format("guardline.validator.reporters.json", binary=False),
    "markdown": Format("guardline.validator.reporters.markdown", binary=False),
    "html": Format("guardline.validator.reporters.html", binary=False),
    "sarif": Format("guardline.validator.reporters.sarif", binary=False),
    "junit": Format("guardline.validator.reporters.junit", binary=False),
    "github": Format("guardline.validator.reporters.github", binary=False),
    "ocsf": Format("guardline.validator.reporters.ocsf", binary=False),
    "gitlab": Format("guardline.validator.reporters.gitlab", binary=False),
}


def pieces(report: Report, name: str, **options: object) -> Iterator[bytes]:
    """What `render` returns, in UTF-8 and, of a format whose text may be huge, piece by piece."""
    made = getattr(import_module(FORMATS[name].module), "pieces", None)
    if made is not None:
        yield from (piece.encode() for piece in made(report, **options))
        return
    rendered = render(report, name, **options)
    yield rendered.encode() if isinstance(rendered, str) else rendered


def render(report: Report, name: str, **options: object) -> str | bytes:
    """Render a report in one format.

    Args:
        report: the result.
        name: a key of `FORMATS`.
        options: what that reporter takes: ``terminal`` has `width` (columns), `colour` and `ascii_only`.

    Returns:
        The whole text, or bytes where the format is binary.

    Raises:
        KeyError: there is no such format.
    """
    rendered: str | bytes = import_module(FORMATS[name].module).render(report, **options)
    return rendered
