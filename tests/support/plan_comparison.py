"""What Terraform plans and what guardline reads from the source, resource by resource and value by value."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from guardline.validator.sources.blocks import Block
from guardline.validator.sources.hcl.config import load
from guardline.validator.sources.hcl.load import blocks
from guardline.validator.sources.hcl.variables import Inputs


@dataclass
class Comparison:
    """What came out.

    Attributes:
        wrong: contradictions, in words.
        resources: how many are in both.
        values: how many values were compared.
        unknown: where guardline does not tell what Terraform knows.
    """

    wrong: list[str] = field(default_factory=list)
    resources: int = 0
    values: int = 0
    unknown: list[str] = field(default_factory=list)


def compare(root: Path, plan: Mapping[str, Any]) -> Comparison:
    """Compare a root with the plan made of it.

    Args:
        root: the source.
        plan: its plan as ``terraform show -json`` gives it.
    """
    changes = {change["address"]: change for change in plan["resource_changes"] if change["mode"] == "managed"}
    types = {change["type"] for change in changes.values()}
    reading = blocks(load(root), types, Inputs())
    found = Comparison([str(error) for error in reading.errors])
    ours = {block.address: block for kind in sorted(types) for block in _of(reading.blocks.of(kind))}
    if reading.blocks.incomplete:
        found.wrong.append(reading.blocks.incomplete)
    for kind, why in reading.blocks.missing.items():
        found.unknown.append(f"{kind}: {why}")
    for address in sorted(ours.keys() - changes.keys()):
        found.wrong.append(f"{address} is not planned")
    for address in sorted(changes.keys() - ours.keys()):
        if changes[address]["type"] not in reading.blocks.missing:
            found.wrong.append(f"{address} is planned, and not found in the source")
    for address in sorted(ours.keys() & changes.keys()):
        found.resources += 1
        _values(found, address, ours[address], changes[address]["change"])
    return found


def _of(found: Any) -> Iterator[Block]:
    return (block for block in found if block.mode == "managed")


def _values(found: Comparison, address: str, block: Block, change: Mapping[str, Any]) -> None:
    for name, value in block.tree.after.items():
        mark = block.tree.mark.get(name, False)
        theirs, pending = change["after"].get(name), change["after_unknown"].get(name, False)
        where = f"{address}.{name}"
        if _any(mark):
            if not _any(pending):
                found.unknown.append(f"{where}: {mark}")
            continue
        found.values += 1
        if _any(pending):
            if value not in (None, []):  # these leave it to AWS
                found.wrong.append(f"{where} is {value!r} here, and known only after apply to Terraform")
        elif not same(value, theirs):
            found.wrong.append(f"{where}\n  terraform: {theirs!r}\n  guardline: {value!r}")


def same(ours: Any, theirs: Any) -> bool:
    """Whether a value of the source is the planned one, which has defaults beside it and sets in another order."""
    if isinstance(ours, str) and isinstance(theirs, str) and ours[:1] in "[{" and theirs[:1] in "[{":
        try:
            return same(json.loads(ours), json.loads(theirs)) and same(json.loads(theirs), json.loads(ours))
        except ValueError:
            return ours == theirs
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return all(same(value, theirs.get(name)) for name, value in ours.items())
    if isinstance(ours, list) and isinstance(theirs, list):
        left = list(theirs)
        for item in ours:
            match = next((place for place, other in enumerate(left) if same(item, other)), None)
            if match is None:
                return False
            del left[match]
        return not left
    if isinstance(ours, str) and isinstance(theirs, bool | int | float):  # a type whose schema is not kept
        return ours == json.dumps(theirs)
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, int | float | Decimal) and isinstance(theirs, int | float):
        return float(ours) == float(theirs)
    return ours == theirs or (ours in (None, [], {}) and theirs in (None, [], {}, ""))


def _any(mark: Any) -> bool:
    if isinstance(mark, dict):
        return any(_any(each) for each in mark.values())
    if isinstance(mark, list):
        return any(_any(each) for each in mark)
    return bool(mark)
