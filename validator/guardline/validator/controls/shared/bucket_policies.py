"""What a bucket's policy says about a trail: whether CloudTrail can deliver there, and who else is let in.

CloudTrail reads the bucket's ACL and writes under ``[prefix/]AWSLogs/ACCOUNT/``, for an organization's trail also under
``[prefix/]AWSLogs/ORGANIZATION/``. Where the policy does not allow that, AWS refuses the trail.
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from msgspec.structs import replace

from guardline.validator.controls.shared.buckets import Fault, assert_absent, settings
from guardline.validator.controls.shared.conditions import Condition
from guardline.validator.controls.shared.keys import key_works
from guardline.validator.model.cloudtrail import Trail
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Account
from guardline.validator.model.s3 import Bucket, BucketEncryption, BucketPolicy
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.finding_samples import partition
from guardline.validator.semantics.iam_conditions import hold
from guardline.validator.semantics.iam_documents import Condition as Test
from guardline.validator.semantics.iam_documents import Document, Statement, parse
from guardline.validator.semantics.iam_evaluation import allows_service, covers_action
from guardline.validator.semantics.iam_principals import names_somebody
from guardline.validator.semantics.place_texts import ORGANIZATION, PARTITION, account_text, region_text
from guardline.validator.semantics.unknown_parts import SOMETHING, has_marks, mark

SERVICE = "cloudtrail.amazonaws.com"
_KEYS = frozenset({"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid"})
_OPERATORS = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"})
_ORGANIZATION_PATH = re.compile(r"/o-[a-z0-9]+(?=/)")


def refusal(estate: Estate, trail: Trail) -> Fault | None:
    """Why CloudTrail surely cannot deliver the trail's record to its bucket, or None where that is not sure."""
    return estate.recalled(refusal, (trail,), lambda: _refusal(estate, trail))


def _refusal(estate: Estate, trail: Trail) -> Fault | None:
    try:
        bucket = estate.find(Bucket, trail.bucket.get())
    except UnknownValue:
        return None
    if bucket is None or not bucket.managed:
        return None
    if not bucket.bare and not settings(estate, BucketPolicy, bucket):
        return None
    for ask in (policy_keeps_out, key_keeps_out):
        with suppress(UnknownValue):
            if (found := next(ask(estate, trail, bucket), None)) is not None:
                return found
    return None


def key_keeps_out(estate: Estate, trail: Trail, bucket: Bucket) -> Iterator[Fault]:
    """Whether the bucket's own key is one that encrypts nothing; a trail with a key of its own does not use it."""
    if trail.encrypted.known_or(True):
        return
    for one in settings(estate, BucketEncryption, bucket):
        condition = key_works(estate, one.key, one) if one.key is not None else Condition(True)
        if condition.holds is False:
            yield Fault(f"cannot be written to: {condition.reason}", condition.origins[0])


def policy_keeps_out(estate: Estate, trail: Trail, bucket: Bucket) -> Iterator[Fault]:
    """Why the policy of a trail's bucket keeps CloudTrail out.

    Raises:
        UnknownValue: it cannot be determined.
    """
    declared = settings(estate, BucketPolicy, bucket)
    if not declared:
        assert_absent(estate, BucketPolicy)
        yield Fault("has no policy, so that CloudTrail may not write", bucket.origin)
    for one in declared:
        reason = _keeps_out(_policy(estate, one.text.get(), trail), estate, trail, bucket)
        if reason is not None:
            yield Fault(f"has a policy that {reason}", one.origin)


def policy_opens(estate: Estate, trail: Trail, bucket: Bucket, accounts: Iterable[Account]) -> Iterator[Fault]:
    """Whom else a bucket's policy lets in, or lets delete the record; `accounts` are those that the scope names.

    Raises:
        UnknownValue: it cannot be determined.
    """
    known = (*accounts, *estate.accounts, *estate.configured, trail.location.account)
    ours = frozenset(account.id for account in known)
    for one in settings(estate, BucketPolicy, bucket):
        allowing = [each for each in _policy(estate, one.text.get(), trail).statements if each.allows]
        if any(_is_everyone(each) and not each.conditions for each in allowing):
            yield Fault("has a policy that allows something to everyone, without a condition", one.origin)
        elif (other := next((who for each in allowing for who in _strangers(each, ours)), None)) is not None:
            yield Fault(
                f"has a policy that lets {other} delete the record, and no source is of that account", one.origin
            )
        elif not all(any(map(_scopes, each.conditions)) for each in allowing if _is_for_cloudtrail(each)):
            why = "lets CloudTrail in for anyone's trail: no aws:SourceArn or aws:SourceAccount condition"
            yield Fault(f"has a policy that {why}", one.origin)


def _policy(estate: Estate, text: str, trail: Trail) -> Document:
    try:
        document = parse(text.replace(PARTITION, _partition(estate, trail)))
    except ValueError as error:
        raise UnknownValue(f"the bucket's policy cannot be read: {error}") from None
    return Document(tuple(_as_own(each, trail) for each in document.statements))


def _as_own(statement: Statement, trail: Trail) -> Statement:
    """The statement with what is certain of its resources written down.

    AWS refuses a bucket's policy that names another bucket, so that a resource of which nothing is known is the bucket
    and its objects. Which path that is, nobody knows; it matters where the trail does not write to the usual one. An
    organization's id in a path is that of the trail's own organization, for nobody writes down another one.
    """
    usual = trail.prefix.known_or("?") == "" and trail.organization.known_or(True) is False
    if statement.allows and usual and SOMETHING in statement.resources:
        return replace(statement, resources=("*",))
    own = tuple(_ORGANIZATION_PATH.sub(f"/{ORGANIZATION}", each) for each in statement.resources)
    return replace(statement, resources=own) if own != statement.resources else statement


