"""The IP lists of every detector, as objects of one bucket."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.generator.existing import detectors, on_detector
from guardline.generator.hcl import hcl
from guardline.generator.root import Billed, Import, Part, Root
from guardline.spec.list_formats import format_of
from guardline.spec.lists import read, sorted_entries

# A list as lines is read easily, but Terraform's time for a heredoc grows with the square of its lines: 20,000 take it
# half a minute, and 250,000 in one quoted string a few seconds (measured with 1.11).
MOST_LINES = 2_000


def part(root: Root) -> Part:
    """What the lists add to the root.

    Raises:
        ListError: a list cannot be read.
    """
    spec, folder = root.spec, root.spec_path.parent
    files = {f"threat-{each.name}": each.file for each in spec.threat_ips}
    if spec.trusted_ips is not None:
        files["trusted"] = spec.trusted_ips.file
    if not files:
        return Part()
    trusted, threats = _trusted(root), sorted(each.name for each in spec.threat_ips)
    region = {"trusted_ip_list": "local.trusted_ip_list"} if trusted else {}
    if threats:
        region["threat_ip_lists"] = "local.threat_ip_lists"
    texts = {name: read(folder, file) for name, file in sorted(files.items())}
    others = {
        name: {"format": found, "content": text} for name, text in texts.items() if (found := format_of(text)) != "TXT"
    }
    formats = {
        hcl(_threat(root, name)): f'module.ip_lists.formats["threat-{name}"]'
        for name in threats
        if f"threat-{name}" in others
    }
    if formats:
        region["threat_ip_formats"] = "local.threat_ip_formats"
    bucket = root.bucket_name(spec.trusted_ips.bucket if spec.trusted_ips else None, "ip-lists")
    s3 = "https://aws.amazon.com/s3/pricing/"
    return Part(
        values={
            "bucket": bucket,
            "trusted": trusted,
            "threats": {hcl(_threat(root, name)): f'module.ip_lists.locations["threat-{name}"]' for name in threats},
            "most_lines": MOST_LINES,
            "contents": {name: sorted_entries(text) for name, text in texts.items() if name not in others},
            "others": others,
            "threat_formats": formats,
        },
        region=region,
        absent=(f"the bucket {bucket}",),
        billed=(Billed("Amazon S3", "IP lists kept", "GB-month stored; requests", s3, (root.spec.home_region,)),),
        imports=tuple(_imports(root, trusted, threats)),
    )


ROLE_POLICY = 10_240
"""The characters that the inline policies of a role may have together:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html."""

_GRANT = '{"Effect":"Allow","Action":"s3:GetObject","Resource":""},'


def role_policy(root: Root) -> tuple[int, int]:
    """How long the lists make the policy of GuardDuty's service-linked role: at least, and at most.

    GuardDuty adds each list of each region to it, and documents neither form nor length: at least the object's ARN
    stands there once for each, at most a statement of its own.
    Source: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-lists-prerequisites.html
    """
    names = [f"threat-{each.name}" for each in root.spec.threat_ips]
    names += ["trusted"] if root.spec.trusted_ips is not None else []
    bucket = root.bucket_name(root.spec.trusted_ips.bucket if root.spec.trusted_ips else None, "ip-lists")
    arns = [len(f"{root.bucket_arn(bucket)}/{name}-0123456789ab.txt") for name in names]
    count = len(root.regions)
    return count * sum(arn + len('"",') for arn in arns), count * sum(arn + len(_GRANT) for arn in arns)


def _trusted(root: Root) -> str | None:
    return None if root.spec.trusted_ips is None else f"{root.spec.name}-trusted"


def _threat(root: Root, name: str) -> str:
    return f"{root.spec.name}-{name}"


def _imports(root: Root, trusted: str | None, threats: list[str]) -> Iterator[Import]:
    """The trusted list that a detector has, whatever it is called, for AWS allows one; and threat lists by name."""
    for region, detector in detectors(root):
        if trusted and detector.trusted_ip_lists:
            yield Import(
                root.in_region(region, "module.trusted_ip_list[0].aws_guardduty_ipset.this"),
                root.import_id(f"{detector.id}:{detector.trusted_ip_lists[0].id}", region),
            )
    names = {name: name for name in (_threat(root, each) for each in threats)}
    path = 'module.threat_ip_lists[0].aws_guardduty_threatintelset.this["{}"]'
    yield from on_detector(root, path, names, "threat_ip_lists")
