"""Which controls judge a source by a field of the spec, or why none does: the table behind ``docs/spec-fields.md``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

EVERY = ("*",)
"""Controls of a field that says where or of whom everything is asked."""

_TABLE = Path(__file__).parent / "fields.json"


class Field(msgspec.Struct, frozen=True):
    """A leaf of the spec.

    Attributes:
        controls: ids of the controls that judge a source by it; `EVERY` for all.
        why: why no control does; "" where one does.
    """

    controls: tuple[str, ...] = ()
    why: str = ""


@cache
def fields() -> Mapping[str, Field]:
    """Every leaf of the spec, as `guardline.spec.leaves` names it, in the table's order."""
    table = msgspec.json.decode(_TABLE.read_bytes(), type=dict[str, tuple[str, ...] | str])
    return {leaf: Field(why=said) if isinstance(said, str) else Field(said) for leaf, said in table.items()}
