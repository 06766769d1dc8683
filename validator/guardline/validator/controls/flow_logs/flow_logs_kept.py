"""Control flow-logs-kept."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Cell, Control, Severity, Verdict, not_applicable
from guardline.validator.controls.shared.stores import Writer, cells, kept
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.ec2 import FlowLog, FlowLogSettings
from guardline.validator.model.estate import Estate
from guardline.validator.model.value import UnknownValue

ID = "flow-logs-kept"


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    return cells(ID, estate, scope)


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    store = scope.asked.stores.get(ID) if scope.asked is not None else None
    if store is None:
        raise UnknownValue("no spec says how long flow logs are to be kept")
    logs = estate.select(FlowLogSettings, cell.account)
    if not logs.here:
        if (why := estate.why_incomplete(FlowLog, cell.account)) is not None:
            raise UnknownValue(f"no flow log is seen, but {why}")
        return not_applicable("no flow log is declared here, so that nothing is kept (vpc-flow-logs asks for one)")
    return kept(estate, store, (Writer(log, log.destination, service="delivery.logs.amazonaws.com") for log in logs))


CONTROL = Control(
    id=ID,
    title="Flow logs are kept as asked",
    practice=1,
    severity=Severity.MEDIUM,
    why=(
        "An intrusion is found months after it began, and flow logs that were deleted meanwhile tell nobody what "
        "it touched. Whoever may delete or overwrite them may remove the traces."
    ),
    passes=(
        "What holds flow logs is as the spec's `flow_logs` says: the destination, and its name where the spec gives "
        "one; nothing is deleted or archived earlier; objects are locked as asked; the key is the one asked for, and a "
        "key made here renews its material. A bucket made here is private, versioned, its owner's alone and closed to "
        "plain HTTP. Keeping longer, or locking harder, passes as well."
    ),
    fails="One of these is otherwise, or there is nothing that writes to a store.",
    unsure=(
        "The bucket, log group or key is not in the source, a setting is known only after apply, or the source is "
        "incomplete."
    ),
    fix="Set up the bucket or log group as the spec says, or run `guardline generate` again.",
    limits=(
        "Asked under a spec with `flow_logs` in mode create only. A bucket that the spec calls another team's is only "
        "asked whether it is that one."
    ),
    cells=_cells,
    check=_check,
    links=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html",
    ),
)
