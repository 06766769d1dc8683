"""The spec's `response` block: who is told of findings, and the function that answers them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from guardline.spec.load import load

from ..conftest import MINIMAL

Mistakes = Callable[[str], list[tuple[int, int, str]]]
Write = Callable[[str], Path]

WHO = "alerts: {email: [soc@example.com]}"
# Each case: the block, and words of the one mistake.
ONE = [
    ("response: {}", "response: needs `alerts`"),
    ("response: {alerts: {}}", "email"),
    ("response: {alerts: {email: []}}", "names nobody"),
    ("response: {alerts: {email: [soc]}}", "must be an e-mail address"),
    ("response: {alerts: {email: ['soc@example']}}", "must be an e-mail address"),
    ("response: {alerts: {email: ['a\"b@example.com']}}", "must be an e-mail address"),
    ("response: {alerts: {email: [soc@example.com, SOC@example.com]}}", "SOC@example.com is there twice"),
    ("response: {alerts: {email: [soc@example.com], min_severity: 8}}", "7"),
    ("response: {alerts: {email: [soc@example.com], min_severity: 4.5}}", "whole number"),
    (f"response: {{{WHO}, remediate: {{mode: stop}}}}", "notify"),
    (f"response: {{{WHO}, remediate: {{min_severity: 10}}}}", "9"),
    (f"response: {{{WHO}, remediate: {{concurrency: 0}}}}", "1"),
    (f"response: {{{WHO}, remdiate: {{}}}}", "did you mean `remediate`?"),
    ("response: {mode: reference}", "mode reference needs `owner`"),
    ("response: {mode: 'off'}", "mode off needs `reason`"),
    (f"response: {{mode: 'off', reason: x, {WHO}}}", "`alerts` belongs to mode create"),
]


@pytest.mark.parametrize(("block", "words"), ONE, ids=[block[10:70] for block, _ in ONE])
def test_a_mistake_is_said_where_it_is(mistakes: Mistakes, block: str, words: str) -> None:
    found = mistakes(f"{MINIMAL}{block}\n")
    assert {entry[0] for entry in found} == {MINIMAL.count("\n") + 1}, found
    assert len(found) == 1, found
    assert words in found[0][2], found


@pytest.mark.parametrize(
    "block",
    [
        f"response: {{{WHO}}}",
        f"response: {{{WHO}, remediate: {{}}}}",
        f"response: {{{WHO}, remediate: {{mode: notify, min_severity: 5, concurrency: 1}}}}",
        "response: {mode: reference, owner: the SOC}",
        "response: {mode: 'off', reason: findings are read in the console}",
    ],
)
def test_what_is_accepted(write: Write, block: str) -> None:
    assert load(write(f"{MINIMAL}{block}\n")).response is not None


def test_nothing_is_asked_unless_it_is_said(write: Write) -> None:
    assert load(write(MINIMAL)).response is None
