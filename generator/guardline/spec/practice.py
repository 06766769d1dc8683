"""The practices: one name for each, in every folder, id and page, and the numbers that reports give them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Practice:
    """One practice, by which the code is divided.

    Attributes:
        id: the name in ids, pages and options, with hyphens.
        number: which of the ten recommendations it serves first; a control says its own, for `detection` also holds
            S3 Protection (2), and `access` least privilege (5).
        title: a heading for people.
    """

    id: str
    number: int
    title: str

    @property
    def package(self) -> str:
        """The name in Python: of a file, a folder or a template."""
        return self.id.replace("-", "_")


_PRACTICES = (
    Practice("detection", 3, "GuardDuty in all regions"),
    Practice("organization", 4, "Delegated administration in an organization"),
    Practice("flow-logs", 1, "VPC flow logs"),
    Practice("dns-logs", 1, "DNS query logs"),
    Practice("trail", 1, "The CloudTrail trail"),
    Practice("access", 4, "Access for users and administrators"),
    Practice("tamper", 6, "GuardDuty itself is watched"),
    Practice("response", 7, "Alerts and automated response"),
    Practice("security-hub", 8, "Security Hub and AWS Config"),
    Practice("suppression", 9, "Suppression rules"),
    Practice("lists", 10, "Trusted and threat IP lists"),
)

PRACTICES: Mapping[str, Practice] = {practice.id: practice for practice in _PRACTICES}
"""Id -> the practice: the names of the folders and files of `spec`, `generator`, the controls, tests and pages."""

TERRAFORM = Practice("terraform", 3, "The Terraform code itself")
"""What is asked of the code, whatever it builds: a heading of controls, and nothing that a spec asks for."""

RECOMMENDATIONS: Mapping[int, str] = {
    1: "Full detection coverage",
    2: "S3 data events",
    3: "GuardDuty in all regions",
    4: "Access for users and administrators",
    5: "Least privilege",
    6: "GuardDuty itself is watched",
    7: "Automated response",
    8: "Security Hub and one view",
    9: "Suppression rules",
    10: "Trusted and threat IP lists",
}
"""Number -> title of the ten recommendations: what `--practice N` and a result's `practice` mean."""
