"""Where the trail is kept: a bucket and its key, beside the trail or in the organization's log archive account."""

from __future__ import annotations

from dataclasses import replace

from guardline.generator.hcl import hcl
from guardline.generator.log_destination import lock
from guardline.generator.root import Billed, Part, Root
from guardline.spec.model import Spec
from guardline.spec.practices.trail import Trail

_KEYS = ("create", "create-multi-region")


def keeper(spec: Spec) -> str | None:
    """The log archive account, where the trail's bucket is made there; else None."""
    asked, organization = spec.trail, spec.organization
    if asked.mode != "create" or asked.bucket_in != "log-archive" or organization is None:
        return None
    return organization.log_archive_account


def part(root: Root) -> Part:
    """What the root of the bucket holds: all that the trail in the management account writes to."""
    asked, organization = root.spec.trail, root.spec.organization
    if organization is None or keeper(root.spec) != root.account_id:
        return Part()
    name, tamper = root.spec.name, root.spec.tamper
    arguments = {
        "region": hcl(root.spec.home_region),
        "partition": "local.partition",
        "account_id": "local.account_id",
        "name": hcl(name),
        "organization_id": hcl(organization.id),
        "trail_account_id": hcl(organization.management_account),
        **named(root, asked),
        **kept(root, asked),
    }
    if tamper is not None and tamper.mode == "create" and tamper.queries:
        arguments["read_by_trail_account"] = "true"
    names = (f"the alias {alias(root.spec)} in {root.spec.home_region}",) if asked.kms_key in _KEYS else ()
    return Part(
        values={"arguments": arguments},
        outputs={
            "trail_bucket": ("The bucket that keeps the organization's trail.", "module.trail_bucket.bucket_name"),
            "trail_key": ("The key that encrypts it.", "module.trail_bucket.kms_key_arn"),
        },
        absent=(*absent(root, asked), *names),
        billed=billed(root, asked),
    )


def elsewhere(root: Root, account: str) -> dict[str, str]:
    """The bucket and the key of the log archive account, as the trail's module is given them: argument -> expression.

    By names that are known beforehand: the trail's root reads nobody's state.
    """
    spec, there = root.spec, replace(root, account_id=account)
    arguments = {"log_archive": f"{{ bucket = {hcl(there.bucket_name(spec.trail.bucket, 'trail'))} }}"}
    if spec.trail.kms_key not in _KEYS:
        return arguments | key(spec.trail)
    arn = f"arn:{spec.partition}:kms:{spec.home_region}:{account}:{alias(spec)}"
    return arguments | {"kms_key_arn": hcl(arn), "kms_key_by_alias": "true"}


def alias(spec: Spec) -> str:
    """The alias of the key that is made beside the bucket."""
    return f"alias/{spec.name}-trail"


def named(root: Root, asked: Trail) -> dict[str, str]:
    """The bucket that a module makes, and the key that it makes or uses: argument -> expression."""
    return {"bucket_name": hcl(root.bucket_name(asked.bucket, "trail")), **key(asked)}


def key(asked: Trail) -> dict[str, str]:
    """The key, where it is not one made here for one region."""
    if asked.kms_key == "create-multi-region":
        return {"multi_region_key": "true"}
    return {} if asked.kms_key == "create" else {"kms_key_arn": hcl(asked.kms_key)}


def kept(root: Root, asked: Trail) -> dict[str, str]:
    """How long and how safely a bucket made here keeps the files; defaults are left out."""
    arguments: dict[str, str] = {}
    for name in ("retention_days", "archive_after_days"):
        if getattr(asked, name) is not None:
            arguments[name] = hcl(getattr(asked, name))
    if asked.object_lock is not None:
        arguments["object_lock"] = lock(asked.object_lock)
    if asked.access_logs:
        arguments["access_log_bucket_name"] = hcl(root.bucket_name(None, "access-logs"))
    return arguments


def absent(root: Root, asked: Trail) -> tuple[str, ...]:
    """The buckets that must not be there yet."""
    logs = (f"the bucket {root.bucket_name(None, 'access-logs')}",) if asked.access_logs else ()
    return (f"the bucket {root.bucket_name(asked.bucket, 'trail')}", *logs)


def billed(root: Root, asked: Trail) -> tuple[Billed, ...]:
    """What AWS bills for keeping the trail."""
    s3, home = "https://aws.amazon.com/s3/pricing/", (root.spec.home_region,)
    files = Billed("Amazon S3", "log files kept", "GB-month stored, requests", s3, home)
    return (files, own_key(root)) if asked.kms_key in _KEYS else (files,)


def own_key(root: Root) -> Billed:
    """What AWS bills for a key made here."""
    kms = "https://aws.amazon.com/kms/pricing/"
    return Billed("AWS KMS", "the trail's key", "key-month, requests", kms, (root.spec.home_region,))
