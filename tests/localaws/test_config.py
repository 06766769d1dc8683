"""AWS Config, spoken to as Terraform speaks to it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from guardline.localaws import LocalAws
from tests.support.clients import client

ROLE = "arn:aws:iam::123456789012:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"


def put(aws: LocalAws, group: dict[str, Any]) -> None:
    recorder = {"name": "default", "roleARN": ROLE, "recordingGroup": group}
    client(aws, "config").put_configuration_recorder(ConfigurationRecorder=recorder)


@pytest.mark.parametrize("nothing", [{}, {"resourceTypes": []}])
def test_a_recorder_of_everything_may_say_that_it_excludes_nothing(aws: LocalAws, nothing: dict[str, Any]) -> None:
    put(aws, {"allSupported": True, "includeGlobalResourceTypes": True, "exclusionByResourceTypes": nothing})
    (found,) = client(aws, "config").describe_configuration_recorders()["ConfigurationRecorders"]
    assert found["recordingGroup"]["includeGlobalResourceTypes"]


def test_one_of_everything_excludes_nothing(aws: LocalAws) -> None:
    with pytest.raises(ClientError, match="InvalidRecordingGroup"):
        put(aws, {"allSupported": True, "exclusionByResourceTypes": {"resourceTypes": ["AWS::EC2::VPC"]}})
