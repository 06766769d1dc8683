"""Control dns-logs-settings."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Cell, Control, Severity, Verdict, not_applicable, undetermined
from guardline.validator.controls.shared.as_asked import Tests
from guardline.validator.controls.shared.buckets import Fault
from guardline.validator.controls.shared.cells import region_cells
from guardline.validator.controls.shared.stores import kind_of
from guardline.validator.controls.shared.vpcs import listings, narrowed
from guardline.validator.controls.shared.when_applicable import is_asked
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.dns import QueryLog, QueryLogAssociation, QueryLogChoice
from guardline.validator.model.estate import Estate
from guardline.validator.model.logs import LogPolicy
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.unknown_parts import shown

ID = "dns-logs-settings"


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    return region_cells(estate, scope) if is_asked(scope, ID) else iter(())


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    linked = estate.select(QueryLogAssociation, cell.account, cell.region)
    links = (*linked, *estate.select(QueryLogChoice, cell.account, cell.region))
    if not links:
        if origins := listings(estate, cell):
            why = f"no VPC of {cell.region} is linked to a query log, and which VPCs there are is unknown"
            return undetermined(why, *origins, missing=QueryLogAssociation)
        return not_applicable(f"no VPC of {cell.region} is linked to a query log (dns-query-logs asks for it)")
    tests = Tests()
    for link in links:
        tests.ask(_faults(estate, scope, link))
        if (listing := narrowed(estate, cell, link.origin.address)) is not None:
            tests.faults.append(Fault("is for the VPCs of a listing that leaves some out", listing))
    kind = scope.asked.queries_to if scope.asked is not None else None
    return tests.verdict(
        f"the query log in {cell.region}",
        f"the query logs of {cell.region} go to {kind}, as the spec says",
        *(link.origin for link in links),
    )


def _faults(estate: Estate, scope: Scope, link: QueryLogAssociation | QueryLogChoice) -> Iterator[Fault]:
    log = estate.find(QueryLog, link.log.get())
    if log is None:
        raise UnknownValue(f"the configuration of {link.origin.address} is not in the source: where it goes is unknown")
    kind, ref = scope.asked.queries_to if scope.asked is not None else None, log.destination.get()
    if kind_of(estate, ref) != kind:
        yield Fault(f"goes to {kind_of(estate, ref)}, and the spec says {kind}", log.origin)
    if kind == "cloudwatch-logs" and not _may_write(estate, log):
        # Another root, or AWS itself, may have made such a policy: an account has ten of them for all its log groups.
        raise UnknownValue(f"no policy here lets log delivery write to the log group of {log.origin.address}")
    stream = scope.asked.query_stream if scope.asked is not None else None
    name = (ref.id or "").rpartition("/")[2]
    if stream is not None and name and name != stream:
        yield Fault(f"goes to the stream {shown(name)}, and the spec names {stream}", log.origin)


def _may_write(estate: Estate, log: QueryLog) -> bool:
    region = log.location.region.known_or(None)
    policies = estate.select(LogPolicy, log.location.account, region).here
    return any("delivery.logs.amazonaws.com" in (one.text.known_or("") or "") for one in policies)


CONTROL = Control(
    id=ID,
    title="DNS query logs go where the spec says",
    practice=1,
    severity=Severity.MEDIUM,
    why=(
        "A VPC may be linked to a query logging configuration that somebody left behind, whose queries go to a place "
        "that nobody keeps. The link alone does not tell."
    ),
    passes=(
        "Each query logging configuration that VPCs of the region are linked to goes to the kind of destination that "
        "the spec names, and to its delivery stream. One declaration of unknown VPCs is judged for all of them."
    ),
    fails="A configuration goes elsewhere.",
    unsure=(
        "A configuration is not in the source, or its destination is known only after apply; or nothing is linked "
        "while the region's VPCs are unknown; or the source is incomplete."
    ),
    fix="Link the VPCs to the configuration that the spec asks for (`resolver_query_log_config_id`).",
    limits="Asked under a spec with `dns_logs` in mode create. Whether each VPC has a log is for dns-query-logs.",
    cells=_cells,
    check=_check,
    links=("https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs.html",),
)
