"""What each mode of a practice needs, and what means nothing under it."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.spec.raw import Raw
from guardline.spec.regionchecks import Finding

_WHY = {
    "arn": "the ARN of what exists already",
    "owner": "the team that owns it",
    "reason": "the report shows why it is not asked for",
}


def check_mode(raw: Raw, *practice: str, create: tuple[str, ...] = (), arn: bool = True) -> Iterator[Finding]:
    """The mistakes about a practice's mode.

    Args:
        raw: the spec's data.
        practice: the path of its block, e.g. ``"trail"``.
        create: the keys that belong to mode create alone.
        arn: whether mode reference names what exists by its ARN; else by its owner alone.
    """
    if not isinstance(raw.at(*practice), dict):
        return
    mode = raw.at(*practice, "mode") or "create"
    belongs = {"owner": "reference", "reason": "off", "approved_by": "off"} | dict.fromkeys(create, "create")
    if arn:
        belongs["arn"] = "reference"
    if mode not in ("create", "reference", "off"):
        return
    for key, its_mode in belongs.items():
        given = raw.at(*practice, key) is not None
        if its_mode == mode and not given and key in _WHY:
            yield (*practice, "mode"), f"mode {mode} needs `{key}`: {_WHY[key]}"
        if its_mode != mode and given:
            yield (*practice, key), f"`{key}` belongs to mode {its_mode}, and the mode here is {mode}"
