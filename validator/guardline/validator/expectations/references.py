"""What the command line says that another root owns (``--reference PRACTICE=ARN``), without a spec."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from guardline.validator.expectations.practices import dns_logs, flow_logs, trail

CONTROLS: Mapping[str, tuple[str, ...]] = {
    "trail": trail.CONTROLS,
    "flow-logs": flow_logs.CONTROLS[:2],
    "dns-logs": dns_logs.CONTROLS[:2],
}
"""Practice -> the controls that a reference answers, as the spec's mode ``reference`` does."""

_SERVICES = {
    "trail": "cloudtrail",
    "flow-logs": "ec2|logs|s3|firehose",
    "dns-logs": "route53resolver|logs|s3|firehose",
}
"""Practice -> the services that what it names may be of: the log itself, or where it goes."""


class BadReferenceError(ValueError):
    """A reference that says nothing; the message says what was expected."""


def referred(given: Iterable[str], partition: str) -> Mapping[str, str]:
    """Control id -> what is declared of it.

    Args:
        given: each ``PRACTICE=ARN``.
        partition: the partition that is judged.

    Raises:
        BadReferenceError: one has another form, or names a practice that nobody can refer to.
    """
    found: dict[str, str] = {}
    for each in given:
        practice, _, arn = each.partition("=")
        if practice not in CONTROLS:
            raise BadReferenceError(
                f"--reference {each}: expected PRACTICE=ARN, such as trail=arn:aws:cloudtrail:eu-west-1:111122223333:"
                f"trail/main; PRACTICE is one of {', '.join(CONTROLS)}"
            )
        services = _SERVICES[practice]
        if not re.fullmatch(rf"arn:{partition}:({services}):[a-z0-9-]*:(\d{{12}})?:[^\s:]\S*", arn):
            raise BadReferenceError(
                f"--reference {each}: expected an ARN of partition {partition} and of {services.replace('|', ', ')}"
            )
        found.update(dict.fromkeys(CONTROLS[practice], f"{arn}, named by --reference"))
    return found
