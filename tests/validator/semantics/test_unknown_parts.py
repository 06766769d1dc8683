"""Texts with unknown parts: marks, and what patterns say of them."""

from __future__ import annotations

import pytest

from guardline.validator.semantics.iam_conditions import hold
from guardline.validator.semantics.iam_documents import Condition
from guardline.validator.semantics.unknown_parts import (
    SOMETHING,
    begins_as_one,
    filled,
    has_marks,
    mark,
    shown,
    widened,
)
from guardline.validator.semantics.wildcards import like

BUCKET = mark('module.m["a b"].aws_s3_bucket.b', "arn")
ACCOUNT = mark("account -")


def test_a_mark_keeps_what_it_stands_for() -> None:
    text = f"{BUCKET}/AWSLogs/*"
    assert has_marks(text)
    assert not has_marks("arn:aws:s3:::b/*")
    assert shown(text) == 'module.m["a b"].aws_s3_bucket.b.arn/AWSLogs/*'
    assert shown(SOMETHING) == "(unknown)"
    assert widened(text) == "*/AWSLogs/*"
    names = {('module.m["a b"].aws_s3_bucket.b', "arn"): "arn:aws:s3:::logs"}
    assert filled(text, lambda *named: names.get(named)) == "arn:aws:s3:::logs/AWSLogs/*"
    assert filled(f"{SOMETHING}{text}", lambda *_: None) == f"{SOMETHING}{text}"


def test_one_resource_and_anything() -> None:
    assert begins_as_one(f"{BUCKET}/x")
    assert not begins_as_one(SOMETHING)
    assert not begins_as_one(mark("var.names", "0"))


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        (f"{BUCKET}/*", f"{BUCKET}/AWSLogs/x", True),
        (f"{BUCKET}/other/*", f"{BUCKET}/AWSLogs/x", False),
        (f"{BUCKET}/AWSLogs/111122223333/*", f"{BUCKET}/AWSLogs/{ACCOUNT}/x", None),
        (f"{BUCKET}/AWSLogs/{ACCOUNT}/*", f"{BUCKET}/AWSLogs/{ACCOUNT}/x", True),
        ("*", f"{BUCKET}/AWSLogs/x", True),
        (SOMETHING, "s3:PutObject", None),
        (SOMETHING, SOMETHING, None),  # two unknown texts need not be one
        (f"sns:{SOMETHING}", "s3:PutObject", False),
        ("arn:aws:s3:::b/*", f"arn:aws:s3:::{mark('aws_s3_bucket.b', 'bucket')}/x", None),
    ],
)
def test_patterns(pattern: str, value: str, expected: bool | None) -> None:
    assert like(pattern, value) is expected


@pytest.mark.parametrize(
    ("operator", "wanted", "have", "expected"),
    [
        ("StringEquals", ACCOUNT, ACCOUNT, True),
        ("StringEquals", "111122223333", ACCOUNT, None),
        ("StringEquals", SOMETHING, SOMETHING, None),
        ("StringEquals", f"o-{ACCOUNT}", "111122223333", False),
        ("StringNotEquals", ACCOUNT, ACCOUNT, False),
        ("ArnLike", f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*", f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/t", True),
        ("ArnLike", "arn:aws:cloudtrail:*:*:trail/u", f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/t", False),
        ("ArnEquals", SOMETHING, f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/t", None),
    ],
)
def test_conditions(operator: str, wanted: str, have: str, expected: bool | None) -> None:
    assert hold((Condition(operator, "aws:SourceArn", (wanted,)),), {"aws:sourcearn": (have,)}) is expected
