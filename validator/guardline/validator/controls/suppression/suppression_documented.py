"""Control suppression-documented."""

from __future__ import annotations

import re
from datetime import date

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed
from guardline.validator.controls.suppression.filters import ARCHIVE, suppression_cells
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import FindingFilter
from guardline.validator.model.value import UnknownValue

_UNTIL = re.compile(r"\b(?:until|expires|expiry)\b\s*[:=]?\s*(?:on\s+)?(\d{4}-\d{2}-\d{2})(?!\d)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2,}")


def _check(_estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    one = cell.resource
    if not isinstance(one, FindingFilter):
        raise UnknownValue("the filter is unknown")
    if one.action.get() != ARCHIVE:
        raise UnknownValue("the filter archives nothing")
    text = one.description.get()
    dates = [found.group(1) for found in _UNTIL.finditer(text)]
    if not _WORD.search(_UNTIL.sub("", text)):
        return failed("the suppression rule's description gives no reason", one.origin)
    if not dates:
        return failed("the suppression rule's description names no last day", one.origin)
    try:
        until = min(date.fromisoformat(each) for each in dates)
    except ValueError:
        return failed(f"the suppression rule holds until {' and '.join(dates)}, which is no date", one.origin)
    if scope.as_of is None:
        raise UnknownValue(f"the rule holds until {until}, and no day is given to compare that with")
    if until < scope.as_of:
        return failed(f"the suppression rule expired on {until}", one.origin)
    asked = scope.asked.rules.get(one.name.known_or("")) if scope.asked is not None else None
    if asked is not None and text != asked.said:
        return failed(f"the suppression rule says {text!r}, and the spec's {asked.said!r}", one.origin)
    return passed(f"the suppression rule gives a reason and holds until {until}", one.origin)


CONTROL = Control(
    id="suppression-documented",
    title="Each suppression rule says why, and until when",
    practice=9,
    severity=Severity.LOW,
    why=(
        "A suppression rule outlives the reason for it: the scanner is gone, its address belongs to somebody else, and "
        "findings about it still reach nobody. A reason and a last day make somebody look again."
    ),
    passes=(
        "The description of a filter that archives holds a reason in words and `until YYYY-MM-DD`, a day that has not "
        "passed (`--as-of`, else today; the day itself still counts). A rule of the spec's gives the spec's own."
    ),
    fails=(
        "The description is empty, holds a date only, names no such day, or the day has passed; or a rule of the "
        "spec's gives another."
    ),
    unsure="The description or the action is known only after apply.",
    fix='Write `description = "approved scanner, TICKET-12; until 2027-01-31"` on the `aws_guardduty_filter`.',
    limits=(
        "Whether the reason is a good one is for people. Only the words of the description count; a comment in the "
        "configuration reaches nobody who looks at the rule in the console. Of several days the earliest counts."
    ),
    cells=suppression_cells,
    check=_check,
    subjects=(FindingFilter,),
    links=(
        "https://docs.aws.amazon.com/guardduty/latest/ug/findings_suppression-rule.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/guardduty_filter",
    ),
)
