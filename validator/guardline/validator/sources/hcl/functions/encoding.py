"""Encoding and hashing."""

from __future__ import annotations

import base64
import binascii
import csv
import hashlib
import io
import json
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from guardline.validator.sources.hcl.functions.base import Function
from guardline.validator.sources.hcl.values import (
    EvaluationError,
    NotEvaluatedError,
    Told,
    bounded,
    is_number,
    tidy_number,
    to_text,
)

YAML = 200_000
"""Characters that are decoded as YAML; they take some seconds."""

DEPTH = 30
"""Levels that are written as YAML."""

_HTML = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def jsonencode(value: Any) -> str:
    """Write JSON as Terraform does: no spaces, sorted keys, HTML's signs escaped."""
    return "".join(_json(value))


def _json(value: Any) -> list[str]:
    if isinstance(value, str):
        text = json.dumps(str.__str__(value) if isinstance(value, Told) else value, ensure_ascii=False)
        for sign, escape in _HTML.items():
            text = text.replace(sign, escape)
        return [text]
    if value is None or isinstance(value, bool):
        return [json.dumps(value)]
    if is_number(value):
        return [to_text(value)]
    if isinstance(value, list):
        return ["[", ",".join("".join(_json(item)) for item in value), "]"]
    if isinstance(value, dict):
        parts = ("".join(_json(key)) + ":" + "".join(_json(value[key])) for key in sorted(value))
        return ["{", ",".join(parts), "}"]
    raise EvaluationError("not a value that JSON can hold")


def _jsondecode(text: Any) -> Any:
    try:
        return _numbers(json.loads(to_text(text), parse_float=Decimal, parse_constant=_refuse))
    except (ValueError, RecursionError):  # whose words may quote the text
        raise EvaluationError("not valid JSON") from None


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    return tidy_number(value) if is_number(value) else value


def _yamldecode(text: Any) -> Any:
    import yaml

    source = to_text(text)
    if len(source) > YAML:
        raise NotEvaluatedError(f"more than {YAML:,} characters")
    try:
        found = yaml.safe_load(source)
    except (yaml.YAMLError, RecursionError, ValueError, AttributeError):  # whose words may quote the text
        raise EvaluationError("not YAML that is read") from None
    return _yaml(bounded(found))  # an alias is as much as what it stands for, each time


