"""Any call to AWS may fail, before or after AWS carried it out: changes are written down, and a retry ends them."""

from __future__ import annotations

import time

import pytest

from guardline.generator.responder import handler
from guardline.localaws import LocalAws
from tests.support.responding import Responding, faults
from tests.support.response_cases import CASES

_NOW = time.time
MOST_CALLS = 40


def walk(aws: LocalAws, monkeypatch: pytest.MonkeyPatch, action: str, at: int, *, after: bool) -> bool:
    """One run with one fault, its retry, and the undo; whether there was a call with this number."""
    aws.reset()
    responding = Responding(aws, monkeypatch, actions=[action])
    make, seen = CASES[action]
    event = make(responding)
    before = seen(responding)
    with faults(monkeypatch, at, after=after) as called:
        try:
            responding.handle(event)
            failed = False
        except (handler.ResponseError, ConnectionError):
            failed = True
    cut_off = any(name.endswith("!") for name in called)
    assert failed == cut_off, called
    if seen(responding) != before:
        (record,) = responding.records().values()
        assert "seen_before" in record, called
    # A claim whose end could not be written down is free again when its time is over.
    with monkeypatch.context() as later:
        later.setattr("time.time", lambda: _NOW() + 3600)
        responding.handle(event)
        changed = seen(responding)
        assert changed != before, called
        (record,) = responding.records().values()
        assert record["state"] == "done", (called, record)
        responding.undo(str(record["id"]))
    assert seen(responding) == before, called
    return cut_off


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("action", CASES)
def test_a_fault_at_the_call_that_changes_something(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch, action: str, after: bool
) -> None:
    """The everyday run tries the calls around the change; all of them are tried by the long one."""
    for at in (5, 7):
        assert walk(aws, monkeypatch, action, at, after=after)


@pytest.mark.long
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("action", CASES)
def test_a_fault_at_every_call(aws: LocalAws, monkeypatch: pytest.MonkeyPatch, action: str, after: bool) -> None:
    tried = 0
    while walk(aws, monkeypatch, action, tried, after=after):
        tried += 1
        assert tried < MOST_CALLS
    assert tried > 7
