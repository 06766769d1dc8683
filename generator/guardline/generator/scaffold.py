"""The first spec of a new environment, as a person would write it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

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


def summary(inventory: Inventory) -> Iterator[str]:
    """What was found in an account, for people."""
    held = [name for name, region in inventory.regions.items() if region.detectors]
    yield f"account {inventory.account}: {len(inventory.regions)} regions enabled"
    yield f"  GuardDuty detectors: {_some(held) if held else 'none'}"
    trail = existing_trail(inventory)
    yield f"  a trail that records every region: {trail.arn if trail is not None else 'none'}"


def _some(names: Sequence[str], most: int = 6) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


CHOICES = """\
# Without another word every region above gets a detector with all protection plans, flow logs for its VPCs, and the
# account one trail. What else there is: take the # away from what you want.
#guardduty: {{export: {{mode: create}}}}  # findings kept in an encrypted bucket
#dns_logs: {{mode: create}}  # the DNS queries of every VPC
#tamper: {{alarm: true}}  # an alarm about calls that weaken GuardDuty; needs response.alerts
#response:
#  alerts: {{email: [{owner}], min_severity: 4}}
#  remediate: {{mode: dry-run, min_severity: 7, actions: [stop-instance, disable-access-key]}}
#security_hub: {{standards: [aws-foundational-security-best-practices]}}
#config: {{retention_days: 365}}  # AWS Config, which Security Hub's standards need
#access:
#  readers: ["arn:{partition}:iam::{account}:role/analysts"]
#  responders: ["arn:{partition}:iam::{account}:role/soc"]
#  administrators: ["arn:{partition}:iam::{account}:role/security-engineers"]
#trusted_ips: {{file: trusted-ips.txt}}  # one address or range on each line
#threat_ips: [{{name: partner-feed, file: threat-ips.txt}}]
#suppression:
#  - name: scanner-portscan
#    reason: the approved scanner, and the ticket that approved it
#    until: {until}
#    match: {{type: [Recon:EC2/Portscan], resource.instanceDetails.tags.value: [vuln-scanner]}}
"""


def spec_text(
    answers: Answers,
    inventory: Inventory | None,
    inventory_file: str,
    schema_file: str,
    until: date,
) -> str:
    """The spec.

    Args:
        answers: the answers.
        inventory: what the account already has, or None.
        inventory_file: its file as the spec shall name it.
        schema_file: the file of the spec's JSON Schema, for editors.
        until: when the sample of a suppression rule ends.
    """
    lines = [
        f"# yaml-language-server: $schema={schema_file}",
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
    owner = answers.owner if "@" in answers.owner else "soc@example.com"
    choices = CHOICES.format(owner=owner, partition=answers.partition, account=answers.account, until=until)
    return "\n".join([*lines, choices])
