"""Every region of the partition ends in exactly one state, whatever the spec."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardline.spec import catalogue
from guardline.spec.model import Account, Exclusion, Regions, Retirement, Spec
from guardline.spec.regions import Assigned, LeftOut, assign

UNTIL = dt.date(2027, 3, 31)
NAMES = [region.name for region in catalogue.regions("aws")]
DEFAULT = {region.name for region in catalogue.regions("aws") if region.default_enabled}


def spec(regions: Regions, partition: str = "aws") -> Spec:
    return Spec.model_validate(
        {
            "version": 1,
            "name": "test",
            "partition": partition,
            "home_region": "eu-west-1",
            "account": Account(id="111122223333"),
            "regions": regions,
        }
    )


def exclusion(name: str) -> Exclusion:
    return Exclusion(region=name, reason="denied", approved_by="CISO", until=UNTIL)


@given(states=st.fixed_dictionaries({name: st.sampled_from(["named", "excluded", "retiring", "-"]) for name in NAMES}))
def test_every_region_once_in_the_state_the_spec_gives_it(states: dict[str, str]) -> None:
    regions = Regions(
        opted_in=tuple(name for name, state in states.items() if state == "named" and name not in DEFAULT),
        exclude=tuple(exclusion(name) for name, state in states.items() if state == "excluded"),
        retiring=tuple(Retirement(region=name, mode="forget") for name, state in states.items() if state == "retiring"),
        not_opted_in="rest",
    )
    assigned = assign(spec(regions))
    assert [entry.name for entry in assigned] == NAMES
    for entry in assigned:
        silent = "covered" if entry.name in DEFAULT else "not-opted-in"
        assert entry.state == {"named": "covered", "-": silent}.get(states[entry.name], states[entry.name])
        assert (entry.reason is None) == (entry.state == "covered")


def test_reasons_say_who_and_until_when() -> None:
    regions = Regions(
        exclude=(exclusion("eu-west-2"),),
        retiring=(Retirement(region="sa-east-1", mode="destroy"),),
        not_opted_in="rest",
    )
    by_name = {entry.name: entry for entry in assign(spec(regions))}
    assert by_name["eu-west-2"] == Assigned("eu-west-2", "excluded", "denied (approved by CISO, until 2027-03-31)")
    assert by_name["sa-east-1"] == Assigned("sa-east-1", "retiring", "retiring: destroy")


def test_rest_is_every_region_in_use_that_no_other_line_names() -> None:
    regions = Regions(
        opted_in=("ap-east-1", "us-east-1"),
        exclude=(exclusion("eu-west-2"), exclusion("rest")),
        retiring=(Retirement(region="sa-east-1", mode="destroy", reason="closed", approved_by="CISO"),),
        not_opted_in="rest",
    )
    by_name = {entry.name: entry for entry in assign(spec(regions))}
    assert {name for name, entry in by_name.items() if entry.state == "covered"} == {
        "eu-west-1", "us-east-1", "ap-east-1"
    }  # fmt: skip
    assert {name for name, entry in by_name.items() if entry.state == "excluded"} == DEFAULT - {
        "eu-west-1", "us-east-1", "sa-east-1"
    }  # fmt: skip
    assert by_name["us-west-2"].left_out == LeftOut("denied", "CISO", "2027-03-31")
    assert by_name["sa-east-1"].reason == "retiring: destroy, closed (approved by CISO)"
    assert by_name["me-south-1"].state == "not-opted-in"


def test_other_partitions() -> None:
    assert [entry.name for entry in assign(spec(Regions(), "aws-cn"))] == ["cn-north-1", "cn-northwest-1"]


def test_a_region_without_a_state_is_refused() -> None:
    with pytest.raises(ValueError, match="af-south-1 has no state"):
        assign(spec(Regions()))


def test_a_region_with_two_states_is_refused() -> None:
    with pytest.raises(ValueError, match="ap-east-1 has more than one state: covered, excluded"):
        assign(spec(Regions(opted_in=("ap-east-1",), exclude=(exclusion("ap-east-1"),), not_opted_in="rest")))
