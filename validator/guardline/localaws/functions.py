"""What moto's Lambda forgets of a function."""

from __future__ import annotations

from functools import cache
from typing import Any

# Parts of a function's configuration that moto 5.2.5 takes and never shows again: Terraform would set them each time.
_FORGOTTEN = ("DeadLetterConfig", "KMSKeyArn", "TracingConfig")


@cache
def correct() -> None:
    """Let a function remember where its dead letters go, also after a change. Once for each process."""
    from moto.awslambda.models import LambdaFunction

    function: Any = LambdaFunction  # methods are replaced, which no checker allows on the class itself
    made, shown, updated = function.__init__, function.get_configuration, function.update_configuration

    def remember(self: Any, given: dict[str, Any]) -> None:
        self.remembered = getattr(self, "remembered", {}) | {key: given[key] for key in _FORGOTTEN if key in given}

    def init(self: Any, account_id: str, spec: dict[str, Any], region: str, version: str | int = 1) -> None:
        made(self, account_id, spec, region, version)
        remember(self, spec)

    def get_configuration(self: Any, on_create: bool = False) -> dict[str, Any]:
        configuration: dict[str, Any] = shown(self, on_create)
        configuration.update(self.remembered)
        return configuration

    def update_configuration(self: Any, config_updates: dict[str, Any]) -> dict[str, Any]:
        remember(self, config_updates)
        changed: dict[str, Any] = updated(self, config_updates)
        return changed

    function.__init__ = init
    function.get_configuration = get_configuration
    function.update_configuration = update_configuration
