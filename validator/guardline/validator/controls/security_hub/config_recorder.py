"""Control config-recorder."""

from __future__ import annotations

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed, undetermined
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.controls.shared.only_one import too_many
from guardline.validator.controls.shared.references import referring
from guardline.validator.controls.shared.when_applicable import regions_expecting
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.config import DeliveryChannel, Recorder, RecorderStatus
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import may_be_beside

ID = "config-recorder"


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    selection = estate.select(Recorder, cell.account, cell.region)
    if not selection.here:
        selection.assert_complete()
        return failed(f"no configuration recorder in {cell.region}", missing=Recorder)
    if (verdict := too_many(estate, cell, selection.here, "configuration recorders")) is not None:
        return verdict
    verdicts = [_judge(estate, scope, cell, one) for one in selection]
    order = ("pass", "undetermined", "fail")
    return min(verdicts, key=lambda verdict: order.index(verdict.status.value))


def _judge(estate: Estate, scope: Scope, cell: Cell, recorder: Recorder) -> Verdict:
    origin = recorder.origin
    if recorder.all_supported.known_or(None) is False:
        return failed(f"the recorder in {cell.region} leaves most kinds of resources out", origin)
    statuses = [
        one
        for one in referring(estate, RecorderStatus, "recorder", recorder, "")
        if may_be_beside(one, recorder) and (not one.recorder.is_known or recorder.is_named_by(one.recorder.get()))
    ]
    if not statuses:
        estate.select(RecorderStatus, cell.account, cell.region).assert_complete()
        return failed(f"the recorder in {cell.region} is declared and never started", origin)
    origins = (origin, *(one.origin for one in statuses))
    if any(one.recorder.is_known and not one.on.known_or(True) for one in statuses):
        return failed(f"the recorder in {cell.region} is switched off", *origins)
    for one in statuses:
        for value in (one.recorder.map(bool), one.on, one.location.region.map(bool)):
            if not value.is_known:
                return undetermined(f"whether {origin.address} records: {value.reason}", *origins)
    channels = estate.select(DeliveryChannel, cell.account, cell.region)
    if not channels.here:
        channels.assert_complete()
        return failed(f"the recorder in {cell.region} has no delivery channel, without which it cannot start", *origins)
    if not recorder.all_supported.is_known:
        return undetermined(f"what {origin.address} records: {recorder.all_supported.reason}", *origins)
    if (fault := _otherwise(scope, recorder)) is not None:
        return failed(f"the recorder in {cell.region} {fault}", *origins)
    what = "all but some kinds of" if recorder.all_supported.get() is None else "all"
    return passed(f"the recorder in {cell.region} is on and records {what} resources{_how(scope, recorder)}", *origins)


def _how(scope: Scope, recorder: Recorder) -> str:
    asked = scope.asked.recorder if scope.asked is not None else None
    return f", {recorder.frequency.known_or('')} where {asked.frequency} is asked for" if asked is not None else ""


def _otherwise(scope: Scope, recorder: Recorder) -> str | None:
    """How a recorder does otherwise than the spec says; None where it does not.

    Raises:
        UnknownValue: it cannot be determined.
    """
    asked = scope.asked.recorder if scope.asked is not None else None
    if asked is None:
        return None
    if recorder.name.get() != asked.name:
        return f"is called {recorder.name.get()}, and the spec's {asked.name}"
    if recorder.all_supported.get() is None:
        return "leaves some kinds of resources out, and the spec asks for all"
    if recorder.frequency.get() not in (asked.frequency, "CONTINUOUS"):
        return f"records {recorder.frequency.get().lower()}, and the spec asks for {asked.frequency.lower()}"
    if recorder.location.region.known_or(None) == asked.home and not recorder.globals.get():
        return "leaves out the global kinds, such as IAM's, which the home region's is to record"
    return None


CONTROL = Control(
    id=ID,
    title="AWS Config records",
    practice=8,
    severity=Severity.MEDIUM,
    why=(
        "Security Hub's standards ask AWS Config how resources are set up, and an investigation asks it how they were. "
        "Without a running recorder both get no answer, and Security Hub's score does not say so."
    ),
    passes=(
        "The region has a configuration recorder that is switched on and records all kinds of resources, or all but "
        "some that it names, and a delivery channel, without which AWS does not start it. Under a spec it has the "
        "spec's name, leaves nothing out, records as often as asked, and in the home region the global kinds as well."
    ),
    fails=(
        "No recorder, or two, for AWS allows one in an account and region; one that was never started or is switched "
        "off, one without a delivery channel, or one that records chosen kinds only; or, under a spec, "
        "less than it asks."
    ),
    unsure="The state or the recording group is known only after apply, or the source is incomplete.",
    fix=(
        "Declare `aws_config_configuration_recorder` with `all_supported`, `aws_config_delivery_channel`, and "
        "`aws_config_configuration_recorder_status` with `is_enabled`, in every region."
    ),
    limits=(
        "Asked when the source holds a recorder. Whether the channel's bucket accepts what is delivered, and what the "
        "role may read, is not judged. Global resource types need recording in one region only, so they are not asked "
        "for."
    ),
    cells=regions_expecting(ID, Recorder),
    check=_check,
    mappings=mapped(ID),
    links=(
        "https://docs.aws.amazon.com/config/latest/developerguide/stop-start-recorder.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/config_configuration_recorder_status",
    ),
)
