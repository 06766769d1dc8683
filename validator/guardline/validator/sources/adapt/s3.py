"""S3: buckets, and what protects them.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket (and
s3_bucket_versioning, s3_bucket_public_access_block, s3_account_public_access_block, s3_bucket_policy).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.s3 import (
    Bucket,
    BucketEncryption,
    BucketLifecycle,
    BucketLock,
    BucketLogging,
    BucketOwnership,
    BucketPolicy,
    BucketVersioning,
    LifecycleRule,
    PublicAccessBlock,
)
from guardline.validator.model.value import Value, known, unknown
from guardline.validator.sources.adapt.common import KEY_OR_ALIAS, ByType, Common, common, default
from guardline.validator.sources.adapt.meanings import Meanings
from guardline.validator.sources.adapt.policies import Documents
from guardline.validator.sources.blocks import Block, Wanted

_ENCRYPTION = "aws_s3_bucket_server_side_encryption_configuration"
_KEY_OF = ("rule", 0, "apply_server_side_encryption_by_default", 0, "kms_master_key_id")

MAKES: Mapping[str, type[Resource]] = {
    "aws_s3_bucket": Bucket,
    "aws_s3_bucket_versioning": BucketVersioning,
    "aws_s3_bucket_public_access_block": PublicAccessBlock,
    "aws_s3_account_public_access_block": PublicAccessBlock,
    "aws_s3_bucket_policy": BucketPolicy,
    _ENCRYPTION: BucketEncryption,
    "aws_s3_bucket_lifecycle_configuration": BucketLifecycle,
    "aws_s3_bucket_object_lock_configuration": BucketLock,
    "aws_s3_bucket_logging": BucketLogging,
    "aws_s3_bucket_ownership_controls": BucketOwnership,
}

BUCKET = Wanted(frozenset({"aws_s3_bucket"}), attributes=frozenset({"id", "arn", "bucket"}))
_SETTINGS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")


def bucket_of(arn: str) -> Value[Ref]:
    """The bucket that an object's or bucket's ARN (or a bare name) means: ``arn:aws:s3:::NAME/prefix``."""
    return known(Ref(id=arn.rpartition(":::")[2].partition("/")[0]))


def buckets(by_type: ByType) -> Iterator[Bucket]:
    """Buckets."""
    meanings = Meanings(by_type)
    for block in by_type.both("aws_s3_bucket"):
        name = meanings.bucket(block)
        shared = common(block, "bucket")
        shared["names"] |= {name}
        yield Bucket(**shared, name=name, versioned=_inline_versioning(block), bare=_is_bare(block))


def _is_bare(block: Block) -> bool:
    """Whether AWS holds no policy of the bucket. Only a plan or a state can tell (they have a `gap`)."""
    if block.mode != "managed" or not block.tree.gap:
        return False
    policy = block.tree.text("policy")
    return policy.get() in (None, "") if policy.is_known else block.new


def _inline_versioning(block: Block) -> Value[bool | None]:
    """What the deprecated block in the bucket states; None where nobody configured it."""
    if block.mode != "managed" or not block.is_configured("versioning"):
        return known(None)
    return block.tree.flag("versioning", 0, "enabled")


def versionings(by_type: ByType) -> Iterator[BucketVersioning]:
    """The versioning of buckets."""
    meanings = Meanings(by_type)
    for block in by_type.managed("aws_s3_bucket_versioning"):
        bucket = meanings.link(block, "bucket", wanted=BUCKET)
        status = block.tree.text("versioning_configuration", 0, "status")
        yield BucketVersioning(**_of(block, bucket), bucket=bucket, enabled=status.map(lambda text: text == "Enabled"))


def public_access_blocks(by_type: ByType) -> Iterator[PublicAccessBlock]:
    """Blocks of public access, of buckets and of whole accounts."""
    meanings = Meanings(by_type)
    for block in by_type.managed("aws_s3_bucket_public_access_block"):
        bucket = meanings.link(block, "bucket", wanted=BUCKET)
        yield PublicAccessBlock(**_of(block, bucket), bucket=bucket, complete=_complete(block))
    for block in by_type.managed("aws_s3_account_public_access_block"):
        yield PublicAccessBlock(**common(block), bucket=None, complete=_complete(block))


def _complete(block: Block) -> Value[bool]:
    """Whether all four settings are on; one that is surely off outweighs an unknown one."""
    settings = [default(block.tree.flag(name), False) for name in _SETTINGS]
    if any(not setting.known_or(True) for setting in settings):
        return known(False)
    return next((setting for setting in settings if not setting.is_known), known(True))


def policies(by_type: ByType) -> Iterator[BucketPolicy]:
    """Bucket policies."""
    documents, meanings = Documents(by_type), Meanings(by_type)
    for block in by_type.managed("aws_s3_bucket_policy"):
        bucket = meanings.link(block, "bucket", wanted=BUCKET)
        yield BucketPolicy(**_of(block, bucket), bucket=bucket, text=documents.draft(block, "policy"))
    for block in by_type.managed("aws_s3_bucket"):
        # The deprecated argument; AWS tells it also where another resource sets it.
        if block.is_configured("policy") and block.tree.at("policy").is_set:
            own: Value[Ref] = known(Ref(address=f"{block.root}{block.address}"))
            yield BucketPolicy(**common(block), bucket=own, text=documents.draft(block, "policy"))


def encryptions(by_type: ByType) -> Iterator[BucketEncryption]:
    """The keys of buckets."""
    meanings = Meanings(by_type)
    for block in by_type.managed(_ENCRYPTION):
        bucket = meanings.link(block, "bucket", wanted=BUCKET)
        algorithm = block.tree.text(*_KEY_OF[:-1], "sse_algorithm").known_or(None)
        given = block.tree.at(*_KEY_OF).is_set and algorithm != "AES256"  # with which S3 takes no key
        key = block.link(*_KEY_OF, wanted=KEY_OR_ALIAS) if given else None
        yield BucketEncryption(**_of(block, bucket), bucket=bucket, key=key)


def lifecycles(by_type: ByType) -> Iterator[BucketLifecycle]:
    """The lifecycles of buckets."""
    meanings = Meanings(by_type)
    for block in by_type.managed("aws_s3_bucket_lifecycle_configuration"):
        bucket, rules = meanings.link(block, "bucket", wanted=BUCKET), block.tree.blocks("rule")
        found: Value[tuple[LifecycleRule, ...]] = unknown(rules.reason or "")
        if rules.is_known:
            found = known(tuple(_lifecycle_rule(block, at) for at in range(len(rules.get()))))
        yield BucketLifecycle(**_of(block, bucket), bucket=bucket, rules=found)


def _lifecycle_rule(block: Block, at: int) -> LifecycleRule:
    place = ("rule", at)
    moves: Value[int | None] = known(None)
    if block.tree.at(*place, "transition").is_set:
        moves = _days(block, *place, "transition", 0).map(lambda days: days)
    return LifecycleRule(
        on=block.tree.text(*place, "status").map(lambda text: text == "Enabled"),
        days=_days(block, *place, "expiration", 0),
        archive=moves,
    )


def _days(block: Block, *place: str | int) -> Value[int]:
    """The age of an object in days; the provider fills in 0 where the rule names none."""
    if block.is_configured(*place, "date"):
        return unknown(f"{block.address} goes by a date, whatever an object's age")
    days = block.tree.number(*place, "days")
    return default(days, 0) if days.is_known or block.is_configured(*place, "days") else known(0)


def locks(by_type: ByType) -> Iterator[BucketLock]:
    """The object locks of buckets."""
    meanings = Meanings(by_type)
    for block in by_type.managed("aws_s3_bucket_object_lock_configuration"):
        bucket = meanings.link(block, "bucket", wanted=BUCKET)
        kept = block.tree.at("rule", 0, "default_retention", 0)
        years: Value[int] = default(kept.number("years"), 0)
        days = default(kept.number("days"), 0) if not years.known_or(1) else years.map(lambda found: 365 * found)
        yield BucketLock(**_of(block, bucket), bucket=bucket, mode=default(kept.text("mode"), ""), days=days)


def loggings(by_type: ByType) -> Iterator[BucketLogging]:
    """The access logs of buckets."""
    meanings = Meanings(by_type)
    for block in by_type.managed("aws_s3_bucket_logging"):
        bucket = meanings.link(block, "bucket", wanted=BUCKET)
        target = meanings.link(block, "target_bucket", wanted=BUCKET)
        yield BucketLogging(**_of(block, bucket), bucket=bucket, target=target)


def ownerships(by_type: ByType) -> Iterator[BucketOwnership]:
    """Who owns the objects of buckets."""
    meanings = Meanings(by_type)
    for block in by_type.managed("aws_s3_bucket_ownership_controls"):
        bucket, owner = meanings.link(block, "bucket", wanted=BUCKET), block.tree.text("rule", 0, "object_ownership")
        enforced = owner.map(lambda text: text == "BucketOwnerEnforced")
        yield BucketOwnership(**_of(block, bucket), bucket=bucket, enforced=enforced)


def _of(block: Block, bucket: Value[Ref]) -> Common:
    """The common fields, with the references that lead to the bucket. The id of such a setting is its bucket's name,
    so it does not name the setting."""
    shared = common(block)
    shared["names"] = frozenset({f"{block.root}{block.address}"})
    if bucket.is_known:
        shared["origin"] = block.origin.following(bucket.get().chain)
    return shared
