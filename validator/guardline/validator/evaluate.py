"""Ask every expected cell. The one loop of the validator, and the one place where an unknown becomes *undetermined*."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from guardline.spec.faults import fault
from guardline.validator import declared_references, departures
from guardline.validator.control import Cell, Control, Status, Verdict
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector
from guardline.validator.model.resource import Origin
from guardline.validator.model.value import Leaf, UnknownValue, looked_at
from guardline.validator.report import KEPT, Row
from guardline.validator.shares import EVERY, Judged, Share, by_shares

Identity = tuple[str, str | None, str | None]
LOST = (Status.PASS, Status.FAIL)
_DETECTOR = "detector-enabled"
_LOST_REGION = "lost-region"  # stands for the cell of a detector that goes, until the cells are known


def evaluate(
    after: Estate,
    before: Estate | None,
    scope: Scope,
    controls: Iterable[Control],
    kinds: frozenset[str],
    roots: Sequence[tuple[Estate, Estate | None]] = (),
    catalogue: Sequence[Control] = (),
) -> tuple[Row, ...]:
    """Judge every expected cell of every control, and those that the spec leaves out.

    Args:
        after: the estate after the change.
        before: the estate before it, where the source tells; it decides what is a regression.
        scope: the denominator.
        controls: in the order of the rows.
        kinds: the kinds of source read (``plan``, ``hcl``, ...): a control that none of them can tell is not assessed.
        roots: of several sources, the estate of each, after the change and before it.
        catalogue: every control: what a change stops covering is found by some that may not be chosen.

    Returns:
        The rows, in a stable order: control, account, region, subject.
    """
    if scope.administration is not None and (organization := scope.administration.organization) is not None:
        after, before = _of(after, organization), before and _of(before, organization)
        roots = [(_of(now, organization), then and _of(then, organization)) for now, then in roots]
    chosen = list(controls)
    off = scope.asked.off if scope.asked is not None else {}
    controls = [control for control in chosen if control.id not in off and control.id != KEPT]
    alone = bool(one_or_several(scope, roots))

    def judged(share: Share) -> Iterator[Judged]:
        for control in chosen:
            asks = control.id not in off and control.id != KEPT
            yield (
                list(_rows(control, after, before, scope, kinds, share)) if asks else [],
                list(_left_out(control, after, scope, kinds, share)),
            )

    parts = list(judged(EVERY) if alone else by_shares(judged, scope))
    asked = [each for part, _ in parts for each in part]
    if alone:
        asked = list(if_several(asked, scope, controls, roots))
    asked += _kept(chosen, after, before, scope, [row for _, row in asked], catalogue)
    asked += (each for _, part in parts for each in part)
    place = {control.id: number for number, control in enumerate(chosen)}
    order = _order(scope)
    asked.sort(key=lambda each: (place[each[1].control], order(each[0])))
    # A check names the control at fault; the reader wants the very cell.
    wholes = {(row.control, cell.account.key, cell.region): row.id for cell, row in asked if cell.subject is None}
    wholes |= {
        (_LOST_REGION, cell.account.key, cell.region): row.id
        for cell, row in asked
        if row.control == _DETECTOR and row.regression
    }
    return tuple(
        row if row.cause is None else replace(row, cause=wholes.get((row.cause, cell.account.key, cell.region)))
        for cell, row in asked
    )


def _of(estate: Estate, organization: str) -> Estate:
    return replace(estate, organization=organization)


def _rows(
    control: Control, after: Estate, before: Estate | None, scope: Scope, kinds: frozenset[str], share: Share
) -> Iterator[tuple[Cell, Row]]:
    assessed = bool(control.sources & kinds)
    past = _past(control, before, scope, share) if before is not None and assessed else {}
    asked = share.of(control.cells(after, scope))
    if before is not None and assessed and not departures.is_left_out(control.id, scope):
        asked += _given_up(control, after, before, scope, asked, share)
    hidden = _hidden(control, after, scope, asked, share) if assessed else {}
    for cell in _apart(sorted([*asked, *hidden], key=_order(scope))):
        if not assessed:
            verdict = Verdict(Status.NOT_ASSESSED, f"a {' or '.join(sorted(kinds))} cannot tell")
        elif cell in hidden:
            unseen = Verdict(Status.UNDETERMINED, hidden[cell], missing=control.subjects[0])
            verdict = _placed(unseen, control, after, scope, cell)
        else:
            verdict = _judge(control, after, scope, cell)
        earlier = past.get(_identity(cell))
        if earlier is None and cell.subject_id is not None:
            earlier = past.get(_identity(cell, by_id=True))
        yield cell, _row(control, scope, cell, verdict, earlier)


def _kept(
    chosen: Iterable[Control],
    after: Estate,
    before: Estate | None,
    scope: Scope,
    rows: Sequence[Row],
    catalogue: Sequence[Control],
) -> Iterator[tuple[Cell, Row]]:
    """The cells about what the change stops covering."""
    kept = next((control for control in chosen if control.id == KEPT), None)
    if kept is None:
        return
    by_id = {control.id: control for control in catalogue or chosen}
    scope = replace(scope, departures=tuple(departures.find(after, before, scope, rows, by_id, _judge)))
    for cell in kept.cells(after, scope):
        yield cell, _row(kept, scope, cell, _judge(kept, after, scope, cell), None)


def _left_out(
    control: Control, after: Estate, scope: Scope, kinds: frozenset[str], share: Share
) -> Iterator[tuple[Cell, Row]]:
    """The cells that would be asked if the spec left nothing out: waived, with the verdict below. What does not apply
    there needs no waiver; derived controls, and what this kind of source cannot tell, are outside coverage anyway."""
    asked = scope.asked
    if (
        not control.in_coverage
        or not control.sources & kinds
        or not (scope.left_out or scope.retiring or (asked and asked.waivers))
    ):
        return
    for cell in share.of(control.cells(after, scope.whole)):
        waiver = scope.waiver_of(control.id, cell.region, cell.account)
        if waiver is None:
            continue
        row = _row(control, scope, cell, _judge(control, after, scope.whole, cell), None)
        if row.verdict is Status.NOT_APPLICABLE:
            continue
        reason = f"{row.reason}; the spec leaves it out{f': {waiver.reason}' if waiver.reason else ''}"
        row = replace(row, verdict=Status.WAIVED, underlying=row.verdict, reason=reason, waiver=waiver, cause=None)
        yield cell, row


def _hidden(control: Control, estate: Estate, scope: Scope, asked: Iterable[Cell], share: Share) -> Mapping[Cell, str]:
    """Cells for the subjects that the source may hide, each with the reason: without them a source that cannot be read
    would ask nothing, and look as if all were well."""
    if not control.subjects:
        return {}
    subject, *needed = control.subjects
    there = {(cell.account.key, cell.region) for cell in asked if cell.subject is None}
    found: dict[Cell, str] = {}
    for account in filter(share.has, scope.accounts):
        why = estate.why_incomplete(subject, account)
        if why is None:
            continue
        if needed and not any(
            estate.why_incomplete(kind, account) or estate.select(kind, account).here for kind in needed
        ):
            continue
        for region in (None,) if subject.is_global else scope.expected_in(account):
            if (account.key, region) not in there:
                found[Cell(account, region)] = why
    return found


def one_or_several(scope: Scope, roots: Sequence[tuple[Estate, Estate | None]]) -> frozenset[str]:
    """The keys of accounts that several roots work in, and that may be another one in each: nothing names them."""
    unnamed = [one.key for one in scope.accounts if one.id is None and not one.by_credentials]
    seen = Counter(account.key for after, _ in roots for account in after.accounts)
    return frozenset(key for key in unnamed if seen[key] > 1)


def if_several(
    asked: Iterable[tuple[Cell, Row]],
    scope: Scope,
    controls: Iterable[Control],
    roots: Sequence[tuple[Estate, Estate | None]],
) -> Iterator[tuple[Cell, Row]]:
    """The rows; undetermined where the roots, each in an account of its own, would not all have the same verdict."""
    keys = one_or_several(scope, roots)
    alone: dict[tuple[str, Identity], set[Status]] = {}
    for after, _ in roots:
        own = tuple(one for one in scope.accounts if one.key in keys and one in after.accounts)
        by_account = (
            {one.key: after.touched.get(one.key, frozenset()) for one in own} if scope.expected_by_account else {}
        )
        part = replace(scope, accounts=own, expected_by_account=by_account)
        for control in controls:
            for cell in control.cells(after, part):
                found = alone.setdefault((control.id, _identity(cell)), set())
                found.add(_judge(control, after, part, cell).status)
    for cell, row in asked:
        others = alone.get((row.control, _identity(cell)), set()) if cell.account.key in keys else set()
        if row.verdict in LOST and others - {row.verdict}:
            yield cell, replace(row, verdict=Status.UNDETERMINED, reason=_SEVERAL, fix=_NAME_IT, regression=False)
        else:
            yield cell, row


_SEVERAL = "the roots name no account, so they may work in one account or in several, and the verdict depends on it"
_NAME_IT = "Say which account it is: `--account '*=ID'`, or `allowed_account_ids` in each provider."


def _past(control: Control, before: Estate, scope: Scope, share: Share) -> Mapping[Identity, Status]:
    """The verdicts before the change, by the cell's identity, and by the AWS id of its subject."""
    found: dict[Identity, Status] = {}
    for cell in share.of(control.cells(before, scope)):
        status = _judge(control, before, scope, cell).status
        found[_identity(cell)] = status
        if cell.subject_id is not None:
            found[_identity(cell, by_id=True)] = status
    return found


