"""Switches a bucket's public access block on, all four parts of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..clients import Clients
from ..finding import Finding
from .action import LeftToPeopleError, Seen, Target

_BLOCKED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


class BlockPublicBucket:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutPublicAccessBlock.html."""

    name = "block-public-bucket"
    verb = "block public access to"

    def targets(self, finding: Finding) -> tuple[Target, ...]:
        """See `Action`."""
        buckets = (finding.detail.get("resource") or {}).get("s3BucketDetails") or []
        names = dict.fromkeys(str(each["name"]) for each in buckets if each.get("name"))
        if not names:
            raise LeftToPeopleError("the finding names no bucket")
        return tuple(Target("bucket", name) for name in names)

    def look(self, clients: Clients, target: Target, finding: Finding) -> Seen:
        """See `Action`."""
        s3 = clients.client("s3")
        owner = {"Bucket": target.name, "ExpectedBucketOwner": finding.account}
        try:
            before = s3.get_public_access_block(**owner)["PublicAccessBlockConfiguration"]
        except s3.exceptions.ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchBucket":
                raise LeftToPeopleError(f"there is no bucket {target.name} any more") from None
            if error.response["Error"]["Code"] != "NoSuchPublicAccessBlockConfiguration":
                raise
            before = None
        try:
            tags = s3.get_bucket_tagging(**owner)["TagSet"]
        except s3.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchTagSet":
                raise
            tags = []
        already = f"{target} is blocked already" if before == _BLOCKED else None
        state = {"block": before, "account": finding.account}
        return Seen({tag["Key"]: tag["Value"] for tag in tags}, state, already)

    def act(self, clients: Clients, target: Target, before: Mapping[str, Any]) -> str:
        """See `Action`."""
        clients.client("s3").put_public_access_block(
            Bucket=target.name, ExpectedBucketOwner=before["account"], PublicAccessBlockConfiguration=_BLOCKED
        )
        return f"public access to {target} was blocked"

    def undo(self, clients: Clients, target: Target, before: Mapping[str, Any]) -> str:
        """See `Action`."""
        s3 = clients.client("s3")
        owner = {"Bucket": target.name, "ExpectedBucketOwner": before["account"]}
        if before["block"] is None:
            s3.delete_public_access_block(**owner)
            return f"{target} has no public access block of its own, as before"
        s3.put_public_access_block(**owner, PublicAccessBlockConfiguration=before["block"])
        return f"{target} has the public access block that it had before"
