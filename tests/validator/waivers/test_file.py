"""waivers.yaml: what keeps the rules waives, and everything else is named with its line."""

from __future__ import annotations

from datetime import date

import pytest

from guardline.validator.waivers.file import read
from guardline.validator.waivers.written import Policy

TODAY = date(2026, 11, 25)
GOOD = {
    "control": "vpc-flow-logs",
    "reason": '"moves away"',
    "owner": "web",
    "approver": "security",
    "created": "2026-11-01",
    "expires": "2027-03-31",
}


def text(**changes: str | None) -> str:
    fields = {**GOOD, **changes}
    lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return "version: 1\nwaivers:\n  - " + "\n    ".join(lines) + "\n"


def test_one_that_keeps_the_rules() -> None:
    (found,), notes = read(text(scope='{region: "eu-*"}', ticket="SEC-12"), "waivers.yaml", Policy(), TODAY)
    assert notes == ()
    assert (found.where, found.control, found.scope) == ("waivers.yaml:3", "vpc-flow-logs", {"region": "eu-*"})
    waiver = found.waiver
    assert (waiver.source, waiver.reason, waiver.approver) == ("waivers.yaml:3", "moves away", "security")
    assert (waiver.owner, waiver.created, waiver.expires) == ("web", "2026-11-01", "2027-03-31")
    assert (waiver.ticket, waiver.compensating_control) == ("SEC-12", None)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        *(({name: None}, f"`{name}` is missing") for name in GOOD),
        ({"owner": None, "approver": None}, "`owner` and `approver` are missing"),
        ({"approver": "Web "}, "the approver is the owner"),
        ({"control": "vpc-flowlogs"}, "there is no control vpc-flowlogs"),
        ({"expires": "soon"}, "`expires` must be a date"),
        ({"expires": "2027-02-30"}, "`expires` must be a date"),
        ({"expires": "2027-11-02"}, "a waiver may hold for 365 days"),
        ({"expires": "2026-10-01"}, "before it was created"),
        ({"created": "2026-11-26", "expires": "2026-12-01"}, "still to come"),
        ({"aprover": "x"}, "unknown key `aprover`; did you mean `approver`?"),
        ({"region": "eu-west-1"}, "unknown key `region`; write it under `scope`: scope: {region: ...}"),
        ({"scope": "{regions: eu-west-1}"}, "unknown key `scope.regions`"),
        ({"scope": "{region: [eu-west-1]}"}, "`scope` must be a mapping"),
        ({"reason": "[a]"}, "`reason` must be text"),
        ({"owner": "7"}, "`owner` must be text"),
    ],
)
def test_one_that_breaks_a_rule(changes: dict[str, str | None], says: str) -> None:
    kept, (note,) = read(text(**changes), "waivers.yaml", Policy(), TODAY)
    assert kept == ()
    assert (note.where, note.state) == ("waivers.yaml:3", "malformed")
    assert says in note.message


def test_the_last_day_that_the_policy_allows() -> None:
    assert len(read(text(expires="2026-12-01"), "w", Policy(longest_days=30), TODAY)[0]) == 1
    assert len(read(text(expires="2026-12-02"), "w", Policy(longest_days=30), TODAY)[0]) == 0


@pytest.mark.parametrize(
    "whole", ["", "version: 2\nwaivers: []\n", "waivers: {a: b}\n", "[", "version: 1\nwaivers: 7\n", "- a\n"]
)
def test_what_is_no_file_of_waivers(whole: str) -> None:
    kept, notes = read(whole, "waivers.yaml", Policy(), TODAY)
    assert kept == ()
    assert [note.state for note in notes] == ["malformed"]


def test_one_that_is_wrong_takes_no_other_with_it() -> None:
    both = text() + text(owner=None).removeprefix("version: 1\nwaivers:\n") + "  - 7\n"
    kept, notes = read(both, "waivers.yaml", Policy(), TODAY)
    assert len(kept) == 1
    assert [note.where for note in notes] == ["waivers.yaml:9", "waivers.yaml:14"]
