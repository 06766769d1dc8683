"""Control other-resolvers-denied."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, undetermined
from guardline.validator.controls.shared.as_asked import Tests
from guardline.validator.controls.shared.buckets import Fault
from guardline.validator.controls.shared.cells import region_cells
from guardline.validator.controls.shared.when_applicable import is_asked
from guardline.validator.expectations.asked import Resolvers
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.ec2 import AclRule
from guardline.validator.model.estate import Estate
from guardline.validator.model.value import UnknownValue

ID = "other-resolvers-denied"
_DNS = 53
_EVERYWHERE = ("0.0.0.0/0", "::/0")
_PROTOCOLS = {"6": "6", "tcp": "6", "17": "17", "udp": "17"}


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    return region_cells(estate, scope) if is_asked(scope, ID) else iter(())


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    asked = scope.asked.resolvers if scope.asked is not None else None
    if asked is None:
        raise UnknownValue("no spec says which resolvers may be asked")
    selection = estate.select(AclRule, cell.account, cell.region)
    rules = [one for one in selection if one.egress.known_or(True) and _is_dns(one)]
    if not rules:
        selection.assert_complete()
        return failed(f"no network ACL in {cell.region} denies DNS to other resolvers", missing=AclRule)
    origins = tuple(dict.fromkeys(one.origin for one in rules))
    if any(not value.is_known for one in rules for value in (one.action, one.protocol, one.cidr, one.number)):
        # The rules of unknown ACLs: what they have in common is about DNS, and what each says is unknown.
        for one in rules:
            if not one.egress.get():
                return failed(f"the rules in {cell.region} are for traffic that comes in", one.origin)
        reason = f"rules of network ACLs in {cell.region} are about port 53, and which ACLs they are for is unknown"
        wanted = f"the spec allows {', '.join(asked.allow) or 'none'}, and begins at rule {asked.first_rule}"
        return undetermined(f"{reason}; {wanted}", *origins)
    tests = Tests()
    tests.ask(_faults(rules, asked))
    allowed = f", but for {', '.join(asked.allow)}" if asked.allow else ""
    return tests.verdict(
        f"in {cell.region},", f"network ACLs in {cell.region} deny DNS to other resolvers{allowed}", *origins
    )


def _is_dns(one: AclRule) -> bool:
    first, last = one.ports
    return first.known_or(_DNS) <= _DNS <= last.known_or(_DNS)


def _faults(rules: list[AclRule], asked: Resolvers) -> Iterator[Fault]:
    origin = rules[0].origin
    said = {(one.action.get(), _PROTOCOLS.get(one.protocol.get(), one.protocol.get()), one.cidr.get()) for one in rules}
    for cidr in _EVERYWHERE:
        for protocol in ("6", "17"):
            if not {("deny", protocol, cidr), ("deny", "-1", cidr)} & said:
                yield Fault(f"DNS to {cidr} is not denied ({'TCP' if protocol == '6' else 'UDP'})", origin)
    found = {cidr for action, _, cidr in said if action == "allow"}
    if extra := sorted(found - set(asked.allow)):
        yield Fault(f"{', '.join(extra)} may be asked, which the spec does not name", origin)
    if missing := sorted(set(asked.allow) - found):
        yield Fault(f"{', '.join(missing)} may not be asked, which the spec allows", origin)
    if (first := min(one.number.get() for one in rules)) != asked.first_rule:
        yield Fault(f"the first rule has number {first}, and the spec says {asked.first_rule}", origin)


CONTROL = Control(
    id=ID,
    title="DNS to other resolvers is denied",
    practice=1,
    severity=Severity.MEDIUM,
    why=(
        "GuardDuty's DNS detection and the query logs see the Amazon resolver alone. Malware that asks a public "
        "resolver is seen by neither, unless the network refuses."
    ),
    passes=(
        "Rules of the region's network ACLs deny outbound port 53, TCP and UDP, IPv4 and IPv6, to everywhere but the "
        "ranges that the spec allows, and begin at its number."
    ),
    fails="No such rule is there, one of the four is missing, or other ranges are allowed than the spec names.",
    unsure="What the rules say, or which network ACLs they are for, is known only when Terraform plans.",
    fix="Declare `aws_network_acl_rule` for each network ACL, as `dns_logs.deny_other_resolvers` says.",
    limits=(
        "Asked under a spec with `dns_logs.deny_other_resolvers`. Whether every network ACL has the rules is not seen, "
        "nor DNS over HTTPS."
    ),
    cells=_cells,
    check=_check,
    links=("https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html",),
)
