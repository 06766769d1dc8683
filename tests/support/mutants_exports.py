"""A baseline's exports, filters, threat lists, name resolution and bucket, and what breaks when one of them does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec.structs import replace

from guardline.validator.model.dns import DhcpAssociation, DhcpOptions, QueryLogAssociation
from guardline.validator.model.guardduty import FindingFilter, IpList, PublishingDestination
from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.s3 import Bucket, BucketPolicy, BucketVersioning, PublicAccessBlock
from guardline.validator.model.value import known
from tests.support.estates import EU, US
from tests.support.estates_exports import (
    NOOP,
    TAG,
    TYPE,
    criterion,
    destination,
    dhcp_association,
    dhcp_options,
    finding_filter,
    policy,
    protected,
    query_association,
    query_log,
    statement,
    threat_list,
)

Change = Callable[[Resource], Resource | None]


def resources(*regions: str) -> Iterator[Resource]:
    """The same in each region, on the VPC `vpc-REGION`, and one bucket."""
    for region in regions:
        vpc = f"vpc-{region}"
        yield destination(region)
        yield threat_list(region)
        yield finding_filter(region)
        yield finding_filter(region, "notable", rank=2, action=NOOP, description="", criteria=(TYPE,))
        yield query_log(region)
        yield query_association(vpc, region)
        yield dhcp_options("AmazonProvidedDNS", region=region)
        yield dhcp_association(vpc, region)
    yield from protected()


def _in_us(kind: type[Resource], change: Change, name: str = "") -> Change:
    """Change the things of a kind (and whose address holds `name`) in us-east-1."""

    def changed(resource: Resource) -> Resource | None:
        is_it = isinstance(resource, kind) and resource.location.region.get() == US and name in resource.origin.address
        return change(resource) if is_it else resource

    return changed


def _with(kind: type[Resource], name: str = "", /, **changes: object) -> Change:
    given: dict[str, Any] = {field: known(each) for field, each in changes.items()}
    return _in_us(kind, lambda resource: replace(resource, **given), name)


def _gone(_thing: Resource) -> None:
    """Take it away."""


def _instead(other: Resource) -> Change:
    """Put another thing in its place."""
    return lambda _thing: other


def _moved(kind: type[Resource], name: str = "") -> Change:
    """Plan it for another region."""
    return _in_us(kind, lambda resource: replace(resource, location=replace(resource.location, region=known(EU))), name)


def _scoped(*criteria: object) -> Change:
    return _with(FindingFilter, ".s_", criteria=criteria)


_CONSISTENCY = "region-consistency"
_SCOPED = {"suppression-scoped"}
_BUCKET = {"trail-bucket-protected"}
_REFUSED = {*_BUCKET, "trail-multi-region", "trail-validation", "trail-encrypted", "trail-s3-data-events"}
_DOCUMENTED = {"suppression-documented"}

MUTATIONS: list[tuple[str, Change, set[str]]] = [
    ("no export", _in_us(PublishingDestination, _gone), {"findings-export", _CONSISTENCY}),
    ("export without key", _with(PublishingDestination, keyed=False, key=Ref(id="")), {"findings-export"}),
    ("export to something else", _with(PublishingDestination, kind="SQS"), {"findings-export"}),
    ("export of another detector", _with(PublishingDestination, detector=Ref(id="x")), {"findings-export"}),
    ("export moved", _moved(PublishingDestination), {"findings-export", _CONSISTENCY}),
    ("key elsewhere", _with(PublishingDestination, key=Ref(id="arn:aws:kms:eu-west-1:1:key/1")), {"findings-export"}),
    ("no threat list", _in_us(IpList, _gone, ".t_"), {"threat-ip-list", _CONSISTENCY}),
    ("threat list inactive", _with(IpList, ".t_", active=False), {"threat-ip-list", _CONSISTENCY}),
    ("threat list of all", _with(IpList, ".t_", content="0.0.0.0/0"), {"threat-ip-list"}),
    ("threat list differs", _with(IpList, ".t_", content="198.51.100.9"), {"threat-ip-list"}),
    ("any type", _scoped(TAG), _SCOPED),
    ("any resource", _scoped(TYPE), _SCOPED),
    ("all but one resource", _scoped(TYPE, criterion("resource.instanceDetails.tags.value", without=("a",))), _SCOPED),
    ("severity 7 and above", _scoped(TYPE, TAG, criterion("severity", greater_than_or_equal="7")), _SCOPED),
    ("severity 4 and above", _scoped(TYPE, TAG, criterion("severity", greater_than="3.9")), _SCOPED),
    ("archives more", _with(FindingFilter, "notable", action="ARCHIVE"), {*_SCOPED, *_DOCUMENTED}),
    ("undocumented", _with(FindingFilter, ".s_", description=""), _DOCUMENTED),
    ("no end", _with(FindingFilter, ".s_", description="approved scanner"), _DOCUMENTED),
    ("expired", _with(FindingFilter, ".s_", description="approved; until 2026-11-24"), _DOCUMENTED),
    ("gap", _with(FindingFilter, ".s_", rank=3), {"filter-ranks"}),
    ("rank twice", _with(FindingFilter, ".s_", rank=2), {"filter-ranks"}),
    ("rank 0", _with(FindingFilter, ".s_", rank=0), {"filter-ranks"}),
    ("rank 1 gone", _in_us(FindingFilter, _gone, ".s_"), {"filter-ranks"}),
    ("no query log", _in_us(QueryLogAssociation, _gone), {"dns-query-logs", _CONSISTENCY}),
    ("query log of another VPC", _with(QueryLogAssociation, vpc=Ref(id="vpc-0")), {"dns-query-logs"}),
    ("query log moved", _moved(QueryLogAssociation), {"dns-query-logs", _CONSISTENCY}),
    ("another resolver", _with(DhcpOptions, servers=("10.0.0.53",)), {"dns-resolver"}),
    ("a second resolver", _with(DhcpOptions, servers=("AmazonProvidedDNS", "9.9.9.9")), {"dns-resolver"}),
    ("no resolver", _with(DhcpOptions, servers=()), {"dns-resolver"}),
    ("options not told", _in_us(DhcpAssociation, _gone), {"dns-resolver"}),
    ("no bucket", _in_us(Bucket, _gone), _BUCKET),
    ("no access block", _in_us(PublicAccessBlock, _gone), _BUCKET),
    ("access block in part", _with(PublicAccessBlock, complete=False), _BUCKET),
    ("no versioning", _in_us(BucketVersioning, _gone), _BUCKET),
    ("versioning suspended", _with(BucketVersioning, enabled=False), _BUCKET),
    ("no policy", _in_us(BucketPolicy, _gone), _BUCKET),
    *(
        (f"policy {name}", _in_us(BucketPolicy, _instead(text)), _BUCKET)
        for name, text in (
            ("unscoped", policy(statement(Condition={}))),
            ("of any account", policy(statement(Condition={"StringLike": {"aws:SourceAccount": "*"}}))),
            ("open", policy(statement(), {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"})),
        )
    ),
    ("policy that denies", _in_us(BucketPolicy, _instead(policy(statement(Effect="Deny")))), _REFUSED),
]  # fmt: skip
