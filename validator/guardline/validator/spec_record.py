"""What a report records of its spec: who answers for it, its hash, and who wrote its lines, as git says."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from guardline.spec import regular
from guardline.validator import base_branch
from guardline.validator.report import Environment

if TYPE_CHECKING:
    from guardline.spec.model import Spec


def environment(spec: Spec, path: Path) -> Environment:
    """Record a spec.

    Args:
        spec: what it says.
        path: where it is. Outside a git tree, or before its first commit, nobody is named.
    """
    content = regular.read(path, base_branch.YAML)
    try:
        history = base_branch.history(path, content)
    except base_branch.BaseError:
        history = None  # no git, or a tree that it refuses to read
    return Environment(
        name=spec.name,
        owner=spec.contacts.owner if spec.contacts is not None else None,
        sha256=hashlib.sha256(content).hexdigest(),
        commit=history.commit if history is not None else None,
        authors=history.authors if history is not None else (),
        changed=history is not None and history.changed,
    )
