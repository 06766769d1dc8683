"""Controls trail-validation and trail-encrypted: how the record itself is protected."""

from __future__ import annotations

from collections.abc import Callable

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed
from guardline.validator.controls.shared.cells import account_cells
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.controls.shared.trails import ROOT, complete, none_will_do, origins, recording
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.cloudtrail import Trail
from guardline.validator.model.estate import Estate
from guardline.validator.model.value import UnknownValue, Value


def _check(asked: Callable[[Trail], Value[bool]], has: str, lacks: str) -> Callable[[Estate, Scope, Cell], Verdict]:
    def check(estate: Estate, _scope: Scope, cell: Cell) -> Verdict:
        judged = [complete(estate, trail, cell.account) for trail in recording(estate, cell.account)]
        good = [one for one in judged if one.satisfies]
        if not good:
            reason = none_will_do(estate, cell.account, judged, "trail that records every region")
            return failed(reason, *origins(judged), cause=ROOT, missing=Trail)
        for one in good:
            if asked(one.trail).known_or(False):
                return passed(f"the trail of every region {has}", one.trail.origin)
        for one in good:
            if not asked(one.trail).is_known:
                raise UnknownValue(f"{one.trail.origin.address}: {asked(one.trail).reason}")
        for one in judged:
            if one.may_satisfy and not one.satisfies and asked(one.trail).known_or(True):
                raise UnknownValue(f"{one.trail.origin.address} may be the trail that {has}: {one.unsure}")
        return failed(f"the trail of every region {lacks}", *origins(good))

    return check


UNSURE = (
    "The setting is known only after apply and no other trail has it, no trail surely records every region "
    "(trail-multi-region tells), or the source is incomplete."
)
LIMITS = "Judged over the trails that satisfy trail-multi-region; one such trail is enough, others may lack it."

VALIDATION = Control(
    id="trail-validation",
    title="The trail's files can be proven untouched",
    practice=1,
    severity=Severity.MEDIUM,
    why=(
        "An intruder with access to the log bucket edits the record. With digest files every later change or deletion "
        "of a log file can be proven."
    ),
    passes="A trail that satisfies trail-multi-region writes digest files (log file validation).",
    fails="No such trail does, or there is no such trail (the cause is then trail-multi-region).",
    unsure=UNSURE,
    fix="Set `enable_log_file_validation = true` on the `aws_cloudtrail`.",
    limits=LIMITS,
    cells=account_cells,
    check=_check(lambda trail: trail.validation, "has log file validation", "has no log file validation"),
    mappings=mapped("trail-validation"),
    links=(
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudtrail",
    ),
)

ENCRYPTED = Control(
    id="trail-encrypted",
    title="The trail is encrypted with a key of your own",
    practice=1,
    severity=Severity.MEDIUM,
    why=(
        "With a KMS key, reading the record needs permission on the key as well as on the bucket, and each use of the "
        "key is itself recorded."
    ),
    passes="A trail that satisfies trail-multi-region has a KMS key; a key that this change creates counts.",
    fails="No such trail has one, or there is no such trail (the cause is then trail-multi-region).",
    unsure=UNSURE,
    fix="Set `kms_key_id` on the `aws_cloudtrail` to the ARN of a key whose policy lets CloudTrail encrypt with it.",
    limits=LIMITS + " The key's policy and rotation are not judged here.",
    cells=account_cells,
    check=_check(lambda trail: trail.encrypted, "is encrypted with a KMS key", "has no KMS key"),
    mappings=mapped("trail-encrypted"),
    links=(
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/encrypting-cloudtrail-log-files-with-aws-kms.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudtrail",
    ),
)

CONTROLS = (VALIDATION, ENCRYPTED)
