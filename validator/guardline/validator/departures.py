"""What a change stops covering: regions, and practices of the spec, that were covered before it and are not after it.

It does not matter who stopped it: the spec that no longer asks, or the Terraform that no longer holds. The control
`coverage-kept` asks who approved it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from guardline.validator.control import Cell, Control, Status, Verdict
from guardline.validator.expectations.scope import Departure, NotAsked, RegionState, Scope, ScopeRegion
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector
from guardline.validator.model.resource import Account, Ref, Resource
from guardline.validator.report import KEPT, Row

Judge = Callable[[Control, Estate, Scope, Cell], Verdict]

DETECTOR = "detector-enabled"
SHOWN_BY: Mapping[str, tuple[str, ...]] = {
    "flow_logs": ("vpc-flow-logs",),
    "dns_logs": ("dns-query-logs",),
    "trail": ("trail-multi-region",),
    "trail.s3_data_events": ("trail-s3-data-events",),
    "access": ("access-separated", "access-least-privilege"),
    "export": ("findings-export",),
    "tamper": ("tamper-alarm", "records-alarm"),
    "tamper.alarm": ("tamper-alarm", "records-alarm"),
    "tamper.scp": ("tamper-prevention",),
    "response": ("finding-alert", "finding-response"),
    "response.remediate": ("finding-response",),
    "security_hub": ("security-hub-enabled",),
    "security_hub.aggregate": ("security-hub-aggregation",),
    "config": ("config-recorder",),
    "suppression": ("suppression-scoped",),
    "trusted_ips": ("trusted-ip-list",),
    "threat_ips": ("threat-ip-list",),
}
"""Key of the spec -> the controls that pass where it is there. The parts of a practice follow the whole."""

_ALSO: Mapping[str, tuple[str, ...]] = {
    "dns_logs": ("dns-resolver",),
    "tamper": ("tamper-trail", "tamper-prevention"),
    "security_hub": ("security-hub-aggregation", "security-hub-integrations"),
    "suppression": ("suppression-documented", "filter-ranks"),
}
"""Key of the spec -> its other controls."""


def find(
    after: Estate,
    before: Estate | None,
    scope: Scope,
    rows: Sequence[Row],
    controls: Mapping[str, Control],
    judge: Judge,
) -> Iterator[Departure]:
    """What leaves, regions first.

    Args:
        after: the estate after the change.
        before: the estate before it; None: only what the base branch's spec covers is known to have been covered.
        scope: what is asked.
        rows: the verdicts of what is asked.
        controls: every control by its id.
        judge: judges one cell.
    """
    yield from _accounts_since_base(scope)
    if before is None:
        yield from _since_base(scope)
        return
    whole = _everywhere(scope)
    everywhere, retiring = replace(whole, accounts=scope.accounts), replace(whole, accounts=tuple(scope.retiring))
    yield from _accounts(after, before, scope, retiring, controls, judge)
    gone = set[tuple[str, str]]()
    for each in _regions(after, before, scope, everywhere, controls[DETECTOR], judge):
        gone.add((each.account.key, each.region or ""))
        yield each
    lost = {row.control for row in rows if row.regression}
    left_out = _left_out_keys(scope)
    for key in SHOWN_BY:
        asked = [controls[name] for name in SHOWN_BY[key] if name in controls]
        partly = "." in key and (key not in left_out or key.partition(".")[0] in left_out)
        if not partly and (key in left_out or not lost.isdisjoint(SHOWN_BY[key])):
            yield from _practice(key, asked, after, before, everywhere, gone, judge)


def is_left_out(control: str, scope: Scope) -> bool:
    """Whether the spec does not ask for a control: that its last artefact goes is then said of the practice."""
    return any(control in _controls_of(key) for key in _left_out_keys(scope))


def not_asked(scope: Scope, rows: Sequence[Row]) -> tuple[NotAsked, ...]:
    """What the spec leaves out, without what is judged all the same: because its artefact is in the source, or because
    it leaves and nobody approved that. One report must not call a fail "not asked"."""
    silent = (Status.WAIVED, Status.NOT_APPLICABLE, Status.NOT_ASSESSED)
    judged = {row.control for row in rows if row.verdict not in silent}
    leaving = {row.subject for row in rows if row.control == KEPT and row.verdict is Status.FAIL}
    return tuple(
        each
        for each in scope.not_asked
        if each.key not in leaving and (each.key is None or judged.isdisjoint(_controls_of(each.key)))
    )


def _controls_of(key: str) -> tuple[str, ...]:
    return (*SHOWN_BY.get(key, ()), *_ALSO.get(key, ()))


def _left_out_keys(scope: Scope) -> frozenset[str]:
    return frozenset(each.key for each in scope.not_asked if each.key is not None)


def _everywhere(scope: Scope) -> Scope:
    """The scope with every region of the partition and nothing left out, but for what --regions leaves out."""
    whole = scope.whole
    regions = (
        region if region.state is RegionState.NOT_ASKED else ScopeRegion(region.name, RegionState.EXPECTED)
        for region in whole.regions
    )
    return replace(whole, regions=tuple(regions))


def _accounts_since_base(scope: Scope) -> Iterator[Departure]:
    """The accounts that the base branch's spec covers, and this one no longer; and regions of a single account."""
    there = {one.key for one in scope.accounts}
    if scope.base is not None:
        yield from (Departure(one, None, None) for one in scope.base.accounts if one.key not in there)
        known = {one.key for one in scope.base.accounts}
        for account in scope.accounts:
            if account.key in scope.off and account.key in known:
                was = scope.base.covered - scope.base.off.get(account.key, frozenset())
                gone = (region for region in scope.expected if region in was.difference(scope.expected_in(account)))
                yield from (Departure(account, region, None) for region in gone)


