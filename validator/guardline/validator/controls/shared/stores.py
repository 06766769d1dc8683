"""Where a practice's records are kept, and whether that is as the spec asks: of its bucket, log group or stream.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html and
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from guardline.validator.control import Cell, Verdict
from guardline.validator.controls.shared.as_asked import Tests
from guardline.validator.controls.shared.buckets import Fault, assert_absent, not_private, not_versioned, settings
from guardline.validator.controls.shared.cells import account_cells
from guardline.validator.controls.shared.conditions import asked, policy_of
from guardline.validator.controls.shared.keys import find_key, may_use, policy_text
from guardline.validator.controls.shared.openness import closed_to_plain_http, open_to
from guardline.validator.controls.shared.when_applicable import is_asked
from guardline.validator.expectations.asked import Store
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.kms import Key
from guardline.validator.model.logs import LogGroup
from guardline.validator.model.resource import Origin, Ref, Resource
from guardline.validator.model.s3 import (
    Bucket,
    BucketEncryption,
    BucketLifecycle,
    BucketLock,
    BucketLogging,
    BucketOwnership,
    BucketPolicy,
)
from guardline.validator.model.value import UnknownValue, Value
from guardline.validator.semantics.iam_documents import Statement
from guardline.validator.semantics.iam_evaluation import covers_action
from guardline.validator.semantics.unknown_parts import shown, widened
from guardline.validator.semantics.wildcards import like, overlaps


class Writer(NamedTuple):
    """A resource that writes records.

    Attributes:
        resource: the resource, e.g. a trail.
        destination: where it writes.
        key: the key with which it encrypts itself, or None where the store does.
        service: the service that writes for it, e.g. ``delivery.logs.amazonaws.com``.
    """

    resource: Resource
    destination: Value[Ref]
    key: Value[Ref] | None = None
    service: str | None = None


def cells(control: str, estate: Estate, scope: Scope) -> Iterator[Cell]:
    """One cell per expected account, where a spec asks how records are kept."""
    return account_cells(estate, scope) if is_asked(scope, control) else iter(())


def kept(estate: Estate, store: Store, writers: Iterable[Writer]) -> Verdict:
    """Judge where records are kept, whoever writes them.

    Args:
        estate: what there is.
        store: what the spec asks.
        writers: what writes; one at least.
    """
    tests, evidence = Tests(), dict[Origin, None]()
    seen: dict[tuple[str | None, str | None, str], None] = {}
    for writer in writers:
        if not writer.destination.is_known:
            tests.unsure.append(f"{writer.resource.origin.address}: {writer.destination.reason}")
            continue
        ref = writer.destination.get()
        evidence[writer.resource.origin] = None
        account = writer.resource.location.account.key
        if (ref.address, ref.id, account) in seen:
            continue
        seen[ref.address, ref.id, account] = None
        _judge(estate, store, writer, ref, tests, evidence)
    never = f"; nothing deletes what is in {', '.join(tests.notes)}" if tests.notes else ""
    return tests.verdict("what holds the records", f"the records are kept {_how(store)}{never}", *evidence)


def _how(store: Store) -> str:
    if store.of_others:
        return f"in {store.name}, which another team looks after"
    if store.kind == "firehose":
        return f"by the delivery stream {store.name}"
    days = f"for {store.days} days at least" if store.days is not None else "without end"
    locked = f", locked for {store.lock[1]} days ({store.lock[0]})" if store.lock is not None else ""
    archived = f", in S3 Glacier after {store.archive_days}" if store.archive_days is not None else ""
    logged = ", with access logs" if store.access_logs else ""
    key = f", with the key asked for ({store.key})" if store.key is not None else ""
    where = f" in {store.name}" if store.name is not None else ""
    return f"{days}{where}{archived}{locked}{key}{logged}"


def kind_of(estate: Estate, ref: Ref) -> str:
    """What a destination is, as `Store.kind` says it."""
    text = ref.id or ""
    if text.startswith("arn:") and text.count(":") > 2:
        return {"logs": "cloudwatch-logs", "firehose": "firehose"}.get(text.split(":")[2], "s3")
    return "cloudwatch-logs" if estate.find(LogGroup, ref) is not None else "s3"


def _judge(estate: Estate, store: Store, writer: Writer, ref: Ref, tests: Tests, evidence: dict[Origin, None]) -> None:
    origin = writer.resource.origin
    if (kind := kind_of(estate, ref)) != store.kind:
        tests.faults.append(Fault(f"is {_KINDS[kind]}, and the spec asks for {_KINDS[store.kind]}", origin))
    elif kind == "firehose":
        tests.ask(_stream(store, ref, origin))
    elif kind == "cloudwatch-logs":
        tests.ask(_group(estate, store, ref, origin, evidence))
    else:
        _bucket(estate, store, writer, ref, tests, evidence)


_KINDS = {"s3": "a bucket", "cloudwatch-logs": "a log group", "firehose": "a delivery stream"}


def _stream(store: Store, ref: Ref, origin: Origin) -> Iterator[Fault]:
    name = (ref.id or "").rpartition("/")[2]
    if name and name != store.name:
        yield Fault(f"is the delivery stream {shown(name)}, and the spec names {store.name}", origin)


def _group(estate: Estate, store: Store, ref: Ref, origin: Origin, evidence: dict[Origin, None]) -> Iterator[Fault]:
    group = estate.find(LogGroup, ref)
    if group is None or not group.managed:
        raise UnknownValue(f"the log group of {origin.address} is not in the source, so how long it keeps is unknown")
    evidence[group.origin] = None
    days = group.days.get()
    if days and (store.days is None or days < store.days):
        wanted = "for ever" if store.days is None else f"for {store.days}"
        yield Fault(f"keeps records for {days} days, and the spec asks for {wanted}", group.origin)
    yield from _key(estate, store, group.key, group)


def _bucket(estate: Estate, store: Store, writer: Writer, ref: Ref, tests: Tests, evidence: dict[Origin, None]) -> None:
    bucket, origin = estate.find(Bucket, ref), writer.resource.origin
    name = bucket.name if bucket is not None else (ref.id or "")
    if store.name is not None and name != store.name:
        tests.faults.append(Fault(f"is the bucket {shown(name)}, and the spec names {store.name}", origin))
    if store.of_others:
        if writer.key is not None:
            tests.ask(_key(estate, store, writer.key, writer.resource))
        return
    if bucket is None or not bucket.managed:
        tests.unsure.append(f"the bucket {shown(name)} is owned elsewhere: nothing here declares it")
        return
    evidence[bucket.origin] = None
    tests.ask(_misplaced(store, bucket))
    for ask in (not_private, not_versioned, _not_owned, _open):
        tests.ask(ask(estate, bucket))
    tests.ask(_kept_out(estate, bucket, writer.service))
    tests.ask(_lifecycle(estate, store, bucket, tests.notes))
    tests.ask(_lock(estate, store, bucket))
    tests.ask(_encrypted(estate, store, bucket, writer))
    if store.access_logs and not settings(estate, BucketLogging, bucket):
        assert_absent(estate, BucketLogging)
        tests.faults.append(Fault("has no access logs, and the spec asks for them", bucket.origin))


def _misplaced(store: Store, bucket: Bucket) -> Iterator[Fault]:
    """Whether another account than the spec says owns the bucket."""
    owner = bucket.location.account.id
    if store.account is None or owner == store.account:
        return
    if owner is None:
        raise UnknownValue(f"which account owns {bucket.origin.address} is unknown")
    yield Fault(f"is account {owner}'s, and the spec says {store.account}", bucket.origin)


def _not_owned(estate: Estate, bucket: Bucket) -> Iterator[Fault]:
    """Without a setting AWS enforces it on what is new, and an older bucket keeps what it has.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
    """
    declared = settings(estate, BucketOwnership, bucket)
    if not declared and not bucket.bare:
        raise UnknownValue(f"who owns the objects of {bucket.origin.address} is not declared")
    for one in declared:
        if not one.enforced.get():
            yield Fault("lets others own its objects", one.origin)


def _open(estate: Estate, bucket: Bucket) -> Iterator[Fault]:
    declared = settings(estate, BucketPolicy, bucket)
    if not declared:
        assert_absent(estate, BucketPolicy)
        yield Fault("has no policy, so that it may be read over plain HTTP", bucket.origin)
    for one in declared:
        document = policy_of(one.text.get(), f"the policy of {bucket.origin.address}")
        if not closed_to_plain_http(document, "s3:*"):
            yield Fault("may be read over plain HTTP", one.origin)
        if (who := open_to(document)) is not None:
            yield Fault(f"lets in {who}, without a condition", one.origin)


def _kept_out(estate: Estate, bucket: Bucket, service: str | None) -> Iterator[Fault]:
    if service is None:
        return
    for one in settings(estate, BucketPolicy, bucket):
        statements = policy_of(one.text.get(), f"the policy of {bucket.origin.address}").statements
        inside = f"arn:{estate.partition}:s3:::{bucket.name}/AWSLogs/record"
        if not any(_lets_write(each, service, inside) for each in statements):
            yield Fault(f"does not let {service} write", one.origin)
        elif any(_denies(each, service, inside) for each in statements):
            yield Fault(f"denies {service} to write", one.origin)
    for encryption in settings(estate, BucketEncryption, bucket):
        yield from _locked_out(estate, bucket, encryption.key, service)


def _locked_out(estate: Estate, bucket: Bucket, key: Value[Ref] | None, service: str) -> Iterator[Fault]:
    """Whether the key of a bucket surely keeps out the service that writes there, for whomever it writes."""
    if key is None or not key.is_known:
        return
    named = key.get()
    used = asked(lambda: may_use(estate, bucket, named, service, actions=("kms:GenerateDataKey",)), bucket.origin)
    if used.holds is False:
        yield Fault(f"keeps {service} out: {used.reason}", used.origins[0])


def _lets_write(statement: Statement, service: str, inside: str) -> bool:
    return (
        statement.allows
        and service in dict(statement.principals or ()).get("Service", ())
        and covers_action(statement, "s3:PutObject") is not False
        and (statement.all_but_resources or any(_may_be_inside(each, inside) for each in statement.resources))
    )


def _denies(statement: Statement, service: str, inside: str) -> bool:
    """Whether the statement surely denies the service every object."""
    who = dict(statement.principals or ())
    named = "*" in who.get("*", ()) or "*" in who.get("AWS", ()) or service in who.get("Service", ())
    return (
        not (statement.allows or statement.conditions or statement.all_but_principals or statement.all_but_resources)
        and named
        and covers_action(statement, "s3:PutObject") is True
        and any(like(each, inside) is True for each in statement.resources)
    )


def _may_be_inside(entry: str, inside: str) -> bool:
    """Whether a resource may be an object of the bucket, whatever its path."""
    return overlaps(widened(entry), widened(inside).removesuffix("AWSLogs/record") + "*")


def _lifecycle(estate: Estate, store: Store, bucket: Bucket, ends_never: list[str]) -> Iterator[Fault]:
    declared = settings(estate, BucketLifecycle, bucket)
    if not declared and store.days is not None:
        assert_absent(estate, BucketLifecycle)
        ends_never.append(bucket.origin.address)
    for one in declared:
        rules = [rule for rule in one.rules.get() if rule.on.get()]
        ends = [found for rule in rules if (found := rule.days.get())]
        if ends and (store.days is None or min(ends) < store.days):
            wanted = "for ever" if store.days is None else f"for {store.days}"
            yield Fault(f"keeps records for {min(ends)} days, and the spec asks for {wanted}", one.origin)
        moves = [move for rule in rules if (move := rule.archive.get()) is not None]
        if moves and (store.archive_days is None or min(moves) < store.archive_days):
            wanted = "never" if store.archive_days is None else f"after {store.archive_days}"
            yield Fault(f"moves records to an archive after {min(moves)} days, and the spec says {wanted}", one.origin)


def _lock(estate: Estate, store: Store, bucket: Bucket) -> Iterator[Fault]:
    if store.lock is None:
        return
    mode, days = store.lock
    locks = settings(estate, BucketLock, bucket)
    if not locks:
        assert_absent(estate, BucketLock)
        yield Fault("has no object lock, and the spec asks for one", bucket.origin)
    for one in locks:
        if not one.mode.get() or (mode == "compliance" and one.mode.get() != "COMPLIANCE"):
            yield Fault(f"is locked in mode {one.mode.get() or 'none'}, and the spec asks for {mode}", one.origin)
        if one.days.get() < days:
            yield Fault(f"is locked for {one.days.get()} days, and the spec asks for {days}", one.origin)


def _encrypted(estate: Estate, store: Store, bucket: Bucket, writer: Writer) -> Iterator[Fault]:
    if writer.key is not None:
        yield from _key(estate, store, writer.key, writer.resource)
        return
    several = settings(estate, BucketEncryption, bucket)
    if not several:
        if store.key is not None:
            assert_absent(estate, BucketEncryption)
        yield from _key(estate, store, None, bucket)
    for one in several:
        yield from _key(estate, store, one.key, one)


def _key(estate: Estate, store: Store, found: Value[Ref] | None, of: Resource) -> Iterator[Fault]:
    """Whether the key is the one asked for, and its material is renewed."""
    if found is None:
        if store.key is not None:
            yield Fault(f"has no key of its own, and the spec says `kms_key: {store.key}`", of.origin)
        return
    if store.key is None:
        return
    if not found.is_known and not store.key.startswith("arn:"):
        _assert_any_will_do(estate, store, found, of)
        return
    ref = found.get()
    key = find_key(estate, ref, of)
    if store.key.startswith("arn:"):
        if ref.id != store.key and (key is None or store.key not in key.names):
            named = shown(ref.id or "") or (key.origin.address if key is not None else "another one")
            yield Fault(f"is encrypted with {named}, and the spec names {store.key}", of.origin)
        return
    if key is None:
        raise UnknownValue(f"the key of {of.origin.address} is not in the source, so whether it rotates is unknown")
    if key.managed:
        yield from _bad_key(estate, store, key)


def _assert_any_will_do(estate: Estate, store: Store, found: Value[Ref], of: Resource) -> None:
    """A key that is known only after apply is one of those made beside it: where each of them will do, it does.

    Raises:
        UnknownValue: there is none, or one of them will not do.
    """
    region = of.location.region.known_or(None)
    keys = [key for key in estate.select(Key, of.location.account, region) if key.managed]
    if not keys or any(True for key in keys for _ in _bad_key(estate, store, key)):
        found.get()


def _bad_key(estate: Estate, store: Store, key: Key) -> Iterator[Fault]:
    text, origin = policy_text(estate, key)
    if text and (who := open_to(policy_of(text, f"the policy of {key.origin.address}"))) is not None:
        yield Fault(f"is encrypted with {key.origin.address}, which lets in {who}, without a condition", origin)
    if not key.rotates.get():
        yield Fault(f"is encrypted with {key.origin.address}, whose material is never renewed", key.origin)
    if store.key == "create-multi-region" and not key.multi_region.get():
        yield Fault(f"is encrypted with {key.origin.address}, which is of one region", key.origin)
