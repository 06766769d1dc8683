"""Which filter fields and values narrow a suppression rule, over all fields that AWS documents."""

from __future__ import annotations

from collections import Counter

import pytest

from guardline.spec.filter_scope import is_narrow, pattern_too_wide, scope, too_wide
from guardline.spec.findings import fields

INSTANCE = "resource.instanceDetails.instanceId"
PEER = "service.action.networkConnectionAction.remoteIpDetails.ipAddressV4"
PORT = "service.action.networkConnectionAction.localPortDetails.port"
HASH = "service.runtimeDetails.process.executableSha256"


def test_every_documented_field_is_decided_and_few_narrow() -> None:
    """A field that AWS adds changes a number here: then somebody decides."""
    assert Counter(scope(field) for field in fields()) == {
        None: 447,
        "resource": 129,
        "address": 33,
        "file hash": 12,
        "account": 1,
    }


@pytest.mark.parametrize(
    "field",
    [
        "resource.resourceType",
        "resource.ecsClusterDetails.status",
        "resource.eksClusterDetails.createdAt",
        "resource.instanceDetails.availabilityZone",
        "resource.instanceDetails.instanceType",
        "resource.kubernetesDetails.kubernetesUserDetails.groups",
        "resource.s3BucketDetails.defaultServerSideEncryption.kmsMasterKeyArn",
        "resource.s3BucketDetails.owner.id",
        "service.action.awsApiCallAction.api",
        "service.action.awsApiCallAction.remoteIpDetails.country.countryName",
        "service.action.networkConnectionAction.localPortDetails.portName",
        "service.action.networkConnectionAction.remoteIpDetails.organization.asn",
        "service.action.portProbeAction.blocked",
        "service.additionalInfo.threatListName",
        PORT,
        "type",
    ],
)
def test_what_many_resources_share_narrows_nothing(field: str) -> None:
    assert field in fields()
    assert scope(field) is None
    assert not is_narrow({field: ["one"]})


@pytest.mark.parametrize(
    "field",
    [
        "resource.accessKeyDetails.userName",
        "resource.eksClusterDetails.name",
        "resource.instanceDetails.imageId",
        "resource.instanceDetails.tags.value",
        "resource.lambdaDetails.functionName",
        "resource.lambdaDetails.role",
        "resource.s3BucketDetails.name",
        "service.action.dnsRequestAction.domain",
        INSTANCE,
        PEER,
    ],
)
def test_a_name_an_id_a_tag_or_an_address_narrows(field: str) -> None:
    assert field in fields()
    assert is_narrow({field: ["one"], "type": ["Recon:EC2/Portscan"]})
    assert not is_narrow({field: []})
    assert not is_narrow({field: ["one", "*"]})


def test_a_port_narrows_beside_a_resource_only() -> None:
    assert not is_narrow({PORT: ["22"]})
    assert is_narrow({PORT: ["22"], INSTANCE: ["i-0123456789abcdef0"]})


def test_a_file_hash_needs_an_account() -> None:
    digest = ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
    assert not is_narrow({HASH: digest})
    assert not is_narrow({"accountId": ["111122223333"]})
    assert is_narrow({HASH: digest, "accountId": ["111122223333"]})


@pytest.mark.parametrize(
    ("value", "wide"),
    [
        ("198.51.100.7", False),
        ("10.20.0.0/16", False),
        ("10.20.0.0/15", True),
        ("0.0.0.0/0", True),
        ("2001:db8::/32", False),
        ("2001:db8::/31", True),
        ("*", True),
        (" ", True),
        ("prod-*", False),
        ("arn:aws:iam::111122223333:role/scanner", False),
        ("docker.io/team/scanner", False),
    ],
)
def test_a_range_is_one_site_at_most(value: str, wide: bool) -> None:
    assert too_wide(value) is wide
    assert is_narrow({PEER: [value]}) is not wide


@pytest.mark.parametrize(
    ("pattern", "wide"),
    [
        ("vuln-scanner-*", False),
        ("*", True),
        ("?*", True),
        ("*-*", True),
        ("i-0abc*", False),
        ("i-*", True),
        ("arn:aws:iam::*", True),
        ("arn:aws:iam::111122223333:role/scanner*", False),
        ("198.51.100.*", False),
        ("198.51.*", False),
        ("198.*", True),
        ("*.*.*.*", True),
        ("*.example.com", False),
        ("198.51.100.7", False),
        ("10.0.0.0/8", True),
    ],
)
def test_a_pattern_names_more_than_a_kind(pattern: str, wide: bool) -> None:
    assert pattern_too_wide(pattern) is wide
    assert is_narrow({}, {PEER: [pattern]}) is not wide
    assert not is_narrow({PEER: ["0.0.0.0/0"]}, {PEER: [pattern]})
