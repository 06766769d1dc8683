"""What the spec's IP lists ask."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from guardline.validator.asking.asking import Asking
from guardline.validator.scope import NotAsked

if TYPE_CHECKING:
    from guardline.spec.model import Spec


def asks(spec: Spec, path: Path) -> Asking:
    """The trusted IP list.

    Raises:
        ListError: it cannot be read.
    """
    from guardline.spec.lists import entries, read

    if spec.trusted_ips is None:
        return Asking(not_asked=(NotAsked(10, "the spec names no trusted IP list"),))
    return Asking(fields={"trusted_ips": entries(read(path.parent, spec.trusted_ips.file))})
