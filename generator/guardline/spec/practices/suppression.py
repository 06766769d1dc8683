"""The spec's `suppression` rules: findings that are archived unseen. Each is narrow, explained and ends on a date."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from guardline.spec.block import Block
from guardline.spec.filter_scope import WIDEST_IPV4, WIDEST_IPV6, is_narrow, scope, too_wide
from guardline.spec.findings import families, fields
from guardline.spec.mistakes import did_you_mean
from guardline.spec.raw import Raw
from guardline.spec.regionchecks import Finding
from guardline.spec.tree import Path
from guardline.spec.values import Date, Flag, Slug, Text

# https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_limits.html and .../APIReference/API_CreateFilter.html
MOST_RULES = 100
MOST_VALUES = 50
MOST_DESCRIPTION = 512
HIGH = 7
"""Severities from here are high: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html."""

BOUNDS = ("greater_than", "greater_than_or_equal", "less_than", "less_than_or_equal")
_TYPE = re.compile(r"[A-Za-z]+:[A-Za-z0-9]+/[A-Za-z0-9.&!_-]+")
_BEYOND = re.compile(r"[^A-Za-z0-9\-.:_(){}\[\]/ ]+")
_DAY = re.compile(r"\b(until|expires|expiry)\b\W*\d{4}-\d\d-\d\d", re.IGNORECASE)


def _word(value: Any) -> Any:
    """Numbers and flags as the text that a filter compares."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else value


Word = Annotated[Text, BeforeValidator(_word, json_schema_input_type=str | int | bool)]
Bound = Annotated[Text, BeforeValidator(_word, json_schema_input_type=str | int)]
Words = Annotated[tuple[Word, ...], Field(max_length=MOST_VALUES)]


class Criterion(Block):
    """A test of one field of findings: all of it must hold."""

    equals: Words = Field(default=(), description="The field has one of these values.")
    not_equals: Words = Field(default=(), description="The field has none of these values.")
    greater_than: Bound | None = Field(default=None, description="A whole number, or a time like 2027-01-31T00:00:00Z.")
    greater_than_or_equal: Bound | None = Field(default=None, description="As `greater_than`.")
    less_than: Bound | None = Field(default=None, description="As `greater_than`.")
    less_than_or_equal: Bound | None = Field(default=None, description="As `greater_than`.")


def _values(value: Any) -> Any:
    """Read a list of values, or one, as a test of equality."""
    if isinstance(value, list | str | int):
        return {"equals": value if isinstance(value, list) else [value]}
    return value


Values = Annotated[
    Criterion,
    BeforeValidator(_values, json_schema_input_type=str | int | bool | tuple[str | int | bool, ...] | Criterion),
]


class Suppression(Block):
    """A rule that archives findings, so that they raise no alert. It is narrow, gives its reason and ends on a date."""

    name: Slug = Field(description="Its name; the filter's begins with the environment's.")
    reason: Text = Field(
        description="Why these findings are no news. It becomes the filter's description, where AWS takes letters, "
        "digits and few signs: others are left out there."
    )
    until: Date = Field(description="The last day it holds for: then it is renewed, or goes.")
    match: dict[str, Values] = Field(
        description="Field of findings -> values, or a mapping of tests. `type` and a resource or network address at "
        "least; all of them must hold."
    )
    unlisted_types: Flag = Field(
        default=False, description="Take finding types that this version of Guardline does not know."
    )


def described(reason: str, until: date) -> str:
    """The filter's description, in the characters that AWS documents for it."""
    plain = unicodedata.normalize("NFKD", reason).replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")
    ascii_only = "".join(char for char in plain if not unicodedata.combining(char))
    return f"{' '.join(_BEYOND.sub(' ', ascii_only).split())} (until {until})"


def check(raw: Raw) -> Iterator[Finding]:
    """The rules across its fields."""
    rules = list(raw.items("suppression"))
    if len(rules) > MOST_RULES:
        yield ("suppression",), f"holds {len(rules)} rules; AWS takes at most {MOST_RULES} filters in a region"
    first: dict[str, Path] = {}
    for path, _ in rules:
        name = raw.text(*path, "name")
        if name is not None and name in first:
            yield (*path, "name"), f"{name} is already the name of suppression[{first[name][1]}]; each needs its own"
        elif name is not None:
            first[name] = path
        yield from _reason(raw, path)
        match = raw.at(*path, "match")
        if isinstance(match, dict):
            yield from _fields(match, (*path, "match"))
            yield from _types(match, (*path, "match"), listed=raw.at(*path, "unlisted_types") is not True)
            yield from _scope(match, (*path, "match"))


