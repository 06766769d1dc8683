"""Where in a spec it is written what the controls ask: evidence for what no source holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

# By the beginning of a control's id; the first that fits and that the spec has.
_BLOCKS = (
    ("vpc-", ("flow_logs",)),
    ("dns-", ("dns_logs",)),
    ("flow-logs-", ("flow_logs",)),
    ("new-vpc-alert", ("flow_logs",)),
    ("other-resolvers-denied", ("dns_logs", "deny_other_resolvers")),
    ("trail-", ("trail",)),
    ("findings-kept", ("guardduty", "export")),
    ("plans-on-request", ("guardduty", "features")),
    ("plans-on-request", ("guardduty",)),
    ("public-buckets-blocked", ("block_public_buckets",)),
    ("finding-publishing-frequency", ("guardduty", "finding_publishing_frequency")),
    ("findings-export", ("guardduty", "export")),
    ("trusted-ip-list", ("trusted_ips",)),
    ("threat-ip-list", ("threat_ips",)),
    ("suppression-", ("suppression",)),
    ("filter-ranks", ("suppression",)),
    ("access-", ("access",)),
    ("org-", ("organization",)),
    ("tamper-", ("tamper",)),
    ("records-alarm", ("tamper",)),
    ("finding-alert", ("response", "alerts")),
    ("finding-response", ("response", "remediate")),
    ("response-acts", ("response", "remediate")),
    ("alerts-", ("response", "alerts")),
    ("security-hub-", ("security_hub",)),
    ("config-", ("config",)),
    ("region-denied", ("regions", "exclude")),
    ("", ("regions",)),
    ("", ("home_region",)),
    ("", ("version",)),
)


class SpecLines:
    """Lines of a spec by control.

    Args:
        path: the spec, which was read before without a mistake.
    """

    def __init__(self, path: Path) -> None:
        from guardline.spec.tree import read

        self._tree = read(path.read_text(encoding="utf-8-sig"))

    def of(self, control: str) -> int:
        """The line of what asks for a control: its practice's block, else the regions, else the spec's beginning."""
        return next(self._found(control), 1)

    def _found(self, control: str) -> Iterator[int]:
        for begins, place in _BLOCKS:
            if control.startswith(begins) and place in self._tree.keys:
                yield self._tree.keys[place][0]
