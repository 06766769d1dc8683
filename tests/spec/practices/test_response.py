"""The spec's `response` block: who is told of findings, and the function that answers them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from guardline.spec.alert_ways import CHAT_REGIONS
from guardline.spec.load import load

from ..conftest import MINIMAL

Mistakes = Callable[[str], list[tuple[int, int, str]]]
Write = Callable[[str], Path]

WHO = "alerts: {email: [soc@example.com]}"
UUID = "12345678-1234-1234-1234-123456789012"
ITS_KEY = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:pagerduty-a1b2c3"
CREDENTIAL = "R015ABCDEF"  # what a person may write in the place of the secret's ARN
HOOK = f"{{name: pagerduty, format: pagerduty, secret: '{ITS_KEY}'}}"


def webhook(**fields: str) -> str:
    """A block with one webhook of PagerDuty, or what the fields make of it."""
    given = {"name": "pagerduty", "format": "pagerduty", "secret": ITS_KEY} | fields
    return f"response: {{alerts: {{email: [soc@example.com], webhooks: [{json.dumps(given)}]}}}}"


LONG = f"user/{'x' * 90}"
# Each case: the block, and words of the one mistake.
ONE = [
    ("response: {}", "response: needs `alerts`"),
    ("response: {alerts: {}}", "names nobody"),
    ("response: {alerts: {email: []}}", "names nobody"),
    ("response: {alerts: {email: [soc]}}", "must be an e-mail address"),
    ("response: {alerts: {email: ['soc@example']}}", "must be an e-mail address"),
    ("response: {alerts: {email: ['a\"b@example.com']}}", "must be an e-mail address"),
    ("response: {alerts: {email: [soc@example.com, SOC@example.com]}}", "SOC@example.com is there twice"),
    ("response: {alerts: {email: [soc@example.com], min_severity: 8}}", "7"),
    ("response: {alerts: {email: [soc@example.com], min_severity: 4.5}}", "whole number"),
    ("response: {alerts: {slack: [{workspace: acme, channel: C07EZ1ABC23}]}}", "'acme' is not of the form T07EA123LEP"),
    ("response: {alerts: {slack: [{workspace: T07EA123LEP, channel: alerts}]}}", "C07EZ1ABC23"),
    (
        "response: {alerts: {teams: [{team: soc, tenant: " + UUID + ", channel: '19:a@thread.tacv2'}]}}",
        "'soc' is not of",
    ),
    ("response: {alerts: {webhooks: [" + HOOK + "]}}", "names nobody"),
    (webhook(name="alert"), "is the name of something else"),
    (webhook(name="a-name-that-is-long"), "is not of the form pagerduty"),
    (webhook(secret=CREDENTIAL), "is not of the form arn:aws:secretsmanager"),
    (webhook(format="json"), "needs `url`"),
    (webhook(url="http://example.com"), "is not of the form https://"),
    (webhook(header="X-Key"), "`header` means nothing in format pagerduty"),
    (f"response: {{alerts: {{email: [soc@example.com], webhooks: [{HOOK}, {HOOK}]}}}}", "the name of another webhook"),
    (f"response: {{{WHO}, remediate: {{mode: stop}}}}", "notify"),
    (f"response: {{{WHO}, remediate: {{mode: act}}}}", "mode act needs `actions`"),
    (f"response: {{{WHO}, remediate: {{mode: dry-run, actions: []}}}}", "mode dry-run needs `actions`"),
    (f"response: {{{WHO}, remediate: {{mode: notify, actions: [stop-instance]}}}}", "means nothing in mode notify"),
    (f"response: {{{WHO}, remediate: {{actions: [reboot]}}}}", "stop-instance"),
    (f"response: {{{WHO}, remediate: {{actions: [stop-instance], never: [break-glass]}}}}", "is not of the form user/"),
    (f"response: {{{WHO}, remediate: {{actions: [stop-instance], opt_out_tags: [=x]}}}}", "is not of the form"),
    (f"response: {{{WHO}, remediate: {{actions: [stop-instance], rate_limit: 0}}}}", "1"),
    (
        (
            f"response: {{{WHO}, remediate: {{actions: [stop-instance], playbooks: [{{types: ['Backdoor:EC2/*'], "
            "actions: [isolate-instance]}]}}"
        ),
        "isolate-instance is not among the `actions`",
    ),
    (
        (
            f"response: {{{WHO}, remediate: {{actions: [stop-instance], playbooks: [{{types: [Backdoor:EC2/Spambt], "
            "actions: []}]}}"
        ),
        "did you mean `Backdoor:EC2/Spambot`?",
    ),
    (
        f"response: {{{WHO}, remediate: {{actions: [stop-instance], playbooks: [{{types: [Spambot], actions: []}}]}}}}",
        "is no finding type",
    ),
    (
        f"response: {{{WHO}, remediate: {{actions: [stop-instance], never: [{', '.join([LONG] * 30)}]}}}}",
        "have room for",
    ),
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
        "response: {alerts: {slack: [{workspace: T07EA123LEP, channel: C07EZ1ABC23}]}}",
        "response: {alerts: {teams: [{team: " + UUID + ", tenant: " + UUID + ", channel: '19:ab-1@thread.tacv2'}]}}",
        webhook(),
        webhook(format="json", url="https://example.com/alerts?team=soc", header="X-Key"),
        f"response: {{{WHO}, remediate: {{}}}}",
        f"response: {{{WHO}, remediate: {{mode: notify, min_severity: 5, concurrency: 1}}}}",
        f"response: {{{WHO}, remediate: {{mode: act, actions: [stop-instance], never: ['role/x*'], rate_limit: 3}}}}",
        (
            f"response: {{{WHO}, remediate: {{actions: [stop-instance], playbooks: [{{types: ['New:EC2/*'], "
            "actions: [stop-instance], min_severity: 2, unlisted_types: true}]}}"
        ),
        "response: {mode: reference, owner: the SOC}",
        "response: {mode: 'off', reason: findings are read in the console}",
    ],
)
def test_what_is_accepted(write: Write, block: str) -> None:
    assert load(write(f"{MINIMAL}{block}\n")).response is not None


def test_nothing_is_asked_unless_it_is_said(write: Write) -> None:
    assert load(write(MINIMAL)).response is None


@pytest.mark.parametrize(
    ("block", "mode"),
    [
        ("{}", "notify"),
        ("{actions: [stop-instance]}", "dry-run"),
        ("{mode: act, actions: [stop-instance]}", "act"),
        ("{mode: notify}", "notify"),
    ],
)
def test_an_action_begins_as_a_dry_run(write: Write, block: str, mode: str) -> None:
    response = load(write(f"{MINIMAL}response: {{{WHO}, remediate: {block}}}\n")).response
    assert response is not None
    assert response.remediate is not None
    assert response.remediate.does == mode


def gathering(partition: str, home: str) -> str:
    text = MINIMAL.replace("eu-west-1", home).replace("not_opted_in: rest", "")
    return f"{text}partition: {partition}\ncontacts: {{owner: x}}\nresponse: {{{WHO}, fan_in: true}}\n"


def test_events_are_gathered_where_a_way_is_known(mistakes: Mistakes, write: Write) -> None:
    response = load(write(gathering("aws-us-gov", "us-gov-west-1"))).response
    assert response is not None
    assert response.fan_in
    (found,) = mistakes(gathering("aws-cn", "cn-north-1"))
    assert "response.fan_in: no way across regions is known in aws-cn" in found[2]


EXCLUDED = [f"{{region: {name}, reason: x, approved_by: y, until: 2999-01-01}}" for name in CHAT_REGIONS]
IN_CHINA = MINIMAL.replace("eu-west-1", "cn-north-1") + "partition: aws-cn\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (IN_CHINA + "response: {alerts: {slack: [{workspace: T07EA123LEP, channel: C07EZ1ABC23}]}}\n", "use e-mail"),
        (IN_CHINA + webhook() + "\n", "needs events that come to one region"),
        (
            MINIMAL.replace("eu-west-1", "eu-north-1").replace(
                "not_opted_in: rest",
                f"not_opted_in: rest, exclude: [{', '.join(EXCLUDED)}]",
            )
            + "response: {alerts: {slack: [{workspace: T07EA123LEP, channel: C07EZ1ABC23}]}}\n",
            "needs one of the regions eu-west-1",
        ),
    ],
)
def test_a_chat_and_a_webhook_are_where_aws_has_them(mistakes: Mistakes, text: str, words: str) -> None:
    assert [words in message for _, _, message in mistakes(text)] == [True], mistakes(text)
