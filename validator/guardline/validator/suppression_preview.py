"""What the spec's suppression rules would archive of findings that were made, and where that is too much.

Source: https://docs.aws.amazon.com/guardduty/latest/ug/findings_suppression-rule.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from guardline.validator.model import guardduty
from guardline.validator.model.value import known
from guardline.validator.semantics.finding_filters import archives
from guardline.validator.semantics.finding_samples import HIGH

if TYPE_CHECKING:
    from guardline.spec.exported_findings import Exported
    from guardline.spec.practices.suppression import Criterion, Suppression

COST = (
    "Archived findings are kept for 90 days and then deleted; they reach no event rule, no export, no Security Hub and "
    "no Detective, and no attack sequence is made of them."
)
_BOUNDS = ("greater_than", "greater_than_or_equal", "less_than", "less_than_or_equal")
_WORDS = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.0, "low"))


@dataclass(frozen=True)
class Preview:
    """What one rule would archive.

    Attributes:
        rule: its name.
        types: finding type -> how many.
        severities: word -> how many, the most severe first.
        highest: the highest severity archived, or None where nothing is.
        oldest: when the oldest was last updated.
        newest: when the newest was.
        of_sequences: how many are parts of an attack sequence.
        undetermined: how many lack a field that decides.
    """

    rule: str
    types: Mapping[str, int]
    severities: Mapping[str, int]
    highest: float | None
    oldest: str | None
    newest: str | None
    of_sequences: int
    undetermined: int

    @property
    def count(self) -> int:
        """How many it would archive."""
        return sum(self.types.values())

    @property
    def too_much(self) -> tuple[str, ...]:
        """Why somebody must confirm it first; empty where nobody need."""
        found = []
        if self.highest is not None and self.highest >= HIGH:
            found.append(f"it would hide a finding of severity {self.highest:g}")
        if self.of_sequences:
            found.append(f"it would hide {self.of_sequences} findings that an attack sequence is made of")
        return tuple(found)


def preview(rules: Sequence[Suppression], findings: Sequence[Exported]) -> tuple[Preview, ...]:
    """What each rule would archive, each looked at as if it were alone.

    Args:
        rules: the spec's rules.
        findings: findings that were made.
    """
    parts = {uid for each in findings for uid in _signals(each.detail)}
    return tuple(_preview(rule, findings, parts) for rule in rules)


def field_tests(match: Mapping[str, Criterion]) -> tuple[guardduty.Criterion, ...]:
    """A rule's criteria as GuardDuty's filters test them."""
    return tuple(
        guardduty.Criterion(
            known(path),
            known(test.equals),
            known(test.not_equals),
            {name: known(str(getattr(test, name))) for name in _BOUNDS if getattr(test, name) is not None},
        )
        for path, test in match.items()
    )


def _preview(rule: Suppression, findings: Sequence[Exported], parts: set[str]) -> Preview:
    tests = field_tests(rule.match)
    answers = [(each.detail, _archives(tests, each)) for each in findings]
    hidden = [detail for detail, answer in answers if answer]
    severities = [float(detail["severity"]) for detail in hidden]
    words = Counter(_word(each) for each in severities)
    times = sorted(str(detail["updatedAt"]) for detail in hidden if detail.get("updatedAt"))
    return Preview(
        rule=rule.name,
        types=dict(sorted(Counter(str(detail["type"]) for detail in hidden).items())),
        severities={word: words[word] for _, word in _WORDS if words[word]},
        highest=max(severities, default=None),
        oldest=times[0] if times else None,
        newest=times[-1] if times else None,
        of_sequences=sum(str(detail.get("id")) in parts for detail in hidden),
        undetermined=sum(answer is None for _, answer in answers),
    )


def _archives(tests: Sequence[guardduty.Criterion], found: Exported) -> bool | None:
    """Whether the criteria hold; None where a format left a field out that would decide."""
    if found.whole:
        return archives(tests, found.detail)
    seen = [test for test in tests if _has(found.detail, test.path.get().split("."))]
    if not archives(seen, found.detail):
        return False
    return True if len(seen) == len(tests) else None


def _has(value: Any, path: Sequence[str]) -> bool:
    if isinstance(value, list):
        return any(_has(each, path) for each in value)
    if not path:
        return True
    return isinstance(value, Mapping) and path[0] in value and _has(value[path[0]], path[1:])


def _signals(detail: Mapping[str, Any]) -> Iterator[str]:
    """The findings that an attack sequence is made of.

    Source: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_Signal.html
    """
    sequence = ((detail.get("service") or {}).get("detection") or {}).get("sequence") or {}
    for signal in sequence.get("signals") or []:
        if signal.get("type") == "FINDING":
            yield str(signal.get("uid", "")).rsplit("/", 1)[-1]


def _word(severity: float) -> str:
    return next(word for least, word in _WORDS if severity >= least)
