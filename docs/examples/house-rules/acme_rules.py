"""Acme's house rules."""

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, not_applicable, passed
from guardline.validator.controls.shared.cells import account_cells
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.cloudtrail import Trail
from guardline.validator.model.estate import Estate


def check(estate: Estate, _scope: Scope, cell: Cell) -> Verdict:
    """Judge the trails of one account."""
    trails = estate.select(Trail, cell.account)
    for trail in trails.here:
        if not trail.name.get().startswith("acme-"):  # an unknown name ends here: the cell is undetermined
            return failed(f"the trail {trail.name.get()} has no name of ours", trail.origin)
    trails.assert_complete()  # so does a source that may hide a trail
    if not trails.here:
        return not_applicable("the account has no trail to name")
    return passed("every trail has a name of ours", *(trail.origin for trail in trails.here))


TRAIL_NAME = Control(
    id="acme-trail-name",
    title="Trails have names of ours",
    practice=1,
    severity=Severity.MEDIUM,
    why="The audit team finds our trails by their names.",
    passes="The name of every trail begins with `acme-`.",
    fails="A trail has another name.",
    unsure="A name is known only after apply, or the source may hide a trail.",
    fix='Set `name = "acme-..."` on the `aws_cloudtrail`.',
    cells=account_cells,
    check=check,
)
