"""Functions over points in time, all as RFC 3339 texts. What asks for the present is not among them.

Source: https://developer.hashicorp.com/terraform/language/functions/formatdate
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from guardline.validator.sources.hcl.functions.base import Function
from guardline.validator.sources.hcl.values import EvaluationError, NotEvaluatedError, to_text

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_DURATION = re.compile(r"([0-9]*\.?[0-9]+|[0-9]+\.)(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_MICROSECONDS = {"us": 1, "µs": 1, "μs": 1, "ms": 1000, "s": 10**6, "m": 60 * 10**6, "h": 3600 * 10**6}
_TOKENS = re.compile(r"'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def _point(text: Any) -> datetime:
    string = to_text(text)
    if not _TIME.fullmatch(string):
        raise EvaluationError("not a time such as 2026-01-31T12:00:00Z")
    if "." in string:
        raise NotEvaluatedError("fractions of a second are not kept")
    try:
        return datetime.fromisoformat(string)
    except ValueError:
        raise EvaluationError("no point in time") from None


def _offset(point: datetime, colon: str) -> str:
    minutes = int((point.utcoffset() or timedelta()).total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}{colon}{abs(minutes) % 60:02}"


def _zone(point: datetime) -> str:
    return "Z" if not point.utcoffset() else _offset(point, ":")


_WRITTEN: Mapping[str, Callable[[datetime], str]] = {
    "YYYY": lambda point: f"{point.year:04}",
    "YY": lambda point: f"{point.year % 100:02}",
    "MMMM": lambda point: _MONTHS[point.month - 1],
    "MMM": lambda point: _MONTHS[point.month - 1][:3],
    "MM": lambda point: f"{point.month:02}",
    "M": lambda point: str(point.month),
    "DD": lambda point: f"{point.day:02}",
    "D": lambda point: str(point.day),
    "EEEE": lambda point: _DAYS[point.weekday()],
    "EEE": lambda point: _DAYS[point.weekday()][:3],
    "hh": lambda point: f"{point.hour:02}",
    "h": lambda point: str(point.hour),
    "HH": lambda point: f"{point.hour % 12 or 12:02}",
    "H": lambda point: str(point.hour % 12 or 12),
    "AA": lambda point: "PM" if point.hour >= 12 else "AM",
    "aa": lambda point: "pm" if point.hour >= 12 else "am",
    "mm": lambda point: f"{point.minute:02}",
    "m": lambda point: str(point.minute),
    "ss": lambda point: f"{point.second:02}",
    "s": lambda point: str(point.second),
    "ZZZZZ": lambda point: _offset(point, ":"),
    "ZZZZ": lambda point: _offset(point, ""),
    "ZZZ": lambda point: "UTC" if not point.utcoffset() else _offset(point, ""),
    "Z": _zone,
}


def _formatdate(form: Any, time: Any) -> str:
    point, written, end = _point(time), [], 0
    for token in _TOKENS.finditer(to_text(form)):
        if token.start() != end:
            break
        end = token.end()
        text = token[0]
        if text.startswith("'"):
            written.append(text[1:-1].replace("''", "'"))
        elif token[1] is None:
            written.append(text)
        elif text in _WRITTEN:
            written.append(_WRITTEN[text](point))
        else:
            raise EvaluationError("the form holds what is not a part of a date")
    if end != len(to_text(form)):
        raise EvaluationError("a quote is not closed")
    return "".join(written)


def _timeadd(time: Any, duration: Any) -> str:
    point, text = _point(time), to_text(duration)
    sign, plain = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    parts = _DURATION.findall(plain)
    if plain != "0" and (not parts or "".join(map("".join, parts)) != plain):
        raise EvaluationError("not a duration such as 1h30m")
    if any(unit == "ns" for _, unit in parts):
        raise NotEvaluatedError("nanoseconds are not kept")
    amount = sum(Decimal(number) * _MICROSECONDS[unit] for number, unit in parts)
    if amount % 10**6:
        raise NotEvaluatedError("fractions of a second are not kept")
    try:
        later = point + timedelta(seconds=sign * int(amount) // 10**6)
    except OverflowError:
        raise NotEvaluatedError("the time is beyond the year 9999") from None
    return f"{later:%Y-%m-%dT%H:%M:%S}".zfill(20)[-19:] + _zone(later)


def _timecmp(left: Any, right: Any) -> int:
    first, second = (_point(each).astimezone(UTC) for each in (left, right))
    return (first > second) - (first < second)


FUNCTIONS: Mapping[str, Function] = {
    "formatdate": Function(_formatdate, partly="times without fractions of a second"),
    "timeadd": Function(_timeadd, partly="whole seconds"),
    "timecmp": Function(_timecmp, partly="times without fractions of a second"),
}
