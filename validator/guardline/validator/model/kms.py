"""KMS: keys, their policies and aliases."""

from __future__ import annotations

from guardline.validator.model.resource import Ref, Thing
from guardline.validator.model.value import Value


class Key(Thing, frozen=True):
    """A KMS key.

    Attributes:
        policy: its policy as JSON text; "" where its declaration states none, and AWS's default holds.
    """

    policy: Value[str]


class KeyPolicy(Thing, frozen=True):
    """The policy of a key, declared beside it.

    Attributes:
        key: the key.
        text: the policy, as JSON.
    """

    key: Value[Ref]
    text: Value[str]


class KeyAlias(Thing, frozen=True):
    """Another name of a key, ``alias/...``.

    Attributes:
        key: the key.
    """

    key: Value[Ref]
