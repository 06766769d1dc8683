"""The spec's `tamper` block: watching GuardDuty itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from guardline.spec.load import load

from ..conftest import MINIMAL

Mistakes = Callable[[str], list[tuple[int, int, str]]]
Write = Callable[[str], Path]

TOLD = MINIMAL + "response: {alerts: {email: [soc@example.com]}}\n"
QUIET = "alarm: false, queries: false"
REFERRED = 'trail: {mode: reference, owner: x, arn: "arn:aws:cloudtrail:eu-west-1:111122223333:trail/platform"}\n'
ORGANIZATION = (
    "version: 1\nname: production\nhome_region: eu-west-1\nregions: {not_opted_in: rest}\n"
    'organization: {id: o-exampleorgid, management_account: "111122223333", admin_account: "444455556666"}\n'
)

# Each case: what stands before, the block, and words of the one mistake.
ONE = [
    (MINIMAL, "tamper: {}", "tamper.alarm: needs `response.alerts`"),
    (TOLD, "tamper: {alarms: true}", "did you mean `alarm`?"),
    (TOLD, "tamper: {scp: true}", "tamper.scp: needs `exempt_roles`"),
    (TOLD, "tamper: {exempt_roles: ['arn:aws:iam::111122223333:user/x']}", "must be the ARN of a role"),
    (TOLD, "tamper: {exempt_roles: ['arn:aws-cn:iam::*:role/x']}", "the ARN is in partition aws-cn"),
    (TOLD, "tamper: {targets: [r-ab12]}", "belongs to `scp` or `deny_regions` under an organization"),
    (TOLD, "tamper: {targets: [Root]}", "must be the id of a root, a unit or an account"),
    (TOLD, "tamper: {trail_bucket: some-bucket}", "is for queries over a trail of mode reference"),
    (TOLD + REFERRED, "tamper: {}", "tamper.queries: needs `trail_bucket`"),
    (TOLD + "trail: {mode: 'off', reason: x}\n", "tamper: {queries: false}", "tamper.alarm: needs a trail"),
    (TOLD + "trail: {mode: 'off', reason: x}\n", "tamper: {alarm: false}", "tamper.queries: needs a trail"),
    (
        TOLD,
        f"tamper: {{exempt_roles: [{', '.join(f'arn:aws:iam::*:role/deploy-number-{n}' for n in range(20))}]}}",
        "2,048",
    ),
    (TOLD, "tamper: {mode: reference}", "mode reference needs `owner`"),
    (TOLD, "tamper: {mode: 'off'}", "mode off needs `reason`"),
    (TOLD, "tamper: {mode: 'off', reason: x, scp: true}", "`scp` belongs to mode create"),
]


@pytest.mark.parametrize(("before", "block", "words"), ONE, ids=[block[:60] for _, block, _ in ONE])
def test_a_mistake_is_said_where_it_is(mistakes: Mistakes, before: str, block: str, words: str) -> None:
    found = mistakes(f"{before}{block}\n")
    assert {entry[0] for entry in found} == {before.count("\n") + 1}, found
    assert any(words in entry[2] for entry in found), found


@pytest.mark.parametrize(
    "text",
    [
        f"{TOLD}tamper: {{}}\n",
        f"{MINIMAL}tamper: {{{QUIET}}}\n",
        f"{MINIMAL}tamper: {{{QUIET}, deny_regions: true}}\n",
        f"{MINIMAL}tamper: {{{QUIET}, scp: true, exempt_roles: ['arn:aws:iam::*:role/path/deploy']}}\n",
        f"{MINIMAL}tamper: {{mode: reference, owner: SOC}}\n",
        f"{MINIMAL}tamper: {{mode: 'off', reason: the SOC does}}\n",
        f"{TOLD}{REFERRED}tamper: {{trail_bucket: platform-trail}}\n",
        f"{ORGANIZATION}tamper: {{{QUIET}, deny_regions: true, targets: [r-ab12, ou-ab12-11111111]}}\n",
    ],
)
def test_good_blocks(write: Write, text: str) -> None:
    assert load(write(text)).tamper is not None


def test_the_role_that_terraform_assumes_is_exempt_enough(write: Write) -> None:
    role = 'terraform: {provider: {assume_role: {role_arn: "arn:aws:iam::111122223333:role/deploy"}}}\n'
    assert load(write(f"{MINIMAL}{role}tamper: {{{QUIET}, scp: true}}\n")).tamper is not None


def test_a_role_too_long_for_an_event_pattern_is_refused_where_it_stands(mistakes: Mistakes, write: Write) -> None:
    """EventBridge takes patterns of 2,048 characters, and the role that Terraform assumes stands in them."""
    role = "arn:aws:iam::111122223333:role/" + "path/" * 80 + "deploy"
    assumed = f'terraform: {{provider: {{assume_role: {{role_arn: "{role}"}}}}}}\n'
    [(line, _, words)] = mistakes(f"{TOLD}{assumed}tamper: {{}}\n")
    assert line == TOLD.count("\n") + 1
    assert "too long for `tamper`, which exempts it, by 31 characters" in words
    load(write(f"{TOLD}{assumed}"))
    for silent in (QUIET, "mode: 'off', reason: the SOC does", "mode: reference, owner: SOC"):
        load(write(f"{TOLD}{assumed}tamper: {{{silent}}}\n"))
    named = "tamper: {exempt_roles: ['arn:aws:iam::*:role/deploy']}\n"
    load(write(f"{TOLD}{assumed}{named}"))


EXCUSE = "reason: x, approved_by: y, until: 2999-12-31"
DENYING = "tamper: {mode: create, " + QUIET + ", deny_regions: DENY}\n"


REGIONS = "regions: {not_opted_in: rest, exclude: [%s]}"


def denying(exclusion: str, *, deny: str = "true") -> str:
    return TOLD.replace("regions: {not_opted_in: rest}", REGIONS % exclusion) + DENYING.replace("DENY", deny)


@pytest.mark.parametrize("region", ["us-east-1", "rest"])
def test_the_region_of_global_services_is_not_denied_by_chance(mistakes: Mistakes, region: str) -> None:
    ((_, _, message),) = mistakes(denying(f"{{region: {region}, {EXCUSE}}}"))
    assert "global services work in us-east-1" in message
    assert "deny_global_region: true" in message


@pytest.mark.parametrize(
    ("exclusion", "deny"),
    [
        (f"{{region: us-east-1, {EXCUSE}, deny_global_region: true}}", "true"),
        (f"{{region: us-east-1, {EXCUSE}}}", "false"),
        (f"{{region: us-west-1, {EXCUSE}}}", "true"),
        (f"{{region: rest, {EXCUSE}, deny_global_region: true}}", "true"),
        (f"{{region: rest, {EXCUSE}}}, {{region: us-east-1, {EXCUSE}, deny_global_region: true}}", "true"),
    ],
)
def test_it_is_denied_on_purpose_and_others_are_denied_without_a_word(write: Write, exclusion: str, deny: str) -> None:
    assert load(write(denying(exclusion, deny=deny))).regions.exclude
