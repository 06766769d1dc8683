"""The denominator: which regions and accounts are expected."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from guardline.spec import catalogue
from guardline.spec.load import load
from guardline.validator.expectations.build import Sources, UnknownRegionError, with_spec, without_spec
from guardline.validator.expectations.scope import RegionState, Scope, Waiver
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import NOBODY, Account

TODAY = date(2026, 11, 25)


def estate(*regions: str, accounts: tuple[Account, ...] = (NOBODY,)) -> Estate:
    touched = {account.key: frozenset(regions) for account in accounts}
    return Estate("aws", regions=frozenset(regions), accounts=accounts, touched=touched)


def test_default_regions_and_those_touched() -> None:
    scope = without_spec(Sources(estate("ap-east-1"), estate("me-south-1")), "default", TODAY)
    default = {region.name for region in catalogue.regions("aws") if region.default_enabled}
    assert set(scope.expected) == default | {"ap-east-1", "me-south-1"}
    assert len(scope.regions) == len(catalogue.regions("aws"))


@pytest.mark.parametrize(
    ("regions", "expected"),
    [("touched", {"ap-east-1"}), ("eu-west-1, us-east-1", {"eu-west-1", "us-east-1"})],
)
def test_fewer(regions: str, expected: set[str]) -> None:
    assert set(without_spec(Sources(estate("ap-east-1")), regions, TODAY).expected) == expected


def test_all() -> None:
    assert set(without_spec(Sources(estate()), "all", TODAY).expected) == {
        region.name for region in catalogue.regions("aws")
    }


@pytest.mark.parametrize(
    ("regions", "says"), [("eu-west-9", "did you mean eu-west-"), ("", "not a region"), ("us-gov-west-1", "aws")]
)
def test_a_wrong_region_is_refused(regions: str, says: str) -> None:
    with pytest.raises(UnknownRegionError, match=says):
        without_spec(Sources(estate()), regions, TODAY)


def test_without_any_account_one_unknown_is_asked_about() -> None:
    assert [account.key for account in without_spec(Sources(estate()), "default", TODAY).accounts] == ["-"]


SPEC = """
version: 1
name: test
home_region: eu-west-1
account: {id: "111122223333"}
regions:
  opted_in: [ap-east-1]
  not_opted_in: rest
  exclude: [{region: sa-east-1, reason: denied by SCP, approved_by: Ann, until: 2026-12-31}]
  retiring: [{region: ca-central-1, mode: forget}]
