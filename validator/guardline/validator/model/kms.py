"""KMS: keys, their policies and aliases."""

from __future__ import annotations

import msgspec

from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import Value, known

ENABLED = "Enabled"
"""The one state in which a key encrypts: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html."""


class Key(Resource, frozen=True):
    """A KMS key.

    Attributes:
        policy: its policy as JSON text; "" where its declaration states none, and AWS's default holds.
        rotates: whether KMS makes new key material every year.
        multi_region: whether it can be replicated to other regions.
        state: ``Enabled``, ``Disabled``, ``PendingDeletion``, ..., as KMS calls it.
    """

    policy: Value[str]
    state: Value[str] = msgspec.field(default_factory=lambda: known(ENABLED))
    rotates: Value[bool] = msgspec.field(default_factory=lambda: known(True))
    multi_region: Value[bool] = msgspec.field(default_factory=lambda: known(False))


class KeyPolicy(Resource, frozen=True):
    """The policy of a key, declared beside it.

    Attributes:
        key: the key.
        text: the policy, as JSON.
    """

    key: Value[Ref]
    text: Value[str]


class KeyAlias(Resource, frozen=True):
    """Another name of a key, ``alias/...``.

    Attributes:
        key: the key.
    """

    key: Value[Ref]
