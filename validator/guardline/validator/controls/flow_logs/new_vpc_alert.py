"""Control new-vpc-alert."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed, undetermined
from guardline.validator.controls.shared.api_call_routes import call_routes, calls_left
from guardline.validator.controls.shared.cells import region_cells
from guardline.validator.controls.shared.event_routes import origins_of
from guardline.validator.controls.shared.when_applicable import is_asked
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import EventRule
from guardline.validator.semantics.event_samples import Call

ID = "new-vpc-alert"
CALLS = (Call("ec2", "CreateVpc", "cuts evidence"), Call("ec2", "CreateDefaultVpc", "cuts evidence"))


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    return region_cells(estate, scope) if is_asked(scope, ID) else iter(())


def _check(estate: Estate, _scope: Scope, cell: Cell) -> Verdict:
    region, account = cell.region or "", cell.account
    found = call_routes(estate, account, region, CALLS)
    sure = tuple(route for route in found if route.condition.holds)
    if not calls_left(estate, sure, account, region, CALLS):
        return passed(f"a new VPC in {region} raises an alert", *origins_of(sure))
    maybe = tuple(route for route in found if route.condition.holds is not False)
    left = calls_left(estate, maybe, account, region, CALLS)
    if not left:
        first = next(route for route in maybe if route.condition.holds is None)
        return undetermined(first.condition.reason, *first.condition.origins, *origins_of(maybe))
    estate.select(EventRule, account, region).assert_complete()
    wrong = next((route for route in found if route.condition.holds is False), None)
    if not maybe and wrong is not None:
        return failed(f"a new VPC in {region} raises no alert: {wrong.condition.reason}", *wrong.condition.origins)
    return failed(f"no alert in {region} for {' and '.join(left)}", *origins_of(maybe), missing=EventRule)


CONTROL = Control(
    id=ID,
    title="A new VPC raises an alert",
    practice=1,
    severity=Severity.MEDIUM,
    why=(
        "A VPC that is made after Terraform ran has no logs until it runs again. Whoever gets an alert runs it the "
        "same day; else the gap lasts as long as nobody looks."
    ),
    passes=(
        "Enabled rules match `CreateVpc` and `CreateDefaultVpc` in the region, whoever makes the call, and lead to "
        "people or to a function, as for tamper-alarm."
    ),
    fails="No rule matches one of the calls, or what it leads to reaches nobody.",
    unsure="A pattern, target or policy is known only after apply or not in the source, or the source is incomplete.",
    fix="Declare `aws_cloudwatch_event_rule` on the two calls, with a target to the alerts' topic or bus.",
    limits=(
        "Asked under a spec that makes flow logs and alerts people. A trail must record the calls (trail-multi-region)."
    ),
    cells=_cells,
    check=_check,
    links=("https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html",),
)
