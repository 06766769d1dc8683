"""Control coverage-kept."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed, undetermined
from guardline.validator.expectations.scope import Departure, RegionState, Scope, Waiver
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Account, Resource


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    yield from (_cell(each) for each in scope.departures)
    if scope.spec is None:
        return
    leaving = {(each.account.key, each.region) for each in scope.departures}
    off = [region.name for region in scope.regions if region.state is RegionState.NOT_OPTED_IN]
    for account in scope.accounts:
        touched = estate.touched.get(account.key, frozenset[str]())
        yield from (Cell(account, name) for name in off if name in touched and (account.key, name) not in leaving)


def _cell(departure: Departure) -> Cell:
    return Cell(departure.account, departure.region, departure.key)


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    departure = next((each for each in scope.departures if _cell(each) == cell), None)
    if departure is None:
        return _contradiction(estate, cell.account, cell.region or "")
    what = departure.region or (f"`{departure.key}`" if departure.key else f"account {departure.account.key}")
    if departure.unsure is not None:
        return undetermined(f"whether this change stops covering {what} is unknown: {departure.unsure}")
    why, approved = _approval(scope, departure)
    said = f"this change stops covering {what}: {why}"
    if approved:
        return passed(said, *departure.evidence)
    return failed(said, *departure.evidence, cause=departure.cause, fix=_fix(scope, departure))


def _contradiction(estate: Estate, account: Account, region: str) -> Verdict:
    found = [each.origin for each in estate.select(Resource, account, region).here if each.managed][:3]
    named = f", such as {found[0].address}" if found else ""
    return undetermined(f"the spec calls {region} not opted in, and the source works there{named}", *found)


def _approval(scope: Scope, departure: Departure) -> tuple[str, bool]:
    """Why it leaves, and whether somebody answers for that."""
    if scope.base is not None and _left_by_base(scope, departure):
        return "the spec of the base branch leaves it out already", True
    state, waiver = None, scope.account_waivers.get(departure.account.key)
    if waiver is not None:
        pass
    elif departure.region is not None:
        one = next((region for region in scope.regions if region.name == departure.region), None)
        state, waiver = (one.state, one.waiver) if one is not None else (None, None)
        waiver = waiver or (
            None if departure.region in scope.expected_in(departure.account) else _off(scope, departure)
        )
    elif departure.key is not None:
        waiver = next((each.waiver for each in scope.not_asked if each.key == departure.key), None)
    if waiver is not None and waiver.is_approved:
        until = f", until {waiver.expires}" if waiver.expires else ""
        return f"{waiver.reason} (approved by {waiver.approver}{until})", True
    if waiver is None and state in (None, RegionState.EXPECTED):
        return "it was covered before, nothing covers it afterwards, and nobody approved that", False
    lacking = waiver.reason if waiver is not None and waiver.reason else f"the spec says {state}"
    return f"{lacking}, and nobody approved that", False


def _off(scope: Scope, departure: Departure) -> Waiver | None:
    return scope.off.get(departure.account.key)


def _left_by_base(scope: Scope, departure: Departure) -> bool:
    base = scope.base
    if base is None:
        return False
    if departure.region is None and departure.key is None:
        return False
    return departure.region not in base.covered if departure.region is not None else departure.key in base.left_out


def _fix(scope: Scope, departure: Departure) -> str:
    if scope.spec is None:
        return "Keep it, or write a spec that leaves it out with `reason` and `approved_by`."
    if departure.region is not None:
        where = "under `regions.exclude` or `regions.retiring`"
    elif departure.key is None:
        where = "under `organization.retiring`"
    else:
        where = f"under `{departure.key}` (mode off) or `leaving`"
    return f"Keep it, or say {where} why it leaves and who approved that: `reason` and `approved_by`."


CONTROL = Control(
    id="coverage-kept",
    title="What was covered stays covered, or somebody approved its leaving",
    practice=3,
    severity=Severity.HIGH,
    why=(
        "A spec that asks for less turns a loss into full coverage: what is no longer asked can no longer fail. "
        "So a region, an account, the trail or another practice that leaves is named first, and somebody has to answer "
        "for it."
    ),
    passes=(
        "The spec says why it leaves and who approved that (`exclude`, or `reason` and `approved_by` of `retiring`, "
        "for a region or an account, of `leaving` or mode off); or the spec of the base branch (`--base`) leaves it "
        "out already."
    ),
    fails=(
        "A detector that was on is gone or off, or nothing of a practice is left, and no reason and approver are "
        "given. Without a before, a region or practice that the base branch's spec covers and this one does not; and "
        "an account, in any case."
    ),
    unsure=(
        "A region that the spec leaves out had a detector, and whether it stays cannot be determined; or the spec "
        "calls a region not opted in, and the source works there."
    ),
    fix="Keep it, or say in the spec why it leaves and who approved that: `reason` and `approved_by`.",
    limits=(
        "It compares with what a plan says was there, or with the spec of the base branch: Terraform source alone has "
        "no before. A reason is not weighed; it is shown."
    ),
    cells=_cells,
    check=_check,
    links=("https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DeleteDetector.html",),
    in_coverage=False,
)
