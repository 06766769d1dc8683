"""Where a detector exports its findings: a bucket and a key that must let GuardDuty in when they are named.

Source: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_exportfindings.html.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from guardline.localaws.guardduty.filters import page
from guardline.localaws.guardduty.state import NOT_FOUND, Destination, State, new_id
from guardline.localaws.restjson import Answer, Caller, Handler, Parameters, Refused

# Elsewhere a bucket takes findings of its own region only, and GuardDuty goes by its regional name.
DEFAULT_ENABLED = re.compile(
    "us-(east|west)-[12]|ca-central-1|sa-east-1|eu-west-[123]|eu-(central|north)-1|ap-south-1|ap-northeast-[123]"
    "|ap-southeast-[12]|(us-gov|cn|eusc)-.*"
)
_BUCKET = re.compile(r"arn:[a-z-]+:s3:::([a-z0-9.-]+)(/.*)?")
_KEY = re.compile(r"arn:[a-z-]+:kms:([a-z0-9-]+):([0-9]{12}):key/([A-Za-z0-9-]+)")
NO_PERMISSION = (
    "The request failed because the GuardDuty service principal does not have permission to the KMS key or the "
    "resource specified by the destinationArn parameter."
)


def handlers(state: State) -> dict[str, Handler]:
    """The operations on publishing destinations over a state."""

    def create(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            kept = state.detector(caller, asked["DetectorId"]).destinations
            if kept:
                raise Refused("The request is rejected because a publishing destination already exists.")
            bucket, key = _checked(caller, asked["DetectorId"], asked["DestinationProperties"])
            identifier = new_id()
            kept[identifier] = Destination(asked["DestinationType"], bucket, key, dict(asked.get("Tags", {})))
            return {"DestinationId": identifier}

    def describe(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            found = _one(state, caller, asked)
            return {
                "DestinationId": asked["DestinationId"],
                "DestinationType": found.kind,
                "Status": "PUBLISHING",
                "PublishingFailureStartTimestamp": 0,
                "DestinationProperties": {"DestinationArn": found.bucket, "KmsKeyArn": found.key},
                "Tags": found.tags or None,
            }

    def update(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            found = _one(state, caller, asked)
            wanted = {"DestinationArn": found.bucket, "KmsKeyArn": found.key, **asked.get("DestinationProperties", {})}
            found.bucket, found.key = _checked(caller, asked["DetectorId"], wanted)
            return {}

    def delete(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            _one(state, caller, asked)
            del state.detector(caller, asked["DetectorId"]).destinations[asked["DestinationId"]]
            return {}

    def list_(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            kept = state.detector(caller, asked["DetectorId"]).destinations
            paged = page("ids", list(kept), asked)
            found = [
                {"DestinationId": identifier, "DestinationType": kept[identifier].kind, "Status": "PUBLISHING"}
                for identifier in paged["ids"]
            ]
            return {"Destinations": found, "NextToken": paged["NextToken"]}

    return {
        "CreatePublishingDestination": create,
        "DescribePublishingDestination": describe,
        "UpdatePublishingDestination": update,
        "DeletePublishingDestination": delete,
        "ListPublishingDestinations": list_,
    }


def _one(state: State, caller: Caller, asked: Parameters) -> Destination:
    found = state.detector(caller, asked["DetectorId"]).destinations.get(asked["DestinationId"])
    if found is None:
        raise Refused(NOT_FOUND)
    return found


def _checked(caller: Caller, detector: str, properties: Mapping[str, Any]) -> tuple[str, str]:
    """The ARNs of bucket and key.

    Raises:
        Refused: one is missing or does not exist, the regions do not go together, or a policy keeps GuardDuty out.
    """
    bucket, key = properties.get("DestinationArn") or "", properties.get("KmsKeyArn") or ""
    bucket_parts, key_parts = _BUCKET.fullmatch(bucket), _KEY.fullmatch(key)
    if bucket_parts is None or key_parts is None:
        raise Refused("The request is rejected because an invalid or out-of-range value is specified as an input.")
    region, bucket_policy = _bucket(bucket_parts[1], caller.partition)
    key_policy = _key(key_parts[2], key_parts[1], key_parts[3])
    if region != key_parts[1]:
        raise Refused("The request is rejected because the S3 bucket and the KMS key are in different regions.")
    if region != caller.region and not DEFAULT_ENABLED.fullmatch(region):
        raise Refused("The request is rejected because the destination is in an opt-in region.")
    arn = f"arn:{caller.partition}:guardduty:{caller.region}:{caller.account}:detector/{detector}"
    for policy, action in (
        (bucket_policy, "s3:GetBucketLocation"),
        (bucket_policy, "s3:PutObject"),
        (key_policy, "kms:GenerateDataKey"),
    ):
        if not any(_lets_in(statement, caller, arn, action) for statement in _allowing(policy)):
            raise Refused(NO_PERMISSION)
    return bucket, key


def _bucket(name: str, partition: str) -> tuple[str, str]:
    """A bucket's region and policy, whichever account it is in."""
    from moto.s3.models import s3_backends

    for account in list(s3_backends):
        found: Any = s3_backends[account][partition].buckets.get(name)
        if found is not None:
            policy = found.policy
            return found.region_name, policy.decode() if isinstance(policy, bytes) else policy or "{}"
    raise Refused(NO_PERMISSION)


def _key(account: str, region: str, identifier: str) -> str:
    """A key's policy."""
    from moto.kms.models import kms_backends

    keys: Any = kms_backends[account][region].keys
    if identifier not in keys or not keys[identifier].enabled:
        raise Refused(NO_PERMISSION)
    return str(keys[identifier].policy)


def _allowing(policy: str) -> Iterator[Mapping[str, Any]]:
    found = json.loads(policy).get("Statement", [])
    yield from (each for each in (found if isinstance(found, list) else [found]) if each.get("Effect") == "Allow")


def _lets_in(statement: Mapping[str, Any], caller: Caller, detector: str, action: str) -> bool:
    """Whether a statement lets GuardDuty of the caller's region do something for a detector."""
    principal = statement.get("Principal")
    services = _texts(principal.get("Service", []) if isinstance(principal, dict) else [])
    regional = f"guardduty.{caller.region}.amazonaws.com"
    wanted = "guardduty.amazonaws.com" if DEFAULT_ENABLED.fullmatch(caller.region) else regional
    if wanted not in services or not any(fnmatchcase(action, each) for each in _texts(statement.get("Action", []))):
        return False
    given = {"aws:sourceaccount": caller.account, "aws:sourcearn": detector}
    return all(
        key.lower() not in given or any(fnmatchcase(given[key.lower()], pattern) for pattern in _texts(values))
        for tests in statement.get("Condition", {}).values()
        for key, values in tests.items()
    )


def _texts(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
