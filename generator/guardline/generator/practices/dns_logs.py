"""DNS query logs: what every VPC of every region asks the Amazon resolver; and, if asked, no way to another one."""

from __future__ import annotations

from guardline.generator.hcl import hcl
from guardline.generator.log_destination import absent, billed, destination, written
from guardline.generator.markdown import markdown
from guardline.generator.root import Part, Root
from guardline.spec import catalogue
from guardline.spec.practices.dns_logs import DnsLogs

SERVICE = "route53resolver"


def part(root: Root) -> Part:
    """What DNS query logs add to the root."""
    asked = root.spec.dns_logs
    if asked is None:
        return Part()
    if asked.mode == "reference":
        where, owner = markdown(asked.arn or ""), markdown(asked.owner or "")
        return Part(assumed=(f"DNS query logs go to {where}, owned by {owner}; nothing here makes or changes them.",))
    if asked.mode == "off":
        return Part(assumed=(f"No DNS query logs are asked for: {markdown(asked.reason or '')}",))
    to = destination(root, asked, "dns-logs", "dns_log_bucket")
    lacking = [region.name for region in root.regions if not _offered(region.name)]
    here = f"contains({hcl(lacking)}, REGION) ? null : local.dns_logs" if lacking else "local.dns_logs"
    others = asked.deny_other_resolvers
    deny = {} if others is None else {"other_resolvers": "local.other_resolvers"}
    bucket = ("The bucket that receives the DNS query logs of every region.", "module.dns_log_bucket.name")
    return Part(
        values={
            "settings": {"name": hcl(root.spec.name), **to.settings},
            "to": to,
            "others": None if others is None else written({**others.model_dump(), "allow": sorted(others.allow)}),
        },
        region={"dns_logs": here, **deny},
        outputs={"dns_log_bucket": bucket} if to.bucket else {},
        assumed=tuple(_assumed(asked, lacking)),
        absent=tuple(absent(to)),
        billed=billed(root, asked, "DNS query logs"),
    )


def _offered(region: str) -> bool:
    """Whether Route 53 Resolver may be there: unknown is not absent."""
    known = catalogue.region(region)
    return known is None or known.services.get(SERVICE) is not False


def _assumed(asked: DnsLogs, lacking: list[str]) -> list[str]:
    later = "the VPCs that the account owns when Terraform plans; a VPC made later is logged by the next apply."
    seen = "Only queries to the Amazon resolver are seen, by these logs and by GuardDuty."
    lines = [f"DNS queries are logged for {later} {seen}"]
    if lacking:
        lines.append(f"Route 53 Resolver is not offered in {', '.join(lacking)}: no DNS queries are logged there.")
    if asked.destination == "firehose":
        lines.append(
            f"Every covered region has a delivery stream {markdown(asked.stream or '')} of this account, with the tag "
            "`LogDeliveryEnabled` = `true`: nothing here makes it."
        )
    if asked.deny_other_resolvers is not None:
        lines.append(
            "No other Terraform declares the rules of the network ACLs inline, or it takes out those that deny other "
            "resolvers. A network ACL made later gets them by the next apply; DNS over HTTPS is not stopped."
        )
    return lines
