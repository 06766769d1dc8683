"""What may be done about a finding: one file for each action, collected here."""

from __future__ import annotations

from collections.abc import Mapping

from .action import Action
from .block_public_bucket import BlockPublicBucket
from .disable_access_key import DisableAccessKey
from .isolate_instance import IsolateInstance
from .revoke_role_sessions import RevokeRoleSessions
from .stop_instance import StopInstance

ACTIONS: Mapping[str, Action] = {
    action.name: action
    for action in (IsolateInstance(), StopInstance(), DisableAccessKey(), RevokeRoleSessions(), BlockPublicBucket())
}
"""Action, by the name that the settings use."""