"""


def spec_scope(tmp_path: Path, text: str = SPEC, regions: str = "default", as_of: date = TODAY) -> Scope:
    path = tmp_path / "guardline.yaml"
    path.write_text(text)
    return with_spec(load(path), path, "guardline.yaml", Sources(), regions, as_of)


def test_a_spec_gives_every_region_one_state(tmp_path: Path) -> None:
    scope = spec_scope(tmp_path)
    states = Counter(region.state for region in scope.regions)
    assert sum(states.values()) == len(catalogue.regions("aws"))
    assert states[RegionState.EXCLUDED] == states[RegionState.RETIRING] == 1
    assert "ap-east-1" in scope.expected
    assert "sa-east-1" not in scope.expected
    assert [account.id for account in scope.accounts] == ["111122223333"]


def test_an_exclusion_that_ended_excludes_nothing(tmp_path: Path) -> None:
    scope = spec_scope(tmp_path, as_of=date(2027, 1, 1))
    assert "sa-east-1" in scope.expected
    assert "2026-12-31" in next(region.reason or "" for region in scope.regions if region.name == "sa-east-1")


def test_a_list_narrows_a_spec_and_never_widens_it(tmp_path: Path) -> None:
    scope = spec_scope(tmp_path, regions="eu-west-1,sa-east-1")
    assert scope.expected == ("eu-west-1",)
    covered = spec_scope(tmp_path).expected
    left_out = {region.name for region in scope.regions if region.state is RegionState.NOT_ASKED}
    assert left_out == set(covered) - {"eu-west-1"}


def test_modes_become_what_is_asked(tmp_path: Path) -> None:
    modes = (
        'trail: {mode: reference, arn: "arn:aws:cloudtrail:eu-west-1:111122223333:trail/audit", owner: platform}\n'
        "flow_logs: {mode: off, reason: no budget}\n"
        "guardduty: {features: {rds_login_events: false}}\n"
    )
    scope = spec_scope(tmp_path, SPEC + modes)
    assert scope.asked is not None
    assert scope.asked.off["vpc-flow-logs"] == "no budget"
    assert "platform" in scope.asked.declared["trail-multi-region"]
    assert scope.asked.features["RDS_LOGIN_EVENTS"] is False
    assert any("no budget" in each.reason for each in scope.not_asked)


def test_the_trusted_list_is_read_beside_the_spec(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("8.8.8.8\n8.8.4.0/24\n")
    scope = spec_scope(tmp_path, SPEC + "trusted_ips: {file: t.txt}\n")
    assert scope.asked is not None
    assert scope.asked.trusted_ips == ("8.8.8.8", "8.8.4.0/24")


ORGANIZATION = """\
version: 1
name: acme
home_region: eu-west-1
regions: {not_opted_in: rest}
organization:
  id: o-exampleorgid
  management_account: "000011112222"
  admin_account: "111122223333"
  members: [{id: "333344445555", name: payments}]
"""
MANAGEMENT, ADMINISTRATOR, MEMBER = "000011112222", "111122223333", "333344445555"


def organization(tmp_path: Path, told: tuple[frozenset[str], ...] = ()) -> Scope:
    path = tmp_path / "guardline.yaml"
    path.write_text(ORGANIZATION)
    return with_spec(load(path), path, "guardline.yaml", Sources(told=told), "default", TODAY)


def test_every_account_of_an_organization_is_expected(tmp_path: Path) -> None:
    scope = organization(tmp_path)
    assert [account.id for account in scope.accounts] == [MANAGEMENT, ADMINISTRATOR, MEMBER]
    management, administrator, member = scope.accounts
    administers = [scope.administrator_of(account) for account in scope.accounts]
    assert administers == [administrator, None, administrator]
    assert [scope.enabling(account) for account in (management, administrator, member)] == [None, None, administrator]
    assert scope.asked is not None
    assert {"org-delegated-admin", "org-auto-enable"} <= scope.asked.wanted
    assert not any("Delegated administrator" in each.reason for each in scope.not_asked)


def test_one_account_says_that_no_administrator_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "guardline.yaml"
    path.write_text(ORGANIZATION.partition("organization:")[0] + 'account: {id: "111122223333"}\n')
    scope = with_spec(load(path), path, "guardline.yaml", Sources(), "default", TODAY)
    assert scope.administration is None
    assert any("Delegated administrator" in each.reason for each in scope.not_asked)


@pytest.mark.parametrize(
    ("told", "unread"),
    [
        ([{MANAGEMENT}, {ADMINISTRATOR}, {ADMINISTRATOR}, {MEMBER}], set()),
        ([{MANAGEMENT, ADMINISTRATOR, MEMBER}], set()),
        ([{MANAGEMENT}, {ADMINISTRATOR}, {MEMBER}], {ADMINISTRATOR}),
        ([{ADMINISTRATOR}, {ADMINISTRATOR}], {MANAGEMENT, MEMBER}),
        ([{MEMBER}], {MANAGEMENT, ADMINISTRATOR}),
    ],
)
def test_accounts_whose_sources_were_not_given(tmp_path: Path, told: list[set[str]], unread: set[str]) -> None:
    found = organization(tmp_path, tuple(frozenset(each) for each in told))
    assert set(found.unread) == unread


def test_without_an_organization_every_account_is_read() -> None:
    assert without_spec(Sources(estate()), "default", TODAY).unread == {}


def test_touched_regions_are_each_account_s_own() -> None:
    one, two = Account("111122223333", "111122223333"), Account("222233334444", "222233334444")
    touched = {one.key: frozenset({"eu-west-1", "us-east-1"}), two.key: frozenset({"eu-west-1"})}
    found = Estate("aws", accounts=(one, two), touched=touched, unknown_regions={two.key: "a variable"})
    scope = without_spec(Sources(found), "touched", TODAY)
    assert [scope.expected_in(account) for account in (one, two)] == [("eu-west-1", "us-east-1"), ("eu-west-1",)]
    assert scope.unknown_regions == {two.key: "a variable"}
    everywhere = without_spec(Sources(found), "default", TODAY)
    assert everywhere.expected_in(two) == everywhere.expected
    assert everywhere.unknown_regions == {}


RETIRING = """  retiring:
    - {id: "444455556666", mode: destroy, reason: sold, approved_by: Ann}
