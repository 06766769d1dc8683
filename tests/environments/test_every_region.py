"""Every practice in every region that the local AWS serves, from plan to destroy; and the smaller environments."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardline.localaws import LocalAws
from guardline.spec.load import load
from guardline.validator.demo.environment import choose
from tests.support.deploy_calls import idle, refused
from tests.support.environment_runs import copy_of, lacking, whole_path

HOME = "eu-west-1"
REGIONS = tuple(region.name for region in choose("all"))
STATE = "acme-terraform-state"
"""A bucket: a file of so many resources would be written anew after each of them."""


def holds(spec: Path, aws: LocalAws, home: str) -> None:
    """The whole path, and what is said of it."""
    run = whole_path(spec, aws, REGIONS, home)
    assert lacking(run.planned) == []
    assert (run.planned.coverage_asked, run.planned.exit_code) == (1.0, 0)
    assert run.again == {}
    assert lacking(run.applied) == []
    assert (run.applied.coverage_asked, run.applied.exit_code) == (1.0, 0)
    assert run.left == ()
    assert refused(spec, run.calls) == []
    assert idle(spec, run.calls) == []


@pytest.mark.all_regions(minutes=15)
def test_everything_holds_in_every_region(tmp_path: Path, aws: LocalAws) -> None:
    assert len(REGIONS) > 30
    holds(copy_of("everything", tmp_path / "everything", aws.account, REGIONS, state=STATE), aws, HOME)


@pytest.mark.long
@pytest.mark.parametrize("name", ["minimal", "single-account", "demo"])
def test_what_is_applied_in_three_regions_holds_in_every_one(tmp_path: Path, aws: LocalAws, name: str) -> None:
    spec = copy_of(name, tmp_path / name, aws.account, REGIONS, state=STATE)
    holds(spec, aws, load(spec).home_region)
