"""Reading unvalidated data: what has the wrong shape is simply not there, for its own mistake is reported elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from guardline.spec.tree import Path


@dataclass(frozen=True)
class Raw:
    """The spec's plain data, as YAML gave it."""

    data: Any

    def at(self, *path: str | int) -> Any:
        """The value there, or None."""
        value = self.data
        for step in path:
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
                value = value[step]
            else:
                return None
        return value

    def text(self, *path: str | int) -> str | None:
        """The text there, or None if there is none."""
        value = self.at(*path)
        return value if isinstance(value, str) else None

    def items(self, *path: str | int) -> Iterator[tuple[Path, Any]]:
        """The items of the list there with their paths; nothing if there is no list."""
        value = self.at(*path)
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield (*path, index), item
