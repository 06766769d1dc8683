"""`convert(value, type)` of Terraform 1.15: its second argument is a type, and no value.

Source: https://developer.hashicorp.com/terraform/language/functions/convert
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from guardline.validator.sources.hcl.functions.base import Special
from guardline.validator.sources.hcl.syntax import Expression
from guardline.validator.sources.hcl.values import EvaluationError


def _convert(args: list[Expression], evaluate: Callable[[Expression], Any]) -> Any:
    from guardline.validator.sources.hcl.constraints import convert  # which needs this package

    if len(args) != 2:
        raise EvaluationError(f"convert: expected a value and a type, and there are {len(args)} arguments")
    return convert(evaluate(args[0]), args[1])


FUNCTIONS: Mapping[str, Special] = {"convert": Special(_convert)}
