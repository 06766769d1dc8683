"""One action on one target: excluded, looked at, claimed, written down, done."""

from __future__ import annotations

from . import exclusions
from .actions.action import Action, LeftToPeopleError, Outcome, Target
from .clients import Clients
from .finding import Finding
from .records import Records
from .settings import Settings


def record_id(action: Action, target: Target, finding: Finding) -> str:
    """The record of an action on a target."""
    return f"{action.name}/{finding.account}/{finding.region}/{target}"


def carry_out(
    action: Action, target: Target, finding: Finding, settings: Settings, clients: Clients, records: Records
) -> Outcome:
    """Take an action on a target, where it may be taken.

    Args:
        action: the action.
        target: what it is taken on.
        finding: why.
        settings: the function's settings.
        clients: clients in the finding's account and region.
        records: the table of records.

    Returns:
        What came of it. Any error of an API is raised: the record then says how far it got.

    Raises:
        BusyError: another run is at it.
    """
    try:
        reason = exclusions.never(target, settings)
        seen = None if reason is not None else action.look(clients, target, finding)
    except LeftToPeopleError as why:
        reason, seen = str(why), None
    if seen is not None:
        reason = exclusions.by_tags(seen.tags, settings)
    if reason is not None or seen is None:
        return Outcome(action.name, f"nothing was done to {target}: {reason}")
    if settings.mode == "dry-run":
        return Outcome(action.name, seen.already or f"dry-run: this would {action.verb} {target}")
    record = record_id(action, target, finding)
    about = {"action": action.name, "account": finding.account, "region": finding.region, "target": str(target),
             "kind": target.kind, "name": target.name, "part": target.part, "partition": finding.partition}  # fmt: skip
    if seen.already is not None and not _is_half_done(records, record):
        return Outcome(action.name, seen.already)
    claim = records.claim(record, finding.id, about)
    if claim is None:
        return Outcome(
            action.name,
            f"{target} was answered for this finding and changed by people since: nothing was done again",
        )
    if claim.before is None and not records.counts(settings.rate_limit):
        full = f"{settings.rate_limit} actions were taken in this hour, and the settings allow no more"
        records.end(claim, "limited", full)
        return Outcome(action.name, f"nothing was done to {target}: {full}")
    before = claim.before
    if before is None:
        before = seen.before
        records.begin(claim, before)
    try:
        done = action.act(clients, target, before)
    except Exception as error:
        records.end(claim, "failed", f"{error}")
        raise
    records.end(claim, "done", done)
    return Outcome(action.name, done, record=record)


def _is_half_done(records: Records, record: str) -> bool:
    """Whether an earlier run ended half-way: its end looks done while the rest is missing."""
    known = records.read(record)
    return known is not None and known.get("state") in ("begun", "failed") and "seen_before" in known
