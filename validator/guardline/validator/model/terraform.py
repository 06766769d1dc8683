"""What only Terraform's own source says: what it leaves alone, and how it is cut into modules."""

from __future__ import annotations

from guardline.validator.model.resource import Resource

ALL = "all"
"""Every attribute is left alone (``ignore_changes = all``)."""


class Lifecycle(Resource, frozen=True):
    """The `lifecycle` of a resource that switches something on or off.

    Attributes:
        kind: the resource's type.
        ignored: the attributes that Terraform will not set right again; `ALL` alone for every one.
    """

    kind: str
    ignored: tuple[str, ...]


class CalledModule(Resource, frozen=True):
    """A module that another calls.

    Attributes:
        configures: the provider configurations that it writes itself, e.g. ``aws.west``.
        refused: the argument of its call that Terraform does not take together with them, or None.
    """

    configures: tuple[str, ...]
    refused: str | None


class Siblings(Resource, frozen=True):
    """Calls of one module, or resources of one type beside each other, that stand in several regions.

    Attributes:
        what: the module's folder or the resource type.
        regions: where they stand.
        makes: the kinds of things that they make, as far as the estate knows them.
        unsure: why one more may stand somewhere, or None.
    """

    what: str
    regions: frozenset[str]
    makes: frozenset[type[Resource]]
    unsure: str | None
