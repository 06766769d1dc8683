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
    _needs(schema, reference=("arn", "owner"), off=("reason",))


def owner_rules(schema: dict[str, Any]) -> None:
    """As `mode_rules`, for a practice that is referred to by its owner alone."""
    _needs(schema, reference=("owner",), off=("reason",))


def _needs(schema: dict[str, Any], **modes: tuple[str, ...]) -> None:
    schema["allOf"] = [
        {"if": {"properties": {"mode": {"const": mode}}, "required": ["mode"]}, "then": {"required": list(needs)}}
        for mode, needs in modes.items()
    ]
