"""The catalogue against what AWS and Terraform are known to say (facts of 2026-11-25)."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from guardline.spec import catalogue
from guardline.spec.features import FEATURES

DEFAULT = {
    "us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1", "eu-west-1", "eu-west-2",
    "eu-west-3", "eu-central-1", "eu-north-1", "ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
    "ap-southeast-1", "ap-southeast-2",
}  # fmt: skip


def test_counts_by_partition() -> None:
    counts = {partition: len(catalogue.regions(partition)) for partition in catalogue.partitions()}
    assert counts == {
        "aws": 36, "aws-cn": 2, "aws-eusc": 1, "aws-iso": 2, "aws-iso-b": 2, "aws-iso-e": 1, "aws-iso-f": 2,
        "aws-us-gov": 2,
    }  # fmt: skip


def test_default_enabled_regions() -> None:
    assert {region.name for region in catalogue.regions("aws") if region.default_enabled} == DEFAULT
    assert all(r.default_enabled for p in catalogue.partitions() if p != "aws" for r in catalogue.regions(p))


def test_regions_are_sorted_by_name() -> None:
    for partition in catalogue.partitions():
        names = [region.name for region in catalogue.regions(partition)]
        assert names == sorted(names)


def test_provider_5_refuses_exactly_these() -> None:
    every = [region for partition in catalogue.partitions() for region in catalogue.regions(partition)]
    refused = {region.name for region in every if region.skip_region_validation}
    assert refused == {"ap-southeast-6", "me-west-1", "sa-west-1", "us-isob-west-1"}


@pytest.mark.parametrize(
    ("region", "feature", "offered"),
    [
        ("eu-west-1", "S3_DATA_EVENTS", True),
        ("eu-west-1", "EC2_AGENT_MANAGEMENT", True),
        ("cn-north-1", "RUNTIME_MONITORING", False),
        ("cn-north-1", "EKS_ADDON_MANAGEMENT", False),
        ("cn-north-1", "EKS_RUNTIME_MONITORING", False),
        ("cn-north-1", "EKS_AUDIT_LOGS", True),
        ("us-gov-west-1", "RUNTIME_MONITORING", True),
        ("ap-east-2", "RDS_LOGIN_EVENTS", None),
        ("sa-west-1", "S3_DATA_EVENTS", None),
        ("us-isob-west-1", "S3_DATA_EVENTS", False),
        ("eu-west-1", "NO_SUCH_FEATURE", None),
    ],
)
def test_offers(region: str, feature: str, offered: bool | None) -> None:
    found = catalogue.region(region)
    assert found is not None
    assert found.offers(feature) is offered


def test_unknown_services_are_not_absent() -> None:
    chile, ohio = catalogue.region("sa-west-1"), catalogue.region("us-east-2")
    assert chile is not None
    assert ohio is not None
    assert set(chile.services.values()) == {None}
    assert ohio.services["guardduty"] is True


def test_unknown_region_and_partition() -> None:
    assert catalogue.region("eu-west-9") is None
    assert catalogue.regions("aws-moon") == ()


def test_every_hand_kept_fact_names_a_known_region_and_feature() -> None:
    facts = json.loads(catalogue.FACTS.read_text(encoding="utf-8"))
    named = [
        *facts["opt_in"]["default_enabled"]["aws"],
        *facts["provider_5"]["accepts"],
        *facts["features"]["documented"],
        *(name for exception in facts["features"]["exceptions"] for name in exception["regions"]),
    ]
    assert [name for name in named if catalogue.region(name) is None] == []
    plans = {plan.name for plan in FEATURES}
    assert {exception["feature"] for exception in facts["features"]["exceptions"]} <= plans
    assert all(exception["source"] for exception in facts["features"]["exceptions"])


def test_importing_the_catalogue_imports_no_third_party_code() -> None:
    code = "import sys; from guardline.spec import catalogue; catalogue.regions('aws'); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"pydantic", "yaml", "botocore", "typer", "rich"}.isdisjoint(loaded)
    assert "guardline.spec.catalogue" in loaded


def test_features_have_one_order_and_matching_agents() -> None:
    assert [plan.name for plan in FEATURES] == [
        "S3_DATA_EVENTS",
        "EKS_AUDIT_LOGS",
        "EBS_MALWARE_PROTECTION",
        "RDS_LOGIN_EVENTS",
        "LAMBDA_NETWORK_LOGS",
        "RUNTIME_MONITORING",
    ]
    assert [plan.name for plan in FEATURES if not plan.on_by_default] == ["RUNTIME_MONITORING"]
    assert all(plan.key == plan.name.lower() and len(plan.agents) == len(plan.agent_keys) for plan in FEATURES)
