"""What the benchmark's plan creates: a GuardDuty baseline in every default region, one trail, and workloads.

A module (`workloads.py`), called for each application of a region from that region's module, repeats until the plan has
the size asked for: that is how companies write them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.bench.workloads import ACCOUNT, Parts, application

__all__ = ["ACCOUNT", "REGIONS", "Resource", "alias", "resources"]

REGIONS = (
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1",
    "us-east-1", "us-east-2", "us-west-1", "us-west-2",
)  # fmt: skip
FEATURES = (
    "EBS_MALWARE_PROTECTION", "EKS_AUDIT_LOGS", "LAMBDA_NETWORK_LOGS", "RDS_LOGIN_EVENTS", "RUNTIME_MONITORING",
    "S3_DATA_EVENTS",
)  # fmt: skip
AGENTS = ("EC2_AGENT_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EKS_ADDON_MANAGEMENT")


@dataclass(frozen=True)
class Resource:
    """One resource instance that the plan creates.

    Attributes:
        modules: the module instances it stands in, outermost first, each by name and key.
        key: its instance key under for_each, or None.
        values: what is known before apply.
        unknown: attributes known only after apply.
        references: attribute -> the references of its expression.
    """

    modules: tuple[tuple[str, str | None], ...]
    type: str
    name: str
    key: str | None
    values: Mapping[str, Any]
    unknown: tuple[str, ...] = ("arn", "id")
    references: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """The full Terraform address."""
        prefix = f"{self.module}." if self.modules else ""
        return f"{prefix}{self.type}.{self.name}{index(self.key)}"

    @property
    def module(self) -> str:
        """The address of the module instance it stands in."""
        return ".".join(f"module.{name}{index(key)}" for name, key in self.modules)

    @property
    def path(self) -> tuple[str, ...]:
        """The modules it stands in, without their keys."""
        return tuple(name for name, _ in self.modules)


def index(key: str | None) -> str:
    """An instance key as an address has it."""
    return "" if key is None else f"[{json.dumps(key)}]"


def alias(region: str) -> str:
    """The provider alias of a region, as in ``aws.eu_west_1``."""
    return region.replace("-", "_")


def tags(name: str, region: str) -> dict[str, str]:
    """Tags as companies set them: they make up much of a real plan."""
    return {
        "Name": name,
        "cost-centre": "4711",
        "environment": "production",
        "owner": "apps@example.com",
        "region": region,
    }


def baseline(region: str) -> Iterator[Resource]:
    """A detector and its features, as a regional module declares them."""
    module = ((f"baseline_{alias(region)}", None),)
    detector = {"enable": True, "finding_publishing_frequency": "FIFTEEN_MINUTES", "tags": tags("baseline", region)}
    yield Resource(module, "aws_guardduty_detector", "this", None, detector, ("account_id", "arn", "datasources", "id"))
    link = {"detector_id": ("aws_guardduty_detector.this.id", "aws_guardduty_detector.this"), "name": ("each.key",)}
    for name in FEATURES:
        agents = [{"name": agent, "status": "ENABLED"} for agent in AGENTS if name == "RUNTIME_MONITORING"]
        values = {"name": name, "status": "ENABLED", "additional_configuration": agents}
        yield Resource(module, "aws_guardduty_detector_feature", "this", name, values, ("detector_id", "id"), link)


def trail() -> Iterator[Resource]:
    """One multi-region trail with S3 object events, and its bucket."""
    label = tags("trail", "us-east-1")
    bucket = f"trail-{ACCOUNT}"
    yield Resource((), "aws_s3_bucket", "trail", None, {"bucket": bucket, "force_destroy": False, "tags": label})
    closed = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    access = {"bucket": bucket, **dict.fromkeys(closed, True)}
    yield Resource((), "aws_s3_bucket_public_access_block", "trail", None, access, ("id",))
    versions = {"bucket": bucket, "mfa": None, "versioning_configuration": [{"status": "Enabled"}]}
    yield Resource((), "aws_s3_bucket_versioning", "trail", None, versions, ("id",))
    yield Resource((), "aws_s3_bucket_policy", "trail", None, {"bucket": bucket, "policy": delivery(bucket)}, ("id",))
    values = {
        "name": "record",
        "s3_bucket_name": bucket,
        "enable_logging": True,
        "enable_log_file_validation": True,
        "include_global_service_events": True,
        "is_multi_region_trail": True,
        "is_organization_trail": False,
        "s3_key_prefix": None,
        "kms_key_id": f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/trail",
        "event_selector": [],
        "advanced_event_selector": [selector("Management"), selector("Data", "AWS::S3::Object")],
        "tags": label,
    }
    yield Resource((), "aws_cloudtrail", "this", None, values, ("arn", "home_region", "id", "sns_topic_arn"))


def delivery(bucket: str) -> str:
    """A bucket policy that lets this trail, and no other, write there."""
    own = {"StringEquals": {"aws:SourceArn": f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/record"}}
    calls = {"s3:GetBucketAcl": f"arn:aws:s3:::{bucket}", "s3:PutObject": f"arn:aws:s3:::{bucket}/AWSLogs/{ACCOUNT}/*"}
    service = {"Service": "cloudtrail.amazonaws.com"}
    statements = [
        {"Effect": "Allow", "Principal": service, "Action": action, "Resource": on, "Condition": own}
        for action, on in calls.items()
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def selector(category: str, resource_type: str | None = None) -> dict[str, Any]:
    """An advanced event selector of one category, for every resource of a type."""
    tests = {"eventCategory": category} | ({"resources.type": resource_type} if resource_type else {})
    rest = dict.fromkeys(("ends_with", "not_ends_with", "not_equals", "not_starts_with", "starts_with"))
    return {
        "name": category,
        "field_selector": [{"field": name, "equals": [value], **rest} for name, value in tests.items()],
    }


def stack(number: int, parts: Parts) -> Iterator[Resource]:
    """The resources of one module instance, in one region."""
    region = REGIONS[number % len(REGIONS)]
    app = f"team-{number % 37:02d}/app.{number:05d}"
    label = tags(app, region)
    modules = ((f"workload_{alias(region)}", None), ("app", app))
    for kind, key, values, links in parts(number, region):
        unknown = ("arn", "id", "tags_all", *links)
        yield Resource(modules, kind, "this", key, {**values, "tags": label}, unknown, links)


def resources(count: int, parts: Parts = application) -> list[Resource]:
    """Exactly `count` resources, sorted by module as Terraform prints them.

    Args:
        count: how many.
        parts: what a module instance holds: `application` or `network`.

    Raises:
        ValueError: `count` is too small for the baseline and one module instance.
    """
    fixed = [*trail(), *(resource for region in REGIONS for resource in baseline(region))]
    stacks, rest = divmod(count - len(fixed), sum(1 for _ in parts(0, REGIONS[0])))
    if stacks < 1:
        raise ValueError(f"a plan of {count} resources has no room for the baseline and one stack")
    work = [resource for number in range(stacks) for resource in stack(number, parts)]
    topics = [Resource((), "aws_sns_topic", "rest", str(number), {"name": f"rest-{number}"}) for number in range(rest)]
    return sorted([*fixed, *work, *topics], key=lambda resource: (resource.module, resource.address))
