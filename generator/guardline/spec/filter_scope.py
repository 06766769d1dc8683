"""Which filter criteria hold a suppression rule to named resources or addresses: the one truth for spec and control.

A rule for a kind of finding alone hides what nobody thought of. What narrows it is a name, an id, a tag or an address.
A country, a port, a state, a size or an availability zone is shared by many resources, so it narrows nothing.

Fields: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateFilter.html. That an image, a tag or an
address is meant to narrow a rule: https://docs.aws.amazon.com/guardduty/latest/ug/findings_suppression-rule.html.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from ipaddress import IPv4Network, ip_network
from typing import Literal

Scope = Literal["resource", "address", "file hash", "account"]

WIDEST_IPV4 = 16
"""A range with a shorter prefix holds more addresses than one organisation's site has."""

WIDEST_IPV6 = 32
"""The same for IPv6: what one provider is given."""

_ADDRESS = re.compile(
    r"(resource|service\.(action|additionalInfo|detection\.sequence))\..*\b("
    r"ipAddressV[46]|sourceIPs|ipv6Addresses|privateIpAddress|publicIp|endpoints\.ip"
    r"|domain|domainWithSuffix|privateDnsName|publicDnsName|localNetworkInterface)"
)
_RESOURCE = re.compile(
    # People, roles and keys of access.
    r"(resource|service\.detection\.sequence)\..*\b(accessKeyId|principalId|userName|userIdentity\.arn|credentialUid"
    r"|sessionIssuer\.arn|sourceIdentity|username|serviceAccountName|actors\.user\.(name|uid))"
    r"|resource\.(rdsDbUserDetails\.user|lambdaDetails\.role)"
    r"|service\.action\.rdsLoginAttemptAction\.loginAttributes\.user"
    r"|service\.action\.kubernetes\w+\.(resourceName|name|uid|roleRefName)"
    # One resource, by its tag, its name, its id or its ARN. A key or an Outpost serves many resources.
    r"|(resource|service\.detection\.sequence\.resources)\..*\btags\.(key|value)"
    r"|resource\.(ecsClusterDetails|eksClusterDetails|s3BucketDetails|containerDetails)\.(name|arn|id|image)"
    r"|resource\..*\bcontainers\.(name|id|image)"
    r"|resource\.kubernetesDetails\.kubernetesWorkloadDetails\.(name|uid)"
    r"|resource\..*\b(iamInstanceProfile\.(arn|id)|imageId|instanceId|networkInterfaceId|subnetIds?|vpcId)"
    r"|resource\..*\b(groupId|groupName|vpcSecurityGroupId|dbSecurityGroups\.name)"
    r"|resource\..*\b(db\w+Identifier|dbiResourceId|dbShardGroupResourceId|functionName|backupVaultName)"
    r"|resource\..*\b(dbInstance|dbShardGroup|function|guardrail|image|object|recoveryPoint|snapshot|volume)Arn"
    r"|resource\.ecsClusterDetails\.taskDetails\.(arn|definitionArn)"
    r"|service\.detection\.sequence\.resources\.(uid|name)"
    r"|service\.detection\.sequence\.resources\.data\..*\b(\w+Uids?|iamInstanceProfile\.(arn|id)|vpcId|subNetId)"
    r"|service\.detection\.sequence\.resources\.data\..*\b(groupId|groupName|taskDefinitionArn|eksCluster\.arn)"
    r"|service\.detection\.sequence\.resources\.data\.container\.image"
    r"|service\..*\b(resourceArn|baselineResourceArn|volumeArn)"
)
_ADDRESS_PATTERN = re.compile(r"[\d.*?]*[*?][\d.*?]*")
_TWO_OCTETS = re.compile(r"\d{1,3}\.\d{1,3}\..*")
_KIND_ALONE = re.compile(
    r"(arn(:[\w-]*){0,5}:?|i|eni|sg|vpc|subnet|ami|vol|snap|AKIA|ASIA|AROA|AIDA)[^A-Za-z0-9]*", re.IGNORECASE
)
"""What every name or id of a kind begins with: a pattern of no more than this matches all of them."""

_FILE_HASH = re.compile(r"(resource|service)\..*\b(hash|sha256|\w+Sha256)")


def scope(field: str) -> Scope | None:
    """What exact values of a field name; None where many unrelated resources share a value.

    Args:
        field: the path in a finding, e.g. ``resource.instanceDetails.instanceId``.
    """
    if field == "accountId":
        return "account"
    if _ADDRESS.fullmatch(field):
        return "address"
    if _RESOURCE.fullmatch(field):
        return "resource"
    return "file hash" if _FILE_HASH.fullmatch(field) else None


def too_wide(value: str) -> bool:
    """Whether a value stands for anything at all, or for a range wider than one site's."""
    text = value.strip()
    if "/" not in text:
        return not text.strip("*")
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return False  # an ARN or the name of an image
    return network.prefixlen < (WIDEST_IPV4 if isinstance(network, IPv4Network) else WIDEST_IPV6)


def pattern_too_wide(pattern: str) -> bool:
    """Whether a value with ``*`` or ``?`` matches what belongs to no one site or resource.

    Args:
        pattern: a value of `matches`, e.g. ``vuln-scanner-*`` (narrow), ``i-*`` or ``10.*`` (too wide).
    """
    if not re.search(r"[*?]", pattern):
        return too_wide(pattern)
    if _ADDRESS_PATTERN.fullmatch(pattern.strip()):
        return not _TWO_OCTETS.fullmatch(pattern.strip())
    literal = re.sub(r"[*?]+", "", pattern)
    return not re.search(r"[A-Za-z0-9]", literal) or bool(_KIND_ALONE.fullmatch(literal))


def is_narrow(equals: Mapping[str, Collection[str]], matches: Mapping[str, Collection[str]] | None = None) -> bool:
    """Whether a filter is held to named resources or addresses.

    Args:
        equals: field -> the exact values that the filter lists for it. Bounds and exclusions narrow nothing.
        matches: field -> the values with ``*`` and ``?`` that the filter lists for it.
    """
    patterns = matches or {}
    named = {
        scope(field)
        for field in {*equals, *patterns}
        if (equals.get(field) or patterns.get(field))
        and not any(map(too_wide, equals.get(field, ())))
        and not any(map(pattern_too_wide, patterns.get(field, ())))
    }
    return bool(named & {"resource", "address"}) or named >= {"file hash", "account"}
