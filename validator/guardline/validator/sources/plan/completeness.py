"""Whether a plan holds everything: absence may be claimed only from one that does.

Source: https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
"""

from __future__ import annotations

from collections.abc import Collection

from guardline.validator.sources.address import Step, join, parse_modules
from guardline.validator.sources.plan.index import PlanIndex


def incompleteness(index: PlanIndex, *, makes_nothing: bool = False) -> str | None:
    """Why a plan is not all there is, or None.

    Args:
        index: the plan.
        makes_nothing: its source shows that no resource in it has an instance: then a first plan has no changes.
    """
    plan = index.plan
    if plan.errored:
        return "planning stopped with an error, so the plan does not hold everything"
    if plan.complete is False:
        return "the plan is incomplete (-target, or changes put off to a later plan)"
    if plan.deferred_changes:
        return "the plan puts some changes off to a later plan"
    managed = any(resource.mode == "managed" for module in index.modules.values() for resource in module.resources)
    if plan.resource_changes is None and (index.prior_count or (managed and not makes_nothing)):
        return "the plan lists no resource changes (-refresh-only), so what will be there cannot be determined"
    return _left_out(index) if plan.complete is None else None


def open_types(index: PlanIndex, kinds: Collection[str]) -> frozenset[str]:
    """Those of some resource types of which an incomplete plan may leave an instance out: one is configured with
    repetition, so that the plan does not tell how many there are, or is not in the plan at all."""
    whole = {
        (tuple(step.name for step in parse_modules(change.module_address)), kind, change.name)
        for kind in kinds
        for change in index.changes(kind)
        if change.key is None and all(step.key is None for step in parse_modules(change.module_address))
    }
    return frozenset(
        kind
        for path, mode, kind, name in index.resources
        if mode == "managed" and kind in kinds and (path, kind, name) not in whole
    )


def _left_out(index: PlanIndex) -> str | None:
    """A resource without repetition that has no instance: where a plan says nothing of its completeness
    (OpenTofu, Terraform before 1.8), this is the only mark that -target leaves."""
    found = {(kind, name) for _, mode, kind, name in index.declared if mode == "managed"}
    present = {tuple(step.name for step in steps) for steps in index.module_addresses}
    for (path, mode, kind, name), configured in index.resources.items():
        calls = [index.calls[path[:depth]] for depth in range(1, len(path) + 1)]
        repeated = any(index.repetition(call) is not None for call in calls)
        if mode != "managed" or repeated or index.repetition(configured) is not None or (path and path not in present):
            continue
        if (kind, name) not in found:
            address = join(tuple(map(Step, path)), f"{kind}.{name}")
            return f"{address} is configured and the plan leaves it out (-target?)"
    return None
