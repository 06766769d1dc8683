"""Work parted among processes comes to what one process makes of it, whatever becomes of the others."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from guardline.validator import load_sources, shares
from guardline.validator.processes import shared_out
from guardline.validator.report import Report
from guardline.validator.reporters import render
from guardline.validator.run import Request, run
from tests.support.plans import Json, change, expression, plan, provider, resource

NOW = datetime(2026, 1, 31, tzinfo=UTC)
RULE = '{"source":["aws.guardduty"],"detail":{"userIdentity":{"arn":[{"anything-but":"arn:aws:iam::ID:role/x"}]}}}'


def test_the_answers_come_in_the_order_of_the_shares() -> None:
    here = os.getpid()
    found = shared_out(lambda number: [(number, step, os.getpid() == here) for step in range(2)], 3)
    assert found == [[(number, step, number == 0) for step in range(2)] for number in range(3)]


def test_the_share_of_a_process_that_is_killed_is_worked_at_here() -> None:
    here = os.getpid()

    def work(number: int) -> Iterator[tuple[int, bool]]:
        yield number, os.getpid() == here
        if number == 1 and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        yield number, os.getpid() == here

    assert shared_out(work, 3) == [2 * [(0, True)], 2 * [(1, True)], 2 * [(2, False)]]


def test_what_fails_there_fails_here_with_its_own_error(capfd: pytest.CaptureFixture[str]) -> None:
    def work(number: int) -> Iterator[int]:
        yield number
        if number == 1:
            raise ValueError("of the second share")

    with pytest.raises(ValueError, match="of the second share"):
        shared_out(work, 2)
    assert "of the second share" not in capfd.readouterr().err  # the other process says nothing of it


def plans(folder: Path, many: int, **expressions: object) -> tuple[str, ...]:
    """Plans of as many accounts, each with a detector, a rule, and a sensitive name of a topic."""
    for number in range(many):
        account = f"{600_000_000_000 + number}"
        given = expressions or {"allowed_account_ids": expression({"constant_value": [account]})}
        changes: list[Json] = [
            change("aws_guardduty_detector.d", {"enable": number % 3 != 0}),
            change("aws_cloudwatch_event_rule.r", {"name": "r", "event_pattern": RULE.replace("ID", account)}),
            change("aws_sns_topic.t", {"name": f"hidden-name-{number}"}),
        ]
        changes[-1]["change"]["after_sensitive"] = {"name": True}
        kinds = ("aws_guardduty_detector", "aws_cloudwatch_event_rule", "aws_sns_topic")
        resources = [resource(kind, name) for kind, name in zip(kinds, "drt", strict=True)]
        text = plan(changes, resources, {"aws": provider("eu-west-1", **given)})
        (folder / f"{number:02}.json").write_bytes(text)
    return tuple(str(path) for path in sorted(folder.glob("*.json")))


def judged(sources: tuple[str, ...], several: int, monkeypatch: pytest.MonkeyPatch) -> Report:
    for module in (load_sources, shares):
        monkeypatch.setattr(module, "shares", lambda _tasks: several)
    return run(Request(sources, date(2026, 1, 31), regions="touched"), NOW)


def test_a_result_is_the_same_by_however_many_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = plans(tmp_path, 7)
    alone = judged(sources, 1, monkeypatch)
    assert len({row.account for row in alone.rows}) == 7
    assert {row.verdict.value for row in alone.rows if row.control == "detector-enabled"} == {"pass", "fail"}
    for several in (2, 3):
        assert render(judged(sources, several, monkeypatch), "json") == render(alone, "json")


def test_accounts_of_unknown_id_are_told_apart_in_the_order_of_the_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = plans(tmp_path, 5, profile="p")
    (tmp_path / "03.json").write_bytes((tmp_path / "03.json").read_bytes().replace(b'"p"', b'"q"'))
    alone = judged(sources, 1, monkeypatch)
    assert {one.key for one in alone.scope.accounts} == {"-", "-2"}
    assert render(judged(sources, 2, monkeypatch), "json") == render(alone, "json")


def test_a_source_that_cannot_be_read_costs_itself_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = plans(tmp_path, 5)
    (tmp_path / "01.json").write_text("{")
    alone, parted = (judged(sources, several, monkeypatch) for several in (1, 2))
    assert [error.source for error in parted.errors] == [str(tmp_path / "01.json")]
    assert render(parted, "json") == render(alone, "json")


def test_what_is_sensitive_in_a_plan_that_another_process_read_stays_veiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = str(render(judged(plans(tmp_path, 4), 2, monkeypatch), "json"))
    assert "hidden-name" not in text
