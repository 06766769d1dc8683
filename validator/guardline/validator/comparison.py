"""What is new and what is fixed since an earlier result.

Cells are the same by their id. A resource that was renamed, moved, or has another index of `count` has another id, so
what is left over on both sides of one control, account and region is paired: nothing new is reported where only a name
is new. A control that the earlier run did not know is *newly asked*: nobody broke anything there.

A plan says itself what was before: the verdicts of its cells then are in the report already.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator

from msgspec.structs import replace

from guardline.validator.control import Status
from guardline.validator.report import KEPT, Comparison, Report, Row, Share, share

OPEN = (Status.FAIL, Status.UNDETERMINED)


def compare(report: Report, earlier: Report, against: str) -> Report:
    """Return the report with what changed since the earlier one.

    Args:
        report: the result of now.
        earlier: the result to compare with.
        against: the earlier result's name, for people.
    """
    # Earlier versions wrote down only the controls that had cells; KEPT has some only where something leaves.
    asked = {*(earlier.controls or ()), *(row.control for row in earlier.rows), KEPT}
    newly_asked = tuple(row.id for row in report.rows if row.control not in asked and row.verdict in OPEN)
    before, after = _by_group(earlier.rows), _by_group(report.rows)
    new, fixed = list[str](), list[Row]()
    for group in dict.fromkeys((*after, *before)):
        if group[0] in asked:
            pairs = _paired(before.get(group, []), after.get(group, []))
            new += [
                now.id
                for then, now in pairs
                if now is not None and _is_worse(then.verdict if then is not None else None, now)
            ]
            fixed += [then for then, now in pairs if then is not None and _is_fixed(then, now)]
    then = [row for row in earlier.rows if row.in_coverage]
    shares = tuple(_shares([(row, row.verdict) for row in then], [row for row in report.rows if row.control in asked]))
    found = Comparison(against, tuple(new), tuple(fixed), newly_asked, earlier.coverage, shares)
    return replace(report, comparison=found)


PLAN = "what the plan starts from"


def by_plan(report: Report) -> Report:
    """Return the report of plans with what they change, as they say themselves; any other as it is."""
    if not report.sources or any(source.kind != "plan" for source in report.sources):
        return report
    if all(row.before is None for row in report.rows):
        return report
    known = [(row, row.before) for row in report.rows if row.before is not None]
    left = [(row, row.verdict) for row in report.rows if row.verdict is Status.WAIVED and row.before is None]
    before = [each for each in (*known, *left) if each[0].in_coverage]
    found = Comparison(
        against=PLAN,
        new=tuple(row.id for row in report.rows if _is_worse(row.before, row)),
        fixed=tuple(row for row, then in known if then in OPEN and row.verdict is Status.PASS),
        newly_asked=(),
        coverage_before=_share(verdict for _, verdict in before),
        shares=tuple(_shares(before, report.rows)),
    )
    return replace(report, comparison=found)


def _share(verdicts: Iterable[Status]) -> float | None:
    return share(Counter(verdicts), Status.FAIL, Status.UNDETERMINED, Status.WAIVED)


def _shares(before: Iterable[tuple[Row, Status]], after: Iterable[Row]) -> Iterator[Share]:
    """The controls and regions of which another share holds than before."""
    kinds: tuple[tuple[str, Callable[[Row], str | None]], ...] = (
        ("control", lambda row: row.control),
        ("region", lambda row: row.region),
    )
    before, now = list(before), [(row, row.verdict) for row in after if row.in_coverage]
    for kind, of in kinds:
        shares: list[dict[str, float | None]] = []
        for cells in (before, now):
            verdicts = defaultdict[str, list[Status]](list)
            for row, verdict in cells:
                if (name := of(row)) is not None:
                    verdicts[name].append(verdict)
            shares.append({name: _share(found) for name, found in verdicts.items()})
        was, is_ = shares
        for name in dict.fromkeys((*is_, *was)):
            if was.get(name) != is_.get(name):
                yield Share(kind, name, was.get(name), is_.get(name))


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


def _is_worse(then: Status | None, now: Row) -> bool:
    if now.verdict is Status.FAIL:
        return then is not Status.FAIL
    return now.verdict is Status.UNDETERMINED and then not in OPEN


def _is_fixed(then: Row, now: Row | None) -> bool:
    """Whether what failed, or was undetermined, is so no more. What is not asked any more is not fixed, unless it was
    asked of a resource that is gone."""
    if then.verdict not in OPEN:
        return False
    return then.subject is not None if now is None else now.verdict is Status.PASS
