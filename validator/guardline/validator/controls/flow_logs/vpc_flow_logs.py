"""Control vpc-flow-logs."""

from __future__ import annotations

from collections.abc import Sequence

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, not_applicable, passed, undetermined
from guardline.validator.controls.flow_logs.flow_logs import (
    lost_subnets,
    misplaced,
    recorded,
    region_unknown,
    subnets_of,
    traffic,
    unresolved,
    watching,
)
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.controls.shared.vpcs import assert_own, listings, other_owner, unseen, vpc_cells
from guardline.validator.expectations.scope import Requirements, Scope
from guardline.validator.model.ec2 import FlowLog, Subnet, Vpc, VpcInventory
from guardline.validator.model.estate import Estate
from guardline.validator.model.value import UnknownValue

SHOWN = 5  # how many of the flow logs that may watch a VPC are its evidence


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    vpc, asked = cell.resource, scope.asked or Requirements()
    if not isinstance(vpc, Vpc):
        reason = unseen(estate, scope, cell) or f"the VPCs in {cell.region} are unknown"
        return undetermined(reason, *listings(estate, cell), missing=VpcInventory)
    if (owner := other_owner(vpc, cell)) is not None:
        return not_applicable(f"the VPC belongs to account {owner}, which alone may log its flows", vpc.origin)
    logs = tuple(log for log in watching(estate, vpc) if log.scope == "vpc")
    if logs:
        return _judge(estate, cell, vpc, logs, asked.traffic)
    if asked.flow_log_scope == "subnets" and (verdict := _by_subnets(estate, cell, vpc, asked.traffic)):
        return verdict
    if maybe := unresolved(estate, cell.account, cell.region, "vpc", vpc):
        return undetermined(_may_watch(maybe), vpc.origin, *(log.origin for log in maybe[:SHOWN]))
    if (why := estate.select(FlowLog, cell.account, cell.region).incomplete) is not None:
        raise UnknownValue(f"no flow log is seen on the VPC, but {why}")
    assert_own(vpc, cell, "no flow log is seen on the VPC")
    if stray := [log for log in misplaced(estate, vpc) if log.scope == "vpc"]:
        origins, location = tuple(log.origin for log in stray), stray[0].location
        where = location.region.known_or(None)
        where = where if where != cell.region else f"account {location.account.id}"
        lost = f"planned for {where}, where AWS does not find the VPC"
        kinds = recorded(stray)
        if kinds >= traffic(asked.traffic) or not kinds:
            return failed(f"the flow log on the VPC is {lost}", *origins)
        return failed(f"{_only(kinds, asked.traffic)}, and it is {lost}", *origins)
    if any(watching(estate, subnet) for subnet in subnets_of(estate, vpc)):
        reason = "partial: only subnets of the VPC have a flow log, so a new subnet goes unwatched"
        return failed(reason, vpc.origin, lacking=True)
    return failed("no flow log on the VPC", vpc.origin, lacking=True)


def _judge(estate: Estate, cell: Cell, vpc: Vpc, logs: tuple[FlowLog, ...], wanted: str) -> Verdict:
    origins, kinds = tuple(log.origin for log in logs), recorded(logs)
    lost = [log for log in logs if region_unknown(log, vpc)]
    if kinds >= traffic(wanted) > recorded(log for log in logs if log not in lost):
        return undetermined(f"whether {lost[0].origin.address} is in the VPC's region is unknown", *origins)
    if kinds >= traffic(wanted):
        single = any(traffic(log.traffic.known_or("")) >= traffic(wanted) for log in logs)
        together = "" if single else ", an ACCEPT and a REJECT log together"
        return passed(f"a flow log on the VPC records {wanted} traffic{together}", *origins)
    if (why := next((log.traffic.reason for log in logs if not log.traffic.is_known), None)) is not None:
        return undetermined(f"the flow log's traffic type: {why}", *origins)
    if (why := estate.why_incomplete(FlowLog)) is not None:
        return undetermined(f"{_only(kinds, wanted)}, but {why}", *origins)
    maybe = unresolved(estate, cell.account, cell.region, "vpc", vpc)
    more = f"; {_may_watch(maybe)}" if maybe else ""
    return failed(f"{_only(kinds, wanted)}{more}", *origins)


