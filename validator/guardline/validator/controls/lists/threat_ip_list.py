"""Control threat-ip-list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from guardline.spec.lists import check_threat
from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed
from guardline.validator.controls.lists.contents import bad_entry, differs, lines_of
from guardline.validator.controls.shared.attached_to import assert_attached, attached_to
from guardline.validator.controls.shared.cells import region_cells
from guardline.validator.controls.shared.detectors import on_detector
from guardline.validator.controls.shared.members import of_administrator
from guardline.validator.controls.shared.when_applicable import is_asked
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector, IpList
from guardline.validator.model.value import UnknownValue

ID = "threat-ip-list"
MOST = 6
"""Threat lists that AWS allows in an account and region (quotas of GuardDuty)."""


def _threat(lists: Iterable[IpList]) -> tuple[IpList, ...]:
    return tuple(one for one in lists if one.kind == "threat")


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    asked = is_asked(scope, ID)
    with_list = {one.key for one in scope.accounts if asked or _threat(estate.select(IpList, one))}
    return (cell for cell in region_cells(estate, scope) if cell.account.key in with_list)


def _judge(estate: Estate, scope: Scope, cell: Cell, detector: Detector) -> Verdict:
    selection = estate.select(IpList, cell.account, cell.region)
    threat = _threat(selection.here)
    here = attached_to(threat, detector)
    origins = [one.origin for one in here or threat]
    if len(here) > MOST:
        return failed(f"{len(here)} threat lists in {cell.region}, and AWS allows {MOST}", *origins)
    if not here:
        assert_attached(threat)
        possible = _threat(selection.possible)
        if selection.incomplete is not None or possible:
            why = selection.incomplete or f"{possible[0].origin.address} may be there"
            raise UnknownValue(f"no threat list is seen in {cell.region}, but {why}")
        stray = "; the one there belongs to another detector" if threat else ""
        return failed(f"no threat list in {cell.region}{stray}", *origins, missing=IpList)
    assert_attached(threat)
    for one in here:
        one.active.get()
    wanted = scope.asked.threat_ips if scope.asked is not None else None
    if wanted is not None and (found := _content(here, asked=True)) != wanted:
        few, many = len(wanted - found), len(found - wanted)
        why = f"{few} of the spec's {len(wanted)} missing, {many} others"
        return failed(f"the threat lists in {cell.region} differ from the spec: {why}", *origins)
    held, unread = estate.once(_contents).get(cell.account.key, (Counter(), 0))
    if wanted is None and differs(_content(here), held, unread, "the threat lists"):
        return failed(f"the threat lists in {cell.region} differ from those of other regions", *origins)
    return passed(f"{len(here)} active threat {'list' if len(here) == 1 else 'lists'} in {cell.region}", *origins)


def _sure(estate: Estate, _scope: Scope, cell: Cell) -> Verdict | None:
    """The fail of a list that is wrong on whichever detector."""
    threat = _threat(estate.select(IpList, cell.account, cell.region).here)
    for one in threat:
        if not one.active.known_or(True):
            return failed(f"the threat list {one.origin.address} is not active", one.origin)
    for one in threat:
        if wrong := bad_entry(one, check_threat):
            return failed(f"the threat list {one.origin.address} has an entry to mend: {wrong}", one.origin)
    return None


Content = frozenset[tuple[str, ...]]


def _content(lists: Iterable[IpList], *, asked: bool = False) -> Content:
    """What a region's lists hold together, whatever their order.

    Raises:
        UnknownValue: some content or format is unknown, or cannot be compared.
    """
    return frozenset(tuple(sorted(lines_of(one, asked=asked))) for one in lists)


def _contents(estate: Estate) -> dict[str, tuple[Counter[Content], int]]:
    """For each account how many regions hold the same threat lists, and of how many the content is unknown."""
    by_place: dict[tuple[str, str], list[IpList]] = {}
    for one in _threat(estate.all(IpList)):
        region = one.location.region.known_or(None) or one.origin.address
        by_place.setdefault((one.location.account.key, region), []).append(one)
    contents: dict[str, tuple[Counter[Content], int]] = {}
    for (account, _), lists in by_place.items():
        counted, unknown = contents.setdefault(account, (Counter(), 0))
        try:
            lists[0].location.region.get()
            content = _content(lists)
        except UnknownValue:
            contents[account] = (counted, unknown + 1)
            continue
        counted[content] += 1
    return contents


CONTROL = Control(
    id=ID,
    title="The threat lists are in place",
    practice=10,
    severity=Severity.MEDIUM,
    why=(
        "A threat list makes GuardDuty raise a finding for each address that you, or a partner, know to be hostile. "
        "Lists are regional: where one is missing, the same intruder comes and goes unseen."
    ),
    passes=(
        f"One to {MOST} active lists on the region's detector. Their entries are public IPv4 addresses or ranges "
        "within AWS's limits, and those of the region equal to the spec's, or, without a spec, to other regions'."
    ),
    fails=(
        f"No list, an inactive one, more than {MOST} (AWS allows no more), one on another region's detector only; an "
        "entry that is a catch-all, private, malformed or IPv6; too many entries; entries that differ from the spec's "
        "or most other regions'; or the region has no working detector."
    ),
    unsure=(
        "Whether a list is active, its region, its format or its content is unknown (a plan does not carry the content "
        "of a file), or that of so many other regions that they cannot be compared; a list is in another format than "
        "TXT, and no spec says what it must hold; or the source is incomplete. A wrong entry fails whatever else is "
        "unknown."
    ),
    fix=(
        "Declare `aws_guardduty_threatintelset` with `activate = true` on the region's detector, with the same object "
        "content in every region; let the object's hash be part of its key, for AWS rereads a list only when it is "
        "activated."
    ),
    limits=(
        "Asked when the spec names a threat list or the source holds one. Only TXT content is read; another format is "
        "compared with the spec's file as it is. Threat lists do not affect DNS findings."
    ),
    cells=_cells,
    check=of_administrator(on_detector(_judge, _sure)),
    links=(
        "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_upload-lists.html",
        "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_limits.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/guardduty_threatintelset",
    ),
)
