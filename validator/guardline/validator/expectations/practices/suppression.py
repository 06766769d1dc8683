"""What the spec's suppression rules ask."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from guardline.validator.expectations.asked import Rule
from guardline.validator.expectations.requirement import PracticeRequirements, left_out, wanted

if TYPE_CHECKING:
    from guardline.spec.model import Spec
    from guardline.spec.practices.suppression import Suppression


def asks(spec: Spec, _path: Path) -> PracticeRequirements:
    """The rules, each in every region."""
    if not spec.suppression:
        return left_out(9, "suppression rules", "the spec has no `suppression`", key="suppression")
    names = tuple(f"{spec.name}-{rule.name}" for rule in spec.suppression)
    rules = {f"{spec.name}-{rule.name}": _rule(rule) for rule in spec.suppression}
    return wanted("suppression-scoped", "suppression-documented", "filter-ranks") + PracticeRequirements(
        fields={"filters": names, "rules": rules}
    )


def _rule(rule: Suppression) -> Rule:
    from guardline.spec.practices.suppression import BOUNDS, described

    criteria: dict[str, dict[str, tuple[str, ...]]] = {}
    for path, test in rule.match.items():
        bounds = {name: (bound,) for name in BOUNDS if (bound := getattr(test, name)) is not None}
        values = {"equals": _texts(test.equals), "not_equals": _texts(test.not_equals)}
        criteria[path] = {name: found for name, found in {**values, **bounds}.items() if found}
    return Rule(described(rule.reason, rule.until), criteria)


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    """The values as Terraform sends them, in order: its texts are in normal form C.

    Source: https://developer.hashicorp.com/terraform/language/expressions/strings
    """
    return tuple(sorted(unicodedata.normalize("NFC", value) for value in values))
