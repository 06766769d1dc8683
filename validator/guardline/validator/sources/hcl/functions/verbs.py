"""The verbs of ``format``.

Source: https://developer.hashicorp.com/terraform/language/functions/format
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from guardline.validator.sources.hcl.functions.encoding import jsonencode
from guardline.validator.sources.hcl.values import (
    SIZE,
    EvaluationError,
    TooMuchError,
    to_bool,
    to_int,
    to_number,
    to_text,
)

_VERB = re.compile(r"%(?:%|([ +#0-]*)(\d*)(?:\.(\d+))?(?:\[(\d+)\])?([a-zA-Z]))")


def sprintf(template: str, values: list[Any]) -> str:
    """Fill in a template.

    Raises:
        EvaluationError: a verb that there is not, or too few or too many values.
    """
    position = used = size = 0
    out: list[str] = []
    indexed = False
    for match in _VERB.finditer(template):
        plain = template[position : match.start()]
        if "%" in plain:
            raise EvaluationError(f"there is no verb {plain[plain.index('%') :][:2]!r}")
        out.append(plain)
        position = match.end()
        if match[0] == "%%":
            out.append("%")
            continue
        indexed = indexed or bool(match[4])
        at = int(match[4]) - 1 if match[4] else used
        if not 0 <= at < len(values):
            raise EvaluationError(f"there is no value for {match[0]}")
        used = at + 1
        out.append(_one(match, values[at]))
        size += len(out[-1])
        if size > SIZE:
            raise TooMuchError("format makes a text that is too long")
    if "%" in template[position:]:
        raise EvaluationError("a % without its verb")
    if used < len(values) and not indexed:
        raise EvaluationError(f"there are {len(values)} values, and {used} verbs")
    return "".join([*out, template[position:]])


def _one(match: re.Match[str], value: Any) -> str:
    flags, width, precision, verb = match[1], int(match[2] or 0), match[3], match[5]
    if width > 10_000 or int(precision or 0) > 10_000:
        raise EvaluationError("a width that large is not written")
    text = _text(verb, flags, precision, value)
    if len(text) >= width:
        return text
    if "-" in flags:
        return text.ljust(width)
    if "0" in flags and verb in "dfFeEgGxXob":
        sign = text[:1] if text[:1] in "+- " else ""
        return sign + text[len(sign) :].rjust(width - len(sign), "0")
    return text.rjust(width)


def _text(verb: str, flags: str, precision: str | None, value: Any) -> str:
    match verb:
        case "v":
            return _default(value, jsonlike="#" in flags)
        case "s" | "q":
            text = to_text(value)
            text = text[: int(precision)] if precision else text
            return jsonencode(text) if verb == "q" else text
        case "t":
            return "true" if to_bool(value) else "false"
        case "d" | "b" | "o" | "x" | "X":
            number = to_int(value)
            return _signed(format(abs(number), verb), number < 0, flags)
        case "f" | "F" | "e" | "E" | "g" | "G":
            return _real(verb, flags, precision, to_number(value))
        case _:
            raise EvaluationError(f"there is no verb %{verb}")


def _default(value: Any, *, jsonlike: bool) -> str:
    if value is None:
        return "null"
    if jsonlike or isinstance(value, list | dict):
        return jsonencode(value)
    return to_text(value)


def _signed(text: str, negative: bool, flags: str) -> str:
    return ("-" if negative else "+" if "+" in flags else " " if " " in flags else "") + text


def _real(verb: str, flags: str, precision: str | None, number: int | Decimal) -> str:
    if verb in "gG" and precision is None:
        return _signed(to_text(abs(number)), number < 0, flags)
    text = format(abs(Decimal(number)) if verb in "fF" else abs(float(number)), f".{precision or 6}{verb}")
    return _signed(text, number < 0, flags)
