"""Which actions answer a finding."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from .finding import Finding
from .settings import Playbook


def of(finding: Finding, playbooks: Sequence[Playbook]) -> Playbook | None:
    """The playbook that a finding's type decides on, or None where none is for it or the finding is not severe enough.

    Args:
        finding: the finding.
        playbooks: in order; the first that matches decides.
    """
    for each in playbooks:
        if any(fnmatchcase(finding.type, pattern) for pattern in each.types):
            return each if finding.severity >= each.min_severity else None
    return None
