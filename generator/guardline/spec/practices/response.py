"""The spec's `response` block."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Literal

from pydantic import ConfigDict, Field

from guardline.spec import alert_ways
from guardline.spec.alert_ways import Alerts
from guardline.spec.block import Block, Mode, owner_rules
from guardline.spec.findings import families
from guardline.spec.mistakes import did_you_mean
from guardline.spec.modes import check_mode
from guardline.spec.playbooks import matches
from guardline.spec.raw import Raw
from guardline.spec.regionchecks import Finding
from guardline.spec.tree import Path
from guardline.spec.values import Flag, Text, Whole

Action = Literal[
    "isolate-instance", "stop-instance", "disable-access-key", "revoke-role-sessions", "block-public-bucket"
]
MOST_SETTINGS = 2_000
"""Characters of a spec's own playbooks, names and tags: half of what Lambda takes, the rest is Guardline's own."""
_PATTERN = re.compile(r"[A-Za-z0-9.&!_:/*-]+")
_TYPE = re.compile(r"[A-Za-z]+:[A-Za-z0-9]+/[A-Za-z0-9.&!_-]+")
_NEVER = re.compile(r"(user|role|instance|bucket)/[^\s/]{1,128}")
_TAG = re.compile(r"[^\s=][^=]{0,127}(=.{1,256})?")


class Playbook(Block):
    """What answers findings of some types, instead of Guardline's own choice."""

    types: tuple[Text, ...] = Field(
        min_length=1, description="Finding types; `*` stands for any text, e.g. `Backdoor:EC2/*`."
    )
    actions: tuple[Action, ...] = Field(description="The actions, in this order; an empty list leaves it to people.")
    min_severity: Whole | None = Field(
        default=None, ge=1, le=9, description="The least severity; left out, that of `remediate`."
    )
    unlisted_types: Flag = Field(default=False, description="The types are newer than this version knows.")


class Remediate(Block):
    """A function that answers findings."""

    mode: Literal["dry-run", "notify", "act"] | None = Field(
        default=None,
        description="dry-run: it says what it would do, and changes nothing. notify: it says what was found and what "
        "to do first. act: it does it. Left out: dry-run where `actions` or `playbooks` name an action, else notify.",
    )
    min_severity: Whole = Field(default=7, ge=1, le=9, description="The least severity that it answers.")
    actions: tuple[Action, ...] = Field(
        default=(),
        description="What it may do; what is not named here is never done. isolate-instance: gives an instance a "
        "security group without rules, cuts it off from the suspected address and takes snapshots. stop-instance: "
        "stops it. disable-access-key: a user's long-lived key. revoke-role-sessions: denies everything to a role's "
        "sessions so far. block-public-bucket: switches a bucket's public access block on.",
    )
    playbooks: tuple[Playbook, ...] = Field(
        default=(), description="Which action answers which finding. The first match decides; Guardline's own follow."
    )
    never: tuple[Text, ...] = Field(
        default=(),
        description="What it never touches, as kind/name with `*` for any text, e.g. `user/break-glass-*`; kinds: "
        "user, role, instance, bucket. The role that deploys is never touched.",
    )
    opt_out_tags: tuple[Text, ...] = Field(
        default=("guardline-response=off",),
        description="A resource that has one of these tags (key, or key=value) is left to people.",
    )
    opt_in_tags: tuple[Text, ...] = Field(
        default=(), description="Where there are some, only a resource that has one of them is touched."
    )
    rate_limit: Whole = Field(
        default=10, ge=1, le=1000, description="The most actions in an hour; the rest is left to people."
    )
    concurrency: Whole = Field(
        default=5,
        ge=1,
        le=100,
        description="How many findings it answers at once. AWS sets this aside from the account's own limit, of which "
        "at least 100 must be left.",
    )

    @property
    def does(self) -> Literal["dry-run", "notify", "act"]:
        """The mode: as said, else dry-run where something is named to be done."""
        named = self.actions or any(each.actions for each in self.playbooks)
        return self.mode or ("dry-run" if named else "notify")


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
    fan_in: Flag = Field(
        default=False,
        description="In aws-us-gov: bring the events of both regions to one bus, topic and function in the home "
        "region. In aws that is always so; elsewhere events stay in their region.",
    )
    owner: Text | None = Field(default=None, description="With mode reference: who answers findings.")
    reason: Text | None = Field(default=None, description="With mode off: why.")
    approved_by: Text | None = Field(default=None, description="With mode off: who accepted that.")


