"""Control flow-logs-settings."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, not_applicable, passed, undetermined
from guardline.validator.controls.flow_logs.flow_logs import traffic
from guardline.validator.controls.shared.as_asked import Tests
from guardline.validator.controls.shared.buckets import Fault
from guardline.validator.controls.shared.cells import region_cells
from guardline.validator.controls.shared.vpcs import listings, narrowed
from guardline.validator.controls.shared.when_applicable import is_asked
from guardline.validator.expectations.asked import FlowLogging
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.ec2 import FlowLog, FlowLogSettings
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Origin
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.unknown_parts import shown

ID = "flow-logs-settings"
DEFAULT = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} "
    "${bytes} ${start} ${end} ${action} ${log-status}"
)
"""AWS's own fields: https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html."""
_KINDS = {"s3": "s3", "cloudwatch-logs": "cloud-watch-logs", "firehose": "kinesis-data-firehose"}


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    return region_cells(estate, scope) if is_asked(scope, ID) else iter(())


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    asked = scope.asked.flow_logging if scope.asked is not None else None
    if asked is None or scope.asked is None:
        raise UnknownValue("no spec says what flow logs are to record")
    logs = estate.select(FlowLogSettings, cell.account, cell.region)
    if not logs.here:
        if (why := estate.select(FlowLog, cell.account, cell.region).incomplete) is not None:
            raise UnknownValue(f"no flow log is seen in {cell.region}, but {why}")
        if origins := listings(estate, cell):
            return undetermined(f"no flow log is declared in {cell.region}, and its VPCs are unknown", *origins)
        return not_applicable(f"no flow log is declared in {cell.region} (vpc-flow-logs asks for one)")
    wanted, recorded = traffic(scope.asked.traffic), frozenset[str]()
    tests, good = Tests(), list[Origin]()
    for log in logs:
        own = _tests(log, asked)
        if (listing := narrowed(estate, cell, log.origin.address)) is not None:
            own.faults.append(Fault("is for the VPCs of a listing that leaves some out", listing))
        if not own.faults and not own.unsure:
            recorded |= traffic(log.traffic.known_or(""))
            good.append(log.origin)
        tests.faults += own.faults
        tests.unsure += own.unsure
    if recorded >= wanted:
        return passed(f"the flow logs of {cell.region} record {scope.asked.traffic} traffic{_how(asked)}", *good)
    if good and (unknown := next((log.traffic for log in logs if not log.traffic.is_known), None)) is not None:
        return undetermined(f"the flow logs' traffic type: {unknown.reason}", *good)
    if good and not tests.faults and not tests.unsure:
        kinds = " and ".join(sorted(recorded)) or "no"
        return failed(f"the flow logs of {cell.region} record {kinds} traffic, not {scope.asked.traffic}", *good)
    return tests.verdict(f"the flow log in {cell.region}", "", *(log.origin for log in logs))


def _tests(log: FlowLogSettings, asked: FlowLogging) -> Tests:
    tests, origin = Tests(), log.origin
    tests.equal(log.kind, _KINDS[asked.kind], "goes to", origin)
    if asked.record is not None:
        tests.equal(log.record, asked.record, "has the fields", origin)
    elif log.record.known_or("") not in ("", DEFAULT):
        tests.faults.append(Fault("has other fields than AWS's default ones, which the spec asks for", origin))
    if not log.seconds.is_known or log.seconds.get() > asked.seconds:
        tests.equal(log.seconds, asked.seconds, "sums up seconds:", origin)
    if asked.kind == "s3":
        tests.equal(log.files, asked.files, "writes files as", origin)
        tests.equal(log.hive, asked.hive, "has prefixes for Hive:", origin)
        tests.equal(log.hourly, asked.hourly, "has a prefix for each hour:", origin)
    tests.ask(_stream(log, asked))
    return tests


def _stream(log: FlowLogSettings, asked: FlowLogging) -> Iterator[Fault]:
    if asked.stream is not None:
        name = (log.destination.get().id or "").rpartition("/")[2]
        if name and name != asked.stream:
            yield Fault(f"goes to the stream {shown(name)}, and the spec names {asked.stream}", log.origin)


def _how(asked: FlowLogging) -> str:
    return f", at least every {asked.seconds} seconds, by {asked.stream or asked.kind}"


CONTROL = Control(
    id=ID,
    title="Flow logs record what the spec asks",
    practice=1,
    severity=Severity.MEDIUM,
    why=(
        "A flow log that records rejected traffic alone, sums up ten minutes, or goes where nobody looks is a flow log "
        "all the same. What an investigation needs of it stands in the spec."
    ),
    passes=(
        "The flow logs declared for a region record the spec's traffic (an ACCEPT and a REJECT log together are ALL), "
        "its fields, at its interval or a shorter one, and go to its destination in its format of files. One "
        "declaration of unknown VPCs is judged for all of them."
    ),
    fails="None of them does.",
    unsure=(
        "A setting is known only after apply; or no flow log is declared while the region's VPCs are unknown; or the "
        "source is incomplete."
    ),
    fix="Set `traffic_type`, `log_destination`, `max_aggregation_interval` and the others as the spec's `flow_logs`.",
    limits="Asked under a spec with `flow_logs` in mode create. Whether each VPC has one is for vpc-flow-logs.",
    cells=_cells,
    check=_check,
    links=(
        "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-records-examples.html",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html",
    ),
)
