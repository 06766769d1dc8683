"""Control records-alarm."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Cell, Control, Severity, Verdict, not_applicable
from guardline.validator.controls.shared.cells import region_cells
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.controls.shared.when_applicable import is_asked
from guardline.validator.controls.tamper.alarms import alarms
from guardline.validator.controls.tamper.guarded_resources import guarded_here
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import EventRule
from guardline.validator.model.resource import Account

ID = "records-alarm"
# A rule that names both is meant to guard the record, and not one service alone.
_MEANT = ("StopLogging", "DeleteTrail")


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    concerned = {one.key for one in scope.accounts if is_asked(scope, ID) or _guards_records(estate, one)}
    return (cell for cell in region_cells(estate, scope) if cell.account.key in concerned)


def _guards_records(estate: Estate, account: Account) -> bool:
    texts = (rule.pattern.known_or("") or "" for rule in estate.select(EventRule, account).here)
    return any(all(name in text for name in _MEANT) for text in texts)


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    region = cell.region or ""
    calls = guarded_here(estate, cell.account, region)
    if not calls:
        estate.select(EventRule, cell.account, region).assert_complete()
        return not_applicable(f"nothing in {region} that records or carries alerts is in the source")
    return alarms(estate, scope, cell, calls, "calls that silence records and alerts")


CONTROL = Control(
    id=ID,
    title="Silencing records and alerts raises an alarm",
    practice=6,
    severity=Severity.HIGH,
    why=(
        "Whoever may not touch GuardDuty stops the trail, empties the topic's policy, disables the key or rewrites the "
        "function: findings go on, and nobody learns of them. Such a call has to alert people before it works."
    ),
    passes=(
        "Enabled rules match each call that silences what the source holds in the region, and lead to people or a "
        "function as in tamper-alarm, with a trail that records the calls: on trails, the Config recorder, flow logs, "
        "query logs, Security Hub and keys; on the rules, buses, topics and functions that carry GuardDuty's "
        "findings and alarms; on the buckets of trails and exported findings; and, in the partition's global region, "
        "on the roles that a rule leaves out, and in the management account on the organization's policies. Each call "
        "is tried with the name of the resource and with every shape of caller."
    ),
    fails="Some call or some class of people raises no alarm, as in tamper-alarm.",
    unsure="As in tamper-alarm.",
    fix=(
        "Declare in each region rules with `detail-type` AWS API Call via CloudTrail and the `eventSource` and "
        "`eventName` of these calls (docs/practices/tamper.md lists them), and targets as for tamper-alarm."
    ),
    limits=(
        "Asked where the spec asks for alarms, or a rule names both `StopLogging` and `DeleteTrail`. CloudWatch "
        "alarms, buckets of flow logs and query logs, and resources whose names are not known are not asked about."
    ),
    cells=_cells,
    check=_check,
    mappings=mapped(ID),
    links=(
        "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html",
    ),
)
