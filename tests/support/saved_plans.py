"""Saved plans as `terraform plan -out` writes them: a zip with the configuration beside the plan."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping

Modules = Mapping[str, tuple[str, Mapping[str, str]]]
"""Dotted module path -> its folder relative to the root's, and its files by name. "" is the root."""


def saved(modules: Modules, **extra: str | bytes) -> bytes:
    """A saved plan.

    Args:
        modules: what it holds.
        extra: further entries, or others in place of what belongs there; ``__`` in a name stands for ``/``.
    """
    record = [{"Key": key, "Dir": folder} for key, (folder, _) in modules.items()]
    entries: dict[str, str | bytes] = {"tfplan": b"\x08\x03", "tfconfig/modules.json": json.dumps(record)}
    for key, (_, files) in modules.items():
        entries |= {f"tfconfig/m-{key}/{name}": text for name, text in files.items()}
    entries |= {name.replace("__", "/"): text for name, text in extra.items()}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return made.getvalue()
