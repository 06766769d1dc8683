"""Control dns-resolver."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, not_applicable, passed, undetermined
from guardline.validator.controls.dns_logs.amazon_dns import foreign, may_be_of_a_vpc
from guardline.validator.controls.shared.vpc_links import linked, lost
from guardline.validator.controls.shared.vpcs import listings, other_owner, unseen, vpc_cells
from guardline.validator.controls.shared.when_applicable import appears, is_asked
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.dns import DhcpAssociation, DhcpOptions, VpcNaming
from guardline.validator.model.ec2 import Vpc, VpcInventory
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Origin, Ref, shares_a_place
from guardline.validator.model.value import UnknownValue

ID = "dns-resolver"
NO_SET = "default"  # what the API calls having no set of DHCP options


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    asked = is_asked(scope, ID)
    concerned = {one.key for one in scope.accounts if asked or appears(estate, one, DhcpOptions, DhcpAssociation)}
    return (cell for cell in vpc_cells(estate, scope) if cell.account.key in concerned)


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    vpc = cell.resource
    if not isinstance(vpc, Vpc):
        reason = unseen(estate, scope, cell) or f"the VPCs in {cell.region} are unknown"
        return undetermined(reason, *listings(estate, cell), missing=VpcInventory)
    if (owner := other_owner(vpc, cell)) is not None:
        return not_applicable(f"the VPC belongs to account {owner}, which sets its DHCP options", vpc.origin)
    naming = _naming(estate, vpc)
    if naming is not None and not naming.supported.known_or(True):
        return failed("the Amazon resolver is off in the VPC (enable_dns_support)", vpc.origin)
    links = [one for one in linked(estate, DhcpAssociation, vpc) if shares_a_place(one, vpc) is not False]
    if links:
        verdicts = [_linked(estate, vpc, naming, one) for one in links]
        order = ("fail", "undetermined", "pass")
        return min(verdicts, key=lambda verdict: order.index(verdict.status.value))
    if (maybe := lost(estate, DhcpAssociation, cell)) is not None:
        return undetermined(f"{maybe.origin.address} may be of this VPC: {maybe.vpc.reason}", vpc.origin, maybe.origin)
    if (why := estate.why_incomplete(DhcpAssociation)) is not None:
        raise UnknownValue(f"no DHCP options are seen on the VPC, but {why}")
    if naming is None:
        raise UnknownValue("the source does not tell the VPC's DHCP options")
    if naming.fresh:
        naming.supported.get()
        return passed("a new VPC has the default DHCP options, which name the Amazon resolver", vpc.origin)
    return _judge(estate, vpc, naming, naming.options.get(), vpc.origin)


def _linked(estate: Estate, vpc: Vpc, naming: VpcNaming | None, one: DhcpAssociation) -> Verdict:
    if not shares_a_place(one, vpc):
        return undetermined(f"{one.origin.address} names the VPC; whether in its region is unknown", one.origin)
    try:
        return _judge(estate, vpc, naming, one.options.get(), one.origin)
    except UnknownValue as unknown_value:
        return undetermined(unknown_value.reason, vpc.origin, one.origin)


def _naming(estate: Estate, vpc: Vpc) -> VpcNaming | None:
    found = (estate.find(VpcNaming, Ref(id=name)) for name in sorted(vpc.names))
    return next((naming for naming in found if naming is not None and naming.location == vpc.location), None)


def _judge(estate: Estate, vpc: Vpc, naming: VpcNaming | None, ref: Ref, origin: Origin) -> Verdict:
    options = estate.find(DhcpOptions, ref)
    if options is None:
        if ref.id == NO_SET:
            raise UnknownValue("the VPC has no set of DHCP options, so its instances choose their resolver themselves")
        raise UnknownValue(f"the set of DHCP options {ref.id or ref.address} is not in the source")
    evidence = (origin, options.origin)
    servers = options.servers.get()
    if not servers:
        return failed("the VPC's DHCP options name no resolver, so its instances choose one themselves", *evidence)
    ranges = naming.ranges if naming is not None else None
    wrong = foreign(servers, ranges.known_or(()) if ranges is not None else ())
    if wrong and ranges is not None and ranges.is_known:
        return failed(f"the VPC's DHCP options name {wrong[0]}, which is not the Amazon resolver", *evidence)
    if wrong:
        if surely := [server for server in wrong if not may_be_of_a_vpc(server)]:
            return failed(f"the VPC's DHCP options name {surely[0]}, which is not the Amazon resolver", *evidence)
        raise UnknownValue(f"{wrong[0]} may be the VPC's own resolver, but its IPv4 range is unknown")
    if naming is not None and not naming.supported.is_known:
        why = naming.supported.reason
        return undetermined(f"the DHCP options keep the Amazon resolver; whether it answers: {why}", *evidence)
    return passed("the VPC's DHCP options keep the Amazon resolver", vpc.origin, options.origin)


CONTROL = Control(
    id=ID,
    title="Every VPC asks the Amazon resolver",
    practice=1,
    severity=Severity.MEDIUM,
    why=(
        "GuardDuty sees the DNS queries that pass the Amazon resolver and no others. A VPC whose DHCP options hand out "
        "another server is invisible to its DNS findings and to query logs, and nothing says so."
    ),
    passes=(
        "The VPC's DHCP options name only the Amazon resolver: `AmazonProvidedDNS`, `169.254.169.253`, `fd00:ec2::253` "
        "or the VPC's base address plus two. A VPC that the change creates and no association names has the default "
        "options, which do. A VPC that another account shares is not applicable."
    ),
    fails=(
        "The options name another server, be it beside Amazon's, or none at all; or the VPC has the Amazon resolver "
        "switched off (`enable_dns_support = false`)."
    ),
    unsure=(
        "The servers, the options or the VPC's IPv4 range are known only after apply, the options are not in the "
        "source (an existing VPC, or the id of a set made elsewhere), or the source is incomplete."
    ),
    fix=(
        'Set `domain_name_servers = ["AmazonProvidedDNS"]` in the `aws_vpc_dhcp_options`; for names of your own, '
        "forward them with Resolver rules (`aws_route53_resolver_rule`) instead of another server."
    ),
    limits=(
        "Asked when the source holds DHCP options or an association. A resolver set inside an instance cannot be seen. "
        "Only the primary IPv4 range has a resolver at its base plus two that is counted here. Of a VPC that is only "
        "listed the source does not tell whether DNS support is on; its options decide."
    ),
    cells=_cells,
    check=_check,
    subjects=(Vpc, DhcpOptions, DhcpAssociation),
    links=(
        "https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSetConcepts.html",
        "https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_dhcp_options",
    ),
)
