"""Suppression rules: filters that archive, the same on every detector, in the spec's order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from guardline.generator.existing import detectors
from guardline.generator.markdown import markdown
from guardline.generator.root import Import, Part, Root, label
from guardline.spec.practices.suppression import BOUNDS, Criterion, Suppression, described


def part(root: Root) -> Part:
    """What the rules add to the root."""
    rules = root.spec.suppression
    if not rules:
        return Part()
    return Part(
        values={"rules": [_rule(root, rule) for rule in rules]},
        assumed=(
            "The detectors have no filters but these: AWS ranks all filters of a detector from 1 without a gap.",
            *(f"Archived unseen until {rule.until}: {rule.name}, because {markdown(rule.reason)}" for rule in rules),
        ),
        imports=tuple(_imports(root)),
        moves=tuple(
            (f"module.suppression_{region.label}", f'module.suppression["{region.name}"]') for region in root.regions
        ),
    )


def _name(root: Root, rule: Suppression) -> str:
    return f"{root.spec.name}-{rule.name}"


def _rule(root: Root, rule: Suppression) -> dict[str, Any]:
    return {
        "label": label(rule.name),
        "name": _name(root, rule),
        "description": described(rule.reason, rule.until),
        "criteria": [_criterion(field, test) for field, test in sorted(rule.match.items())],
    }


def _criterion(field: str, test: Criterion) -> dict[str, Any]:
    """The arguments of a `criterion` block; values in an order of their own, for theirs carries no meaning."""
    values = {name: sorted(set(getattr(test, name))) for name in ("equals", "not_equals")}
    bounds = {name: getattr(test, name) for name in BOUNDS}
    return {"field": field} | {name: value for name, value in (values | bounds).items() if value}


def _imports(root: Root) -> Iterator[Import]:
    for region, detector in detectors(root):
        for rule in root.spec.suppression:
            if _name(root, rule) in detector.filters:
                module = f'module.suppression["{region}"]' if root.argument else f"module.suppression_{label(region)}"
                yield Import(
                    f"{module}.aws_guardduty_filter.{label(rule.name)}",
                    root.import_id(f"{detector.id}:{_name(root, rule)}", region),
                )
