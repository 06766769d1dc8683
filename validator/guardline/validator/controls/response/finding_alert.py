"""Control finding-alert."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed, undetermined
from guardline.validator.controls.response.named_ways import unreached
from guardline.validator.controls.shared.alert_topics import mending, reaches_people
from guardline.validator.controls.shared.cells import region_cells
from guardline.validator.controls.shared.conditions import Condition, all_hold, in_region_of, unsure
from guardline.validator.controls.shared.event_routes import origins_of
from guardline.validator.controls.shared.finding_routes import missed, routes
from guardline.validator.controls.shared.finding_rules import leads_to, on_findings
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.controls.shared.members import of_administrator
from guardline.validator.controls.shared.when_applicable import is_asked
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import EventRule, EventTarget
from guardline.validator.model.sns import Topic
from guardline.validator.semantics.finding_samples import HIGH

ID = "finding-alert"


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    asked = is_asked(scope, ID)
    concerned = {one.key for one in scope.accounts if asked or on_findings(estate, one, _may_alert)}
    return (cell for cell in region_cells(estate, scope) if cell.account.key in concerned)


def _may_alert(kinds: frozenset[str]) -> bool:
    """Whether a rule with targets of these services is meant to alert people: one that only runs code is not."""
    return not kinds or not kinds.isdisjoint({"sns", "events", "?"})


def _topic(estate: Estate, rule: EventRule, target: EventTarget, source: str) -> Condition | None:
    ref = target.target.get()
    topic = estate.find(Topic, ref)
    if topic is not None:
        condition = all_hold((in_region_of(rule, topic), reaches_people(estate, topic, target, source)))
        return replace(condition, end=topic)
    if leads_to(estate, target) == "sns":
        return unsure(
            f"the topic {ref.id} is not in the source, so its policy and readers are not known", target.origin
        )
    return None


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    region = cell.region or ""
    asked = scope.asked.alert_severity if scope.asked is not None else None
    least: float = HIGH if asked is None else asked
    found = routes(estate, cell.account, region, _topic)
    sure = [route for route in found if route.condition.holds]
    gap = missed(sure, least, cell.account, region) if sure else "any finding"
    if gap is None:
        wanted = scope.asked
        if wanted is not None and (verdict := unreached(estate, wanted, cell.account, region, sure)) is not None:
            return verdict
        named = sorted((*wanted.emails, *wanted.chats, *wanted.webhooks)) if wanted is not None else ()
        whom = f", {', '.join(named)} among them" if named else ""
        return passed(f"findings of {region} from severity {least} up reach people{whom}", *origins_of(sure))
    maybe = [route for route in found if route.condition.holds is not False]
    if maybe and missed(maybe, least, cell.account, region) is None:
        first = next(route for route in maybe if route.condition.holds is None)
        return undetermined(first.condition.reason, *first.condition.origins, *origins_of(maybe))
    estate.select(EventRule, cell.account, region).assert_complete()
    if sure:
        return failed(f"no alert for {gap} in {region}", *origins_of(sure))
    wrong = next((route for route in found if route.condition.holds is False), None)
    if wrong is not None:
        why = wrong.condition.reason
        return failed(f"findings of {region} reach nobody: {why}", *wrong.condition.origins, fix=mending(why))
    if maybe:
        return failed(f"no alert for {missed(maybe, least, cell.account, region)} in {region}", *origins_of(maybe))
    return failed(f"no rule in {region} sends GuardDuty's findings to people", missing=EventRule)


CONTROL = Control(
    id=ID,
    title="Findings reach people",
    practice=7,
    severity=Severity.HIGH,
    why=(
        "A finding that reaches nobody waits in a console. GuardDuty itself alerts nobody: it hands each finding to "
        "EventBridge in its own region, and a rule there has to carry it on."
    ),
    passes=(
        "Enabled rules that match the region's findings of every type from severity 7.0 up lead to an SNS topic whose "
        "policy lets events.amazonaws.com publish, whose key (if it has one) EventBridge may use, and that somebody "
        "subscribes to: directly, through another event bus and its rules, or by Security Hub in its aggregation "
        "region. A way over another bus needs a role that EventBridge may assume for the rule and that may put events "
        "there, and, in another region or account, a bus that lets the account in. Keys have to be enabled, and a "
        "function that subscribes has to let SNS call it. Patterns are evaluated against sample findings, not compared "
        "as text; several rules add up. Under a spec, findings from its `min_severity` up do, and each of its "
        "addresses and chats subscribes to such a topic without a filter, and a rule with a role that may call each of "
        "its webhooks does."
    ),
    fails=(
        "No rule matches, it is disabled, it has no target that leads to a topic, the topic's or the key's policy "
        "bars EventBridge (a topic without a policy of its own does, and so does the key alias/aws/sns), the key is "
        "disabled or being deleted, the topic is a FIFO topic, a role's trust or policies or a bus's policy bar the "
        "way, the one subscriber is a function that SNS may not call, or no rule sends findings of some type or "
        "severity from 7.0 up (or the spec's), or an address, a chat or a webhook that the spec names "
        "gets none."
    ),
    unsure=(
        "A pattern, target, policy or key is known only after apply or not in the source; nobody is seen to subscribe "
        "to the topic, or only a queue, a stream, somebody with a filter policy, or somebody who has not confirmed yet "
        "(pending, as a state or a plan after apply says); a role is not in the source; a "
        "bus of another region does not surely let the whole account in; or the source is incomplete."
    ),
    fix=(
        "Declare in each region `aws_cloudwatch_event_rule` with `source` aws.guardduty and `detail-type` GuardDuty "
        "Finding, and `aws_cloudwatch_event_target` to a topic, or with a role to a bus in the home region. Give the "
        "topic an `aws_sns_topic_policy` that lets events.amazonaws.com do sns:Publish, and its key a policy that lets "
        "it do kms:GenerateDataKey* and kms:Decrypt, without aws:SourceAccount or aws:SourceArn: SNS does not pass "
        "these on to the key."
    ),
    limits=(
        "Asked when the source holds a rule about GuardDuty's findings that is not there for code alone. Whether a "
        "subscription was confirmed is seen in a state, or a plan after apply, as it was when Terraform last asked."
    ),
    cells=_cells,
    check=of_administrator(_check),
    mappings=mapped(ID),
    links=(
        "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html",
        "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html",
    ),
)