def _accounts(
    after: Estate, before: Estate, scope: Scope, retiring: Scope, controls: Mapping[str, Control], judge: Judge
) -> Iterator[Departure]:
    """The retiring accounts from which the change takes a practice away."""
    said = {one.key for one in scope.base.accounts} if scope.base is not None else frozenset[str]()
    for account in retiring.accounts:
        if account.key in said:
            continue
        alone = replace(retiring, accounts=(account,))
        found = (
            each
            for key, names in SHOWN_BY.items()
            if "." not in key
            for each in _practice(key, [controls[name] for name in names], after, before, alone, set(), judge)
        )
        first = next(found, None)
        if first is not None:
            yield Departure(account, None, None, first.evidence)


def _since_base(scope: Scope) -> Iterator[Departure]:
    """Where no source has a before: what the base branch's spec covers and this one does not."""
    if scope.base is None:
        return
    outside = (RegionState.EXPECTED, RegionState.NOT_ASKED)
    leaving = [one.name for one in scope.regions if one.name in scope.base.covered and one.state not in outside]
    keys = sorted(_left_out_keys(scope) - scope.base.left_out)
    whole = [key for key in keys if key.partition(".")[0] not in keys or "." not in key]
    for account in scope.accounts:
        yield from (Departure(account, region, None) for region in leaving)
        yield from (Departure(account, None, key) for key in whole)


def _regions(
    after: Estate, before: Estate, scope: Scope, everywhere: Scope, control: Control, judge: Judge
) -> Iterator[Departure]:
    """The regions whose detector was on and is not any more."""
    for account in scope.accounts:
        for region in everywhere.expected_in(account):
            cell = Cell(account, region)
            if not before.select(Detector, account, region).here:
                continue
            if judge(control, before, everywhere, cell).status is not Status.PASS:
                continue
            now = judge(control, after, everywhere, cell)
            cause = DETECTOR if region in scope.expected_in(account) else None
            if now.status is Status.FAIL:
                yield Departure(account, region, None, now.evidence, cause)
            elif now.status is Status.UNDETERMINED and cause is None:
                yield Departure(account, region, None, now.evidence, None, now.reason)


def _practice(
    key: str,
    controls: Sequence[Control],
    after: Estate,
    before: Estate,
    everywhere: Scope,
    gone: set[tuple[str, str]],
    judge: Judge,
) -> Iterator[Departure]:
    """The accounts in which nothing of a practice is left. A region that leaves as a whole is said already."""
    for account in everywhere.accounts:
        now = list[tuple[Control, Verdict]]()
        for control in controls:
            for cell in control.cells(before, everywhere):
                if cell.account.key != account.key or (account.key, cell.region or "") in gone:
                    continue
                if judge(control, before, everywhere, cell).status is not Status.PASS:
                    continue
                still = still_there(cell, after)
                if still is not None:
                    now.append((control, judge(control, after, everywhere, still)))
        if not now or any(verdict.status is not Status.FAIL for _, verdict in now):
            continue
        if not _is_there(controls, after, everywhere, account, judge):
            control, verdict = now[0]
            yield Departure(account, None, key, verdict.evidence, control.id)


def _is_there(controls: Sequence[Control], estate: Estate, scope: Scope, account: Account, judge: Judge) -> bool:
    """Whether something of a practice holds in an account."""
    return any(
        judge(control, estate, scope, cell).status is Status.PASS
        for control in controls
        for cell in control.cells(estate, scope)
        if cell.account.key == account.key
    )


def still_there(cell: Cell, after: Estate) -> Cell | None:
    """The cell after the change, where it is asked no more; None where its subject is gone."""
    if cell.subject is None:
        return cell
    declared = cell.resource is not None and cell.subject == cell.resource.origin.address
    name = cell.resource.own_name if cell.resource is not None and declared else cell.subject
    kind = Resource if cell.resource is None else type(cell.resource)
    found = after.find(kind, Ref(address=name, id=cell.subject_id))
    if found is None and cell.resource is not None and not cell.resource.managed:
        found = cell.resource  # nobody looks at it any more, and it stays where it is
    return None if found is None else replace(cell, resource=found)
