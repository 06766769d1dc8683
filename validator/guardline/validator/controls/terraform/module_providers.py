"""Control module-providers: who decides in which account and region a module works."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.terraform import CalledModule

SHOWN = 20


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    """One for the source as a whole, where it calls modules at all."""
    if estate.all(CalledModule):
        yield from (Cell(account) for account in scope.accounts[:1])


def _check(estate: Estate, _scope: Scope, _cell: Cell) -> Verdict:
    called = estate.all(CalledModule)
    own = [module for module in called if module.configures]
    if not own:
        return passed(f"all {len(called)} module calls take their providers from the caller")
    first, more = own[0], f" (and {len(own) - 1} more)" if len(own) > 1 else ""
    reason = f"{first.origin.address} configures provider {', '.join(first.configures)} itself{more}"
    refused = next((module for module in own if module.refused), None)
    if refused is not None:
        reason += f"; Terraform refuses {refused.refused} on the call of {refused.origin.address}"
    return failed(reason, *(module.origin for module in own[:SHOWN]))


CONTROL = Control(
    id="module-providers",
    title="Modules take their providers from the caller",
    practice=3,
    severity=Severity.LOW,
    why=(
        "A module with a provider block of its own is bound to one account and region: it cannot be repeated over "
        "regions, since Terraform refuses `for_each`, `count` and `depends_on` on it. And it cannot be removed in one "
        "step, since with the call goes the provider that its resources need to be destroyed."
    ),
    passes="No called module has a provider block that sets anything.",
    fails="A called module has one; an empty block with an `alias`, the old way to ask for a provider, does not count.",
    unsure="Never: what is not at hand is named by other controls.",
    fix=(
        "Move the provider block to the root, declare `configuration_aliases` in the module where it needs more than "
        "one, and pass them with `providers = { aws = aws.west }`."
    ),
    limits="Only the source tells. Modules that are not at hand are not seen.",
    cells=_cells,
    check=_check,
    links=("https://developer.hashicorp.com/terraform/language/modules/develop/providers",),
    sources=frozenset({"hcl"}),
)
