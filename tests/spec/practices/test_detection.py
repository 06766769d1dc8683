"""The export of findings in a spec."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from guardline.spec.load import load

from ..conftest import MINIMAL

Mistakes = Callable[[str], list[tuple[int, int, str]]]

BUCKET = "arn:aws:s3:::archive"
KEY = "arn:aws:kms:eu-central-1:444455556666:key/0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"


def test_left_out_there_is_none_and_empty_it_is_created(write: Callable[[str], Path]) -> None:
    assert load(write(MINIMAL)).guardduty.export is None
    export = load(write(f"{MINIMAL}guardduty: {{export: {{}}}}\n")).guardduty.export
    assert export is not None
    assert (export.mode, export.bucket, export.retention_days, export.existing) == ("create", None, None, None)


def test_a_bucket_that_is_there(write: Callable[[str], Path]) -> None:
    text = f"{MINIMAL}guardduty: {{export: {{existing: {{bucket_arn: '{BUCKET}', kms_key_arn: '{KEY}'}}}}}}\n"
    export = load(write(text)).guardduty.export
    assert export is not None
    assert export.existing is not None
    assert (export.existing.bucket_arn, export.existing.kms_key_arn) == (BUCKET, KEY)


# Each case: the export, the mistake's column in line 6, and words of its message.
ONE = [
    ("mode: reference, owner: x", 28, "mode reference needs `arn`"),
    ("mode: off", 28, "mode off needs `reason`"),
    ("mode: off, reason: x, bucket: some-bucket", 52, "`bucket` belongs to mode create"),
    ("mode: reference, owner: x, arn: 'arn:aws:s3:eu-west-1::x'", 54, "must be the ARN of a bucket"),
    ("mode: reference, owner: x, arn: 'arn:aws-cn:s3:::there'", 54, "in partition aws-cn, but the spec's is aws"),
    ("retention_days: 30", 38, "must be at least 90"),
    ("retention_days: 90, object_lock: {mode: governance, days: 91}", 80, "to be deleted after 90 days, and cannot be"),
    ("bucket: Findings", 30, "a bucket name holds lower-case letters"),
    (f"existing: {{bucket_arn: '{BUCKET}'}}", 22, "`kms_key_arn` is missing in guardduty.export.existing"),
    (f"bucket: mine-here, existing: {{bucket_arn: '{BUCKET}', kms_key_arn: '{KEY}'}}", 30, "`existing` names one"),
    (
        f"existing: {{bucket_arn: '{BUCKET}', kms_key_arn: '{KEY.replace('key/', 'alias/')}'}}",
        82,
        "must be the ARN of a KMS key, like arn:aws:kms:eu-west-1:111122223333:key/ID (no alias)",
    ),
    (
        f"existing: {{bucket_arn: '{BUCKET}', kms_key_arn: '{KEY.replace('eu-central-1', 'ap-east-1')}'}}",
        82,
        "ap-east-1, where key and bucket are, is an opt-in region: AWS exports no findings of other regions to one",
    ),
]


@pytest.mark.parametrize(("export", "column", "words"), ONE)
def test_one_mistake(mistakes: Mistakes, export: str, column: int, words: str) -> None:
    found = mistakes(f"{MINIMAL}guardduty: {{export: {{{export}}}}}\n")
    assert [(line, at) for line, at, message in found if words in message] == [(6, column)], found


def test_a_bucket_for_one_purpose(mistakes: Mistakes) -> None:
    found = mistakes(f"{MINIMAL}trail: {{bucket: one-bucket}}\nguardduty: {{export: {{bucket: one-bucket}}}}\n")
    assert ["one-bucket is already trail.bucket" in message for _, _, message in found] == [True]


def test_the_home_region_takes_the_findings_of_all(mistakes: Mistakes) -> None:
    text = MINIMAL.replace("eu-west-1", "ap-east-1").replace("{not_opted_in", "{opted_in: [ap-east-1], not_opted_in")
    found = mistakes(f"{text}guardduty: {{export: {{}}}}\n")
    assert ["findings of default regions cannot be exported to one" in message for _, _, message in found] == [True]


@pytest.mark.parametrize("key", ["ai_protection", "ai_analyst"])
def test_plans_that_provider_5_does_not_know(mistakes: Mistakes, write: Callable[[str], Path], key: str) -> None:
    asked = f"guardduty: {{features: {{{key}: false}}}}\n"
    (found,) = mistakes(f"{MINIMAL}terraform: {{aws_provider: 5}}\n{asked}")
    assert "AWS provider 5 does not know it; 6.56 and newer do" in found[2]
    features = load(write(f"{MINIMAL}{asked}")).guardduty.features
    assert features.on_request() == {key.upper(): False}
    assert key.upper() not in features.states()
    assert load(write(MINIMAL)).guardduty.features.on_request() == {}