def _only(kinds: frozenset[str], wanted: str) -> str:
    return f"the flow log records {' and '.join(sorted(kinds))} traffic only, not {wanted}"


def _by_subnets(estate: Estate, cell: Cell, vpc: Vpc, wanted: str) -> Verdict | None:
    """The verdict under `scope: subnets`; None where the VPC's subnets settle nothing."""
    subnets = subnets_of(estate, vpc)
    bare = [subnet for subnet in subnets if not recorded(_surely(estate, subnet)) >= traffic(wanted)]
    if not subnets or unresolved(estate, cell.account, cell.region, "vpc", vpc):
        return None
    if bare:
        maybe = unresolved(estate, cell.account, cell.region, "subnet", *bare)
        watched = [(log, subnet) for subnet in bare for log in watching(estate, subnet)]
        pending = [log for log, subnet in watched if not log.traffic.is_known or region_unknown(log, subnet)]
        if maybe or pending:
            return undetermined(_may_watch(maybe or pending), *(subnet.origin for subnet in bare))
        return failed(
            f"partial: {len(bare)} of {len(subnets)} known subnets have no flow log of {wanted} traffic",
            *(subnet.origin for subnet in bare),
            lacking=True,
        )
    why = estate.why_incomplete(Subnet)
    if why is not None or lost_subnets(estate, cell.account):
        return undetermined(f"every known subnet is logged, but there may be more: {why or 'a subnet of unknown VPC'}")
    return passed(f"each of the VPC's {len(subnets)} known subnets has a flow log", *(s.origin for s in subnets))


def _surely(estate: Estate, subnet: Subnet) -> list[FlowLog]:
    return [log for log in watching(estate, subnet) if not region_unknown(log, subnet)]


def _may_watch(logs: Sequence[FlowLog]) -> str:
    first, *others = logs
    more = f" and {len(others)} more" if others else ""
    why = first.resource.reason or first.traffic.reason or "its region is unknown"
    return f"{first.origin.address}{more} may watch it: {why}"


CONTROL = Control(
    id="vpc-flow-logs",
    title="Every VPC's flows are recorded",
    practice=1,
    severity=Severity.HIGH,
    why=(
        "Flow logs are what remains of the network's side of an incident: who talked to whom, and what was refused. "
        "GuardDuty reads its own copy of flow data and needs none of yours, but it does not give you that data."
    ),
    passes=(
        "A flow log on the VPC records the traffic asked for: ALL unless a spec says otherwise. An ACCEPT and a REJECT "
        "log together count as ALL, for a record's action is one of the two. Under a spec with `scope: subnets`, a "
        "flow log on each known subnet passes as well. A VPC that another account shares is not applicable: only its "
        "owner may create flow logs on it."
    ),
    fails=(
        "No flow log on the VPC; one that records only ACCEPT or only REJECT traffic; one planned for a region where "
        'the VPC is not; or logs on subnets or interfaces only ("partial"), since the next subnet would go unwatched.'
    ),
    unsure=(
        "The VPC has no log of its own while some flow log's resource is unknown; the traffic type is unknown, or is "
        "missing, so that AWS refuses the log; the log or the VPC has an unknown region, so that they may be apart; a "
        "VPC that is only read may be another account's; the source is incomplete. Under a spec, a region where "
        "nothing lists all of the account's own VPCs has one more undetermined cell without a subject."
    ),
    fix=(
        'Declare `aws_flow_log` with `vpc_id` of this VPC and `traffic_type = "ALL"`; for VPCs made elsewhere, '
        "`for_each` over `data.aws_vpcs` filtered on `owner-id`."
    ),
    limits=(
        "Whether records really arrive at the destination is not seen. Logs on single interfaces are not counted. "
        "A VPC made after the plan is covered by the next apply only."
    ),
    cells=vpc_cells,
    check=_check,
    subjects=(Vpc,),
    mappings=mapped("vpc-flow-logs"),
    links=(
        "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/flow_log",
    ),
)
