"""Control suppression-scoped. Which field of a filter is narrow enough is decided in `guardline.spec.filter_scope`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from guardline.spec.filter_scope import scope as scope_of
from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed
from guardline.validator.controls.suppression.filters import ARCHIVE, suppression_cells
from guardline.validator.expectations.asked import Rule
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Criterion, FindingFilter
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.finding_filters import is_narrow, names_type, reaches_high


def _check(_estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    one = cell.resource
    if not isinstance(one, FindingFilter):
        raise UnknownValue("the filter is unknown")
    criteria = one.criteria.get()
    typed, narrow, high = names_type(criteria), is_narrow(criteria), reaches_high(criteria)
    faults = [
        what
        for what, is_fault in (
            ("names no finding type", typed is False),
            (f"names no resource and no address{_shared(criteria)}", narrow is False),
            ("hides severity 7 and above by its own words", high is True),
        )
        if is_fault
    ]
    asked = scope.asked.rules.get(one.name.known_or("")) if scope.asked is not None else None
    if asked is not None and not faults and (other := _otherwise(criteria, asked)) is not None:
        return failed(f"the suppression rule {other}", one.origin)
    if one.action.get() == ARCHIVE and faults:
        return failed(f"the suppression rule {' and '.join(faults)}", one.origin)
    if typed and narrow and high is False:
        return passed("the suppression rule names finding types and what they concern", one.origin)
    raise UnknownValue(next(_unknowns(criteria), "a criterion is unknown"))


def _otherwise(criteria: Iterable[Criterion], asked: Rule) -> str | None:
    """How a rule hides something else than the spec's rule of its name; None where it does not, for all that is known.

    Raises:
        UnknownValue: it cannot be determined.
    """
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for each in criteria:
        tests = found.setdefault(each.path.get(), {})
        lists = {"equals": each.equals, "not_equals": each.not_equals, "matches": each.matches}
        tests |= {name: tuple(sorted(value.get())) for name, value in lists.items() if value.get()}
        tests |= {name: (bound.get(),) for name, bound in each.bounds.items()}
    for path in sorted(found.keys() | asked.criteria.keys()):
        here, there = found.get(path, {}), asked.criteria.get(path, {})
        if here == there:
            continue
        if not here:
            return f"does not test {path}, as the spec's does"
        if not there:
            return f"tests {path}, which the spec's does not"
        name = next(name for name in sorted(here.keys() | there.keys()) if here.get(name) != there.get(name))
        values = ", ".join(here.get(name, ())) or "nothing"
        return f"tests {path} for {name} {values}, and the spec's for {', '.join(there.get(name, ())) or 'nothing'}"
    return None


def _shared(criteria: Iterable[Criterion]) -> str:
    """Of what else the rule speaks, which many resources share."""
    paths = [each.path.known_or("") for each in criteria]
    shared = sorted(path for path in paths if path not in ("", "type", "severity") and scope_of(path) is None)
    return f" ({', '.join(shared)}: many resources share that)" if shared else ""


def _unknowns(criteria: Iterable[Criterion]) -> Iterator[str]:
    for each in criteria:
        reasons = (each.path.reason, each.equals.reason, each.matches.reason, *(b.reason for b in each.bounds.values()))
        yield from (reason for reason in reasons if reason is not None)


CONTROL = Control(
    id="suppression-scoped",
    title="Each suppression rule is narrow",
    practice=9,
    severity=Severity.HIGH,
    why=(
        "What a suppression rule archives reaches nobody: no event, no export, no Security Hub, and it is part of no "
        "attack sequence. A rule without a finding type or without the one resource it is about silences the intruder "
        "together with the scanner."
    ),
    passes=(
        'A filter with `action = "ARCHIVE"` names finding types, and names resources or addresses, each by `equals` or '
        "`matches`. A resource is an instance, bucket, user, role, cluster, function or the like, by its name, id, ARN "
        "or tag; an address may be a range no wider than /16; a file hash counts together with an account. The "
        "severity, if the rule tests it, stays below 7. A rule of the spec's tests what the spec says, and "
        "nothing else."
    ),
    fails=(
        "It names no finding type; it names no resource and no address (an exclusion, a port, a country, a state, a "
        "zone, the kind of resource, the account or the region does not count, nor does a wider range or a bare "
        "`*`); or it hides severity 7 and above: a lower bound on `severity` without an upper one below 7, or such a "
        "value; or it tests something else than the spec's rule of its name."
    ),
    unsure="The action, or a criterion that would decide, is known only after apply.",
    fix=(
        "Add to `finding_criteria` a `criterion` on `type` with the very finding types and one on the resource, e.g. "
        "`resource.instanceDetails.tags.value` or `service.action.networkConnectionAction.remoteIpDetails.ipAddressV4`."
    ),
    limits=(
        "Asked of each filter that archives; other filters hide nothing. Whether the tag or address is the right one, "
        "and how many resources have it, cannot be seen."
    ),
    cells=suppression_cells,
    check=_check,
    subjects=(FindingFilter,),
    links=(
        "https://docs.aws.amazon.com/guardduty/latest/ug/findings_suppression-rule.html",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateFilter.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/guardduty_filter",
    ),
)