"""


def test_a_retiring_account_is_waived_and_stays_in_the_denominator(tmp_path: Path) -> None:
    path = tmp_path / "guardline.yaml"
    path.write_text(ORGANIZATION + RETIRING)
    gone = Account("444455556666", "444455556666", "allowed_account_ids")
    scope = with_spec(load(path), path, "guardline.yaml", Sources(estate(accounts=(gone,))), "default", TODAY)
    assert "444455556666" not in {one.key for one in scope.accounts}
    assert "444455556666" in {one.key for one in scope.whole.accounts}
    assert scope.waiver_of("any", None, gone) == Waiver("spec", "sold", "Ann")
    assert scope.waiver_of("any", None, scope.accounts[0]) is None
    # It is known to the spec, so no stranger.
    assert not [each for each in scope.not_asked if "444455556666" in each.reason]


def test_an_account_that_aws_calls_closed_is_not_asked_and_said(tmp_path: Path) -> None:
    path = tmp_path / "guardline.yaml"
    path.write_text(re.sub(r"  members: .*\n", "  members_file: listed.json\n", ORGANIZATION))
    entries = [{"Id": "333344445555", "State": "ACTIVE"}, {"Id": "444455556666", "State": "CLOSED"}]
    (tmp_path / "listed.json").write_text(json.dumps({"Accounts": entries}))
    scope = with_spec(load(path), path, "guardline.yaml", Sources(estate()), "default", TODAY)
    assert {"333344445555", "444455556666"} & {one.key for one in scope.accounts} == {"333344445555"}
    assert [each.reason for each in scope.not_asked if "444455556666" in each.reason] == [
        "account 444455556666: CLOSED in AWS"
    ]


TARGET = """  targets:
    - {name: few, accounts: ["333344445555"], regions: {not_opted_in: [ap-east-1]}, reason: unused, approved_by: Ann}
"""


def test_a_region_that_an_account_has_not_enabled_is_expected_elsewhere_alone(tmp_path: Path) -> None:
    path = tmp_path / "guardline.yaml"
    path.write_text(
        re.sub(r"(?m)^regions: .*\n", "regions: {opted_in: [ap-east-1], not_opted_in: rest}\n", ORGANIZATION + TARGET)
    )
    scope = with_spec(load(path), path, "guardline.yaml", Sources(estate()), "default", TODAY)
    off = {account.key for account in scope.accounts if "ap-east-1" not in scope.expected_in(account)}
    assert off == {"333344445555"}
    (few,) = (account for account in scope.accounts if account.key in off)
    assert {*scope.expected_in(few), "ap-east-1"} == set(scope.expected)
    (said,) = (each for each in scope.not_asked if "ap-east-1" in each.reason)
    assert said.reason == "ap-east-1 in account 333344445555: not enabled there (target few): unused"
    assert said.waiver == Waiver("spec", "unused", "Ann")
