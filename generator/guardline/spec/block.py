"""What every mapping of the spec is made of, and the modes that a practice has."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class Block(BaseModel):
    """One mapping of the spec: unknown keys are mistakes, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Mode = Literal["create", "reference", "off"]
MODE = "create: Guardline writes it. reference: another team owns it (arn, owner). off: not asked for (reason)."


def mode_rules(schema: dict[str, Any]) -> None:
    """Say in JSON Schema what `checks` says of modes, so that editors do too."""
    schema["allOf"] = [
        {"if": {"properties": {"mode": {"const": mode}}, "required": ["mode"]}, "then": {"required": list(needs)}}
        for mode, needs in (("reference", ("arn", "owner")), ("off", ("reason",)))
    ]
