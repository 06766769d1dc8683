"""The spec's `response` block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field

from guardline.spec.block import Block, Mode, owner_rules
from guardline.spec.modes import check_mode
from guardline.spec.raw import Raw
from guardline.spec.regionchecks import Finding
from guardline.spec.values import Text, Whole


def _email(value: str) -> str:
    if not re.fullmatch(r"[^@\s\"]{1,64}@[^@\s\".]+(\.[^@\s\".]+)+", value):
        raise ValueError("must be an e-mail address, like soc@example.com")
    return value


Email = Annotated[str, AfterValidator(_email), Field(json_schema_extra={"format": "email"})]


class Alerts(Block):
    """Who receives alerts about findings and about everything else that the spec watches. One topic sends them all."""

    email: tuple[Email, ...] = Field(
        description="E-mail addresses, one at least. AWS asks each to confirm, and sends nothing before that."
    )
    min_severity: Whole = Field(
        default=4,
        ge=1,
        le=7,
        description="The lowest severity that raises an alert. GuardDuty's scale is 1 to 10; high begins at 7.",
    )


class Remediate(Block):
    """A function that answers findings."""

    mode: Literal["notify"] = Field(
        default="notify", description="notify: it says what was found and what to do first, and changes nothing."
    )
    min_severity: Whole = Field(default=7, ge=1, le=9, description="The least severity that it answers.")
    concurrency: Whole = Field(
        default=5,
        ge=1,
        le=100,
        description="How many findings it answers at once. AWS sets this aside from the account's own limit, of which "
        "at least 100 must be left.",
    )


class Response(Block):
    """What a finding triggers: an alert to people, and a function that responds."""

    model_config = ConfigDict(json_schema_extra=owner_rules)

    mode: Mode = Field(
        default="create",
        description="create: Guardline writes it. reference: another team answers findings (owner). "
        "off: not asked for (reason).",
    )
    alerts: Alerts | None = Field(default=None, description="Who receives alerts; needed in mode create.")
    remediate: Remediate | None = Field(default=None, description="The function; left out, there is none.")
    owner: Text | None = Field(default=None, description="With mode reference: who answers findings.")
    reason: Text | None = Field(default=None, description="With mode off: why.")


def check(raw: Raw) -> Iterator[Finding]:
    """The rules across its fields."""
    yield from check_mode(raw, "response", create=("alerts", "remediate"), arn=False)
    if not isinstance(raw.at("response"), dict) or (raw.at("response", "mode") or "create") != "create":
        return
    if raw.at("response", "alerts") is None:
        yield ("response",), "needs `alerts`: who receives alerts about findings"
    elif raw.at("response", "alerts", "email") == []:
        yield ("response", "alerts", "email"), "names nobody: an alert that nobody gets is none"
    seen: set[str] = set()
    for path, address in raw.items("response", "alerts", "email"):
        if isinstance(address, str) and address.lower() in seen:
            yield path, f"{address} is there twice"
        elif isinstance(address, str):
            seen.add(address.lower())
