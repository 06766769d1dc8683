"""Condition operators, three-valued: AWS's documented examples, absent keys, and what is not known."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardline.validator.semantics.iam_conditions import Context, hold
from guardline.validator.semantics.iam_documents import Condition
from guardline.validator.semantics.wildcards import covers, like, overlaps

CONTEXT: Context = {
    "aws:requestedregion": ("eu-west-1",),
    "aws:principalarn": ("arn:aws:iam::111122223333:role/team/deploy",),
    "aws:sourceip": ("203.0.113.7",),
    "aws:currenttime": ("2026-01-31T12:00:00Z",),
    "s3:max-keys": ("10",),
    "aws:securetransport": ("true",),
    "aws:tagkeys": ("env", "team"),
    "aws:sourcearn": (),
    "aws:principaltag/": (),
    "aws:multifactorauthage": None,
    "aws:sourceaccount": ("1111*",),
}


def told(operator: str, key: str, *values: str) -> bool | None:
    return hold([Condition(operator, key, values)], CONTEXT)


@pytest.mark.parametrize(
    ("operator", "key", "values", "answer"),
    [
        ("StringEquals", "AWS:RequestedRegion", ["us-east-1", "eu-west-1"], True),
        ("StringEquals", "aws:RequestedRegion", ["EU-WEST-1"], False),
        ("StringEqualsIgnoreCase", "aws:RequestedRegion", ["EU-WEST-1"], True),
        ("StringNotEquals", "aws:RequestedRegion", ["us-east-1", "eu-west-1"], False),
        ("StringNotEquals", "aws:RequestedRegion", ["us-east-1", "us-east-2"], True),
        ("StringNotEqualsIgnoreCase", "aws:RequestedRegion", ["EU-WEST-1"], False),
        ("StringLike", "aws:RequestedRegion", ["us-*", "eu-*"], True),
        ("StringLike", "aws:RequestedRegion", ["eu-west-?"], True),
        ("StringNotLike", "aws:RequestedRegion", ["eu-*"], False),
        ("StringEquals", "aws:RequestedRegion", ["eu-*"], False),
        ("ArnLike", "aws:PrincipalArn", ["arn:aws:iam::*:role/*"], True),
        ("ArnEquals", "aws:PrincipalArn", ["arn:*:iam::111122223333:role/team/*"], True),
        ("ArnLike", "aws:PrincipalArn", ["arn:aws:*:role/*"], None),
        ("ArnLike", "aws:PrincipalArn", ["arn:aws:iam:*:role/*:x"], False),
        ("ArnLike", "aws:PrincipalArn", ["*"], True),
        ("ArnNotLike", "aws:PrincipalArn", ["arn:aws:iam::*:role/team/deploy"], False),
        ("ArnNotEquals", "aws:PrincipalArn", ["arn:aws:iam::*:role/other"], True),
        ("Bool", "aws:SecureTransport", ["True"], True),
        ("Bool", "aws:SecureTransport", ["false"], False),
        ("IpAddress", "aws:SourceIp", ["203.0.113.0/24"], True),
        ("NotIpAddress", "aws:SourceIp", ["203.0.113.0/24", "2001:db8::/32"], False),
        ("NumericLessThanEquals", "s3:max-keys", ["10"], True),
        ("NumericLessThan", "s3:max-keys", ["10"], False),
        ("NumericNotEquals", "s3:max-keys", ["11"], True),
        ("NumericGreaterThan", "s3:max-keys", ["many"], None),
        ("DateGreaterThan", "aws:CurrentTime", ["2026-01-01"], True),
        ("DateLessThan", "aws:CurrentTime", ["2026-01-31T11:00:00Z"], False),
        ("DateGreaterThanEquals", "aws:CurrentTime", ["1767225600"], True),
        # A key that is known to be absent.
        ("StringEquals", "aws:SourceArn", ["x"], False),
        ("StringNotEquals", "aws:SourceArn", ["x"], True),
        ("StringEqualsIfExists", "aws:SourceArn", ["x"], True),
        ("ArnNotLikeIfExists", "aws:SourceArn", ["x"], True),
        ("Null", "aws:SourceArn", ["true"], True),
        ("Null", "aws:SourceArn", ["false"], False),
        ("Null", "aws:RequestedRegion", ["false"], True),
        ("Null", "aws:MultiFactorAuthAge", ["true"], False),
        ("StringEquals", "aws:PrincipalTag/team", ["x"], False),
        ("StringNotEquals", "aws:PrincipalTag/team", ["x"], True),
        # Several values in the request.
        ("ForAnyValue:StringEquals", "aws:TagKeys", ["team"], True),
        ("ForAnyValue:StringEquals", "aws:TagKeys", ["owner"], False),
        ("ForAllValues:StringEquals", "aws:TagKeys", ["env", "team", "owner"], True),
        ("ForAllValues:StringEquals", "aws:TagKeys", ["team"], False),
        ("ForAllValues:StringNotEquals", "aws:TagKeys", ["owner"], True),
        ("ForAnyValue:StringNotEquals", "aws:TagKeys", ["team"], True),
        ("ForAllValues:StringEquals", "aws:SourceArn", ["x"], True),
        ("ForAnyValue:StringEquals", "aws:SourceArn", ["x"], False),
        ("ForAnyValue:StringNotEquals", "aws:SourceArn", ["x"], False),
        # What is not known.
        ("StringEquals", "acme:Key", ["x"], None),
        ("StringNotEquals", "acme:Key", ["x"], None),
        ("StringEqualsIfExists", "acme:Key", ["x"], None),
        ("Null", "acme:Key", ["true"], None),
        ("NumericLessThan", "aws:MultiFactorAuthAge", ["3600"], None),
        ("StringSounds", "aws:RequestedRegion", ["eu-west-1"], None),
        ("ForSomeValues:StringEquals", "aws:TagKeys", ["team"], None),
        ("StringEquals", "aws:RequestedRegion", ["${aws:PrincipalTag/region}"], None),
        ("StringLike", "aws:RequestedRegion", ["eu-${aws:PrincipalTag/region}"], None),
        ("IpAddress", "aws:SourceIp", ["203.0.113.9/24"], True),
        ("NumericGreaterThan", "s3:max-keys", ["10"], False),
        ("DateEquals", "aws:CurrentTime", ["2026-01-31T13:00:00+01:00"], True),
        ("StringLike", "aws:RequestedRegion", ["us-${aws:PrincipalTag/region}"], False),
        ("StringEquals", "aws:SourceAccount", ["111122223333"], None),
        ("StringEquals", "aws:SourceAccount", ["999999999999"], False),
        ("StringLike", "aws:SourceAccount", ["11*"], True),
    ],
)  # fmt: skip
def test_operators(operator: str, key: str, values: list[str], answer: bool | None) -> None:
    assert told(operator, key, *values) is answer


def test_all_conditions_must_hold_and_a_false_one_settles_it() -> None:
    yes = Condition("Bool", "aws:SecureTransport", ("true",))
    no = Condition("Bool", "aws:SecureTransport", ("false",))
    unknown = Condition("Bool", "acme:Key", ("true",))
    assert hold([], CONTEXT) is True
    assert hold([yes, yes], CONTEXT) is True
    assert hold([yes, unknown], CONTEXT) is None
    assert hold([unknown, no], CONTEXT) is False


# --- wildcards, against every short text ------------------------------------------------------------------------

PATTERN = st.text("ab*?", max_size=5)
TEXTS = ["".join(letters) for length in range(7) for letters in product("ab", repeat=length)]


def stands_for(pattern: str) -> set[str]:
    return {text for text in TEXTS if covers(pattern, text)}


def plain(pattern: str, text: str) -> bool:
    """The definition, by recursion."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return plain(pattern[1:], text) or (bool(text) and plain(pattern, text[1:]))
    return bool(text) and pattern[0] in ("?", text[0]) and plain(pattern[1:], text[1:])


@given(PATTERN, st.sampled_from(TEXTS))
def test_a_pattern_covers_the_texts_it_stands_for(pattern: str, text: str) -> None:
    assert covers(pattern, text) == plain(pattern, text)


@given(PATTERN, PATTERN)
def test_covers_and_overlaps_are_what_the_texts_say(one: str, other: str) -> None:
    if covers(one, other):
        assert stands_for(other) <= stands_for(one)
    shared = bool(stands_for(one) & stands_for(other))
    if len(one) + len(other) <= 6:  # then a shared text is short enough to be among those tried
        assert overlaps(one, other) == shared
    assert overlaps(one, other) or not shared


@given(PATTERN, PATTERN)
def test_like_with_an_unknown_part_is_right_for_all_or_untold(pattern: str, value: str) -> None:
    value = value.replace("?", "a")
    answers: Iterable[bool] = {covers(pattern, text) for text in stands_for(value)}
    answer = like(pattern, value)
    assert answer is None or all(each is answer for each in answers)


def test_no_pattern_takes_long() -> None:
    assert not covers("*".join("a" * 400) + "*b", "a" * 2000)
