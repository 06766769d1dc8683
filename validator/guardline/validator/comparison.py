"""What is new and what is fixed since an earlier result.

Cells are the same by their id. A resource that was renamed, moved, or has another index of `count` has another id, so
what is left over on both sides of one control, account and region is paired: nothing new is reported where only a name
is new. A control that the earlier run did not know is *newly asked*: nobody broke anything there.

What is asked no more, or was not read, is *not compared*: that a fault is not seen does not mean that it is fixed.

A plan says itself what was before: the verdicts of its cells then are in the report already.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

from msgspec.structs import replace

from guardline.validator.control import Status
from guardline.validator.report import KEPT, UNCHANGED, Comparison, NotCompared, Report, Row, Share, share
from guardline.validator.reporters.vocabulary import listed

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
    seen = _Seen(report, earlier)
    new, fixed, then_all, now_all = list[str](), list[Row](), list[Row](), list[Row]()
    left = defaultdict[str, list[Row]](list)
    for group in dict.fromkeys((*after, *before)):
        if group[0] not in asked:
            continue
        for then, now in seen.paired(before.get(group, []), after.get(group, [])):
            if (why := seen.why_not(then, now)) is not None:
                left[why] += [row for row in (then or now,) if row is not None]
                continue
            if then is not None:
                then_all.append(then)
                fixed += [then] if _is_fixed(then, now) else []
            if now is not None:
                now_all.append(now)
                new += [now.id] if _is_worse(then.verdict if then is not None else None, now) else []
    counted = [(row, row.verdict) for row in then_all if row.in_coverage]
    found = Comparison(
        against=against,
        new=tuple(new),
        fixed=tuple(fixed),
        newly_asked=newly_asked,
        coverage_before=_share(verdict for _, verdict in counted),
        coverage_after=_share(row.verdict for row in now_all if row.in_coverage),
        shares=tuple(_shares(counted, now_all)),
        not_compared=tuple(_not_compared(why, rows) for why, rows in left.items()),
    )
    return replace(report, comparison=found)


class _Seen:
    """What a run saw of what an earlier one asked: elsewhere nothing is known to be better or worse."""

    def __init__(self, report: Report, earlier: Report) -> None:
        self._controls = frozenset(
            (row.control for row in report.rows) if report.controls is None else (*report.controls, KEPT)
        )
        self._read = tuple(source.path for source in report.sources)
        failed = {error.source for error in report.errors}
        whole = [source.path for source in report.sources if source.complete and source.path not in failed]
        then = tuple(source.path for source in earlier.sources)
        # Sources of which none has its old name stand in the place of the old ones: another plan, another folder.
        others = frozenset(then).isdisjoint((*self._read, *report.left_out)) and len(then) <= len(self._read)
        self._lost = () if others else tuple(path for path in then if path not in self._read)
        self._whole = tuple(whole)
        self._is_all = not self._lost and not report.errors and not report.left_out and len(whole) == len(self._read)
        self._left_out = frozenset(report.left_out)

    def paired(self, before: Sequence[Row], after: Sequence[Row]) -> list[tuple[Row | None, Row | None]]:
        """Each cell with what it was. What is not read was not renamed either."""
        ids = {row.id for row in after}
        lost = [row for row in before if row.id not in ids and row.subject is not None and self._is_elsewhere(row)]
        left = {row.id for row in lost}
        kept = [row for row in before if row.id not in left]
        return [*_paired(kept, list(after)), *((row, None) for row in lost)]

    def _is_elsewhere(self, row: Row) -> bool:
        return _is_in(row, self._lost) and not _is_in(row, self._read)

    def why_not(self, then: Row | None, now: Row | None) -> str | None:
        """Why a cell cannot be compared with what it was, as the rest of a sentence; None: it can."""
        if then is not None and then.control not in self._controls:
            return _NOT_ASKED
        if now is None and then is not None:
            if then.subject is None:
                return "what they were about is not asked now"
            gone = self._is_all or _is_in(then, self._whole)
            return None if gone else self._unseen()
        if then is None or now is None:
            hidden = now is not None and now.subject is None and _is_left_open(now)
            return self._unseen() if hidden else None
        if now.verdict is Status.NOT_ASSESSED and then.verdict is not Status.NOT_ASSESSED:
            return "this kind of source cannot tell"
        if _is_left_open(now) and not _is_in(then, self._read):
            return self._unseen()
        if not _is_open(then) or now.verdict is not Status.PASS:
            return None
        if _is_left_open(then):
            return "what may hold them was left out in the earlier run"
        return self._unseen() if self._is_elsewhere(then) else None

    def _unseen(self) -> str:
        """What was not read, or not whole."""
        left_out = [path for path in self._lost if path in self._left_out] or sorted(self._left_out)
        lost = [path for path in self._lost if path not in self._left_out]
        if lost:
            return f"{listed(lost, 3)} {'is' if len(lost) == 1 else 'are'} not read now"
        if left_out:
            return f"{listed(left_out, 3)} {'is' if len(left_out) == 1 else 'are'} left out: nothing changed there"
        return "not all of the source can be read now"


_NOT_ASKED = "their controls are not asked now"


def _not_compared(why: str, rows: Sequence[Row]) -> NotCompared:
    controls = f": {listed(sorted({row.control for row in rows}), 3)}" if why == _NOT_ASKED else ""
    return NotCompared(f"{why}{controls}", len(rows), sum(map(_is_open, rows)))


def _is_left_open(row: Row) -> bool:
    """Whether a root that was left out may decide the cell."""
    return row.verdict is Status.UNDETERMINED and UNCHANGED in row.reason


def _is_open(row: Row) -> bool:
    return row.verdict in OPEN


def _is_in(row: Row, sources: Iterable[str]) -> bool:
    """Whether the evidence of a cell leads into one of the sources."""
    files = {file for origin in row.evidence for file in (origin.file, *(file for file, _ in origin.calls)) if file}
    return any(path == "." or file == path or file.startswith(f"{path}/") for path in sources for file in files)


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
        coverage_after=report.coverage,
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
    """Whether what failed, or was undetermined, is so no more; what it was about may be gone."""
    return _is_open(then) and (now is None or now.verdict is Status.PASS)
