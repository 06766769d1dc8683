"""Suppression rules: narrow, explained, until a day, or refused at the right place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from guardline.spec.findings import families, fields
from guardline.spec.load import load
from guardline.spec.practices.suppression import MOST_DESCRIPTION, described

from ..conftest import MINIMAL

Mistakes = Callable[[str], list[tuple[int, int, str]]]

TAG = "resource.instanceDetails.tags.value"
# The minimal spec has 5 lines; the rule's keys stand on lines 7 to 10, and what it matches from line 11.
RULE = f"""\
{MINIMAL}suppression:
  - name: scanner
    reason: approved scanner, TICKET-12
    until: 2027-01-31
    match:
      type: [Recon:EC2/Portscan]
      {TAG}: [vuln-scanner]
"""


def test_a_rule_as_people_write_it(write: Callable[[str], Path]) -> None:
    (rule,) = load(write(RULE)).suppression
    assert (rule.name, rule.until) == ("scanner", date(2027, 1, 31))
    assert {field: test.equals for field, test in rule.match.items()} == {
        "type": ("Recon:EC2/Portscan",),
        TAG: ("vuln-scanner",),
    }


def test_values_alone_numbers_flags_and_tests(write: Callable[[str], Path]) -> None:
    more = """\
      service.action.networkConnectionAction.localPortDetails.port: 22
      service.action.networkConnectionAction.blocked: false
      severity: {greater_than_or_equal: 2, less_than: 7}
      resource.instanceDetails.imageId: {not_equals: [ami-1]}
      updatedAt: {greater_than: "2026-01-31T00:00:00Z"}
