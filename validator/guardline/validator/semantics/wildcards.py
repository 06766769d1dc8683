"""IAM's wildcards: ``*`` is any text, ``?`` one character. No question backtracks without end."""

from __future__ import annotations

import re
from functools import lru_cache

from guardline.validator.semantics.unknown_parts import SOMETHING, has_marks, shared_start, widened


@lru_cache(maxsize=8192)
def covers(wide: str, narrow: str) -> bool:
    """Whether the pattern `wide` matches all that `narrow` (a text, or a pattern itself) stands for."""
    at = place = 0
    star = mark = -1
    while at < len(narrow):
        if place < len(wide) and wide[place] == "*":
            star, mark = place, at
            place += 1
        elif place < len(wide) and narrow[at] != "*" and wide[place] in ("?", narrow[at]):
            place, at = place + 1, at + 1
        elif star >= 0:
            mark += 1
            place, at = star + 1, mark
        else:
            return False
    return not wide[place:].strip("*")


@lru_cache(maxsize=8192)
def overlaps(one: str, other: str) -> bool:
    """Whether some text is matched by both patterns."""
    # reach[j]: some text is matched by the part of `one` read so far and by other[:j].
    reach = [True]
    reach.extend(not other[: place + 1].strip("*") for place in range(len(other)))
    for left in one:
        after = [reach[0] and left == "*"]
        for place, right in enumerate(other):
            if "*" in (left, right):
                after.append(reach[place + 1] or after[place])
            else:
                after.append(reach[place] and (left == right or "?" in (left, right)))
        reach = after
    return reach[-1]


def rests(pattern: str, start: str) -> tuple[str, ...]:
    """What is left of a pattern for texts that begin with `start`: any of these; none where no such text matches."""
    left = {pattern}
    for letter in start:
        left |= {rest.lstrip("*") for rest in left}  # an asterisk may stand for nothing
        left = {rest if rest[0] == "*" else rest[1:] for rest in left if rest and rest[0] in ("*", "?", letter)}
    return tuple(sorted(left))


@lru_cache(maxsize=8192)
def like(pattern: str, value: str) -> bool | None:
    """Whether a text matches; None where that depends on what is unknown.

    Args:
        pattern: may hold a policy variable such as ``${aws:username}``, which stands for some text, and marks of
            unknown parts (`unknown_parts`).
        value: may hold marks, and ``*`` where a part of it is unknown.
    """
    wide = re.sub(r"\$\{[^}]*\}", "*", pattern)
    if wide == pattern and covers(wide, value) and SOMETHING not in pattern:
        return True
    if not (wide != pattern or "*" in value or has_marks(pattern) or has_marks(value)):
        return False
    start = min(shared_start(wide, value), len(re.split(r"[*?]", wide, maxsplit=1)[0]))
    return None if overlaps(widened(wide[start:]), widened(value[start:])) else False
