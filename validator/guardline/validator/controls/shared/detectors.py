"""The one detector of an account and region, and the checks of what lives on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress

import msgspec
from msgspec.structs import replace

from guardline.validator.control import Cell, Status, Verdict, failed, not_applicable, passed, undetermined
from guardline.validator.controls.shared.cells import offers_guardduty
from guardline.validator.controls.shared.may_be_other_account import may_be_other_account
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector
from guardline.validator.model.value import UnknownValue

ROOT = "detector-enabled"
"""The control whose fail is behind every other fail of a region without a working detector."""


class Finding(msgspec.Struct, frozen=True):
    """What is known of a region's detector.

    Attributes:
        verdict: the verdict of `detector-enabled`.
        detector: the one enabled detector; None unless the verdict is a pass.
        uncertain: the one that is there where the verdict is undetermined: it may be suspended, or not the only one.
        rivals: whether more than one detector is there, so that nobody can tell which one counts.
    """

    verdict: Verdict
    detector: Detector | None = None
    uncertain: Detector | None = None
    rivals: bool = False


def find(estate: Estate, cell: Cell) -> Finding:
    """Judge the detector of a region cell."""
    region = cell.region or ""
    if not offers_guardduty(region):
        return Finding(not_applicable(f"AWS does not offer GuardDuty in {region} (region catalogue)"))
    selection = estate.select(Detector, cell.account, region)
    here = distinct(selection.here)
    if not here:
        return Finding(_absent(estate, cell))
    origins = tuple(each.origin for each in here)
    detector, *rivals = here
    if rivals and estate.past and (on := [each for each in here if each.enabled.known_or(False)]):
        return Finding(passed(f"an enabled detector in {region}", *origins), on[0])
    if rivals and (why := may_be_other_account(here)) is not None:
        return Finding(undetermined(f"{len(here)} detectors are seen in {region}, {why}", *origins), rivals=True)
    if rivals:
        return Finding(failed(f"{len(here)} detectors in {region}, and AWS allows one", *origins), rivals=True)
    if not detector.enabled.is_known:
        why = f"whether the detector in {region} is on: {detector.enabled.reason}"
        return Finding(undetermined(why, *origins), uncertain=detector)
    if not detector.enabled.get():
        if (why := estate.deployed_otherwise(Detector, cell.account, region, settled=True)) is not None:
            return Finding(undetermined(f"the detector in {region} is suspended, but {why}", *origins))
        return Finding(failed(f"the detector in {region} is suspended", *origins))
    if unread := estate.hidden(Detector, cell.account):  # it may be a second one here
        return Finding(undetermined(f"one detector is seen in {region}, but {unread}", *origins), uncertain=detector)
    return Finding(passed(f"one detector, enabled, in {region}", *origins), detector)


def _absent(estate: Estate, cell: Cell) -> Verdict:
    selection = estate.select(Detector, cell.account, cell.region)
    if selection.incomplete is not None:
        return undetermined(f"no detector is seen in {cell.region}, but {selection.incomplete}", missing=Detector)
    if maybe := possible(selection.possible):
        first, more = maybe[0], f" and {len(maybe) - 1} more" if len(maybe) > 1 else ""
        why = first.location.region.reason or "its region is unknown"
        return undetermined(
            f"no detector is seen in {cell.region}, but {first.origin.address}{more} may be there: {why}",
            *(detector.origin for detector in maybe),
        )
    return failed(f"no detector in {cell.region}", missing=Detector)


def possible(detectors: Iterable[Detector]) -> tuple[Detector, ...]:
    """Those that may be enabled: a detector known to be suspended covers no region, wherever it is."""
    return tuple(detector for detector in detectors if detector.enabled.known_or(True))


def distinct(detectors: Iterable[Detector]) -> tuple[Detector, ...]:
    """One entry per real detector.

    What a data source looks at is the resource with the same id; one whose id is still unknown is the detector that is
    declared beside it, whose features and its own then count together.
    """
    kept: list[Detector] = []
    for detector in sorted(detectors, key=lambda detector: not detector.managed):
        nameless = not detector.managed and all(name.endswith(detector.origin.address) for name in detector.names)
        same = (at for at, other in enumerate(kept) if nameless or not other.names.isdisjoint(detector.names))
        if (at := next(same, None)) is None:
            kept.append(detector)
        else:
            kept[at] = _united(kept[at], detector)
    return tuple(kept)


def _united(detector: Detector, again: Detector) -> Detector:
    names = sorted({*detector.features, *again.features})
    return replace(
        detector,
        names=detector.names | again.names,
        features={name: (*detector.features.get(name, ()), *again.features.get(name, ())) for name in names},
        possible=(*detector.possible, *again.possible),
        seen={**again.seen, **detector.seen},
    )


def on_detector(
    judge: Callable[[Estate, Scope, Cell, Detector], Verdict],
    sure: Callable[[Estate, Scope, Cell], Verdict | None] | None = None,
) -> Callable[[Estate, Scope, Cell], Verdict]:
    """Turn a judgement of something on a detector into a check of a region cell.

    Without a working detector nothing on it works either: such a cell fails, or is undetermined, with
    `detector-enabled` as its cause, and a report shows them together. What fails whether the detector works or not is a
    fail, whatever is unknown of the detector.

    Args:
        judge: judges what is on the region's detector.
        sure: the fail that stands whichever detector the region has, or None.
    """

    def check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
        found = find(estate, cell)
        applies = found.verdict.status is not Status.NOT_APPLICABLE
        if applies and sure is not None and (verdict := sure(estate, scope, cell)) is not None:
            return verdict
        if found.verdict.status is Status.FAIL and not found.rivals:
            return replace(found.verdict, cause=ROOT)
        if found.detector is not None:
            return judge(estate, scope, cell, found.detector)
        if found.rivals:
            reason = f"{found.verdict.reason}: which one counts is unknown"
            return undetermined(reason, *found.verdict.evidence, cause=ROOT)
        with suppress(UnknownValue):
            if found.uncertain is not None:
                verdict = judge(estate, scope, cell, found.uncertain)
                if verdict.status is Status.FAIL:
                    return verdict
        return replace(found.verdict, cause=ROOT)

    return check
