"""Every practice in every region that the local AWS serves, from plan to destroy."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardline.localaws import LocalAws
from guardline.validator.demo.environment import choose
from tests.support.deploy_calls import idle, refused
from tests.support.environment_runs import copy_of, lacking, whole_path

HOME = "eu-west-1"


@pytest.mark.all_regions
def test_everything_holds_in_every_region(tmp_path: Path, aws: LocalAws) -> None:
    regions = tuple(region.name for region in choose("all"))
    assert len(regions) > 30
    # The state of so many resources is not for a file, which Terraform writes anew after each of them.
    spec = copy_of("everything", tmp_path / "everything", aws.account, regions, state="acme-terraform-state")
    run = whole_path(spec, aws, regions, HOME)
    assert lacking(run.planned) == []
    assert (run.planned.coverage, run.planned.exit_code) == (1.0, 0)
    assert run.again == {}
    assert lacking(run.applied) == []
    assert run.applied.coverage == 1.0
    assert run.left == ()
    assert refused(spec, run.calls) == []
    assert idle(spec, run.calls) == []
