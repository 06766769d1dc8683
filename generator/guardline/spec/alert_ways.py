"""The spec's `response.alerts`: the ways on which alerts reach people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from guardline.spec.block import Block
from guardline.spec.raw import Raw
from guardline.spec.regionchecks import Finding
from guardline.spec.tree import Path
from guardline.spec.values import Text, Whole


def _email(value: str) -> str:
    if not re.fullmatch(r"[^@\s\"]{1,64}@[^@\s\".]+(\.[^@\s\".]+)+", value):
        raise ValueError("must be an e-mail address, like soc@example.com")
    return value


Email = Annotated[str, AfterValidator(_email), Field(json_schema_extra={"format": "email"})]


class Slack(Block):
    """A channel of Slack. The workspace is authorized once, in the console of Amazon Q Developer."""

    workspace: Text = Field(description="The workspace's id, e.g. T07EA123LEP.")
    channel: Text = Field(description="The channel's id, e.g. C07EZ1ABC23.")


class Teams(Block):
    """A channel of Microsoft Teams. The team is authorized once, in the console of Amazon Q Developer."""

    team: Text = Field(description="The team's id, a UUID: `groupId` in the channel's link.")
    tenant: Text = Field(description="The tenant's id, a UUID: `tenantId` in the channel's link.")
    channel: Text = Field(description="The channel's id, e.g. 19:ab12@thread.tacv2.")


class Webhook(Block):
    """An HTTPS address that EventBridge calls. Its credential is in Secrets Manager, in neither spec nor state."""

    name: Text = Field(description="Its name, 2 to 9 lower-case letters, digits and hyphens.")
    format: Literal["pagerduty", "opsgenie", "json"] = Field(
        default="json", description="What it is sent: an event of PagerDuty, an alert of Opsgenie, or plain fields."
    )
    url: Text | None = Field(
        default=None, description="Its address. Needed for json; the others have their provider's own."
    )
    secret: Text = Field(
        description="The ARN of the secret whose text is the credential: PagerDuty's integration key, Opsgenie's API "
        "key, or what the header `header` holds."
    )
    header: Text = Field(default="Authorization", description="For json: the header that the credential stands in.")

    @property
    def address(self) -> str:
        """Where it is called."""
        return self.url or ADDRESSES[self.format]


ADDRESSES = {
    # https://developer.pagerduty.com/docs/send-alert-event
    "pagerduty": "https://events.pagerduty.com/v2/enqueue",
    # https://docs.opsgenie.com/docs/alert-api#create-alert
    "opsgenie": "https://api.opsgenie.com/v2/alerts",
}
"""Format of a webhook -> its provider's own address."""


CHAT_REGIONS = ("eu-west-1", "us-east-2", "us-west-2", "ap-southeast-1")
"""Where channels are configured; they read topics of every region.
Source: https://docs.aws.amazon.com/cli/latest/reference/chatbot/"""


class Alerts(Block):
    """Who receives alerts about findings and about everything else that the spec watches. One topic sends them all."""

    email: tuple[Email, ...] = Field(
        default=(), description="E-mail addresses. AWS asks each to confirm, and sends nothing before that."
    )
    slack: tuple[Slack, ...] = Field(default=(), description="Channels of Slack; in partition aws.")
    teams: tuple[Teams, ...] = Field(default=(), description="Channels of Microsoft Teams; in partition aws.")
    webhooks: tuple[Webhook, ...] = Field(
        default=(), description="HTTPS addresses, beside e-mail or a chat; where events come to one region."
    )
    min_severity: Whole = Field(
        default=4,
        ge=1,
        le=7,
        description="The lowest severity that raises an alert. GuardDuty's scale is 1 to 10; high begins at 7.",
    )


_UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
# As the chats' own ids are described: https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CreateSlackChannelConfiguration.html
_SHAPES = {
    ("slack", "workspace"): (r"T[0-9A-Z]{1,254}", "T07EA123LEP"),
    ("slack", "channel"): (r"[CG][0-9A-Z]{1,254}", "C07EZ1ABC23"),
    ("teams", "team"): (_UUID, "12345678-1234-1234-1234-123456789012"),
    ("teams", "tenant"): (_UUID, "12345678-1234-1234-1234-123456789012"),
    ("teams", "channel"): (r"19(:|%3[aA])[A-Za-z0-9_-]+(@|%40)thread\.(tacv2|skype)", "19:ab12@thread.tacv2"),
    ("webhooks", "name"): (r"[a-z](-?[a-z0-9]){1,8}", "pagerduty"),
    ("webhooks", "url"): (r"https://[^\s\"<>{}@]{1,2000}", "https://example.com/alerts, without a credential"),
    ("webhooks", "secret"): (
        r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}",
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:pagerduty-a1b2c3",
    ),
    ("webhooks", "header"): (r"[A-Za-z0-9-]{1,128}", "X-Api-Key"),
}
_TAKEN = ("alert", "answered", "chat", "forward", "response")  # names of what else there is


def check(raw: Raw, path: Path) -> Iterator[Finding]:
    """The rules across its fields.

    Args:
        raw: the spec.
        path: the block's.
    """
    if not any(raw.at(*path, way) for way in ("email", "slack", "teams")):
        yield path, "names nobody: an alert that nobody gets is none; give `email`, `slack` or `teams`"
    seen: set[str] = set()
    for at, address in raw.items(*path, "email"):
        if isinstance(address, str) and address.lower() in seen:
            yield at, f"{address} is there twice"
        elif isinstance(address, str):
            seen.add(address.lower())
    partition, gathered = raw.at("partition") or "aws", raw.at("response", "fan_in") is True
    for way in ("slack", "teams"):
        if raw.at(*path, way) and partition != "aws":
            # https://docs.aws.amazon.com/general/latest/gr/chatbot.html
            yield (*path, way), f"no chat is known to be offered in {partition}; use e-mail"
        elif raw.at(*path, way) and not _is_one_covered(raw, CHAT_REGIONS):
            yield (*path, way), f"needs one of the regions {', '.join(CHAT_REGIONS)}, where channels are configured"
    if raw.at(*path, "webhooks") and partition != "aws" and not gathered:
        yield (*path, "webhooks"), "needs events that come to one region: partition aws, or `fan_in` in aws-us-gov"
    for (way, key), (shape, example) in _SHAPES.items():
        for at, _ in raw.items(*path, way):
            text = raw.at(*at, key)
            if isinstance(text, str) and not re.fullmatch(shape, text):
                yield (*at, key), f"{text!r} is not of the form {example}"
    yield from _webhooks(raw, (*path, "webhooks"))


def _is_one_covered(raw: Raw, names: tuple[str, ...]) -> bool:
    """Whether one of these regions, all enabled by default, is neither excluded nor retiring."""
    left = {raw.at(*at, "region") for key in ("exclude", "retiring") for at, _ in raw.items("regions", key)}
    return raw.at("home_region") in names or ("rest" not in left and not left.issuperset(names))


def _webhooks(raw: Raw, path: Path) -> Iterator[Finding]:
    names: set[str] = set()
    for at, _ in raw.items(*path):
        name, kind = raw.text(*at, "name"), raw.at(*at, "format") or "json"
        if name in _TAKEN:
            yield (*at, "name"), f"{name} is the name of something else; choose another"
        if name is not None and name in names:
            yield (*at, "name"), f"{name} is the name of another webhook"
        names.update(filter(None, (name,)))
        if kind == "json" and raw.at(*at, "url") is None:
            yield at, "needs `url`: where to send alerts"
        if kind in ADDRESSES and raw.at(*at, "header") is not None:
            yield (*at, "header"), f"`header` means nothing in format {kind}, which has a header of its own"