"""
    (rule,) = load(write(RULE + more)).suppression
    assert rule.match["service.action.networkConnectionAction.localPortDetails.port"].equals == ("22",)
    assert rule.match["service.action.networkConnectionAction.blocked"].equals == ("false",)
    assert (rule.match["severity"].greater_than_or_equal, rule.match["severity"].less_than) == ("2", "7")
    assert rule.match["resource.instanceDetails.imageId"].not_equals == ("ami-1",)
    assert rule.match["updatedAt"].greater_than == "2026-01-31T00:00:00Z"


# Each case: what to replace in the rule, by what; the mistake's line and column, and words of its message.
ONE = [
    ("name: scanner", "name: Scanner 1", 7, 11, "must be 2 to 39 lower-case letters"),
    ("approved scanner, TICKET-12", "'  '", 8, 13, "must not be empty"),
    ("approved scanner, TICKET-12", "承認済み", 8, 13, "needs a word in Latin letters"),
    ("approved scanner, TICKET-12", "scanner, until 2026-12-31", 8, 13, "names a last day of its own"),
    ("approved scanner, TICKET-12", "a " * 300, 8, 13, "is too long"),
    ("until: 2027-01-31", "until: never", 9, 12, "must be a date like 2027-03-31"),
    ("    until: 2027-01-31\n", "", 7, 5, "`until` is missing in suppression[0]"),
    ("type: [Recon:EC2/Portscan]", "types: [Recon:EC2/Portscan]", 11, 7, "did you mean `type`?"),
    ("Recon:EC2/Portscan", "Recon:EC2/PortScan", 11, 7, "did you mean `Recon:EC2/Portscan`?"),
    ("Recon:EC2/Portscan", "Portscan", 11, 7, "'Portscan' is no finding type; did you mean `Recon:EC2/Portscan`?"),
    ("Recon:EC2/Portscan", "Quantum:Mars/Rover", 11, 7, "say `unlisted_types: true`"),
    ("Recon:EC2/Portscan", "'*'", 11, 7, "'*' is no finding type, like Recon:EC2/Portscan"),
    ("[Recon:EC2/Portscan]", "[]", 11, 7, "compares with nothing"),
    ("      type: [Recon:EC2/Portscan]\n", "", 10, 5, "needs `type`"),
    (f"{TAG}: [vuln-scanner]", "resource.resourceType: [Instance]", 10, 5, "is too broad"),
    (f"{TAG}: [vuln-scanner]", "service.action.networkConnectionAction.protocol: TCP", 10, 5, "is too broad"),
    (f"{TAG}: [vuln-scanner]", "service.action.portProbeAction.blocked: false", 10, 5, "is too broad"),
    (
        f"{TAG}: [vuln-scanner]",
        "service.action.networkConnectionAction.localPortDetails.port: 22",
        10,
        5,
        "is too broad",
    ),
    (f"{TAG}: [vuln-scanner]", f"{TAG}: {{not_equals: [web]}}", 10, 5, "is too broad"),
    ("[vuln-scanner]", "['*']", 12, 7, "covers too much"),
    (f"{TAG}:", "resource.instanceDetails.tag.value:", 12, 7, f"did you mean `{TAG}`?"),
    ("[vuln-scanner]", "{matches: [vuln-*]}", 12, 7, "wildcards are known to AWS, but not to its Terraform provider"),
    ("[vuln-scanner]", "[vuln-scanner]\n      severity: 8", 13, 17, "covers severity 7 and above"),
    ("[vuln-scanner]", "[vuln-scanner]\n      severity: {greater_than: 4}", 13, 7, "bound it by `less_than: 7`"),
    ("[vuln-scanner]", "[vuln-scanner]\n      severity: {greater_than: 4, less_than: 8}", 13, 7, "severity 7"),
    (
        "[vuln-scanner]",
        "[vuln-scanner]\n      severity: {less_than: medium}",
        13,
        29,
        "must be a whole number, or a time",
    ),
    ("[vuln-scanner]", f"[{', '.join(str(each) for each in range(51))}]", 12, 7, "51 entries; at most 50"),
]


@pytest.mark.parametrize(("part", "by", "line", "column", "words"), ONE)
def test_one_mistake(mistakes: Mistakes, part: str, by: str, line: int, column: int, words: str) -> None:
    assert part in RULE
    found = mistakes(RULE.replace(part, by))
    assert [(at, where) for at, where, message in found if words in message] == [(line, column)], found


def test_a_misspelt_test_is_named_and_the_others_are_listed(mistakes: Mistakes) -> None:
    found = mistakes(RULE.replace("[vuln-scanner]", "{equal: [vuln-scanner]}"))
    assert any("unknown key `equal`; did you mean `equals`?" in message for _, _, message in found)


def test_the_whole_internet_is_no_peer(mistakes: Mistakes) -> None:
    peer = "service.action.networkConnectionAction.remoteIpDetails.ipAddressV4"
    found = mistakes(RULE.replace(TAG, peer).replace("vuln-scanner", "0.0.0.0/0"))
    assert [(line, "covers too much" in message) for line, _, message in found] == [(12, True)]


def test_two_rules_of_one_name(mistakes: Mistakes) -> None:
    second = RULE.partition("suppression:\n")[2]
    ((line, column, message),) = mistakes(RULE + second)
    assert (line, column) == (13, 11)
    assert "scanner is already the name of suppression[0]" in message


def test_at_most_a_hundred_rules(mistakes: Mistakes, write: Callable[[str], Path]) -> None:
    rule = RULE.partition("suppression:\n")[2]
    many = [rule.replace("name: scanner", f"name: scanner-{number}") for number in range(101)]
    assert len(load(write(f"{MINIMAL}suppression:\n{''.join(many[:100])}")).suppression) == 100
    found = mistakes(f"{MINIMAL}suppression:\n{''.join(many)}")
    assert ["holds 101 rules; AWS takes at most 100" in message for _, _, message in found] == [True]


def test_a_type_that_aws_added_since(write: Callable[[str], Path]) -> None:
    text = RULE.replace("Recon:EC2/Portscan", "Quantum:Mars/Rover").replace(
        "    match:", "    unlisted_types: true\n    match:"
    )
    assert load(write(text)).suppression[0].match["type"].equals == ("Quantum:Mars/Rover",)


@pytest.mark.parametrize(
    ("reason", "description"),
    [
        ("approved scanner, TICKET-12", "approved scanner TICKET-12 (until 2027-01-31)"),
        ("the customer's (old) [VPN]: see docs/vpn", "the customers (old) [VPN]: see docs/vpn (until 2027-01-31)"),
        ("geprüft & für gut befunden", "gepruft fur gut befunden (until 2027-01-31)"),
        ('${x} %{if} "q"\nnext\tline', "{x} {if} q next line (until 2027-01-31)"),
    ],
)
def test_the_description_holds_what_aws_takes(reason: str, description: str) -> None:
    assert described(reason, date(2027, 1, 31)) == description


def test_a_reason_of_just_the_length(mistakes: Mistakes, write: Callable[[str], Path]) -> None:
    most = MOST_DESCRIPTION - len(" (until 2027-01-31)")
    reason = "a" * most
    assert (
        len(
            described(
                load(write(RULE.replace("approved scanner, TICKET-12", reason))).suppression[0].reason,
                date(2027, 1, 31),
            )
        )
        == MOST_DESCRIPTION
    )
    ((_, _, message),) = mistakes(RULE.replace("approved scanner, TICKET-12", reason + "a"))
    assert message.endswith(f"takes {MOST_DESCRIPTION} characters, so {most} here")


def test_the_facts_are_there() -> None:
    assert len(fields()) > 600
    assert families()["Recon:EC2/Portscan"] == "EC2"
