"""Denies everything to the sessions that a role has so far; sessions that begin later are not touched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ..clients import Clients
from ..finding import Finding
from . import keys
from .action import LeftToPeopleError, Seen, Target

POLICY = "GuardlineRevokedSessions"
# Roles under these paths are AWS's own, and IAM lets nobody else change them.
_RESERVED = ("/aws-service-role/", "/aws-reserved/")


class RevokeRoleSessions:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html."""

    name = "revoke-role-sessions"
    verb = "revoke the sessions of"

    def targets(self, finding: Finding) -> tuple[Target, ...]:
        """See `Action`."""
        key = keys.of(finding)
        if key.user_type != "AssumedRole":
            raise LeftToPeopleError(f"the identity is no role but {key.user_type} {key.user}")
        return (Target("role", key.user),)

    def look(self, clients: Clients, target: Target, finding: Finding) -> Seen:
        """See `Action`."""
        iam = clients.client("iam")
        try:
            role = iam.get_role(RoleName=target.name)["Role"]
        except iam.exceptions.NoSuchEntityException:
            raise LeftToPeopleError(f"there is no role {target.name} any more") from None
        if role["Path"].startswith(_RESERVED):
            raise LeftToPeopleError(
                f"{target} is AWS's own and cannot be changed; end its sessions where they are given out"
            )
        try:
            policy = iam.get_role_policy(RoleName=target.name, PolicyName=POLICY)["PolicyDocument"]
        except iam.exceptions.NoSuchEntityException:
            policy = None
        seen = finding.last_seen_at
        already = None
        if policy is not None and seen is not None and _until(policy) >= seen:
            already = f"the sessions of {target} were revoked after the finding was last seen"
        tags = {tag["Key"]: tag["Value"] for tag in role.get("Tags", [])}
        return Seen(tags, {"policy": policy, "until": datetime.now(UTC).isoformat(timespec="seconds")}, already)

    def act(self, clients: Clients, target: Target, before: Mapping[str, Any]) -> str:
        """See `Action`."""
        document = {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Deny",
                "Action": "*",
                "Resource": "*",
                "Condition": {"DateLessThan": {"aws:TokenIssueTime": before["until"]}},
            },
        }
        clients.client("iam").put_role_policy(
            RoleName=target.name, PolicyName=POLICY, PolicyDocument=json.dumps(document)
        )
        return f"the sessions of {target} until {before['until']} were revoked; whoever may assume it can begin another"

    def undo(self, clients: Clients, target: Target, before: Mapping[str, Any]) -> str:
        """See `Action`."""
        iam = clients.client("iam")
        if before["policy"] is not None:
            iam.put_role_policy(RoleName=target.name, PolicyName=POLICY, PolicyDocument=json.dumps(before["policy"]))
            return f"{target} has the policy {POLICY} that it had before"
        try:
            iam.delete_role_policy(RoleName=target.name, PolicyName=POLICY)
        except iam.exceptions.NoSuchEntityException:
            return f"{target} had no policy {POLICY} any more"
        return f"the policy {POLICY} of {target} is gone"


def _until(policy: Mapping[str, Any]) -> datetime:
    statement = policy["Statement"]
    if isinstance(statement, list):
        statement = statement[0]
    return datetime.fromisoformat(statement["Condition"]["DateLessThan"]["aws:TokenIssueTime"])
