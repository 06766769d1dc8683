"""What the function reads from its environment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MODES = ("notify", "dry-run", "act")


class SettingsError(Exception):
    """A variable is missing or wrong: the function was not set up by its Terraform."""


@dataclass(frozen=True)
class Playbook:
    """What answers findings of some types.

    Attributes:
        types: finding types, in which ``*`` stands for any text.
        actions: the actions, in this order; none where people alone decide.
        min_severity: the least severity that is answered.
    """

    types: tuple[str, ...]
    actions: tuple[str, ...]
    min_severity: float


@dataclass(frozen=True)
class Settings:
    """The settings.

    Attributes:
        topic_arn: the topic of alerts.
        bus: the event bus that receives what was done.
        table: the table of records.
        role: the name of the role that acts, in every account.
        mode: ``notify``, ``dry-run`` or ``act``.
        playbooks: the first that matches a finding decides.
        never: what is never touched: kind/name, in which ``*`` stands for any text.
        opt_out_tags: ``key`` or ``key=value``: what has one of them is left to people.
        opt_in_tags: where there are some, only what has one of them is touched.
        rate_limit: how many actions are taken in an hour.
    """

    topic_arn: str
    bus: str
    table: str
    role: str
    mode: str
    playbooks: tuple[Playbook, ...]
    never: tuple[str, ...]
    opt_out_tags: tuple[str, ...]
    opt_in_tags: tuple[str, ...]
    rate_limit: int


def read(variables: Mapping[str, str]) -> Settings:
    """Read the environment's variables.

    Raises:
        SettingsError: one is missing or wrong.
    """
    given = {name: variables.get(name, "").strip() for name in ("TOPIC_ARN", "BUS", "TABLE", "ROLE", "SETTINGS")}
    for name, value in given.items():
        if not value:
            raise SettingsError(f"the variable {name} is missing")
    try:
        settings = _settings(given, json.loads(given["SETTINGS"]))
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(f"the variable SETTINGS is not as its Terraform writes it: {error!r}") from error
    if settings.mode not in MODES:
        raise SettingsError(f"no such mode: {settings.mode}; there are {', '.join(MODES)}")
    return settings


def _settings(given: Mapping[str, str], own: Mapping[str, Any]) -> Settings:
    return Settings(
        topic_arn=given["TOPIC_ARN"],
        bus=given["BUS"],
        table=given["TABLE"],
        role=given["ROLE"],
        mode=str(own["mode"]),
        playbooks=tuple(
            Playbook(tuple(each["types"]), tuple(each["actions"]), float(each["min_severity"]))
            for each in own["playbooks"]
        ),
        never=tuple(own["never"]),
        opt_out_tags=tuple(own["opt_out_tags"]),
        opt_in_tags=tuple(own["opt_in_tags"]),
        rate_limit=int(own["rate_limit"]),
    )
