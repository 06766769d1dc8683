"""What Terraform is told to leave alone: only its source says so."""

from __future__ import annotations

from guardline.validator.estate import Thing

ALL = "all"
"""Every attribute is left alone (``ignore_changes = all``)."""


class Lifecycle(Thing, frozen=True):
    """The `lifecycle` of a resource that switches something on or off.

    Attributes:
        kind: the resource's type.
        ignored: the attributes that Terraform will not set right again; `ALL` alone for every one.
    """

    kind: str
    ignored: tuple[str, ...]