def _yaml(value: Any) -> Any:
    if isinstance(value, dict):
        return {to_text(_yaml(key)): _yaml(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_yaml(item) for item in value]
    if isinstance(value, float):
        return tidy_number(Decimal(repr(value)))
    if value is None or isinstance(value, str | bool | int):
        return value
    raise NotEvaluatedError(f"a {type(value).__name__} is read differently by Terraform")


def _yamlencode(value: Any) -> str:
    return "".join(f"{line}\n" for line in _lines(value))


def _lines(value: Any, depth: int = 0) -> list[str]:
    if depth > DEPTH:  # every level is written again for the one around it
        raise NotEvaluatedError(f"nested more than {DEPTH} deep")
    if isinstance(value, dict) and value:
        found: list[str] = []
        for key in sorted(value):
            found.extend(_entry(f"{jsonencode(key)}:", value[key], depth + 1))
        return found
    if isinstance(value, list) and value:
        found = []
        for item in value:
            inner = _lines(item, depth + 1)
            found.extend([f"- {inner[0]}", *(f"  {line}" for line in inner[1:])])
        return found
    if isinstance(value, str) and "\n" in value:
        raise NotEvaluatedError("a text of several lines is not written as YAML")
    return [jsonencode(value)]


def _entry(head: str, value: Any, depth: int) -> list[str]:
    inner = _lines(value, depth)
    if isinstance(value, dict) and value:
        return [head, *(f"  {line}" for line in inner)]
    if isinstance(value, list) and value:
        return [head, *inner]
    return [f"{head} {inner[0]}"]


def _csvdecode(text: Any) -> list[dict[str, str]]:
    try:
        rows = [row for row in csv.reader(io.StringIO(to_text(text))) if row]
    except csv.Error:
        raise EvaluationError("not CSV") from None
    if not rows:
        raise EvaluationError("there is no header")
    header, *records = rows
    if any(len(record) != len(header) for record in records):
        raise EvaluationError("a row is not as long as the header")
    return [dict(zip(header, record, strict=True)) for record in records]


def _base64decode(text: Any) -> str:
    try:
        return base64.b64decode(to_text(text), validate=True).decode()
    except ValueError:  # binascii.Error and UnicodeError among them
        raise EvaluationError("not base64 of UTF-8 text") from None


def _base64encode(text: Any) -> str:
    return base64.b64encode(to_text(text).encode()).decode()


_CHARSETS = "UTF-8, UTF-16LE, UTF-16BE, ISO-8859-1 and US-ASCII"


def _charset(name: Any) -> str:
    found = to_text(name).upper()
    if found not in ("UTF-8", "UTF-16LE", "UTF-16BE", "ISO-8859-1", "US-ASCII"):
        raise NotEvaluatedError(f"the character set {found} is not read")
    return found


def _textencodebase64(text: Any, charset: Any) -> str:
    try:
        return base64.b64encode(to_text(text).encode(_charset(charset))).decode()
    except UnicodeEncodeError:
        raise NotEvaluatedError("a character that the set does not have") from None


def _textdecodebase64(text: Any, charset: Any) -> str:
    try:
        return base64.b64decode(to_text(text), validate=True).decode(_charset(charset))
    except binascii.Error:
        raise EvaluationError("not base64") from None
    except UnicodeDecodeError:
        raise NotEvaluatedError("bytes that the set does not have") from None


_SPACES = {"dns": uuid.NAMESPACE_DNS, "url": uuid.NAMESPACE_URL, "oid": uuid.NAMESPACE_OID, "x500": uuid.NAMESPACE_X500}


def _uuidv5(space: Any, name: Any) -> str:
    try:
        within = _SPACES.get(to_text(space)) or uuid.UUID(to_text(space))
    except ValueError:
        raise EvaluationError(f"not a UUID, and none of {', '.join(_SPACES)}") from None
    return str(uuid.uuid5(within, to_text(name)))


def hexed(algorithm: str) -> Callable[[bytes], str]:
    """A hash in hexadecimal."""
    return lambda data: hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()


def based(algorithm: str) -> Callable[[bytes], str]:
    """A hash in base64."""
    return lambda data: base64.b64encode(hashlib.new(algorithm, data, usedforsecurity=False).digest()).decode()


HASHES: Mapping[str, Callable[[bytes], str]] = {
    **{name: hexed(name) for name in ("md5", "sha1", "sha256", "sha512")},
    **{f"base64{name}": based(name) for name in ("sha256", "sha512")},
}


def _hash(name: str) -> Function:
    return Function(lambda text: HASHES[name](to_text(text).encode()))


FUNCTIONS: Mapping[str, Function] = {
    "base64decode": Function(_base64decode),
    "base64encode": Function(_base64encode),
    "csvdecode": Function(_csvdecode),
    "jsondecode": Function(_jsondecode),
    "jsonencode": Function(jsonencode),
    "urldecode": Function(lambda text: unquote_plus(to_text(text))),
    "urlencode": Function(lambda text: quote_plus(to_text(text))),
    "yamldecode": Function(_yamldecode, partly="no timestamps or binary data; up to 200,000 characters"),
    "yamlencode": Function(_yamlencode, partly="no texts of several lines"),
    "textdecodebase64": Function(_textdecodebase64, partly=_CHARSETS),
    "textencodebase64": Function(_textencodebase64, partly=_CHARSETS),
    "uuidv5": Function(_uuidv5),
    **{name: _hash(name) for name in HASHES},
}
