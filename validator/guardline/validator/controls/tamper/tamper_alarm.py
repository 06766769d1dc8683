"""Control tamper-alarm."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed, undetermined
from guardline.validator.controls.shared.alert_topics import reaches_people
from guardline.validator.controls.shared.cells import region_cells
from guardline.validator.controls.shared.conditions import Condition, all_hold, in_region_of, unsure
from guardline.validator.controls.shared.event_routes import Route
from guardline.validator.controls.shared.finding_rules import leads_to
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.controls.shared.responders import may_call
from guardline.validator.controls.shared.trails import none_will_do, origins
from guardline.validator.controls.shared.when_applicable import is_asked
from guardline.validator.controls.tamper.api_call_routes import call_ways, calls_left
from guardline.validator.controls.tamper.tamper_trail import recording_calls, watches_calls
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import EventRule, EventTarget
from guardline.validator.model.functions import Function
from guardline.validator.model.resource import Origin
from guardline.validator.model.sns import Topic

ID = "tamper-alarm"


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    concerned = {one.key for one in scope.accounts if is_asked(scope, ID) or watches_calls(estate, one)}
    return (cell for cell in region_cells(estate, scope) if cell.account.key in concerned)


def _end(estate: Estate, rule: EventRule, target: EventTarget, source: str) -> Condition | None:
    """A topic that people hear of, or a function that may be called."""
    ref = target.target.get()
    if (topic := estate.find(Topic, ref)) is not None:
        return all_hold((in_region_of(rule, topic), reaches_people(estate, topic, target, source)))
    if (function := estate.find(Function, ref)) is not None:
        return all_hold((in_region_of(rule, function), may_call(estate, function, rule, target, source)))
    if leads_to(estate, target) in ("sns", "lambda"):
        return unsure(f"what {target.origin.address} leads to is not in the source", target.origin)
    return None


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    region = cell.region or ""
    found = call_ways(estate, cell.account, region, _end)
    sure = tuple(route for route in found if route.condition.holds)
    maybe = tuple(route for route in found if route.condition.holds is not False)
    left = calls_left(sure, cell.account, region)
    if left and maybe != sure and not calls_left(maybe, cell.account, region):
        return undetermined(
            next(route.condition.reason for route in maybe if route.condition.holds is None), *_origins(maybe)
        )
    if left:
        estate.select(EventRule, cell.account, region).assert_complete()
        wrong = next((route for route in found if route.condition.holds is False), None)
        if not sure and wrong is not None:
            return failed(f"no alarm in {region}: {wrong.condition.reason}", *wrong.condition.origins)
        if not sure and not maybe:
            return failed(f"no rule in {region} takes calls that weaken GuardDuty to anybody", missing=EventRule)
        first, *rest = calls_left(maybe, cell.account, region)
        more = f" and {len(rest)} more" if rest else ""
        return failed(f"no alarm in {region} for {first}{more}", *_origins(maybe))
    judged = recording_calls(estate, cell.account, region)
    # EventBridge hears of calls through a trail; one that another team owns is declared, and not in the source.
    trail = scope.asked.declared.get("tamper-trail") if scope.asked is not None else None
    if trail is not None and not judged:
        return passed(
            f"calls that weaken GuardDuty in {region} raise an alarm, by the trail declared, not seen: {trail}",
            *_origins(sure),
        )
    if not any(one.satisfies for one in judged):
        why = none_will_do(estate, cell.account, judged, "trail that records changes of GuardDuty")
        return failed(
            f"the rule in {region} hears of no call: {why}", *_origins(sure), *origins(judged), missing=EventRule
        )
    return passed(f"calls that weaken GuardDuty in {region} raise an alarm", *_origins(sure))


def _origins(found: Iterable[Route]) -> tuple[Origin, ...]:
    return tuple(dict.fromkeys(origin for route in found for origin in route.condition.origins))


CONTROL = Control(
    id=ID,
    title="Weakening GuardDuty raises an alarm",
    practice=6,
    severity=Severity.HIGH,
    why=(
        "Switching the detection off is what an intruder does first, and GuardDuty cannot report its own end. A rule "
        "on the calls that weaken it tells people within minutes, region by region."
    ),
    passes=(
        "Enabled rules match every call of GuardDuty's API that weakens it (each is tried on the pattern, as "
        "CloudTrail would report it) and lead to an SNS topic that EventBridge may publish to and somebody subscribes "
        "to, or to a function that it may call, directly or through another bus; and a trail records these calls in "
        "the region, without which EventBridge hears of none. Asked in every expected region of an account with a "
        "rule about calls to GuardDuty."
    ),
    fails="No rule matches some call, the rule is disabled, its targets cannot work, or no trail records the calls.",
    unsure=(
        "A pattern, target or policy is known only after apply or not in the source, nobody is seen to subscribe to "
        "the topic, the target is of another kind than topic, function and bus, or the source is incomplete."
    ),
    fix=(
        "Declare in each region `aws_cloudwatch_event_rule` with `source` aws.guardduty, `detail-type` AWS API Call "
        "via CloudTrail and the `eventName` of each call (`Delete*` and `Disassociate*` by prefix), and "
        "`aws_cloudwatch_event_target` to a topic or the home region's bus."
    ),
    limits=(
        "What the role of a bus target may do, and whether a subscription was confirmed, is not seen. Calls on what "
        "stands around GuardDuty, such as a trail's `StopLogging`, are not asked for."
    ),
    cells=_cells,
    check=_check,
    mappings=mapped(ID),
    links=(
        "https://docs.aws.amazon.com/guardduty/latest/ug/logging-using-cloudtrail.html",
        "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html",
    ),
)
