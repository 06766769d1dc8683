"""The trails that record an account, and what each lacks."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from guardline.validator.controls.shared.bucket_policies import SERVICE, arn_of, refusal
from guardline.validator.controls.shared.buckets import Fault
from guardline.validator.controls.shared.conditions import Condition, asked
from guardline.validator.controls.shared.event_selectors import management_lacks
from guardline.validator.controls.shared.keys import find_key, key_works, may_use, policy_text
from guardline.validator.model.cloudtrail import Trail
from guardline.validator.model.estate import Estate
from guardline.validator.model.kms import Key
from guardline.validator.model.resource import Account, Origin
from guardline.validator.model.value import UnknownValue, Value, known
from guardline.validator.semantics.place_texts import account_text

ROOT = "trail-multi-region"
"""The control behind the other trail controls: without a trail there is nothing to validate or encrypt."""


class Judged(msgspec.Struct, frozen=True):
    """A trail and what a question found.

    Attributes:
        lacks: what it surely lacks of what was asked.
        unsure: why the answer is unknown, or None.
        refused: why CloudTrail surely cannot deliver its record, or None: such a trail is no trail.
    """

    trail: Trail
    lacks: tuple[str, ...] = ()
    unsure: str | None = None
    refused: Fault | None = None

    @property
    def satisfies(self) -> bool:
        """Whether the trail surely has what was asked."""
        return self.may_satisfy and self.unsure is None

    @property
    def may_satisfy(self) -> bool:
        """Whether it has, or may have, what was asked."""
        return not self.lacks and self.refused is None


def recording(estate: Estate, account: Account) -> tuple[Trail, ...]:
    """The account's own trails, whatever their home region, and organization trails of other accounts."""
    own = estate.select(Trail, account).here
    return (*own, *(trail for trail in estate.once(_organization_trails) if not _is_own(trail, account)))


def _is_own(trail: Trail, account: Account) -> bool:
    return trail.location.account.key == account.key


def _organization_trails(estate: Estate) -> tuple[Trail, ...]:
    return tuple(trail for trail in estate.all(Trail) if trail.organization.known_or(True))


def regional(estate: Estate, trail: Trail, account: Account, region: str | None = None) -> Judged:
    """Judge whether the trail logs in every region of the account, or in one region."""
    at_home = region is not None and trail.location.region.known_or(None) == region
    return _judge(estate, trail, _everywhere(trail, account, at_home=at_home))


def complete(estate: Estate, trail: Trail, account: Account) -> Judged:
    """Judge whether the trail logs all the account's management events, of every region and of global services."""
    management = management_lacks(trail)
    lacks = f"leaves out {management.known_or('') or ''}"
    return _judge(
        estate,
        trail,
        (
            *_everywhere(trail, account),
            (trail.global_events, "leaves out global services such as IAM and STS"),
            (management.map(lambda missing: missing is None), lacks),
        ),
    )


def _everywhere(trail: Trail, account: Account, *, at_home: bool = False) -> tuple[tuple[Value[bool], str], ...]:
    """What the trail needs to log in every region of an account, or in the trail's own region."""
    reaches = known(True) if _is_own(trail, account) else trail.organization
    return (
        (reaches, "is another account's"),
        (trail.logging, "does not log"),
        (trail.multi_region.map(lambda several: several or at_home), "records one region only"),
    )


def _judge(estate: Estate, trail: Trail, aspects: Iterable[tuple[Value[bool], str]]) -> Judged:
    """What the trail lacks for sure outweighs what is unknown of it."""
    aspects, refused = tuple(aspects), _refused(estate, trail)
    unsure = next((value.reason for value, _ in aspects if not value.is_known), None)
    lacking = [(value, text) for value, text in aspects if not value.known_or(True)]
    lacks = tuple(text for value, text in lacking if not value.known_or(True))  # looked at last: evidence points there
    return Judged(trail, lacks, unsure, refused)


def _refused(estate: Estate, trail: Trail) -> Fault | None:
    bucket = refusal(estate, trail)
    if bucket is not None:
        return Fault(f"cannot deliver: its bucket {bucket.reason}", bucket.origin)
    key = _key(estate, trail)
    return Fault(f"cannot deliver: {key.reason}", key.origins[0]) if key.holds is False else None


def _key(estate: Estate, trail: Trail) -> Condition:
    """Whether CloudTrail may encrypt with the trail's key: AWS refuses the trail where the key's policy says otherwise.
    A key without a declared policy may have been given one elsewhere.

    Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
    """
    key = find_key(estate, trail.key.get(), trail) if trail.key is not None and trail.key.is_known else None
    if trail.key is None:
        return Condition(True)
    if key is None or not key.managed or not _states_a_policy(estate, key):
        return key_works(estate, trail.key, trail)
    # An organization's trail may be the management account's, whose id is unknown here.
    own = trail.organization.known_or(True) is False
    arn, account = arn_of(estate, trail), account_text(trail.location.account)
    context = {
        "kms:encryptioncontext:aws:cloudtrail:arn": (arn,) if own else None,
        "aws:sourcearn": (arn,) if own else None,
        "aws:sourceaccount": (account,) if own else None,
    }
    ref = trail.key.get()
    return asked(lambda: may_use(estate, trail, ref, SERVICE, actions=("kms:GenerateDataKey",), more=context))


def _states_a_policy(estate: Estate, key: Key) -> bool:
    try:
        return bool(policy_text(estate, key)[0])
    except UnknownValue:
        return False


def none_will_do(estate: Estate, account: Account, judged: Iterable[Judged], what: str) -> str:
    """Say why no trail will do, or raise.

    Raises:
        UnknownValue: some trail may do, or absence must not be claimed.
    """
    judged = tuple(judged)
    for candidate in judged:
        if candidate.may_satisfy:
            raise UnknownValue(f"{candidate.trail.origin.address}: {candidate.unsure}")
    estate.select(Trail, account).assert_complete()
    if not judged:
        return "no trail records the account"
    return f"no {what}: {'; '.join(map(_why_not, judged))}"


def _why_not(one: Judged) -> str:
    refused = (one.refused.reason,) if one.refused is not None else ()
    return f"{one.trail.origin.address} {' and '.join((*one.lacks, *refused))}"


def origins(judged: Iterable[Judged]) -> tuple[Origin, ...]:
    """Where the trails are declared, after what keeps CloudTrail from delivering their record."""
    judged = tuple(judged)
    refused = (one.refused.origin for one in judged if one.refused is not None and not one.lacks)
    return tuple(dict.fromkeys((*refused, *(one.trail.origin for one in judged))))
