"""KMS keys in the path of an alert or a record: which one it is, whether it works, and whom its policy lets use it.

A key that is disabled, or waits for its deletion, encrypts nothing: what needs it delivers nothing, and says so nowhere
(https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from guardline.validator.controls.shared.conditions import Condition, broken, own_arn, policy_of, unsure
from guardline.validator.controls.shared.references import policy_beside
from guardline.validator.model.estate import Estate
from guardline.validator.model.kms import ENABLED, Key, KeyAlias, KeyPolicy
from guardline.validator.model.resource import Location, Origin, Ref, Resource
from guardline.validator.model.value import UnknownValue, Value
from guardline.validator.semantics.iam_conditions import Context
from guardline.validator.semantics.iam_evaluation import allows_service

SENDING = ("kms:GenerateDataKey", "kms:Decrypt")
"""What a service does with the key of a topic or queue to which it sends."""
BROKEN_KEY = "the key "
"""How the reason begins where the key itself does not work, so that no permission helps."""
_STATES = {"Disabled": "is disabled", "PendingDeletion": "is being deleted"}


def find_key(estate: Estate, ref: Ref, beside: Resource) -> Key | None:
    """The key that a resource names, by itself, by an alias of the resource's region, or by any alias's ARN; None where
    it is not here. A data source is the key only where nothing here declares the one that it reads."""
    key = estate.find(Key, ref)
    if key is not None and key.managed:
        return key
    aliases = estate.once(_aliases)
    names = sorted(ref.names | key.names if key is not None else ref.names)
    for name in names:
        place = None if name.startswith("arn:") else beside.location
        for alias in aliases.get((place, name), ()):
            if alias.key.is_known:
                return estate.find(Key, alias.key.get())
    return key


def _aliases(estate: Estate) -> Mapping[tuple[Location | None, str], Sequence[KeyAlias]]:
    """The aliases by where they are and by each of their names; an ARN says itself where that is."""
    found: dict[tuple[Location | None, str], list[KeyAlias]] = {}
    for alias in estate.all(KeyAlias):
        for name in alias.names:
            found.setdefault((None if name.startswith("arn:") else alias.location, name), []).append(alias)
    return found


def works(key: Key) -> Condition:
    """Whether the key encrypts and decrypts at all."""
    name = key.origin.address
    if not key.state.is_known:
        return unsure(f"whether the key {name} is enabled is not known: {key.state.reason}", key.origin)
    if (state := key.state.get()) != ENABLED:
        return broken(f"{BROKEN_KEY}{name} {_STATES.get(state, f'is in state {state}')}", key.origin)
    return Condition(True, "", (key.origin,))


def key_works(estate: Estate, ref: Value[Ref], beside: Resource) -> Condition:
    """Whether the key that a resource names encrypts at all; one that is not in the source is assumed to.

    Args:
        estate: what there is.
        ref: the key, by address, id, ARN or alias.
        beside: the resource that names it.
    """
    key = find_key(estate, ref.get(), beside) if ref.is_known else None
    return works(key) if key is not None else Condition(True)


def policy_text(estate: Estate, key: Key) -> tuple[str, Origin]:
    """The key's policy and where it stands; "" where AWS's default holds.

    Raises:
        UnknownValue: it is not known, or a policy beside the key may be missing from the source, or be one of several.
    """
    own = own_arn(estate, key, "kms", "key/*")
    beside = policy_beside(estate, KeyPolicy, "key", key, own)
    text, origin = (key.policy, key.origin) if beside is None else (beside.text, beside.origin)
    if not text.get() and (why := estate.why_incomplete(KeyPolicy)) is not None:
        raise UnknownValue(f"no policy of {key.origin.address} is seen, but {why}")
    return text.get(), origin


def may_use(
    estate: Estate,
    beside: Resource,
    ref: Ref,
    service: str,
    *,
    actions: Iterable[str] = SENDING,
    more: Context | None = None,
) -> Condition:
    """Whether an AWS service may use the key of a topic or queue, and the key works.

    Args:
        estate: what there is.
        beside: the topic or queue.
        ref: its key.
        service: the service that sends, e.g. ``events.amazonaws.com``.
        actions: what it does with the key.
        more: what is known of the request, as `iam_conditions.Context` has it.

    Raises:
        UnknownValue: the key is not in the source, or its policy is not known.
    """
    name = beside.origin.address
    if (key := find_key(estate, ref, beside)) is None:
        raise UnknownValue(f"the key of {name} is not in the source, so its policy is not known")
    if not (condition := works(key)).holds:
        return condition
    text, origin = policy_text(estate, key)
    where = key.origin.address
    if not text:
        return broken(f"{where}, the key of {name}, has the default policy, which bars {service}", origin)
    document = policy_of(text, f"the policy of {where}")
    for action in actions:
        if not allows_service(document, service, action, more=more):
            return broken(
                f"the policy of {where}, the key of {name}, does not let {service} do {action}", origin, key.origin
            )
    return Condition(True, "", (key.origin,))
