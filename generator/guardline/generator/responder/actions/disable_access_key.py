"""Disables a user's long-lived access key. Keys of sessions and of the root user cannot be disabled by IAM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..clients import Clients
from ..finding import Finding
from . import keys
from .action import LeftToPeopleError, Seen, Target


class DisableAccessKey:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html."""

    name = "disable-access-key"
    verb = "disable"

    def targets(self, finding: Finding) -> tuple[Target, ...]:
        """See `Action`."""
        key = keys.of(finding)
        if key.user_type == "Root":
            raise LeftToPeopleError("the root user's key cannot be disabled from here: sign in as root and delete it")
        if key.user_type != "IAMUser":
            raise LeftToPeopleError(
                f"the key belongs to a session ({key.user_type} {key.user}), which has no key to disable"
            )
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
        if not key.id.startswith("AKIA"):
            raise LeftToPeopleError(
                f"the user {key.user} used no long-lived key but a session's, which cannot be disabled"
            )
        return (Target("user", key.user, key.id),)

    def look(self, clients: Clients, target: Target, finding: Finding) -> Seen:  # noqa: ARG002 - the Protocol's signature
        """See `Action`."""
        iam = clients.client("iam")
        try:
            found = iam.list_access_keys(UserName=target.name)["AccessKeyMetadata"]
            tags = iam.list_user_tags(UserName=target.name)["Tags"]
        except iam.exceptions.NoSuchEntityException:
            raise LeftToPeopleError(f"there is no user {target.name} any more") from None
        status = next((each["Status"] for each in found if each["AccessKeyId"] == target.part), None)
        if status is None:
            raise LeftToPeopleError(f"{target} is deleted")
        already = None if status == "Active" else f"{target} is disabled already"
        return Seen({tag["Key"]: tag["Value"] for tag in tags}, {"status": status}, already)

    def act(self, clients: Clients, target: Target, before: Mapping[str, Any]) -> str:  # noqa: ARG002 - the Protocol's
        """See `Action`."""
        clients.client("iam").update_access_key(UserName=target.name, AccessKeyId=target.part, Status="Inactive")
        return f"{target} was disabled; sessions that were made with it live on until they expire"

    def undo(self, clients: Clients, target: Target, before: Mapping[str, Any]) -> str:
        """See `Action`."""
        clients.client("iam").update_access_key(
            UserName=target.name, AccessKeyId=target.part, Status=str(before["status"])
        )
        return f"{target} is {str(before['status']).lower()} again"
