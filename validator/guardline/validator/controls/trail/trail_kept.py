"""Control trail-kept."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Cell, Control, Severity, Status, Verdict, failed
from guardline.validator.controls.shared.stores import Writer, cells, kept
from guardline.validator.controls.shared.trails import ROOT, recording
from guardline.validator.expectations.asked import Store
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.cloudtrail import Trail
from guardline.validator.model.estate import Estate
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.unknown_parts import shown

ID = "trail-kept"


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    return cells(ID, estate, scope)


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    store = scope.asked.stores.get(ID) if scope.asked is not None else None
    if store is None:
        raise UnknownValue("no spec says how long the trail's files are to be kept")
    trails = recording(estate, cell.account)
    if not trails:
        estate.select(Trail, cell.account).assert_complete()
        return failed("no trail records the account, so that nothing is kept", cause=ROOT, missing=Trail)
    # Of several, one that is kept as asked is enough, as for the other controls of the trail.
    verdicts = [_kept(estate, store, trail) for trail in trails]
    return min(verdicts, key=lambda verdict: _ORDER.index(verdict.status.value))


def _kept(estate: Estate, store: Store, trail: Trail) -> Verdict:
    verdict = kept(estate, store, (Writer(trail, trail.bucket, trail.key),))
    if store.prefix is None or verdict.status is not Status.PASS or trail.prefix.get() == store.prefix:
        return verdict
    found = shown(trail.prefix.get()) or "no folder"
    return failed(f"the trail writes to {found}, and the spec says {store.prefix or 'none'}", trail.origin)


_ORDER = ("pass", "undetermined", "fail")


CONTROL = Control(
    id=ID,
    title="The trail's files are kept as asked",
    practice=1,
    severity=Severity.MEDIUM,
    why=(
        "The trail is the evidence of an investigation, a year later too. A shorter lifecycle, or a lock that was "
        "left out, lets it be gone, or be deleted by whoever has the administrator's rights."
    ),
    passes=(
        "What holds the trail's files is as the spec's `trail` says: the destination, and its name where the spec "
        "gives one; nothing is deleted or archived earlier; objects are locked as asked; the key is the one asked for, "
        "and a key made here renews its material. A bucket made here is private, versioned, its owner's alone and "
        "closed to plain HTTP. Keeping longer, or locking harder, passes as well."
    ),
    fails="One of these is otherwise, or there is nothing that writes to a store.",
    unsure=(
        "The bucket, log group or key is not in the source, a setting is known only after apply, or the source is "
        "incomplete."
    ),
    fix="Set up the bucket or log group as the spec says, or run `guardline generate` again.",
    limits=(
        "Asked under a spec with `trail` in mode create only. A bucket that the spec calls another team's is only "
        "asked whether it is that one."
    ),
    cells=_cells,
    check=_check,
    links=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html",
    ),
)
