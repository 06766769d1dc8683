"""Control config-recorder, where a spec says more: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

CASES = (
    Case("pass", "as generated"),
    Case("fail", "once a day", "config.tf", '"CONTINUOUS"', '"DAILY"'),
    Case("fail", "another name", "config.tf", 'name                    = "everything"', 'name = "default"'),
    Case(
        "fail",
        "no global kinds",
        "config.tf",
        'global_resources_region = "eu-west-1"',
        'global_resources_region = "none"',
    ),
    Case(
        "fail",
        "some kinds left out",
        "modules/config-recorder/main.tf",
        "all_supported                 = true",
        'all_supported = false\n    exclusion_by_resource_types {\n      resource_types = ["AWS::EC2::Volume"]\n    }',
    ),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_config_recorder_under_a_spec(case: Case) -> None:
    assert verdict("config-recorder", case) == case.verdict
