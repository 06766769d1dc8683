"""The first spec of a new environment, as a person would write it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from guardline.spec import catalogue
from guardline.spec.inventory import Inventory, Trail


@dataclass(frozen=True)
class Answers:
    """What `guardline init` got as answers.

    Attributes:
        name: the environment's name.
        account: the account's 12 digits.
        partition: the AWS partition.
        home_region: where the trail, the buckets and the keys shall live.
        owner: who answers for it.
        aws_provider: 5 or 6.
        opted_in: opt-in regions that the account has enabled.
    """

    name: str
    account: str
    partition: str
    home_region: str
    owner: str
    aws_provider: int
    opted_in: tuple[str, ...] = ()


def opted_in(inventory: Inventory) -> tuple[str, ...]:
    """The opt-in regions that an account has enabled, in the catalogue's order."""
    known = catalogue.regions(inventory.partition)
    return tuple(region.name for region in known if not region.default_enabled and region.name in inventory.regions)


def existing_trail(inventory: Inventory) -> Trail | None:
    """The trail that already records every region, an organization's before the account's own."""
    trails = [trail for name in sorted(inventory.regions) for trail in inventory.regions[name].trails]
    usable = [trail for trail in trails if trail.multi_region and trail.logging]
    return min(usable, key=lambda trail: (not trail.organization, trail.name), default=None)


def quote(text: str) -> str:
    """A text in YAML's double quotes, which are JSON's."""
    return json.dumps(text, ensure_ascii=False)


def spec_text(answers: Answers, inventory: Inventory | None, inventory_file: str) -> str:
    """The spec.

    Args:
        answers: the answers.
        inventory: what the account already has, or None.
        inventory_file: its file as the spec shall name it.
    """
    lines = [
        "# What this environment asks for; every field: docs/spec.md of guardline.",
        "version: 1",
        f"name: {answers.name}",
        *([f"partition: {answers.partition}"] if answers.partition != "aws" else []),
        f"home_region: {answers.home_region}",
        f"contacts: {{owner: {quote(answers.owner)}}}",
        f"terraform: {{aws_provider: {answers.aws_provider}}}",
        "regions:",
        *([f"  opted_in: [{', '.join(answers.opted_in)}]"] if answers.opted_in else []),
        "  not_opted_in: rest",
        f'account: {{id: "{answers.account}"}}',
    ]
    if inventory is not None:
        lines += [
            "# What the account had when it was read: it is adopted, and not made a second time.",
            f"inventory: {inventory_file}",
        ]
        trail = existing_trail(inventory)
        if trail is not None:
            owner = "the organization" if trail.organization else answers.owner
            lines += [
                "# This trail records every region already; a second one is paid for twice.",
                f"trail: {{mode: reference, arn: {quote(trail.arn)}, owner: {quote(owner)}}}",
            ]
    return "\n".join([*lines, ""])
