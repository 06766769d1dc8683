"""One region broken on purpose: its detector disabled, the rest of the root as it was."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from guardline.validator.demo.override import quoted

OVERRIDE = "guardline_broken_override.tf"
COPY = "modules-broken"


class UnbreakableError(Exception):
    """The generated root is not of the form that this knows to break."""


def break_region(root: Path, region: str) -> None:
    """Give one region a copy of the modules in which the detector is disabled.

    An override file of the root cannot reach into a module, but it can send one module call elsewhere.

    Args:
        root: a generated root of the alias style, its modules under `modules/`.
        region: the region's name.

    Raises:
        UnbreakableError: there is no such module call or no enabled detector in the modules.
    """
    call = region.replace("-", "_")
    if f'module "{call}"' not in (root / "regions.tf").read_text(encoding="utf-8"):
        raise UnbreakableError(f"regions.tf has no module {call}")
    shutil.copytree(root / "modules", root / COPY)
    detector = root / COPY / "guardduty" / "main.tf"
    text, changed = re.subn(r"(?m)^(  enable\s+= )true$", r"\1false", detector.read_text(encoding="utf-8"))
    if changed != 1:
        raise UnbreakableError(f"{COPY}/guardduty/main.tf enables {changed} detectors, not one")
    detector.write_text(text, encoding="utf-8")
    source = quoted(f"./{COPY}/region")
    (root / OVERRIDE).write_text(f'module "{call}" {{\n  source = {source}\n}}\n', encoding="utf-8")


def restore(root: Path) -> None:
    """Take the break back."""
    (root / OVERRIDE).unlink(missing_ok=True)
    if (root / COPY).is_dir():
        shutil.rmtree(root / COPY)
