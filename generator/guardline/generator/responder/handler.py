"""What Lambda calls."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from . import finding as findings
from . import playbook, settings
from .actions import ACTIONS
from .actions.action import LeftToPeopleError, Outcome
from .carry_out import carry_out
from .clients import Acting, own
from .finding import Finding
from .notify import notify
from .records import Records
from .settings import Settings
from .undo import undo


class ResponseError(Exception):
    """Something is to be tried again: Lambda does that, and keeps the event where it helps no more."""


def handle(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer one finding, or undo an earlier answer.

    Args:
        event: as EventBridge brings it; or ``{"undo": RECORD}``, as `guardline response undo` sends it.
        _context: Lambda's own.

    Returns:
        The finding's id, and what came of each action; or what was undone.

    Raises:
        FindingError: the event is no finding.
        SettingsError: the function was not set up.
        NoRecordError: there is nothing to undo.
        ResponseError: an action failed; the others were carried out.
    """
    set_up = settings.read(os.environ)
    unknown = sorted({name for each in set_up.playbooks for name in each.actions} - set(ACTIONS))
    if unknown:
        raise settings.SettingsError(f"no such action: {', '.join(unknown)}; there are {', '.join(ACTIONS)}")
    region = set_up.topic_arn.split(":")[3]
    records = Records(own("dynamodb", region), set_up.table)
    if "undo" in event:
        record = str(event["undo"])
        return _logged({"undo": record, "done": undo(record, records, lambda known: _acting(known, set_up, region))})
    finding = findings.read(event)
    about = {"finding": finding.id, "type": finding.type, "severity": finding.severity,
             "account": finding.account, "region": finding.region, "mode": set_up.mode}  # fmt: skip
    answers = playbook.of(finding, set_up.playbooks)
    if answers is None:
        return _logged({**about, "outcomes": []})
    outcomes = list(_outcomes(finding, answers.actions, set_up, records))
    try:
        outcomes.append(notify(finding, set_up, records, outcomes))
    except Exception as error:  # noqa: BLE001 - what was done is logged, whatever the topic says; it is raised below
        outcomes.append(Outcome("notify", f"notify failed: {error}", failed=True))
    answer = _logged({**about, "outcomes": [_shown(each) for each in outcomes]})
    failed = [each.done for each in outcomes if each.failed]
    if failed:
        raise ResponseError("; ".join(failed))
    return answer


def _outcomes(finding: Finding, names: tuple[str, ...], set_up: Settings, records: Records) -> Iterator[Outcome]:
    if set_up.mode == "notify" or not names:
        return
    if finding.sample:
        yield Outcome("sample", "this is a sample finding: nothing is done about it")
        return
    home = set_up.topic_arn.split(":")[3]
    place = {"partition": finding.partition, "account": finding.account, "region": finding.region}
    clients = _acting(place, set_up, home, finding.id)
    for name in names:
        action = ACTIONS[name]
        try:
            targets = action.targets(finding)
        except LeftToPeopleError as why:
            yield Outcome(name, f"{name}: {why}")
            continue
        for target in targets:
            try:
                yield carry_out(action, target, finding, set_up, clients, records)
            except Exception as error:  # noqa: BLE001 - the next one still has its turn; it is raised at the end
                yield Outcome(name, f"{name} failed for {target} and is tried again: {error}", failed=True)


def _acting(place: Mapping[str, Any], set_up: Settings, home: str, why: str = "undo") -> Acting:
    role = f"arn:{place['partition']}:iam::{place['account']}:role/{set_up.role}"
    return Acting(role, f"guardline-{why}"[:64], home, str(place["region"]))


def _shown(outcome: Outcome) -> dict[str, Any]:
    shown = {"action": outcome.action, "done": outcome.done, "failed": outcome.failed}
    return shown if outcome.record is None else {**shown, "record": outcome.record}


def _logged(answer: dict[str, Any]) -> dict[str, Any]:
    print(json.dumps(answer))
    return answer
