"""One thing broken in access, organization or the watch over GuardDuty: exactly the declared cells change."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from guardline.validator.controls import CATALOGUE
from guardline.validator.evaluate import evaluate
from guardline.validator.model.estate import Estate
from tests.support.estates import THEIRS, estate
from tests.support.mutants_access import MUTATIONS, WITHIN, Cells, Change, resources

OURS = {
    "access-separated", "access-least-privilege", "org-delegated-admin", "org-auto-enable", "region-denied",
    "tamper-trail", "tamper-alarm", "records-alarm", "tamper-prevention",
}  # fmt: skip
BASELINE = tuple(resources())


def verdicts(found: Estate) -> dict[tuple[str, str | None, str | None], str]:
    """The cells of our account; the management account's own control is asked there."""
    of_management = frozenset({"org-delegated-admin"})
    rows = [
        row
        for scope in (WITHIN, replace(WITHIN, accounts=(THEIRS,)))
        for row in evaluate(found, None, scope, CATALOGUE, frozenset({"plan"}))
        if (row.control in of_management) is (scope is not WITHIN) and row.waiver is None
    ]
    return {(row.control, row.region, row.subject): row.verdict.value for row in rows}


WHOLE = verdicts(estate(*BASELINE))


def test_the_baseline_passes() -> None:
    ours = {cell: verdict for cell, verdict in WHOLE.items() if cell[0] in OURS}
    assert {control for control, _, _ in ours} == OURS
    assert set(ours.values()) == {"pass"}


@pytest.mark.parametrize(("change", "expected"), [each[1:] for each in MUTATIONS], ids=[each[0] for each in MUTATIONS])
def test_a_mutation(change: Change, expected: Cells) -> None:
    found = verdicts(estate(*(after for resource in BASELINE if (after := change(resource)) is not None)))
    assert {cell for cell in WHOLE.keys() | found.keys() if WHOLE.get(cell) != found.get(cell)} == expected
