"""What is known of the provider's types: of 5.100 and of a newer version at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from guardline.validator.sources.hcl.schema import condensed, kind
from tests.support.judging import rows

OLD = {
    "attributes": {
        "id": {"type": "string", "optional": True, "computed": True},
        "must": {"type": "string", "required": True},
        "eased": {"type": "string", "required": True},
        "count": {"type": "number", "optional": True},
        "turned": {"type": "bool", "optional": True},
    }
}
NEW = {
    "attributes": {
        "must": {"type": "string", "required": True},
        "eased": {"type": "string", "optional": True},
        "turned": {"type": "string", "optional": True},
        "region": {"type": "string", "optional": True, "computed": True},
        "made": {"type": "string", "computed": True},
    },
    "block_types": {"inner": {"block": {"attributes": {"on": {"type": "bool", "optional": True}}}}},
}


def printed(**types: Any) -> dict[str, Any]:
    """Types, as `terraform providers schema -json` prints them."""
    resources = {f"aws_{name}": {"block": block} for name, block in types.items()}
    return {"provider_schemas": {"aws": {"resource_schemas": resources, "data_source_schemas": {}}}}


def test_several_versions_are_known_at_once() -> None:
    """Required is what all of them ask for; set by AWS is what one of them sets; a type is what all agree on."""
    found = json.loads(condensed(printed(flow_log=OLD), printed(flow_log=NEW, vpc=NEW, instance=NEW)))["managed"]
    assert found == {
        "aws_flow_log": {"computed": ["made"], "required": ["must"], "bool": ["on"], "number": ["count"]},
        "aws_vpc": {"computed": ["made"], "required": ["must"], "bool": ["on"]},
    }


def test_what_newer_providers_know_is_known() -> None:
    assert kind("managed", "aws_securityhub_aggregator_v2").required == ("region_linking_mode",)
    assert "destination_id" in kind("managed", "aws_guardduty_publishing_destination").computed
    # What 5.100 asks for and 6.69 does not is no mistake of a source.
    assert "comparison_operator" not in kind("managed", "aws_cloudwatch_metric_alarm").required
    # And what 6 alone asks for is none either.
    assert kind("managed", "aws_guardduty_organization_configuration").required == ("detector_id",)


def test_a_flow_log_with_tags_is_a_flow_log(tmp_path: Path) -> None:
    text = """
provider "aws" {
  region = "eu-west-1"
}
resource "aws_vpc" "v" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_flow_log" "f" {
  vpc_id               = aws_vpc.v.id
  log_destination      = "arn:aws:s3:::logs"
  log_destination_type = "s3"
  traffic_type         = "TRAFFIC"
  tag_field_specification {
    resource_type = "ec2:vpc"
    tag_keys      = ["owner"]
  }
}
"""
    for traffic, verdict in (("ALL", "pass"), ("REJECT", "fail")):
        found = rows(tmp_path / traffic, text.replace("TRAFFIC", traffic), "vpc-flow-logs")
        assert {row.verdict.value for row in found if row.subject == "aws_vpc.v"} == {verdict}
