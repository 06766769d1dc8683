"""What is new and what is fixed since an earlier result.

Cells are the same by their id. A resource that was renamed, moved, or has another index of `count` has another id, so
what is left over on both sides of one control, account and region is paired: nothing new is reported where only a name
is new. A control that the earlier run did not ask is *newly asked*: nobody broke anything there.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable

from msgspec.structs import replace

from guardline.validator.control import Status
from guardline.validator.report import KEPT, Comparison, Report, Row

OPEN = (Status.FAIL, Status.UNDETERMINED)


def compare(report: Report, earlier: Report, against: str) -> Report:
    """Return the report with what changed since the earlier one.

    Args:
        report: the result of now.
        earlier: the result to compare with.
        against: the earlier result's name, for people.
    """
    asked = {row.control for row in earlier.rows} | {KEPT}  # it has cells only where something leaves
    newly_asked = tuple(row.id for row in report.rows if row.control not in asked and row.verdict in OPEN)
    before, after = _by_group(earlier.rows), _by_group(report.rows)
    new, fixed = list[str](), list[Row]()
    for group in dict.fromkeys((*after, *before)):
        if group[0] in asked:
            pairs = _paired(before.get(group, []), after.get(group, []))
            new += [now.id for then, now in pairs if now is not None and _is_worse(then, now)]
            fixed += [then for then, now in pairs if then is not None and _is_fixed(then, now)]
    found = Comparison(against, tuple(new), tuple(fixed), newly_asked, earlier.coverage)
    return replace(report, comparison=found)


def _by_group(rows: Iterable[Row]) -> dict[tuple[str, str | None, str | None], list[Row]]:
    groups = defaultdict[tuple[str, str | None, str | None], list[Row]](list)
    for row in rows:
        groups[row.control, row.account, row.region].append(row)
    return groups


def _paired(before: list[Row], after: list[Row]) -> list[tuple[Row | None, Row | None]]:
    """Each cell with what it was.

    By AWS id, then by the cell's own id; but where a resource has more or fewer instances of `count` than before, every
    index may be another instance's, so these are paired by what they are. Then by address without indexes, and last by
    verdict: what is left over on both sides was renamed or moved.
    """
    shifted = _shifted(before, after)
    pairs = list[tuple[Row | None, Row | None]]()
    keys: tuple[Callable[[Row], Hashable | None], ...] = (
        lambda row: row.subject_id,
        lambda row: None if _counted(row) in shifted else row.id,
        lambda row: (_counted(row), row.verdict),
        lambda row: re.sub(r"\[[^\]]*\]", "[]", row.subject or ""),
        lambda row: row.verdict,
        lambda row: row.control,
    )
    for key in keys:
        waiting, taken = defaultdict[Hashable, deque[Row]](deque), set[int]()
        for row in before:
            if (name := key(row)) is not None:
                waiting[name].append(row)
        left = list[Row]()
        for row in after:
            if (name := key(row)) is not None and waiting[name]:
                then = waiting[name].popleft()
                pairs.append((then, row))
                taken.add(id(then))
            else:
                left.append(row)
        after, before = left, [row for row in before if id(row) not in taken]
    return [*pairs, *((None, row) for row in after), *((row, None) for row in before)]


def _counted(row: Row) -> str:
    """The subject without indexes of `count`, which move when an instance before them goes."""
    return re.sub(r"\[\d+\]", "[]", row.subject or "")


def _shifted(before: Iterable[Row], after: Iterable[Row]) -> frozenset[str]:
    """The resources that have more or fewer instances than before."""
    then, now = Counter(map(_counted, before)), Counter(map(_counted, after))
    return frozenset(name for name in then | now if "[]" in name and then[name] != now[name])


def _is_worse(then: Row | None, now: Row) -> bool:
    if now.verdict is Status.FAIL:
        return then is None or then.verdict is not Status.FAIL
    return now.verdict is Status.UNDETERMINED and (then is None or then.verdict not in OPEN)


def _is_fixed(then: Row, now: Row | None) -> bool:
    """Whether what failed, or was undetermined, is so no more. What is not asked any more is not fixed, unless it was
    asked of a resource that is gone."""
    if then.verdict not in OPEN:
        return False
    return then.subject is not None if now is None else now.verdict is Status.PASS