def _given_up(
    control: Control, after: Estate, before: Estate, scope: Scope, asked: Iterable[Cell], share: Share
) -> Iterator[Cell]:
    """Cells that are asked no more because the change takes the control's last artefact away: they passed, and fail.

    Whole regions and accounts, and subjects that are still there, looked at or not; a subject that goes needs nothing.
    """
    present = {_identity(cell, by_id=by_id) for cell in asked for by_id in (False, True)}
    for cell in share.of(control.cells(before, scope)):
        if _identity(cell) in present or (cell.subject_id is not None and _identity(cell, by_id=True) in present):
            continue
        still = departures.still_there(cell, after)
        if still is None:
            continue
        if (_judge(control, before, scope, cell).status, _judge(control, after, scope, still).status) == LOST:
            yield still


def _judge(control: Control, estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    if cell.region_unknown is not None:
        reason = f"which region this is about cannot be determined: {cell.region_unknown}"
        return Verdict(Status.UNDETERMINED, reason, tuple(_missing_from(control, estate, scope, cell, None)))
    with looked_at() as leaves:
        try:
            verdict = declared_references.check(control, estate, scope, cell)
        except UnknownValue as unknown_value:
            evidence = (cell.resource.origin,) if cell.resource is not None else ()
            verdict = Verdict(Status.UNDETERMINED, unknown_value.reason, evidence, missing=unknown_value.missing)
        except Exception as error:  # noqa: BLE001 - a fault of a check costs its cell, and is named there
            verdict = Verdict(Status.UNDETERMINED, fault(error))
    if estate.unusable is not None and verdict.status in (Status.PASS, Status.FAIL):
        verdict = replace(verdict, status=Status.UNDETERMINED, reason=estate.unusable)
    if verdict.status is Status.FAIL and (unread := scope.unread.get(cell.account.key)) is not None:
        verdict = replace(verdict, status=Status.UNDETERMINED, reason=f"{verdict.reason}, but {unread}")
        if cell.account not in estate.accounts:  # what the source has is of other accounts
            return replace(
                _placed(replace(verdict, missing=None), control, estate, scope, cell), missing=verdict.missing
            )
    if verdict.status is Status.FAIL and scope.partial is not None:
        elsewhere = scope.partial.why_elsewhere(cell.account, cell.region, verdict.missing)
        if elsewhere is not None:
            verdict = replace(verdict, status=Status.UNDETERMINED, reason=f"{verdict.reason}; {elsewhere}")
    if not verdict.evidence and verdict.status in (Status.FAIL, Status.UNDETERMINED):
        return _placed(verdict, control, estate, scope, cell)
    if verdict.status is Status.FAIL and (given := _given(verdict, leaves)):
        verdict = replace(verdict, fix=f"{verdict.fix or control.fix} {given}")
    return replace(verdict, evidence=tuple(_deciding(origin, leaves) for origin in verdict.evidence))


def _given(verdict: Verdict, leaves: Sequence[Leaf]) -> str | None:
    """Where what is wrong in a module comes from, where a variable of the module decides it."""
    origin = verdict.evidence[0]
    leaf = _last(origin, leaves)
    variables = leaf.variables() if origin.calls and leaf is not None and leaf.variables is not None else ()
    if not variables:
        return None
    named = " and ".join(f"`{name}`" for name in variables)
    return (
        f"It is given by the module's variable {named}: set that in the call."
        if len(variables) == 1
        else (f"It is given by the module's variables {named}: set them in the call.")
    )


def _last(origin: Origin, leaves: Sequence[Leaf]) -> Leaf | None:
    """What the check looked at last of a resource."""
    of = (origin.address, origin.file, origin.line)
    return next((leaf for leaf in reversed(leaves) if leaf.of == of), None)


def _placed(verdict: Verdict, control: Control, estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    """The verdict, with the place where what is missing would be."""
    return replace(verdict, evidence=tuple(_missing_from(control, estate, scope, cell, verdict)))


def _missing_from(
    control: Control, estate: Estate, scope: Scope, cell: Cell, verdict: Verdict | None
) -> Iterator[Origin]:
    """Where what is not there would be, or what hides it: the source's line, else the spec's, else the provider's."""
    missing_locations, found = estate.locations_of(cell.account), None
    kind = verdict.missing if verdict is not None else None
    if verdict is not None and verdict.status is Status.UNDETERMINED:
        found = missing_locations.unread.get(None) or (missing_locations.unread.get(kind) if kind is not None else None)
    if kind is not None:
        found = found or missing_locations.of(kind, cell.region)
    if found is None and scope.spec is not None and scope.spec_line is not None:
        found = Origin(scope.spec, scope.spec, scope.spec_line(control.id), absent=True)
    if cell.region is not None:  # what a whole account lacks is written at no provider's line
        found = found or missing_locations.providers.get(cell.region) or missing_locations.providers.get(None)
    return iter((found,) if found is not None else ())


def _deciding(origin: Origin, leaves: Sequence[Leaf]) -> Origin:
    """The evidence, on the line of what the check looked at last of that resource: that is what decided."""
    leaf = _last(origin, leaves)
    return replace(origin, file=leaf.file, line=leaf.line) if leaf is not None else origin


def _identity(cell: Cell, *, by_id: bool = False) -> Identity:
    return (cell.account.key, cell.region, cell.subject_id if by_id else _own_name(cell))


def _own_name(cell: Cell) -> str | None:
    """The subject's name that no other thing has: where several roots are read, an address with its root before it."""
    declared = cell.resource is not None and cell.subject == cell.resource.origin.address
    return cell.resource.own_name if cell.resource is not None and declared else cell.subject


def _apart(cells: Sequence[Cell]) -> Iterator[Cell]:
    """The cells, those of one address in several roots told apart by the root."""
    seen = Counter((cell.account.key, cell.region, cell.subject) for cell in cells)
    for cell in cells:
        shared = seen[cell.account.key, cell.region, cell.subject] > 1
        yield replace(cell, subject=_own_name(cell)) if shared else cell


def _order(scope: Scope) -> Callable[[Cell], tuple[int, str, int, str, str]]:
    """The stable order of a control's cells."""
    accounts = {account.key: place for place, account in enumerate(scope.accounts)}
    regions = {region.name: place for place, region in enumerate(scope.regions)}

    def key(cell: Cell) -> tuple[int, str, int, str, str]:
        return (
            accounts.get(cell.account.key, len(accounts)),
            cell.account.key,
            -1 if cell.region is None else regions.get(cell.region, len(regions)),
            cell.region or "",
            cell.subject or "",
        )

    return key


def _row(control: Control, scope: Scope, cell: Cell, verdict: Verdict, earlier: Status | None) -> Row:
    regression = earlier is Status.PASS and verdict.status is Status.FAIL
    return Row(
        id=cell_id(control.id, scope.partition, cell),
        control=control.id,
        title=control.title,
        practice=control.practice,
        practice_name=control.practice_name,
        severity=control.severity,
        account=cell.account.id,
        region=cell.region,
        subject=cell.subject,
        subject_id=cell.subject_id,
        verdict=verdict.status,
        reason=f"{verdict.reason}; it was covered before this change" if regression else verdict.reason,
        fix=verdict.fix or control.fix,
        before=earlier,
        regression=regression and control.in_coverage,
        evidence=verdict.evidence,
        cause=verdict.cause or _with_its_region(cell, verdict, regression),
        in_coverage=control.in_coverage,
        mappings=control.mappings,
    )


def _with_its_region(cell: Cell, verdict: Verdict, regression: bool) -> str | None:
    """The cause of what goes from a region; it holds where the change takes the region's detector as well."""
    goes = regression and cell.region is not None and (verdict.missing is not None or verdict.lacking)
    return _LOST_REGION if goes and verdict.missing is not Detector else None


def cell_id(control: str, partition: str, cell: Cell) -> str:
    """The stable id of a cell: 16 hex digits of sha256(control|partition|account or -|region or -|subject)."""
    parts = (control, partition, cell.account.key, cell.region or "-", cell.subject or "")
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]
