"""What the spec's IP lists ask."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from guardline.validator.expectations.requirement import PracticeRequirements, left_out, wanted

if TYPE_CHECKING:
    from guardline.spec.model import Spec


def asks(spec: Spec, path: Path) -> PracticeRequirements:
    """The trusted IP list and the threat lists.

    Raises:
        ListError: one cannot be read.
    """
    from guardline.spec.lists import entries, read

    def entries_of(file: str) -> tuple[str, ...]:
        return entries(read(path.parent, file))

    if spec.trusted_ips is None:
        trusted = left_out(10, "trusted IP list", "the spec has no `trusted_ips`", key="trusted_ips")
    else:
        trusted = PracticeRequirements(fields={"trusted_ips": entries_of(spec.trusted_ips.file)})
    if not spec.threat_ips:
        return trusted + left_out(10, "threat lists", "the spec has no `threat_ips`", key="threat_ips")
    threats = frozenset(tuple(sorted(set(entries_of(each.file)))) for each in spec.threat_ips)
    return trusted + wanted("threat-ip-list") + PracticeRequirements(fields={"threat_ips": threats})