def _reason(raw: Raw, path: Path) -> Iterator[Finding]:
    reason = raw.text(*path, "reason")
    if reason is None or not reason.strip():
        return
    if _DAY.search(reason):
        yield (*path, "reason"), "names a last day of its own, and `until` is where it stands; leave it out here"
    text = described(reason, date(2000, 1, 1))
    if not re.search(r"[A-Za-z]{2}", text.rpartition("(")[0]):
        yield (*path, "reason"), "needs a word in Latin letters: AWS takes no others in a filter's description"
    if len(text) > MOST_DESCRIPTION:
        most = MOST_DESCRIPTION - (len(text) - len(text.rpartition(" (")[0]))
        yield (*path, "reason"), f"is too long: with the day, AWS takes {MOST_DESCRIPTION} characters, so {most} here"


def _fields(match: dict[str, Any], path: Path) -> Iterator[Finding]:
    for field, test in match.items():
        where = (*path, field)
        if field not in fields():
            yield where, f"{field!r} is no field of findings that a filter can test{did_you_mean(field, fields())}"
        tests = _tests(test)
        if "matches" in tests or "not_matches" in tests:
            yield where, "wildcards are known to AWS, but not to its Terraform provider; list the values"
        if not any(tests.get(name) not in (None, [], "") for name in tests):
            yield where, "compares with nothing; give values, or a bound"
        for name in BOUNDS:
            bound = tests.get(name)
            if bound is not None and not _is_bound(bound):
                yield (*where, name), "must be a whole number, or a time like 2027-01-31T00:00:00Z"


def _types(match: dict[str, Any], path: Path, *, listed: bool) -> Iterator[Finding]:
    """A finding type that does not exist makes a rule that never holds, which looks like one that works."""
    named = [kind for kind in _equals(match, "type") if isinstance(kind, str)]
    for kind in named:
        if not _TYPE.fullmatch(kind):
            hint = did_you_mean(kind, families()) or ", like Recon:EC2/Portscan"
            yield (*path, "type"), f"{kind!r} is no finding type{hint}"
        elif listed and kind not in families():
            yield (
                (*path, "type"),
                (
                    f"{kind!r} is not a finding type that this version knows{did_you_mean(kind, families())}; "
                    "if AWS has added it since, say `unlisted_types: true`"
                ),
            )
    if not named:
        yield path, "needs `type`, with the finding types by name: a rule for all types hides what nobody thought of"


def _scope(match: dict[str, Any], path: Path) -> Iterator[Finding]:
    """A suppression rule is for one resource or address, and never for severe findings as such."""
    equals = {field: [str(value) for value in _equals(match, field)] for field in match}
    wide = [field for field in match if scope(field) is not None and any(map(too_wide, equals[field]))]
    if not wide and not is_narrow(equals):
        yield (
            path,
            (
                "is too broad: name a resource (resource.instanceDetails.tags.value, ...) or a network address "
                "(service.action.networkConnectionAction.remoteIpDetails.ipAddressV4, ...) as well; a port, a country "
                "or a state alone narrows nothing"
            ),
        )
    for field in wide:
        yield (
            (*path, field),
            f"covers too much; list the values, and no range wider than a /{WIDEST_IPV4} (IPv6: /{WIDEST_IPV6})",
        )
    if "severity" in match and _covers_high(_tests(match["severity"])):
        yield (
            (*path, "severity"),
            (
                f"covers severity {HIGH} and above, which is never noise as such: bound it by `less_than: {HIGH}`, "
                "or leave severity out and name the types"
            ),
        )


def _tests(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {"equals": value if isinstance(value, list) else [value]}


def _equals(match: dict[str, Any], field: str) -> list[Any]:
    values = _tests(match.get(field, [])).get("equals")
    return values if isinstance(values, list) else []


def _is_bound(value: Any) -> bool:
    text = str(_word(value))
    if re.fullmatch(r"-?\d{1,18}", text):
        return True
    try:
        return "T" in text and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _covers_high(tests: dict[str, Any]) -> bool:
    equals = tests.get("equals")
    if any((_number(value) or 0) >= HIGH for value in (equals if isinstance(equals, list) else [])):
        return True
    above = any(tests.get(name) is not None for name in BOUNDS[:2])
    less, at_most = _number(tests.get("less_than")), _number(tests.get("less_than_or_equal"))
    below = (less is not None and less <= HIGH) or (at_most is not None and at_most < HIGH)
    return above and not below


def _number(value: Any) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None
