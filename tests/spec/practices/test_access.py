"""The spec's `access` block: who may use GuardDuty."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from guardline.spec.actions import DATA, PARTS, actions, kept_from_all, weakening
from guardline.spec.load import load

from ..conftest import MINIMAL

Mistakes = Callable[[str], list[tuple[int, int, str]]]
Write = Callable[[str], Path]

OWNED = MINIMAL + "contacts: {owner: security@example.com}\n"
ROLE = '"arn:aws:iam::111122223333:role/x"'
ALL = f"readers: [{ROLE}], responders: [{ROLE}], administrators: [{ROLE}]"
GROUP = "1b2c3d4e-0000-4000-8000-a1b2c3d4e5f6"
GROUPS = f"readers: [{GROUP}], responders: [{GROUP}], administrators: [{GROUP}]"
INSTANCE = "arn:aws:sso:::instance/ssoins-1234567890abcdef"
CENTER = f"kind: identity-center, {GROUPS}"

# Each case: the field, the column of the mistake on line 7, and words of it.
ONE = [
    ("access: {}", 1, "`access.readers`|names nobody"),
    (f"access: {{readers: [], responders: [{ROLE}], administrators: [{ROLE}]}}", 10, "names nobody"),
    (f"access: {{{ALL}, mfa: yes}}", None, "must be true or false"),
    (f"access: {{{ALL}, kind: role}}", None, "did you mean `roles`?"),
    (f"access: {{{ALL}, identity_center: {{instance_arn: '{INSTANCE}'}}}}", None, "belongs to kind identity-center"),
    (f"access: {{{ALL}, permissions_boundary: none}}", None, "must be an ARN"),
    (f"access: {{{ALL.replace('role/x', 'group/x', 1)}}}", 20, "must be the ARN of a role, of a user"),
    (f"access: {{{ALL.replace(ROLE, chr(34) + '*' + chr(34), 1)}}}", 20, "must be the ARN of a role, of a user"),
    (f"access: {{{ALL.replace('arn:aws:', 'arn:aws-cn:', 1)}}}", 20, "the ARN is in partition aws-cn"),
    (f"access: {{{CENTER}}}", None, "needs `identity_center`"),
    (
        f"access: {{{CENTER}, mfa: true, identity_center: {{instance_arn: '{INSTANCE}'}}}}",
        None,
        "`mfa` belongs to kind",
    ),
    (
        f"access: {{{CENTER}, identity_center: {{instance_arn: '{INSTANCE}/x'}}}}",
        None,
        "must be the ARN of an instance",
    ),
    (
        f"access: {{{CENTER}, identity_center: {{instance_arn: '{INSTANCE}', region: ap-east-1}}}}",
        None,
        "ap-east-1 is not covered",
    ),
    (
        f"access: {{{CENTER.replace(GROUP, 'analysts', 1)}, identity_center: {{instance_arn: '{INSTANCE}'}}}}",
        None,
        "must be the id of a group",
    ),
    (f"access: {{{ALL.replace(ROLE, ', '.join([ROLE] * 60), 1)}}}", None, "too long together"),
    ("access: {mode: reference}", None, "mode reference needs `owner`"),
    ("access: {mode: 'off'}", None, "mode off needs `reason`"),
    ("access: {mode: 'off', reason: x, administrators: [x]}", None, "means nothing under mode off"),
    (f"access: {{mode: reference, owner: x, readers: [{ROLE}]}}", None, "`readers` belongs to mode create"),
]


@pytest.mark.parametrize(("line", "column", "words"), ONE, ids=[line[:70] for line, _, _ in ONE])
def test_a_mistake_is_said_where_it_is(mistakes: Mistakes, line: str, column: int | None, words: str) -> None:
    found = mistakes(f"{OWNED}{line}\n")
    assert {entry[0] for entry in found} == {7}, found
    assert any(any(word in entry[2] for word in words.split("|")) for entry in found), found
    assert column is None or column in {entry[1] for entry in found}, found


def test_each_of_three_missing_lists_is_a_mistake(mistakes: Mistakes) -> None:
    assert len(mistakes(f"{OWNED}access: {{}}\n")) == 3


def test_an_owner_is_asked_for(mistakes: Mistakes) -> None:
    found = mistakes(f"{MINIMAL}access: {{{ALL}}}\n")
    assert [entry[:2] for entry in found] == [(6, 1)]
    assert "needs `contacts.owner`" in found[0][2]


@pytest.mark.parametrize("owner", ["Security <soc>", "x" * 257, "a;b"])
def test_an_owner_must_do_as_a_tag(mistakes: Mistakes, owner: str) -> None:
    found = mistakes(f"{MINIMAL}contacts: {{owner: {owner!r}}}\naccess: {{{ALL}}}\n")
    assert [entry[0] for entry in found] == [6]
    assert "becomes a tag" in found[0][2]


def test_good_blocks(write: Write) -> None:
    roles = load(write(f"{OWNED}access: {{{ALL}, mfa: true}}\n")).access
    assert roles is not None
    assert (roles.kind, roles.mfa, roles.mode) == ("roles", True, "create")
    center = load(write(f"{OWNED}access: {{{CENTER}, identity_center: {{instance_arn: '{INSTANCE}'}}}}\n")).access
    assert center is not None
    assert center.identity_center is not None
    other = load(write(f"{MINIMAL}access: {{mode: reference, owner: IAM team, administrators: [Admins]}}\n")).access
    assert other is not None
    assert other.administrators == ("Admins",)


def test_every_action_stands_under_exactly_one_heading() -> None:
    """103 operations of botocore's model, and one permission of the agents."""
    from botocore.loaders import Loader

    operations = set(Loader().load_service_model("guardduty", "service-2")["operations"])
    listed = [name for names in actions().values() for name in names]
    assert sorted(listed) == sorted(operations | {"SendSecurityTelemetry"})


def test_readers_read_and_nobody_can_end_guardduty() -> None:
    assert all(name.startswith(("Describe", "Get", "List")) for name in actions()["read"])
    assert not any(name.startswith(("Describe", "Get", "List")) for part in PARTS[1:] for name in actions()[part])
    assert set(actions()["end"]) >= {"DeleteDetector", "StopMonitoringMembers", "DisassociateFromMasterAccount"}
    assert {f"guardduty:{name}" for name in actions()["end"]} <= set(kept_from_all())


def test_what_weakens_is_named_and_known() -> None:
    known = {name for names in actions().values() for name in names}
    assert set(weakening()) <= known
    assert not set(weakening()) & set(actions()["read"])


@pytest.mark.parametrize("name", ["guardduty_actions.json", "service_control.json"])
def test_facts_say_where_they_are_from(name: str) -> None:
    data = json.loads((DATA / name).read_text(encoding="utf-8"))
    assert data["sources"]
    assert data["dated"]
