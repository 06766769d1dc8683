"""The manifest beside generated files: which are ours, and what they held when they were written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

MANIFEST = PurePosixPath(".guardline-manifest.json")


class RefusedError(Exception):
    """Writing would lose something of the user's; the message says what, and how to go on."""


def sha256(text: str) -> str:
    """The hash of a text as it stands in its file."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


@dataclass(frozen=True)
class Manifest:
    """What was written.

    Attributes:
        purpose: what the folder holds; empty when there is no manifest yet.
        files: path relative to the folder -> hashes of the texts that are ours: one, or two while a run is under way.
        holds: what a root has in AWS once it is applied: ``regions``, and ``practices`` by their keys in the spec.
        templates: the revision of the templates that wrote a root; None where none is recorded.
    """

    purpose: str
    files: Mapping[PurePosixPath, frozenset[str]]
    holds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    templates: int | None = None

    @staticmethod
    def of(
        purpose: str,
        files: Mapping[PurePosixPath, str],
        holds: Mapping[str, tuple[str, ...]],
        templates: int | None = None,
    ) -> Manifest:
        """The manifest of files just written."""
        return Manifest(purpose, {path: frozenset({sha256(text)}) for path, text in files.items()}, holds, templates)

    @staticmethod
    def read(folder: Path, text: str | None, name: PurePosixPath = MANIFEST) -> Manifest:
        """The manifest in a folder.

        Args:
            folder: the folder.
            text: of the manifest; None where there is none.
            name: of its file.

        Raises:
            RefusedError: it is damaged, or names a file outside the folder.
        """
        if text is None:
            return Manifest("", {})
        try:
            found = json.loads(text)
            files = {PurePosixPath(name): _hashes(value) for name, value in found["files"].items()}
            holds = {str(kind): tuple(map(str, names)) for kind, names in found.get("holds", {}).items()}
            templates = int(found["templates"]) if "templates" in found else None
            manifest = Manifest(str(found["purpose"]), files, holds, templates)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            raise RefusedError(f"{folder / name} is damaged: restore it, or delete it and run again") from None
        for path in files:
            if path.is_absolute() or ".." in path.parts or path == name:
                raise RefusedError(f"{folder / name} names {path}, which is not in the folder; it is not touched")
        return manifest

    def expecting(self, purpose: str, files: Mapping[PurePosixPath, str]) -> Manifest:
        """This manifest while files are being replaced: both the old and the new texts are ours."""
        coming = {path: self.files.get(path, frozenset()) | {sha256(text)} for path, text in files.items()}
        return Manifest(purpose, {**self.files, **coming}, self.holds, self.templates)

    def text(self) -> str:
        """The manifest as it stands in its file."""
        files = {str(path): sorted(hashes) for path, hashes in sorted(self.files.items())}
        shown: dict[str, Any] = {path: each[0] if len(each) == 1 else each for path, each in files.items()}
        holds = {"holds": {kind: list(names) for kind, names in sorted(self.holds.items())}} if self.holds else {}
        templates = {} if self.templates is None else {"templates": self.templates}
        return json.dumps({"purpose": self.purpose, **templates, **holds, "files": shown}, indent=2) + "\n"


def _hashes(value: Any) -> frozenset[str]:
    each = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in each):
        raise TypeError
    return frozenset(each)