def arn_of(estate: Estate, trail: Trail) -> str:
    """The trail's ARN, with marks for what is unknown of it."""
    region, account = region_text(trail.location.region), account_text(trail.location.account)
    name = trail.name.known_or("") or mark(trail.own_name, "name")
    return f"arn:{_partition(estate, trail)}:cloudtrail:{region}:{account}:trail/{name}"


def _partition(estate: Estate, trail: Trail) -> str:
    region = trail.location.region.known_or(None)
    return partition(region) if region else estate.partition


def _keeps_out(document: Document, estate: Estate, trail: Trail, bucket: Bucket) -> str | None:
    own = account_text(trail.location.account)
    first = f"arn:{_partition(estate, trail)}:s3:::{bucket.name}"
    region, arn = region_text(trail.location.region), arn_of(estate, trail)
    context = _context(document, trail, bucket)
    prefix = trail.prefix.get()
    logs = f"{first}/{prefix}/AWSLogs" if prefix else f"{first}/AWSLogs"
    sample = f"{own}/CloudTrail/{region}/2030/01/01/record.json.gz"
    asked = [("s3:GetBucketAcl", first), ("s3:PutObject", f"{logs}/{sample}")]
    if trail.organization.get():
        asked.append(("s3:PutObject", f"{logs}/{ORGANIZATION}/{sample}"))
    unsure: UnknownValue | None = None
    for action, resource in asked:
        try:
            allowed = allows_service(document, SERVICE, action, resource, own, arn, more=context)
        except UnknownValue as unknown_value:
            unsure = unknown_value
            continue
        if not allowed and trail.organization.get() and _would_elsewhere(document, action, resource, own, context):
            unsure = UnknownValue("an organization's trail may be the management account's, whose id is unknown here")
        elif not allowed:
            return f"does not let CloudTrail {_said(action, resource, first, trail)}"
    if unsure is not None:
        raise unsure
    return None


def _would_elsewhere(
    document: Document, action: str, resource: str, own: str, context: Mapping[str, tuple[str, ...] | None]
) -> bool:
    """Whether the trail of another account may do it: a delegated administrator's trail belongs to the management
    account (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-delegated-administrator.html)."""
    elsewhere = resource.replace(f"/{own}/", f"/{mark('management account')}/")
    try:
        return allows_service(document, SERVICE, action, elsewhere, more=context)
    except UnknownValue:
        return True


def _said(action: str, resource: str, bucket: str, trail: Trail) -> str:
    if action != "s3:PutObject":
        return "read the bucket's ACL (s3:GetBucketAcl)"
    prefix = trail.prefix.known_or("")
    path = f"{prefix}/AWSLogs/" if prefix else "AWSLogs/"
    whose = "the organization's path " if ORGANIZATION in resource.removeprefix(bucket) else ""
    account = trail.location.account.id
    account = f" for account {account}" if account is not None and not has_marks(account) else ""
    return f"write to {whose}{path}{account}"


def _context(document: Document, trail: Trail, bucket: Bucket) -> Mapping[str, tuple[str, ...] | None]:
    """What is known of CloudTrail's requests, besides on whose behalf they are."""
    tests = [each for statement in document.statements for each in statement.conditions]
    organizations = tuple(value for each in tests if each.key.lower() == "aws:sourceorgid" for value in each.values)
    owner = (account_text(bucket.location.account),)
    return {
        "s3:x-amz-acl": ("bucket-owner-full-control",),
        "s3:x-amz-server-side-encryption": ("aws:kms",) if trail.encrypted.known_or(False) else None,
        "s3:tlsversion": ("1.2",),  # CloudTrail, as every AWS service, uses TLS 1.2 or later
        "aws:principalservicenameslist": (SERVICE,),
        "aws:sourceorgid": organizations[:1] or None,  # nobody writes down another organization than their own
        "aws:resourceaccount": owner,
        "s3:resourceaccount": owner,
    }


def _is_everyone(statement: Statement) -> bool:
    if statement.all_but_principals:
        return True
    who = dict(statement.principals or ())
    return "*" in who.get("*", ()) or "*" in who.get("AWS", ())


_ENDING = ("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutBucketPolicy", "s3:PutLifecycleConfiguration")
"""What ends a record. Writing more is left out: the accounts of AWS from which load balancers write may do that."""


def _strangers(statement: Statement, ours: frozenset[str | None]) -> Iterator[str]:
    """The principals of other accounts than ours, where the statement lets them end the record.

    Raises:
        UnknownValue: an account of ours has no known id, so that the principal may be ours.
    """
    if hold(statement.conditions, {"aws:securetransport": ("true",)}) is not True:  # a condition is another's business
        return
    if not any(covers_action(statement, action) for action in _ENDING):
        return
    for who in dict(statement.principals or ()).get("AWS", ()):
        account = who.split(":")[4] if who.count(":") > 4 else who
        if re.fullmatch(r"\d{12}", account) and account not in ours:
            if None in ours:
                raise UnknownValue(f"whether account {account} is one of the source's own is unknown")
            yield who


def _is_for_cloudtrail(statement: Statement) -> bool:
    return not statement.all_but_principals and SERVICE in dict(statement.principals or ()).get("Service", ())


def _scopes(condition: Test) -> bool:
    """Whether the test (all of a statement's must hold) names whose trail may write."""
    return (
        condition.operator.lower() in _OPERATORS
        and condition.key.lower() in _KEYS
        and bool(condition.values)
        and all(map(_surely_names, condition.values))
    )


def _surely_names(value: str) -> bool:
    """As `iam_principals.names_somebody`, of a value that is known."""
    if value == SOMETHING:
        raise UnknownValue("whose trail the bucket's policy lets in is known only after apply")
    return names_somebody(value)
