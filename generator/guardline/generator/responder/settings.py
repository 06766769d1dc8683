"""What the function reads from its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


class SettingsError(Exception):
    """A variable is missing or wrong: the function was not set up by its Terraform."""


@dataclass(frozen=True)
class Settings:
    """The settings.

    Attributes:
        topic_arn: the topic that people hear from.
        actions: what is done about a finding, in this order.
    """

    topic_arn: str
    actions: tuple[str, ...]


def read(variables: Mapping[str, str]) -> Settings:
    """Read the environment's variables.

    Raises:
        SettingsError: one is missing or empty.
    """
    topic = variables.get("TOPIC_ARN", "").strip()
    actions = tuple(name.strip() for name in variables.get("ACTIONS", "").split(",") if name.strip())
    for name, value in (("TOPIC_ARN", topic), ("ACTIONS", actions)):
        if not value:
            raise SettingsError(f"the variable {name} is missing")
    return Settings(topic, actions)
