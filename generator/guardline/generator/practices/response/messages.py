"""What people read of a finding, and of what was done about it, where EventBridge writes the message."""

from __future__ import annotations

from collections.abc import Mapping

from guardline.generator.alert_rules import AlertRule, SeverityWord
from guardline.generator.practices.response.function import ANSWERS, findings
from guardline.generator.root import Root

# https://docs.aws.amazon.com/general/latest/gr/aws-arns-and-namespaces.html, "Sign-in" of each partition's guide.
_CONSOLES = {
    "aws": "https://<region>.console.aws.amazon.com",
    "aws-us-gov": "https://console.amazonaws-us-gov.com",
    "aws-cn": "https://console.amazonaws.cn",
}
# EventBridge has no words for numbers, so that each word has a rule of its own.
# https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html
_BANDS: tuple[tuple[SeverityWord, int, int | None], ...] = (
    ("critical", 9, None),
    ("high", 7, 9),
    ("medium", 4, 7),
    ("low", 1, 4),
)
_REMEDIATION = "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_remediate.html"
_STEPS = (
    "Read the finding: what was seen, from where, and since when.",
    "Find out who uses it, and whether what was seen is their work.",
    "If it is not: contain it, change the credentials that it held, and keep the logs.",
    f"Where to begin: {_REMEDIATION}",
)
FINDINGS = "findings"
"""The rule that brings findings from other regions."""


def alert_rules(root: Root) -> Mapping[str, AlertRule]:
    """The findings that raise an alert, by the end of the rule's name: one rule for each word of severity."""
    asked = root.spec.response
    if asked is None or asked.mode != "create" or asked.alerts is None or root.duty not in ANSWERS:
        return {}
    least = asked.alerts.min_severity
    console = _CONSOLES.get(root.spec.partition)
    link = f"{console}/guardduty/home?region=<region>#/findings?search=id%3D<id>"
    return {
        f"{FINDINGS}-{word}": AlertRule(
            description=f"GuardDuty's findings of {word} severity",
            pattern=findings(max(begin, least), end),
            paths={
                "id": "$.detail.id",
                "type": "$.detail.type",
                "severity": "$.detail.severity",
                "account": "$.detail.accountId",
                "region": "$.detail.region",
                "resource": "$.detail.resource.resourceType",
                "count": "$.detail.service.count",
                "last": "$.detail.service.eventLastSeen",
            },
            title=f"GuardDuty, {word}: <type> in account <account>, <region>",
            lines=(
                f"Severity <severity>, {word}. About: <resource>.",
                "Seen <count> times, last at <last>. Finding <id>.",
                *((f"Console: {link}",) if console is not None else ()),
            ),
            steps=_STEPS,
            key="<id>",
            severity=word,
            part_of=FINDINGS,
        )
        for word, begin, end in _BANDS
        if end is None or end > least
    }


def answers(root: Root) -> Mapping[str, AlertRule]:
    """What the function did about findings, for those to whom it does not write itself: chats and webhooks."""
    asked = root.spec.response
    if asked is None or asked.mode != "create" or asked.remediate is None or root.duty not in ANSWERS:
        return {}
    return {
        "answered": AlertRule(
            description="What the function did about a finding",
            pattern={"source": ["guardline"], "detail-type": ["GuardDuty Finding Answered"]},
            paths={
                "id": "$.detail.finding",
                "type": "$.detail.type",
                "account": "$.detail.account",
                "region": "$.detail.region",
                "mode": "$.detail.mode",
                "done": "$.detail.done",
            },
            title="<type> in account <account>, <region>: answered",
            lines=("Mode <mode>. <done>", "Finding <id>."),
            steps=("See whether that was right; the e-mail, and the function's log, name what undoes it.",),
            key="<id>",
        )
    }
