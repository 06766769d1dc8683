"""Each environment of one account, applied to the local AWS in three regions: home, opt-in, one that lacks a plan.

The one with every practice is applied in all regions: test_every_region.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from guardline.localaws import LocalAws
from tests.support.deploy_calls import idle, refused
from tests.support.environment_runs import ENVIRONMENTS, copy_of, lacking, three_regions, whole_path


def _specs() -> dict[str, dict[str, Any]]:
    found = {
        path.parent.name: yaml.safe_load(path.read_text()) for path in sorted(ENVIRONMENTS.glob("*/guardline.yaml"))
    }
    return {name: spec for name, spec in found.items() if "account" in spec and name != "everything"}


SPECS = _specs()


# CI runs the demo's own path (make spine), and more than `minimal` has in `single-account`.
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name, marks=pytest.mark.long if name in ("demo", "minimal") else pytest.mark.environments(minutes=5)
        )
        for name in SPECS
    ],
)
def test_what_is_generated_holds_from_plan_to_destroy(tmp_path: Path, aws: LocalAws, name: str) -> None:
    home, partition = SPECS[name]["home_region"], SPECS[name].get("partition", "aws")
    regions = three_regions(partition, home)
    spec = copy_of(name, tmp_path / name, aws.account, regions)
    run = whole_path(spec, aws, regions, home)
    assert lacking(run.planned) == []
    assert (run.planned.coverage_asked, run.planned.exit_code) == (1.0, 0)
    assert run.again == {}
    assert lacking(run.applied) == []
    assert (run.applied.coverage_asked, run.applied.exit_code) == (1.0, 0)
    assert run.left == ()
    assert refused(spec, run.calls) == []
    assert idle(spec, run.calls) == []


def test_the_three_regions_differ_in_what_matters() -> None:
    assert len(three_regions("aws", "eu-west-1")) == 3
    assert three_regions("aws-us-gov", "us-gov-west-1") == ("us-gov-east-1", "us-gov-west-1")
    assert three_regions("aws-cn", "cn-north-1") == ("cn-north-1", "cn-northwest-1")
