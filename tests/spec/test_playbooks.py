"""Which action answers which finding: Guardline's own choice, and a spec's changes to it."""

from __future__ import annotations

import json

import pytest

from guardline.generator.responder.actions import ACTIONS as WRITTEN
from guardline.spec import playbooks as module
from guardline.spec.findings import families
from guardline.spec.playbooks import ACTIONS, answers, by_family, least, matches, playbooks
from guardline.spec.practices.response import Remediate

ALL = Remediate.model_validate({"mode": "act", "actions": ACTIONS})


def test_the_spec_s_actions_are_those_that_are_written() -> None:
    assert tuple(WRITTEN) == ACTIONS


def test_every_pattern_of_the_seed_matches_something_that_the_first_line_for_it_decides() -> None:
    seed = json.loads(module._DATA.read_text(encoding="utf-8"))["playbooks"]
    assert seed[-1] == {"types": ["*"], "actions": []}
    patterns = [pattern for each in seed[:-1] for pattern in each["types"]]
    for kind in families():
        assert sum(matches(pattern, kind) for pattern in patterns) <= 1, kind
    for pattern in patterns:
        assert any(matches(pattern, kind) for kind in families()), pattern


def test_every_family_has_an_answer_and_some_have_an_action() -> None:
    found = by_family(ALL)
    assert set(found) == set(families().values())
    assert found["EC2"] == ("isolate-instance", "stop-instance")
    assert found["IAM"] == ("disable-access-key", "revoke-role-sessions")
    assert found["Attack sequence"] == ()


@pytest.mark.parametrize(
    ("kind", "actions"),
    [
        ("Backdoor:EC2/Spambot", ("isolate-instance", "stop-instance")),
        ("Recon:EC2/Portscan", ()),
        ("Policy:S3/BucketAnonymousAccessGranted", ("block-public-bucket",)),
        ("Policy:S3/AccountBlockPublicAccessDisabled", ()),
        ("UnauthorizedAccess:IAMUser/MaliciousIPCaller", ("disable-access-key", "revoke-role-sessions")),
        ("Policy:IAMUser/RootCredentialUsage", ()),
    ],
)
def test_a_type_s_answer(kind: str, actions: tuple[str, ...]) -> None:
    assert answers(ALL)[kind] == actions


def test_an_action_that_is_not_named_is_never_taken() -> None:
    some = Remediate(mode="act", actions=("stop-instance",))
    assert {name for actions in answers(some).values() for name in actions} == {"stop-instance"}
    assert all(not actions for actions in answers(Remediate()).values())


def test_the_spec_s_own_lines_go_first() -> None:
    own = {"types": ["Backdoor:EC2/Spam*"], "actions": [], "min_severity": 2}
    asked = Remediate.model_validate({"mode": "act", "actions": ["stop-instance"], "playbooks": [own]})
    assert answers(asked)["Backdoor:EC2/Spambot"] == ()
    assert answers(asked)["Backdoor:EC2/DenialOfService.Dns"] == ("stop-instance",)
    assert least(asked) == 2
    assert least(ALL) == 7
    assert playbooks(asked)[-1].types == ("*",)
