"""KMS: keys, their policies and aliases."""

from __future__ import annotations

from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import Value


class Key(Resource, frozen=True):
    """A KMS key.

    Attributes:
        policy: its policy as JSON text; "" where its declaration states none, and AWS's default holds.
    """

    policy: Value[str]


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
