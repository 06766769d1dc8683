"""What people read."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from .finding import Finding

_CONSOLES = {
    "aws": "https://{region}.console.aws.amazon.com",
    "aws-us-gov": "https://console.amazonaws-us-gov.com",
    "aws-cn": "https://console.amazonaws.cn",
}
_REMEDIATION = "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_remediate.html"
_LONGEST_SUBJECT = 100  # https://docs.aws.amazon.com/sns/latest/api/API_Publish.html


def subject(finding: Finding) -> str:
    """A line of printable ASCII, as short as SNS wants it."""
    line = f"GuardDuty {finding.severity:g}: {finding.type} in {finding.account} {finding.region}"
    plain = "".join(character if " " <= character <= "~" else "?" for character in line)
    return plain if len(plain) <= _LONGEST_SUBJECT else f"{plain[: _LONGEST_SUBJECT - 3]}..."


def text(finding: Finding, done: Sequence[str]) -> str:
    """The message.

    Args:
        finding: what it is about.
        done: what was done about it, sentence by sentence.
    """
    lines = [
        finding.title,
        "",
        f"Type      {finding.type}",
        f"Severity  {finding.severity:g}",
        f"Resource  {finding.resource}",
        f"Account   {finding.account}",
        f"Region    {finding.region}",
        f"Seen      {finding.count} times, last at {finding.last_seen}",
        f"Finding   {finding.id}",
    ]
    console = _CONSOLES.get(finding.partition)
    if console is not None:
        search = f"#/findings?search=id%3D{quote(finding.id, safe='')}"
        lines.append(
            f"Console   {console.format(region=finding.region)}/guardduty/home?region={finding.region}{search}"
        )
    lines += ["", "Done:", *(f"- {each}" for each in done)] if done else ["", "Nothing was changed."]
    return "\n".join((*lines, "", f"Where to begin: {_REMEDIATION}"))
