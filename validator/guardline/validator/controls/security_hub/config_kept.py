"""Control config-kept."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Cell, Control, Severity, Verdict, failed
from guardline.validator.controls.shared.stores import Writer, cells, kept
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.config import DeliveryChannel
from guardline.validator.model.estate import Estate
from guardline.validator.model.value import UnknownValue

ID = "config-kept"


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    return cells(ID, estate, scope)


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    store = scope.asked.stores.get(ID) if scope.asked is not None else None
    if store is None:
        raise UnknownValue("no spec says how long what AWS Config records are to be kept")
    channels = estate.select(DeliveryChannel, cell.account)
    if not channels.here:
        channels.assert_complete()
        return failed("AWS Config delivers nothing here, so that nothing is kept", missing=DeliveryChannel)
    return kept(estate, store, (Writer(one, one.bucket, service="config.amazonaws.com") for one in channels))


CONTROL = Control(
    id=ID,
    title="What AWS Config records is kept as asked",
    practice=8,
    severity=Severity.MEDIUM,
    why=(
        "How a resource was set up at the time of an incident is answered by the history in the bucket of AWS "
        "Config, for as long as it is there."
    ),
    passes=(
        "What holds what AWS Config records is as the spec's `config` says: the destination, and its name where the "
        "spec gives one; nothing is deleted or archived earlier; objects are locked as asked; the key is the one asked "
        "for, and a key made here renews its material. A bucket made here is private, versioned, its owner's alone and "
        "closed to plain HTTP. Keeping longer, or locking harder, passes as well."
    ),
    fails="One of these is otherwise, or there is nothing that writes to a store.",
    unsure=(
        "The bucket, log group or key is not in the source, a setting is known only after apply, or the source is "
        "incomplete."
    ),
    fix="Set up the bucket or log group as the spec says, or run `guardline generate` again.",
    limits=(
        "Asked under a spec with `config` in mode create only. A bucket that the spec calls another team's is only "
        "asked whether it is that one."
    ),
    cells=_cells,
    check=_check,
    links=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html",
    ),
)
