"""Control trusted-ip-list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from guardline.spec.lists import check_trusted, entries
from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed
from guardline.validator.controls.lists.contents import bad_entry, differs, lines_of
from guardline.validator.controls.shared.attached_to import assert_attached, attached_to
from guardline.validator.controls.shared.cells import region_cells
from guardline.validator.controls.shared.detectors import on_detector
from guardline.validator.controls.shared.members import of_administrator
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector, IpList
from guardline.validator.model.resource import Account
from guardline.validator.model.value import UnknownValue


def _lists(estate: Estate, account: Account) -> tuple[IpList, ...]:
    return tuple(one for one in estate.select(IpList, account) if one.kind == "trusted")


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    asked = scope.asked is not None and scope.asked.trusted_ips is not None
    with_list = {account.key for account in scope.accounts if asked or _lists(estate, account)}
    return (cell for cell in region_cells(estate, scope) if cell.account.key in with_list)


def _judge(estate: Estate, scope: Scope, cell: Cell, detector: Detector) -> Verdict:
    selection = estate.select(IpList, cell.account, cell.region)
    trusted = [one for one in selection if one.kind == "trusted"]
    here = attached_to(trusted, detector)
    origins = [each.origin for each in here or trusted]
    if len(here) > 1:
        return failed(f"{len(here)} trusted IP lists in {cell.region}, and AWS allows one", *origins)
    if not here:
        assert_attached(trusted)
        possible = tuple(one for one in selection.possible if one.kind == "trusted")
        if selection.incomplete is not None or possible:
            why = selection.incomplete or f"{possible[0].origin.address} may be there"
            raise UnknownValue(f"no trusted IP list is seen in {cell.region}, but {why}")
        stray = "; the one there belongs to another detector" if trusted else ""
        return failed(f"no trusted IP list in {cell.region}{stray}", *origins, missing=IpList)
    one = here[0]
    one.active.get()
    wrong = _other_content(estate, scope, cell, one)
    if wrong is not None:
        return failed(f"the trusted IP list in {cell.region} {wrong}", *origins)
    assert_attached(trusted)
    return passed(f"an active trusted IP list in {cell.region}", *origins)


def _sure(estate: Estate, _scope: Scope, cell: Cell) -> Verdict | None:
    """The fail of a list that is wrong on whichever detector."""
    for one in estate.select(IpList, cell.account, cell.region):
        if one.kind != "trusted":
            continue
        if not one.active.known_or(True):
            return failed(f"the trusted IP list in {cell.region} is not active", one.origin)
        if wrong := bad_entry(one, check_trusted):
            return failed(f"the trusted IP list in {cell.region} has an entry to mend: {wrong}", one.origin)
    return None


def _other_content(estate: Estate, scope: Scope, cell: Cell, one: IpList) -> str | None:
    """How the list's content differs from what the spec asks for, or from that of other regions; or None.

    Raises:
        UnknownValue: it is unknown, in a format that is not read, or so many other regions' are that they may decide.
    """
    wanted = scope.asked.trusted_ips if scope.asked is not None else None
    found = lines_of(one, asked=wanted is not None)
    if wanted is not None:
        asked = frozenset(entries("\n".join(wanted)))
        few, many = len(asked - found), len(found - asked)
        return f"differs from the spec: {few} entries missing, {many} too many" if few or many else None
    held, unread = estate.once(_contents).get(cell.account.key, (Counter(), 0))
    return "differs from those of other regions" if differs(found, held, unread, "the trusted IP lists") else None


def _contents(estate: Estate) -> dict[str, tuple[Counter[frozenset[str]], int]]:
    """For each account how many of its trusted lists hold the same entries, and of how many they are unknown."""
    contents: dict[str, tuple[Counter[frozenset[str]], int]] = {}
    for one in estate.all(IpList):
        if one.kind != "trusted":
            continue
        counted, unread = contents.get(one.location.account.key, (Counter[frozenset[str]](), 0))
        if one.content.is_known and one.format.known_or("") == "TXT":
            counted[frozenset(entries(one.content.get()))] += 1
        else:
            unread += 1
        contents[one.location.account.key] = (counted, unread)
    return contents


CONTROL = Control(
    id="trusted-ip-list",
    title="The trusted IP list is in place",
    practice=10,
    severity=Severity.MEDIUM,
    why=(
        "GuardDuty raises no finding for a trusted address, so a list keeps scanners and offices quiet, and a careless "
        "one (a catch-all, a range of strangers) keeps intruders quiet. Lists are regional: one missing makes noise, "
        "a different one blinds."
    ),
    passes=(
        "One active list on the region's detector. Its entries are public IPv4 addresses or ranges within AWS's "
        "limits, and equal to the spec's, or, without a spec, to other regions'."
    ),
    fails=(
        "No list, an inactive one, two of them (AWS allows one), one on another region's detector; an entry that is a "
        "catch-all, private, malformed or IPv6; too many entries; entries that differ from the spec or from most "
        "other regions; or the region has no working detector."
    ),
    unsure=(
        "Whether it is active, its region, its detector or its content is unknown (a plan does not carry the content "
        "of a file), or that of so many other regions that they cannot be compared; it is in another format than TXT, "
        "and no spec says what it must hold; or the source is incomplete. A wrong entry fails whatever else is unknown."
    ),
    fix=(
        "Declare `aws_guardduty_ipset` with `activate = true` on the region's detector, with the same object content "
        "in every region; let the object's hash be part of its key, for AWS rereads a list only when it is activated."
    ),
    limits=(
        "Asked when the spec names a list or the source holds one. Only TXT content is read. A trusted list does not "
        "affect DNS findings."
    ),
    cells=_cells,
    check=of_administrator(on_detector(_judge, _sure)),
    links=(
        "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_upload-lists.html",
        "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_limits.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/guardduty_ipset",
    ),
)
