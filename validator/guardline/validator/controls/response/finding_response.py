"""Control finding-response."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from guardline.validator.control import Cell, Control, Severity, Status, Verdict, failed, passed, undetermined
from guardline.validator.controls.response.answering import other_answers, said, settings, shortfall
from guardline.validator.controls.shared.cells import region_cells
from guardline.validator.controls.shared.conditions import Condition, all_hold, in_region_of, unsure
from guardline.validator.controls.shared.finding_routes import missed, routes
from guardline.validator.controls.shared.finding_rules import leads_to, on_findings
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.controls.shared.members import of_administrator
from guardline.validator.controls.shared.responders import responds
from guardline.validator.controls.shared.when_applicable import is_asked
from guardline.validator.expectations.asked import Answers
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import EventRule, EventTarget
from guardline.validator.model.functions import UNRESERVED, Function

ID = "finding-response"


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    asked = is_asked(scope, ID)
    concerned = {one.key for one in scope.accounts if asked or on_findings(estate, one, _responds)}
    return (cell for cell in region_cells(estate, scope) if cell.account.key in concerned)


def _responds(services: frozenset[str]) -> bool:
    return "lambda" in services


def _function(estate: Estate, rule: EventRule, target: EventTarget, source: str) -> Condition | None:
    ref = target.target.get()
    function = estate.find(Function, ref)
    if function is not None:
        condition = all_hold((in_region_of(rule, function), responds(estate, function, rule, target, source)))
        return replace(condition, end=function)
    if leads_to(estate, target) == "lambda":
        name = ref.id or ref.address
        return unsure(f"{name} is no function of the source, so who may call it is unknown", target.origin)
    return None


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    region = cell.region or ""
    found = routes(estate, cell.account, region, _function)
    sure = [route for route in found if route.condition.holds]
    whole = [_answer(scope, region, route.condition) for route in sure]
    answering = scope.asked.answering if scope.asked is not None else None
    if answering is not None and sure and (gap := missed(sure, answering.least, cell.account, region)) is not None:
        origins = tuple(dict.fromkeys(origin for route in sure for origin in route.condition.origins))
        return failed(f"{gap} of {region} starts no function, and the spec asks from {answering.least} up", *origins)
    for status in (Status.PASS, Status.UNDETERMINED, Status.FAIL):
        for verdict in whole:
            if verdict.status is status:
                return verdict
    for route in found:
        if route.condition.holds is None:
            return undetermined(route.condition.reason, *route.condition.origins)
    estate.select(EventRule, cell.account, region).assert_complete()
    if found:
        # Of several broken routes, the one that got farthest says most.
        farthest = max(found, key=lambda route: len(route.condition.origins))
        return failed(
            f"findings of {region} start no function: {farthest.condition.reason}", *farthest.condition.origins
        )
    return failed(f"no rule in {region} sends GuardDuty's findings to a function", missing=EventRule)


def _answer(scope: Scope, region: str, condition: Condition) -> Verdict:
    """What the function at the end of a route does, and whether it is what the spec asks for."""
    reason = f"findings of {region} start a function, with retries and a dead-letter queue"
    mode = scope.asked.response_mode if scope.asked is not None else None
    text = condition.end.settings if isinstance(condition.end, Function) else None
    if text is not None and text.is_known and text.get() is not None:
        its = settings(text.get() or "")
        if its is not None:
            short = shortfall(its, mode, scope.asked.answers if scope.asked is not None else {})
            if scope.asked is not None and scope.asked.answering is not None:
                short = short or other_answers(its, scope.asked.answering) or _at_once(scope.asked.answering, condition)
            if short is not None:
                return failed(f"findings of {region} start a function, but {short}", *condition.origins)
            return passed(f"{reason}; {said(its)}", *condition.origins)
    if mode in ("act", "dry-run"):
        why = text.reason if text is not None and not text.is_known else "its settings are not Guardline's"
        return undetermined(f"{reason}, and what it does cannot be determined: {why}", *condition.origins)
    return passed(reason, *condition.origins)


def _at_once(asked: Answers, condition: Condition) -> str | None:
    """How many findings fewer than asked the function may answer at once, or None."""
    if not isinstance(condition.end, Function):
        return None
    found = condition.end.concurrency.get()
    if found == UNRESERVED:
        return f"the function has no concurrency set aside; the spec says {asked.concurrency}"
    return (
        f"the function answers {found} at once; the spec says {asked.concurrency}"
        if found < asked.concurrency
        else None
    )


CONTROL = Control(
    id=ID,
    title="Findings start a response",
    practice=7,
    severity=Severity.MEDIUM,
    why=(
        "An instance that talks to an intruder does harm until somebody acts. A function that isolates it acts within "
        "seconds, at night too; one that EventBridge may not call, that never runs, or whose failures vanish, only "
        "seems to."
    ),
    passes=(
        "An enabled rule that matches GuardDuty's findings leads to a Lambda function, directly or through another "
        "event bus and its rules; a permission lets events.amazonaws.com call the function for that rule, or the "
        "target's role may; and the target has a dead-letter queue and tries again at least once (185 times unless it "
        "says otherwise). Where the function is Guardline's, its settings must be in the mode that the spec says, and "
        "answer each finding type as the spec says, from its severity up, sparing what it spares and as often; the "
        "reason names the families with an automatic action. A dry-run passes where the spec says dry-run, and counts "
        "as no automatic action."
    ),
    fails=(
        "No rule matches, it is disabled, it leads to no function, no permission covers the rule, or the target has no "
        "retries, or no dead-letter queue that EventBridge may send to (its policy and key, its region, no FIFO "
        "queue). Or the function never runs (its reserved concurrency is 0, or its key is disabled or being deleted), "
        "the function is in dry-run although no spec says so, in another mode than the spec says, or answers less, "
        "more, or at other severities."
    ),
    unsure=(
        "A pattern, target or permission is known only after apply and leads nowhere by reference; the function or the "
        "queue is not in the source; a bus is another account's; or the source is incomplete."
    ),
    fix=(
        "Declare `aws_cloudwatch_event_target` to the function with `dead_letter_config` and `retry_policy`, and "
        "`aws_lambda_permission` with `principal` events.amazonaws.com and `source_arn` of the rule."
    ),
    limits=(
        "Asked when a rule about GuardDuty's findings leads to a function. What a function that is not Guardline's "
        "does is not seen, nor which finding types it is for: a rule may be as narrow as its function."
    ),
    cells=_cells,
    check=of_administrator(_check),
    mappings=mapped(ID),
    links=(
        "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/services-cloudwatchevents.html",
    ),
)
