"""Control dns-query-logs."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import (
    Cell,
    Control,
    Severity,
    Status,
    Verdict,
    failed,
    not_applicable,
    passed,
    undetermined,
)
from guardline.validator.controls.dns_logs.profiles import by_profiles
from guardline.validator.controls.shared.vpc_links import linked, lost
from guardline.validator.controls.shared.vpcs import assert_own, listings, other_owner, unseen, vpc_cells
from guardline.validator.controls.shared.when_applicable import appears, is_asked
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.dns import ProfileAssociation, QueryLog, QueryLogAssociation
from guardline.validator.model.ec2 import Vpc, VpcInventory
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import shares_a_place
from guardline.validator.model.value import UnknownValue

ID = "dns-query-logs"


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    asked = is_asked(scope, ID)
    kinds = (QueryLog, QueryLogAssociation)
    concerned = {one.key for one in scope.accounts if asked or appears(estate, one, *kinds)}
    return (cell for cell in vpc_cells(estate, scope) if cell.account.key in concerned)


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    vpc = cell.resource
    if not isinstance(vpc, Vpc):
        reason = unseen(estate, scope, cell) or f"the VPCs in {cell.region} are unknown"
        return undetermined(reason, *listings(estate, cell), missing=VpcInventory)
    if (owner := other_owner(vpc, cell)) is not None:
        return not_applicable(f"the VPC belongs to account {owner}, which logs its queries", vpc.origin)
    naming = linked(estate, QueryLogAssociation, vpc)
    here = [one for one in naming if shares_a_place(one, vpc) is not False]
    direct = _judge(estate, vpc, here) if here else None
    if direct is not None and direct.status is Status.PASS:
        return direct
    if (by_profile := by_profiles(estate, vpc)) is not None:
        return by_profile
    if direct is not None:
        return direct
    for kind in (QueryLogAssociation, ProfileAssociation):
        if (maybe := lost(estate, kind, cell)) is not None:
            why = f"{maybe.origin.address} may be of this VPC: {maybe.vpc.reason}"
            return undetermined(why, vpc.origin, maybe.origin)
        if (incomplete := estate.select(kind, cell.account, cell.region).incomplete) is not None:
            raise UnknownValue(f"no query log is seen on the VPC, but {incomplete}")
    assert_own(vpc, cell, "no query log is seen on the VPC")
    if naming:
        where = naming[0].location.region.known_or(None) or "elsewhere"
        return failed(f"the query log of the VPC is planned for {where}, where AWS does not find it", naming[0].origin)
    return failed("the VPC's DNS queries are not logged", vpc.origin, lacking=True)


def _judge(estate: Estate, vpc: Vpc, here: list[QueryLogAssociation]) -> Verdict:
    """Judge the links to the VPC: they and their configuration must stand in the VPC's own region."""
    answers = [(one, shares_a_place(one, vpc) and _is_logged(estate, vpc, one)) for one in here]
    for one, answer in answers:
        if answer:
            return passed("a query logging configuration is associated with the VPC", one.origin)
    origins = [one.origin for one in here]
    if any(answer is None for _, answer in answers):
        return undetermined("whether the VPC's query log is of the VPC's own region is unknown", *origins)
    return failed("the query log of the VPC leads to a configuration of another region", *origins)


def _is_logged(estate: Estate, vpc: Vpc, one: QueryLogAssociation) -> bool | None:
    """Whether the configuration is of the VPC's region; one that another source makes is, or AWS refuses it."""
    if one.log.is_known:
        log = estate.find(QueryLog, one.log.get())
        return log is None or shares_a_place(log, vpc)
    logs = estate.select(QueryLog, vpc.location.account).here
    return True if all(shares_a_place(log, vpc) for log in logs) else None


CONTROL = Control(
    id=ID,
    title="Every VPC's DNS queries are recorded",
    practice=1,
    severity=Severity.MEDIUM,
    why=(
        "The names that an instance asks for reveal command-and-control traffic, and data carried out in queries. "
        "GuardDuty reads its own copy of Resolver queries and needs none of your logs, but it does not give you them."
    ),
    passes=(
        "A Resolver query logging configuration of the VPC's region is associated with the VPC, or with a Route 53 "
        "Profile that is associated with the VPC. A VPC that another account shares is not applicable: the log is its "
        "owner's."
    ),
    fails=(
        "No association names the VPC, or the only one is planned for another region, or leads to a configuration of "
        "another region."
    ),
    unsure=(
        "The VPC has no association of its own while one's VPC is unknown; the source does not hold the profile of the "
        "VPC; a VPC that is only read may be another account's; or the source is incomplete. Under a spec, a region "
        "where nothing lists all of the account's own VPCs has one more undetermined cell without a subject."
    ),
    fix=(
        "Declare `aws_route53_resolver_query_log_config` in each region and, `for_each` over the region's VPCs, "
        "`aws_route53_resolver_query_log_config_association` with `resource_id` of the VPC."
    ),
    limits=(
        "Asked when the source holds a query logging configuration or association. Whether records arrive is not seen, "
        "nor are queries to a resolver other than Amazon's (see dns-resolver)."
    ),
    cells=_cells,
    check=_check,
    subjects=(Vpc, QueryLog, QueryLogAssociation),
    links=(
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs.html",
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/profiles.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route53_resolver_query_log_config_association",
    ),
)
