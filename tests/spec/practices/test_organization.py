"""An organization: its accounts and their duties, and every way to say them wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from guardline.spec.accounts import Covered, accounts, listed
from guardline.spec.lists import ListError
from guardline.spec.load import load

Mistakes = Callable[[str], list[tuple[int, int, str]]]
Write = Callable[[str], Path]

HEAD = """\
version: 1
name: acme
home_region: eu-west-1
regions: {not_opted_in: rest}
"""
ORGANIZATION = """\
organization:
  id: o-exampleorgid
  management_account: "000011112222"
  admin_account: "111122223333"
"""
WHOLE = HEAD + ORGANIZATION


def duties(path: Path) -> list[tuple[str, str, str]]:
    return [(each.id, each.duty, each.name) for each in accounts(load(path), path)]


def test_each_account_has_its_duty_and_the_log_archive_is_a_member(write: Write) -> None:
    path = write(
        f"""{WHOLE}  log_archive_account: "222233334444"
  members: [{{id: "444455556666"}}, {{id: "333344445555", name: payments}}]
"""
    )
    assert duties(path) == [
        ("000011112222", "management", "management"),
        ("111122223333", "security", "security"),
        ("444455556666", "member", "444455556666"),
        ("222233334444", "member", "log-archive"),
        ("333344445555", "member", "payments"),
    ]


def test_one_account_is_an_account(write: Write) -> None:
    path = write(HEAD + 'account: {id: "111122223333"}\n')
    assert accounts(load(path), path) == (Covered("111122223333", "account", "111122223333"),)


def test_members_come_from_what_the_aws_command_prints(write: Write) -> None:
    path = write(f"{WHOLE}  members_file: accounts.json\n")
    entries = [
        {"Id": "333344445555", "Name": "Payments", "Status": "ACTIVE"},
        {"Id": "444455556666", "Name": "Payments", "Status": "SUSPENDED"},
        {"Id": "111122223333", "Name": "Security", "Status": "ACTIVE"},
        {"Id": "000011112222", "Name": "Management"},
        # Since 2026-09-09 AWS sends `State` alone; before, both.
        {"Id": "555566667777", "Name": "Shop", "State": "ACTIVE"},
        {"Id": "666677778888", "Name": "Shop", "State": "ACTIVE", "Status": "SUSPENDED"},
        {"Id": "777788889999", "Name": "Closed", "State": "CLOSED"},
        {"Id": "888899990000", "Name": "Closing", "State": "PENDING_CLOSURE", "Status": "ACTIVE"},
        {"Id": "999900001111", "Name": "New", "State": "PENDING_ACTIVATION"},
    ]
    (path.parent / "accounts.json").write_text(json.dumps({"Accounts": entries}))
    assert [(account, duty) for account, duty, _ in duties(path)] == [
        ("000011112222", "management"),
        ("111122223333", "security"),
        ("333344445555", "member"),
        ("555566667777", "member"),
        ("666677778888", "member"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "no list `Accounts`"),
        ('{"Accounts": {}}', "no list `Accounts`"),
        ('{"Accounts": [{"Id": "1"}]}', "entry 1 of `Accounts` has no `Id`"),
        ('{"Accounts": [{"Id": "000011112222"}, 7]}', "entry 2 of `Accounts` has no `Id`"),
    ],
)
def test_another_file_of_members_is_refused(text: str, words: str) -> None:
    with pytest.raises(ListError, match=words):
        listed(text)


def test_a_missing_file_of_members_is_told_at_its_line(mistakes: Mistakes) -> None:
    ((line, column, message),) = mistakes(f"{WHOLE}  members_file: accounts.json\n")
    assert (line, column) == (9, 17)
    assert message.startswith("organization.members_file: accounts.json does not exist")


# Each case: lines after the organization's own (8 of them), the mistake's line and column, and words of its message.
WRONG = [
    ('account: {id: "111122223333"}', 5, 1, "`account` or `organization`, not both"),
    ('  members: [{id: "111122223333"}]', 9, 18, "is already organization.admin_account; each account has one duty"),
    ('  log_archive_account: "000011112222"', 9, 24, "is already organization.management_account"),
    ('  members: [{id: "333344445555"}, {id: "333344445555"}]', 9, 40, "is already organization.members[0].id"),
    (
        '  members: [{id: "333344445555", name: a}, {id: "444455556666", name: a}]',
        9,
        71,
        "each member has a folder of its own",
    ),
    ('  members: [{id: "333344445555", name: "Payments"}]', 9, 40, "must be up to 40 lower-case letters"),
    ('  members: [{id: "333344445555", name: "../x"}]', 9, 40, "must be up to 40 lower-case letters"),
    ("  members: [{id: 333344445555}]", 9, 18, "must be the 12 digits of an AWS account in quotes"),
    ("  auto_enable: new", 9, 16, "must be `all`"),
    ("  canary_region: eu-wset-1", 9, 18, "did you mean `eu-west-1`"),
    ("  canary_region: ap-east-1", 9, 18, "is not covered, so nothing can be tried there"),
    ('  deploy_role: "arn:aws:iam::111122223333:role/x"', 9, 16, "must be the name of a role"),
    ("  deploy_role: '${evil}'", 9, 16, "must be the name of a role"),
    ("  plan_role: plan", 9, 14, "needs `organization.deploy_role`"),
    ("  deploy_role: one\n  plan_role: one", 10, 14, "name a role that only reads"),
    ("  deploy_role: one\n  roles: {account: '111122223333'}", 10, 3, "needs the names of both roles"),
    (
        "  deploy_role: one\n  plan_role: two\n  roles: {account: '000011112222'}",
        11,
        20,
        "sign in in another one",
    ),
    (
        (
            "  deploy_role: one\n  plan_role: two\n  roles: {account: '111122223333'}\n"
            "fan_out: {github_actions: {role: gh, plan_role: p}}"
        ),
        12,
        11,
        "which repository's jobs may sign in",
    ),
    ("fan_out: {github_actions: {role: gh, repo: acme}}", 9, 44, "must be OWNER/NAME"),
    ("terraform: {provider: {allowed_account_ids: ['111122223333']}}", 9, 24, "each account's root allows its own"),
    (
        "terraform: {provider: {assume_role: {role_arn: 'arn:aws:iam::111122223333:role/x'}}}",
        9,
        24,
        "name `organization.deploy_role`",
    ),
    ("flow_logs: {bucket: one-bucket}", 9, 21, "each account has a bucket of its own"),
    ("dns_logs: {bucket: one-bucket}", 9, 20, "each account has a bucket of its own"),
    ("fan_out: {}", 9, 1, "names no engine"),
    ("fan_out: {atlantis: true, repository: ../../../..}", 9, 39, "leads more than two folders above the spec's own"),
    ("fan_out: {github_actions: {}}", 9, 11, "`role` is missing in fan_out.github_actions"),
    ("fan_out: {github_actions: {role: gh, drift: daily}}", 9, 45, "must be five fields of cron"),
    ('fan_out: {github_actions: {role: gh, branch: "x\'; rm"}}', 9, 46, "must be the name of a branch"),
    ("fan_out: {github_actions: {role: gh, max_parallel: 0}}", 9, 52, "must be at least 1"),
    ("fan_out: {github_actions: {role: gh, failure_tolerance: -1}}", 9, 57, "must be at least 0"),
    ("fan_out: {github_actions: {role: gh, approval: 'a: b'}}", 9, 48, "must be the name of an environment"),
    ("fan_out: {github_actions: {role: gh, install: 'guardline; rm'}}", 9, 47, "must be what pip installs"),
]


@pytest.mark.parametrize(("lines", "line", "column", "words"), WRONG)
def test_one_mistake(mistakes: Mistakes, lines: str, line: int, column: int, words: str) -> None:
    found = mistakes(f"{WHOLE}{lines}\n")
    assert [entry[:2] for entry in found] == [(line, column)], found
    assert words in found[0][2]


def test_the_log_archive_keeps_its_folder(mistakes: Mistakes) -> None:
    lines = '  log_archive_account: "222233334444"\n  members: [{id: "333344445555", name: log-archive}]\n'
    ((line, column, message),) = mistakes(WHOLE + lines)
    assert (line, column) == (10, 40)
    assert "log-archive is the folder of log_archive_account" in message


def test_members_are_named_in_one_place(mistakes: Mistakes, tmp_path: Path) -> None:
    (tmp_path / "accounts.json").write_text('{"Accounts": []}')
    found = mistakes(f'{WHOLE}  members: [{{id: "333344445555"}}]\n  members_file: accounts.json\n')
    assert [(line, column) for line, column, _ in found] == [(10, 17)]


def test_neither_account_nor_organization(mistakes: Mistakes) -> None:
    ((_, _, message),) = mistakes(HEAD)
    assert "`account` is missing" in message
    assert "or `organization: ...` for many" in message


def test_a_misspelt_organization_is_one_mistake(mistakes: Mistakes) -> None:
    ((line, _, message),) = mistakes(WHOLE.replace("organization:", "organisation:"))
    assert (line, message) == (5, "unknown key `organisation`; did you mean `organization`?")
