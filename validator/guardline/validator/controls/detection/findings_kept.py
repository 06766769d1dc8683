"""Control findings-kept."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Cell, Control, Severity, Verdict, failed
from guardline.validator.controls.shared.stores import Writer, cells, kept
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import PublishingDestination
from guardline.validator.model.value import UnknownValue

ID = "findings-kept"


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    """The findings of an organization are its administrator's to export."""
    return (cell for cell in cells(ID, estate, scope) if scope.administrator_of(cell.account) is None)


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    store = scope.asked.stores.get(ID) if scope.asked is not None else None
    if store is None:
        raise UnknownValue("no spec says how long exported findings are to be kept")
    exports = estate.select(PublishingDestination, cell.account)
    if not exports.here:
        exports.assert_complete()
        return failed("no findings are exported, so that nothing is kept", missing=PublishingDestination)
    return kept(
        estate, store, (Writer(one, one.bucket, one.key if one.keyed.known_or(True) else None) for one in exports)
    )


CONTROL = Control(
    id=ID,
    title="Exported findings are kept as asked",
    practice=7,
    severity=Severity.MEDIUM,
    why=(
        "GuardDuty forgets a finding after 90 days; the export is kept as long as its bucket keeps it. A shorter "
        "lifecycle or a missing lock takes the findings away from those who look later."
    ),
    passes=(
        "What holds exported findings is as the spec's `guardduty.export` says: the destination, and its name where "
        "the spec gives one; nothing is deleted or archived earlier; objects are locked as asked; the key is the one "
        "asked for, and a key made here renews its material. A bucket made here is private, versioned, its owner's "
        "alone and closed to plain HTTP. Keeping longer, or locking harder, passes as well."
    ),
    fails="One of these is otherwise, or there is nothing that writes to a store.",
    unsure=(
        "The bucket, log group or key is not in the source, a setting is known only after apply, or the source is "
        "incomplete."
    ),
    fix="Set up the bucket or log group as the spec says, or run `guardline generate` again.",
    limits=(
        "Asked under a spec with `guardduty.export` in mode create only. A bucket that the spec calls another team's "
        "is only asked whether it is that one."
    ),
    cells=_cells,
    check=_check,
    links=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html",
    ),
)
