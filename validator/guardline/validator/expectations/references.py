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

_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d*:[^\s:]\S*")


class BadReferenceError(ValueError):
    """A reference that says nothing; the message says what was expected."""


def referred(given: Iterable[str]) -> Mapping[str, str]:
    """Control id -> what is declared of it.

    Args:
        given: each ``PRACTICE=ARN``.

    Raises:
        BadReferenceError: one has another form, or names a practice that nobody can refer to.
    """
    found: dict[str, str] = {}
    for each in given:
        practice, _, arn = each.partition("=")
        if practice not in CONTROLS or not _ARN.fullmatch(arn):
            known = ", ".join(CONTROLS)
            raise BadReferenceError(
                f"--reference {each}: expected PRACTICE=ARN, such as trail=arn:aws:cloudtrail:eu-west-1:111122223333:"
                f"trail/main; PRACTICE is one of {known}"
            )
        found.update(dict.fromkeys(CONTROLS[practice], f"{arn}, named by --reference"))
    return found
