"""What the spec's inventory says that VPCs already have, so that it is not asked of the plan a second time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from guardline.validator.expectations.requirement import PracticeRequirements
from guardline.validator.expectations.scope import Inventoried

if TYPE_CHECKING:
    from guardline.spec.inventory import Inventory
    from guardline.spec.model import Spec


def asks(spec: Spec, path: Path) -> PracticeRequirements:
    """The logs that the inventory lists: nobody makes them a second time, so no plan shows them.

    Raises:
        ListError: an inventory cannot be read.
    """
    if not spec.inventory:
        return PracticeRequirements()
    from guardline.spec.inventory import InventoryError, read
    from guardline.spec.lists import ListError

    there: dict[str, dict[str, Inventoried]] = {"vpc-flow-logs": {}, "dns-query-logs": {}}
    for file in spec.inventory:
        try:
            found = read(path.parent, file)
        except InventoryError as error:
            raise ListError(str(error)) from None
        for control, vpc, kind, log in _logs(found, spec.flow_logs.traffic):
            said = f"{kind} {log}, listed in {file} of {found.taken_at:%Y-%m-%d}"
            there[control][vpc] = Inventoried(log, said)
    return PracticeRequirements(fields={"already_logged": there})


def _logs(found: Inventory, traffic: str) -> Iterator[tuple[str, str, str, str]]:
    """Control, VPC, and the kind and id of the log that makes it pass."""
    for region in found.regions.values():
        for vpc in region.vpcs:
            for log in vpc.flow_logs:
                if log.traffic in ("ALL", traffic):
                    yield "vpc-flow-logs", vpc.id, "flow log", log.id
            for config in vpc.query_logs:
                yield "dns-query-logs", vpc.id, "query log config", config
