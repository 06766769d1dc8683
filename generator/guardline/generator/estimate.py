"""What AWS bills because of a baseline: units and pages with prices. No prices: they change, and differ by region."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from guardline.generator import account_roles
from guardline.generator.context import parts_of
from guardline.generator.root import Billed, Root

if TYPE_CHECKING:
    from rich.table import Table

_GUARDDUTY = ("Amazon GuardDuty", "https://aws.amazon.com/guardduty/pricing/")
_FOUNDATION = (
    ("CloudTrail management events, analysed", "million events"),
    ("VPC flow and DNS query logs, analysed", "GB"),
)
# The unit of each protection plan, by GuardDuty's pricing page.
_PLANS = {
    "S3_DATA_EVENTS": ("S3 Protection", "million S3 data events"),
    "EKS_AUDIT_LOGS": ("EKS Protection", "million audit-log events"),
    "EBS_MALWARE_PROTECTION": ("Malware Protection for EC2", "GB of volumes scanned; their snapshots are billed, too"),
    "RDS_LOGIN_EVENTS": ("RDS Protection", "vCPU or capacity unit of databases, per month"),
    "LAMBDA_NETWORK_LOGS": ("Lambda Protection", "GB of network logs, analysed"),
    "RUNTIME_MONITORING": ("Runtime Monitoring", "vCPU of the workloads watched, per month"),
}


@dataclass(frozen=True)
class Row:
    """One thing that is billed.

    Attributes:
        accounts: whose: ``111122223333``, or ``each of 12 members``.
        billed: what.
        where: the regions in words.
    """

    accounts: str
    billed: Billed
    where: str


def rows(roots: Sequence[Root]) -> Iterator[Row]:
    """Everything that is billed, account by account in the order of the roots, members together.

    Raises:
        ListError: a list cannot be read.
    """
    members = [root for root in roots if root.duty == "member"]
    for root in roots:
        if root.duty == "member" and root is not members[0]:
            continue  # a member's root differs from another's by its account alone
        several = root.duty == "member" and len(members) > 1
        whose = f"each of {len(members)} members" if several else root.account_id
        for billed in _of(root):
            yield Row(whose, billed, _where(billed, root))


def _of(root: Root) -> Iterator[Billed]:
    if root.duty in (*account_roles.DETECTOR, "member"):  # a member's detector is switched on by the administrator
        service, link = _GUARDDUTY
        yield from (Billed(service, what, unit, link) for what, unit in _FOUNDATION)
        for name, on in root.spec.guardduty.features.states().items():
            offered = tuple(region.name for region in root.regions if name not in region.unavailable)
            if on and offered:
                yield Billed(service, *_PLANS[name], link, offered)
    for part in parts_of(root).values():
        yield from part.billed


def _where(billed: Billed, root: Root) -> str:
    covered = [region.name for region in root.regions]
    regions = covered if billed.regions is None else [name for name in covered if name in billed.regions]
    if len(regions) == len(covered) > 1:
        return f"all {len(covered)} regions"
    left_out = [name for name in covered if name not in regions]
    if len(left_out) < len(regions):
        return f"{len(regions)} regions, all but {', '.join(left_out)}" if left_out else ", ".join(regions)
    return ", ".join(regions)


def show(found: Iterable[Row]) -> Iterator[Table | str]:
    """What a terminal prints: a table for each account, and the pages with the prices."""
    from rich.table import Table

    everything = list(found)
    for whose in dict.fromkeys(row.accounts for row in everything):
        shown = Table("billed", "metered in", "where", title=f"What AWS bills in {whose}", title_justify="left")
        own = sorted((row for row in everything if row.accounts == whose), key=lambda row: row.billed.service)
        for service in dict.fromkeys(row.billed.service for row in own):
            shown.add_section()
            shown.add_row(f"[b]{service}[/b]", "", "")
            for row in own:
                if row.billed.service == service:
                    shown.add_row(f"  {row.billed.what}", row.billed.unit, row.where)
        yield shown
    yield "Units, not prices: what is used decides. The prices of each region:"
    for service, link in dict.fromkeys((row.billed.service, row.billed.link) for row in everything):
        yield f"  {service}: {link}"
