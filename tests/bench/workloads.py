"""The modules that repeat in the benchmark's plan: an application with all it needs, and a network alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

ACCOUNT = "111122223333"

Part = tuple[str, str | None, Mapping[str, Any], Mapping[str, tuple[str, ...]]]
"""A resource: type, key, values, and the references of what is known only later."""

Parts = Callable[[int, str], Iterator[Part]]
"""The resources of one module instance, by its number and its region."""


def application(number: int, region: str) -> Iterator[Part]:
    """An application: a network, instances, a bucket and its companions, a role and its policy, and what they use."""
    octets, name = f"10.{number // 256 % 256}.{number % 256}", f"app-{number:05d}"
    log = {"traffic_type": "ALL", "log_destination_type": "s3", "log_destination": f"arn:aws:s3:::logs-{ACCOUNT}"}
    unset = dict.fromkeys(("subnet_id", "eni_id", "transit_gateway_id", "transit_gateway_attachment_id"))
    inside = {"cidr_blocks": ["10.0.0.0/8"], "from_port": 443, "to_port": 443, "protocol": "tcp", "self": False}
    yield "aws_vpc", None, {"cidr_block": f"{octets}.0/24", "enable_dns_support": True}, {}
    yield "aws_flow_log", None, {**log, **unset, "max_aggregation_interval": 60}, {"vpc_id": refers("aws_vpc")}
    yield "aws_security_group", None, {"name": name, "ingress": [inside]}, {"vpc_id": refers("aws_vpc")}
    for zone, start in (("a", 0), ("b", 128)):
        place = {"availability_zone": region + zone}
        image = {"ami": "ami-0123456789abcdef0", "instance_type": "m7g.large", "ebs_optimized": True}
        metadata = {"metadata_options": [{"http_endpoint": "enabled", "http_tokens": "required"}]}
        yield "aws_subnet", zone, {**place, "cidr_block": f"{octets}.{start}/25"}, {"vpc_id": refers("aws_vpc")}
        # As `aws_subnet.this[each.key].id` reads in a plan.
        subnet = {"subnet_id": ("aws_subnet.this", "each.key")}
        yield "aws_instance", zone, {**place, **image, **metadata, "monitoring": True}, subnet
        yield "aws_ebs_volume", zone, {**place, "encrypted": True, "size": 100, "type": "gp3"}, {}
    bucket = {"bucket": refers("aws_s3_bucket")}
    doors = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    yield "aws_s3_bucket", None, {"bucket": f"{name}-{ACCOUNT}", "force_destroy": False}, {}
    yield "aws_s3_bucket_public_access_block", None, dict.fromkeys(doors, True), bucket
    yield "aws_s3_bucket_policy", None, {}, {**bucket, "policy": ("aws_s3_bucket.this.arn", "aws_s3_bucket.this")}
    yield "aws_iam_role", None, {"name": name, "assume_role_policy": policy("sts:AssumeRole"), "path": "/"}, {}
    yield "aws_iam_policy", None, {"name": name, "policy": policy("s3:GetObject", "sqs:SendMessage"), "path": "/"}, {}
    attached = {"role": refers("aws_iam_role", "name"), "policy_arn": refers("aws_iam_policy", "arn")}
    yield "aws_iam_role_policy_attachment", None, {}, attached
    yield "aws_sqs_queue", None, {"name": name, "sqs_managed_sse_enabled": True}, {}
    yield "aws_sns_topic", None, {"name": name, "kms_master_key_id": "alias/events"}, {}
    code = {"function_name": name, "handler": "main.handle", "runtime": "python3.13"}
    yield "aws_lambda_function", None, code, {"role": refers("aws_iam_role", "arn")}
    yield "aws_cloudwatch_log_group", None, {"name": f"/aws/lambda/{name}", "retention_in_days": 365}, {}
    yield "aws_dynamodb_table", None, {"name": name, "billing_mode": "PAY_PER_REQUEST", "hash_key": "id"}, {}


def network(number: int, region: str) -> Iterator[Part]:
    """A network in small, a VPC with its flow log and one subnet: few kinds, each of them many times."""
    octets = f"10.{number // 256 % 256}.{number % 256}"
    inside = {"vpc_id": refers("aws_vpc")}
    log = {"traffic_type": "ALL", "log_destination_type": "s3", "log_destination": f"arn:aws:s3:::logs-{ACCOUNT}"}
    unset = dict.fromkeys(("subnet_id", "eni_id", "transit_gateway_id", "transit_gateway_attachment_id"))
    place = {"availability_zone": region + "a", "map_public_ip_on_launch": False}
    yield "aws_vpc", None, {"cidr_block": f"{octets}.0/24", "enable_dns_support": True}, {}
    yield "aws_flow_log", None, {**log, **unset, "max_aggregation_interval": 60}, inside
    yield "aws_subnet", None, {**place, "cidr_block": f"{octets}.0/25"}, inside


def refers(kind: str, attribute: str = "id") -> tuple[str, str]:
    """The references of an attribute of the one resource of a type."""
    return f"{kind}.this.{attribute}", f"{kind}.this"


def policy(*actions: str) -> str:
    """A policy's text."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": f"arn:aws:s3:::app-{ACCOUNT}/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
