"""Athena and Glue: tables over logs, and questions to ask of them."""

from __future__ import annotations

from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import Value


class LogTable(Resource, frozen=True):
    """A table of the Glue catalogue.

    Attributes:
        place: the S3 URL of what it reads.
    """

    place: Value[str]


class NamedQuery(Resource, frozen=True):
    """A saved question.

    Attributes:
        text: the SQL.
        workgroup: where it runs; None for the account's primary workgroup.
    """

    text: Value[str]
    workgroup: Value[Ref] | None


class Workgroup(Resource, frozen=True):
    """Where questions run.

    Attributes:
        enforced: whether its settings count, whatever a client says.
        encrypted: whether results are encrypted.
        results: the S3 URL of the results.
    """

    enforced: Value[bool]
    encrypted: Value[bool]
    results: Value[str]
