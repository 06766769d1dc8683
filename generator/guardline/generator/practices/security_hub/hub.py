"""Security Hub in every region, and one view of all of them."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.generator.existing import regional
from guardline.generator.hcl import Plain
from guardline.generator.markdown import markdown
from guardline.generator.root import Billed, Import, Part, Root
from guardline.spec import catalogue
from guardline.spec.practices.security_hub.hub import SERVICES, STANDARDS, Integration, SecurityHub

_GENERATORS = {"control": "SECURITY_CONTROL", "standard": "STANDARD_CONTROL"}


def part(root: Root) -> Part:
    """What Security Hub adds to the root.

    Raises:
        InventoryError: an inventory cannot be read.
    """
    asked = root.spec.security_hub
    if asked is None:
        return Part()
    if asked.mode == "reference":
        return Part(assumed=(f"Security Hub is {markdown(asked.owner or '')}'s; nothing here makes or changes it.",))
    if asked.mode == "off":
        return Part(assumed=(f"No Security Hub is asked for: {markdown(asked.reason or '')}",))
    arguments: dict[str, Plain] = {"control_finding_generator": _GENERATORS[asked.findings_per]}
    if aggregates(root, asked):
        arguments["aggregation_region"] = root.spec.home_region
    return Part(
        values={
            "arguments": arguments,
            "standards": sorted({STANDARDS[name] for name in asked.standards}),
        },
        region={"security_hub": "local.security_hub"},
        assumed=tuple(_assumed(root, asked)),
        absent=tuple(_absent(root, asked)),
        billed=(
            Billed(
                "AWS Security Hub",
                "checks of the standards, findings of other services",
                "check, finding",
                "https://aws.amazon.com/security-hub/pricing/",
            ),
        ),
        imports=tuple(_imports(root, asked)),
    )


def aggregates(root: Root, asked: SecurityHub) -> bool:
    """Whether the root brings regions together: in an organization the administrator's alone does, for all members."""
    return asked.aggregate and root.duty in ("account", "security")


def lacking(root: Root, integration: Integration) -> list[str]:
    """The covered regions that are known not to offer what is to be taken in."""
    known = {region.name: catalogue.region(region.name) for region in root.regions}
    service = SERVICES[integration]
    return [name for name, each in known.items() if each is not None and each.services.get(service) is False]


def _assumed(root: Root, asked: SecurityHub) -> Iterator[str]:
    if asked.standards:
        yield "Every covered region offers the standards that Security Hub checks, and AWS Config records there."
    if root.duty == "member":
        # https://docs.aws.amazon.com/securityhub/latest/userguide/accounts-orgs-auto-enable.html
        yield (
            "An account that joins the organization later gets its hubs from Security Hub's administrator: adopt them "
            "with an inventory, or its first apply is refused."
        )
    for name in sorted(set(asked.integrations)):
        regions = lacking(root, name)
        without = f" It is not to be had in {', '.join(regions)}." if regions else ""
        yield f"{name} itself is set up elsewhere: a hub receives its findings without further setup.{without}"


def _imports(root: Root, asked: SecurityHub) -> Iterator[Import]:
    """The hubs, subscriptions and the aggregator that are there."""
    wanted = {STANDARDS[name] for name in asked.standards}
    here = "module.security_hub[0]"
    for region, there in regional(root).items():
        if there.hub is None:
            continue
        account = root.import_id(root.account_id, region)
        yield Import(root.in_region(region, f"{here}.aws_securityhub_account.this"), account)
        for arn in there.hub.standards:
            standard = arn.partition(":subscription/")[2]
            if standard in wanted:
                resource = f'{here}.aws_securityhub_standards_subscription.this["{standard}"]'
                yield Import(root.in_region(region, resource), root.import_id(arn, region))
        if there.hub.aggregator is not None and aggregates(root, asked) and region == root.spec.home_region:
            resource = f"{here}.aws_securityhub_finding_aggregator.this[0]"
            yield Import(root.in_region(region, resource), root.import_id(there.hub.aggregator, region))


def _absent(root: Root, asked: SecurityHub) -> Iterator[str]:
    found = regional(root)
    without = [name for name, there in found.items() if there.hub is None]
    if len(without) == len(found):
        yield "a Security Hub hub in any covered region"
    elif without:
        yield f"a Security Hub hub in {', '.join(without)}"
    known = any(there.hub is not None and there.hub.aggregator is not None for there in found.values())
    if aggregates(root, asked) and not known:
        yield "a finding aggregator of Security Hub in any region"
