"""What the spec's `config` block asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from guardline.validator.asking.asking import Asking, declared, left_out, wanted

if TYPE_CHECKING:
    from guardline.spec.model import Spec

CONTROL = "config-recorder"


def asks(spec: Spec, _path: Path) -> Asking:
    """What is asked of AWS Config."""
    asked = spec.config
    if asked is None:
        return left_out(8, "AWS Config", "the spec has no `config`")
    if asked.mode == "off":
        return left_out(8, "AWS Config", asked.reason or "", (CONTROL,))
    if asked.mode == "reference":
        return declared(f"owned by {asked.owner}", (CONTROL,))
    return wanted(CONTROL)