def check(raw: Raw) -> Iterator[Finding]:
    """The rules across its fields."""
    yield from check_mode(raw, "response", create=("alerts", "remediate", "fan_in"), arn=False)
    if not isinstance(raw.at("response"), dict) or (raw.at("response", "mode") or "create") != "create":
        return
    if raw.at("response", "fan_in") is True and raw.at("partition") in ("aws-cn", "aws-eusc"):
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html names no region of these.
        yield ("response", "fan_in"), f"no way across regions is known in {raw.at('partition')}"
    if raw.at("response", "alerts") is None:
        yield ("response",), "needs `alerts`: who receives alerts about findings"
    elif isinstance(raw.at("response", "alerts"), dict):
        yield from alert_ways.check(raw, ("response", "alerts"))
    yield from _remediate(raw, ("response", "remediate"))


def _remediate(raw: Raw, path: Path) -> Iterator[Finding]:
    named = raw.at(*path, "actions")
    enabled = named if isinstance(named, list) else []
    if raw.at(*path, "mode") == "notify":
        for key in ("actions", "playbooks"):
            if raw.at(*path, key):
                yield (*path, key), f"`{key}` means nothing in mode notify, which changes nothing; say dry-run or act"
    if raw.at(*path, "mode") in ("dry-run", "act") and not enabled:
        yield (*path, "mode"), f"mode {raw.at(*path, 'mode')} needs `actions`: what the function may do"
    for where, book in raw.items(*path, "playbooks"):
        for at, name in raw.items(*where, "actions"):
            if isinstance(name, str) and name not in enabled:
                yield at, f"{name} is not among the `actions` of `remediate`, so it would never be done"
        if isinstance(book, dict):
            yield from _types(raw, (*where, "types"), listed=raw.at(*where, "unlisted_types") is not True)
    for key, shape, example in (
        ("never", _NEVER, "user/break-glass-* (kinds: user, role, instance, bucket)"),
        ("opt_out_tags", _TAG, "guardline-response=off, or a key alone"),
        ("opt_in_tags", _TAG, "guardline-response=on, or a key alone"),
    ):
        for at, text in raw.items(*path, key):
            if isinstance(text, str) and not shape.fullmatch(text):
                yield at, f"{text!r} is not of the form {example}"
    yield from _room(raw, path)


def _types(raw: Raw, path: Path, *, listed: bool) -> Iterator[Finding]:
    """A type that does not exist makes a playbook that never answers, which looks like one that works."""
    for at, text in raw.items(*path):
        if not isinstance(text, str):
            continue
        if not _PATTERN.fullmatch(text) or ("*" not in text and not _TYPE.fullmatch(text)):
            yield at, f"{text!r} is no finding type, like Backdoor:EC2/Spambot or Backdoor:EC2/*"
        elif listed and not any(matches(text, kind) for kind in families()):
            hint = did_you_mean(text, families())
            yield (
                at,
                f"{text!r} matches no finding type of this version{hint}; for a newer one say `unlisted_types: true`",
            )


def _room(raw: Raw, path: Path) -> Iterator[Finding]:
    """AWS Lambda takes 4 KB of settings: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html."""
    own = {
        key: raw.at(*path, key) for key in ("playbooks", "never", "opt_out_tags", "opt_in_tags") if raw.at(*path, key)
    }
    size = len(json.dumps(own, default=str))
    if size > MOST_SETTINGS:
        yield (
            path,
            f"`{'`, `'.join(own)}` hold {size} characters; the function's settings have room for {MOST_SETTINGS}",
        )
