"""YAML that cannot be parsed, said so that a person can mend it: PyYAML's own words name tokens."""

from __future__ import annotations

import yaml

_OPEN = {
    "while parsing a flow mapping": ("{", "}"),
    "while parsing a flow sequence": ("[", "]"),
}
_WORDS = (
    ("found character '\\t'", "a tab stands here: YAML wants spaces"),
    (
        "mapping values are not allowed here",
        "a second `:` in one value: put the text in quotes, begin the key on a line of its own, or indent it less",
    ),
    ("could not find expected ':'", "this is neither `key: value` nor a list entry (`- value`)"),
    ("expected <block end>", "this line is indented otherwise than its neighbours"),
    ("found unexpected end of stream", "the quote that is opened here is not closed"),
    ("expected alphabetic or numeric character", "`*` and `&` have a meaning in YAML: put the text in quotes"),
    ("found character", "this character cannot begin a text: put the text in quotes"),
    ("found undefined alias", "this names an anchor (`*name`) that nothing defines; put the text in quotes"),
)
"""How PyYAML's sentence begins, and what to say instead."""


def said(error: yaml.MarkedYAMLError) -> tuple[tuple[int, int], str]:
    """The line and column where a person has to look, both from 1, and what is wrong there."""
    problem = error.problem or ""
    opened = _OPEN.get(error.context or "")
    if opened and error.context_mark and problem.startswith("expected ','"):
        left, right = opened
        ends, mark = problem.endswith("'<stream end>'"), error.problem_mark
        more = "" if ends or mark is None else f", or a comma is missing before line {mark.line + 1}"
        return _place(error.context_mark), f"the `{left}` here is not closed by a `{right}`{more}"
    for begins, words in _WORDS:
        if problem.startswith(begins):
            mark = error.context_mark if "end of stream" in begins else error.problem_mark
            return _place(mark or error.problem_mark), words
    return _place(error.problem_mark or error.context_mark), f"not valid YAML: {problem or error.context}"


def _place(mark: yaml.Mark | None) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
