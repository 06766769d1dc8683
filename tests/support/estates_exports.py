"""Builders for exports, filters, threat lists, name resolution and buckets, in the style of `estates`."""

from __future__ import annotations

import json
from typing import Any

from guardline.validator.model.dns import DhcpAssociation, DhcpOptions, QueryLog, QueryLogAssociation, VpcNaming
from guardline.validator.model.guardduty import Criterion, FindingFilter, IpList, PublishingDestination
from guardline.validator.model.kms import Key
from guardline.validator.model.resource import Account, Origin, Ref, Resource
from guardline.validator.model.s3 import Bucket, BucketPolicy, BucketVersioning, PublicAccessBlock
from guardline.validator.model.value import Value, known
from tests.support.estates import OURS, US, ip_list, location, value

BUCKET = "aws_s3_bucket.logs"
KEY = "arn:aws:kms:us-east-1:111122223333:key/1"
ARCHIVE, NOOP = "ARCHIVE", "NOOP"


def _named(kind: str, name: str, region: object, account: Account = OURS) -> dict[str, Any]:
    """The fields that every thing has."""
    at = region.replace("-", "_") if isinstance(region, str) else "somewhere"
    address = f"{kind}.{name}_{at}"
    return {
        "location": location(region, account),
        "origin": Origin(address),
        "names": frozenset({address}),
        "managed": True,
    }


def _detector(region: object, on: object) -> Value[Ref]:
    at = region.replace("-", "_") if isinstance(region, str) else "somewhere"
    return value(Ref(address=f"aws_guardduty_detector.d_{at}") if on is None else on)


def destination(
    region: object = US,
    name: str = "p",
    *,
    on: object = None,
    kind: object = "S3",
    bucket: object = None,
    key: object = KEY,
    keyed: object = None,
) -> PublishingDestination:
    """A destination of the region's detector `d`, in the bucket `logs`."""
    return PublishingDestination(
        **_named("aws_guardduty_publishing_destination", name, region),
        detector=_detector(region, on),
        kind=value(kind),
        bucket=value(Ref(address=BUCKET) if bucket is None else bucket),
        keyed=value(keyed if keyed is not None else key != ""),
        key=value(Ref(id=key) if isinstance(key, str) else key),
    )


def kms_key(region: object = US) -> Key:
    """A key, `aws_kms_key.k_REGION`."""
    return Key(**_named("aws_kms_key", "k", region), policy=known(""))


def threat_list(region: object = US, name: str = "t", **changes: Any) -> IpList:
    """A threat list on the region's detector `d`."""
    return ip_list(region, name, kind="threat", **changes)


def criterion(path: object, *equals: str, values: object = None, without: object = (), **bounds: object) -> Criterion:
    """One field test; `values` replaces `equals` with an unknown."""
    return Criterion(
        path=value(path),
        equals=value(equals if values is None else values),
        not_equals=value(without),
        bounds={name: value(bound) for name, bound in bounds.items()},
    )


TYPE = criterion("type", "Recon:EC2/Portscan")
TAG = criterion("resource.instanceDetails.tags.value", "vuln-scanner")


def finding_filter(
    region: object = US,
    name: str = "s",
    *,
    criteria: object = (TYPE, TAG),
    action: object = ARCHIVE,
    rank: object = 1,
    description: object = "approved scanner, TICKET-12; until 2027-01-31",
    on: object = None,
) -> FindingFilter:
    """A narrow, documented suppression rule on the region's detector `d`."""
    return FindingFilter(
        **_named("aws_guardduty_filter", name, region),
        detector=_detector(region, on),
        name=known(name),
        action=value(action),
        rank=value(rank),
        description=value(description),
        criteria=value(criteria),
    )


def _ref(on: object) -> Value[Ref]:
    if isinstance(on, str):
        on = Ref(address=on) if on.startswith("aws_") else Ref(id=on)
    return value(on)


def query_log(region: object = US, name: str = "q") -> QueryLog:
    """A query logging configuration, `NAME_REGION`."""
    return QueryLog(**_named("aws_route53_resolver_query_log_config", name, region))


def query_association(on: object, region: object = US, name: str = "a", log: object = None) -> QueryLogAssociation:
    """A link between a VPC and the region's configuration `q`."""
    at = region.replace("-", "_") if isinstance(region, str) else "somewhere"
    return QueryLogAssociation(
        **_named("aws_route53_resolver_query_log_config_association", name, region),
        vpc=_ref(on),
        log=_ref(f"aws_route53_resolver_query_log_config.q_{at}" if log is None else log),
    )


def dhcp_options(*servers: str, region: object = US, name: str = "o", listed: object = None) -> DhcpOptions:
    """A set of DHCP options; `listed` replaces the servers with an unknown."""
    return DhcpOptions(
        **_named("aws_vpc_dhcp_options", name, region), servers=value(servers if listed is None else listed)
    )


def dhcp_association(on: object, region: object = US, name: str = "x", options: object = None) -> DhcpAssociation:
    """A link between a VPC and the region's options `o`."""
    at = region.replace("-", "_") if isinstance(region, str) else "somewhere"
    return DhcpAssociation(
        **_named("aws_vpc_dhcp_options_association", name, region),
        vpc=_ref(on),
        options=_ref(f"aws_vpc_dhcp_options.o_{at}" if options is None else options),
    )


def naming(
    of: Resource, *, ranges: object = ("10.1.0.0/16",), supported: object = True, options: object, fresh: bool = False
) -> VpcNaming:
    """What a VPC says of name resolution."""
    return VpcNaming(
        of.location, of.origin, of.names, of.managed, value(ranges), value(supported), _ref(options), fresh
    )


def bucket(*, region: object = US, versioned: object = None, managed: bool = True) -> Bucket:
    """The bucket that trails of `estates` write to."""
    names = frozenset({BUCKET, "trail-logs"})
    return Bucket(location(region), Origin(BUCKET), names, managed, "trail-logs", value(versioned))


def _setting(kind: str) -> dict[str, Any]:
    address = f"{kind}.logs"
    return {"location": location(US), "origin": Origin(address), "names": frozenset({address}), "managed": True}


def access_block(complete: object = True, on: object = BUCKET) -> PublicAccessBlock:
    """A block of public access; with `on` False the account's."""
    kind = "aws_s3_bucket_public_access_block" if on is not False else "aws_s3_account_public_access_block"
    return PublicAccessBlock(**_setting(kind), bucket=None if on is False else _ref(on), complete=value(complete))


def versioning(enabled: object = True, on: object = BUCKET) -> BucketVersioning:
    """The versioning of the bucket."""
    return BucketVersioning(**_setting("aws_s3_bucket_versioning"), bucket=_ref(on), enabled=value(enabled))


def statement(action: object = ("s3:GetBucketAcl", "s3:PutObject"), **changes: object) -> dict[str, object]:
    """A statement that lets CloudTrail write for one trail."""
    scoped = {"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/t"}}
    return {
        "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": list(action) if isinstance(action, tuple) else action,
        "Resource": "*", "Condition": scoped, **changes,
    }  # fmt: skip


def policy(*statements: object, on: object = BUCKET, text: object = None) -> BucketPolicy:
    """The policy of the bucket."""
    written = json.dumps({"Version": "2012-10-17", "Statement": list(statements or (statement(),))})
    return BucketPolicy(
        **_setting("aws_s3_bucket_policy"), bucket=_ref(on), text=value(written if text is None else text)
    )


def protected() -> tuple[Resource, ...]:
    """The bucket with everything that protects it."""
    return bucket(), access_block(), versioning(), policy()
