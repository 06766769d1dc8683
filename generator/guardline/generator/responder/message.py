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
    line = f"GuardDuty {finding.severity:g} {finding.word}: {finding.type} in {finding.account} {finding.region}"
    plain = "".join(character if " " <= character <= "~" else "?" for character in line)
    return plain if len(plain) <= _LONGEST_SUBJECT else f"{plain[: _LONGEST_SUBJECT - 3]}..."


def plain(line: str) -> str:
    """A line that an input transformer of EventBridge may put between quotation marks."""
    return "".join("'" if character in '"\\' else character if character.isprintable() else " " for character in line)


def text(finding: Finding, done: Sequence[tuple[str, str | None]], mode: str) -> str:
    """The message.

    Args:
        finding: what it is about.
        done: what was done about it, sentence by sentence, each with the record that undoes it.
        mode: of the function.
    """
    lines = [
        finding.title,
        "",
        f"Type      {finding.type}",
        f"Severity  {finding.severity:g}, {finding.word}",
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
    if done:
        lines += ["", "Dry-run, nothing was changed:" if mode == "dry-run" else "Done:"]
        for sentence, record in done:
            lines.append(f"- {sentence}")
            if record is not None:
                lines.append(f"  Undo: guardline response undo {record} --spec guardline.yaml")
    else:
        lines += ["", "Nothing was changed."]
    lines += ["", "First steps:", *(f"{place}. {step}" for place, step in enumerate(_steps(finding), start=1))]
    return "\n".join((*lines, "", f"Where to begin: {_REMEDIATION}"))


def _steps(finding: Finding) -> tuple[str, ...]:
    kind = finding.resource.split(" ")[0]
    return (_STEPS.get(kind, _ANY), "Find out who uses it, and whether what was seen is their work.", _CLOSE)


_ANY = "Read the finding: what was seen, from where, and since when."
_CLOSE = "If it is not: contain it, change the credentials that it held, and keep the logs."
# https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_remediate.html
_STEPS = {
    "AccessKey": "See in CloudTrail what the identity did since then, and in which regions.",
    "Instance": "Keep the evidence: snapshots of the volumes, and the memory if the instance still runs.",
    "S3Bucket": "See who read or changed objects of the bucket, and whether it is meant to be public.",
}
