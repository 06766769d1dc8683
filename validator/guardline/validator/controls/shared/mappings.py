"""Which framework requirements a control supports, as others map them; Guardline claims no mapping of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _read() -> Mapping[str, Any]:
    data: Mapping[str, Any] = json.loads(Path(__file__).with_name("mappings.json").read_text(encoding="utf-8"))
    return data


def mapped(control: str) -> Mapping[str, tuple[str, ...]]:
    """Return framework -> requirement ids for a control's id; empty where the source maps nothing."""
    return {framework: tuple(ids) for framework, ids in _read()["controls"].get(control, {}).items()}


def mapped_by() -> str:
    """Name whose mapping it is, for "supports requirement X, as mapped by Y"."""
    return str(_read()["source"])
