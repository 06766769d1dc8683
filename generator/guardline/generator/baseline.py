"""A spec and the folders that its Terraform belongs in: the root, and the modules it uses."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from guardline.generator.render import render_modules, render_root
from guardline.generator.write import Change, compare, refuse_edited, write
from guardline.spec.load import SpecError, load


class BaselineError(Exception):
    """The spec asks for what cannot be generated; the message is complete."""


@dataclass(frozen=True)
class Baseline:
    """What a spec becomes.

    Attributes:
        root: the root's folder.
        folders: each folder with its files, the modules first: a root never names modules that are not there.
    """

    root: Path
    folders: tuple[tuple[Path, Mapping[PurePosixPath, str]], ...]

    @staticmethod
    def of(spec_path: Path, out: Path | None = None) -> Baseline:
        """Render a spec.

        Args:
            spec_path: the spec's file.
            out: the root's folder; None is the spec's own.

        Raises:
            BaselineError: the spec has mistakes.
        """
        try:
            spec = load(spec_path)
        except SpecError as error:
            raise BaselineError(str(error)) from None
        root = out if out is not None else spec_path.parent
        shared = spec.terraform.modules
        folder = spec_path.parent / shared if shared is not None else root / "modules"
        source = PurePosixPath(Path(os.path.relpath(folder, root)).as_posix())
        named = str(source) if str(source).startswith("..") else f"./{source}"
        files = render_root(spec, spec_path, named)
        return Baseline(root, ((folder, render_modules(spec.terraform.aws_provider)), (root, files)))

    def compare(self) -> Iterator[tuple[Path, tuple[Change, ...]]]:
        """What `write` would change, folder by folder."""
        return ((folder, compare(folder, files)) for folder, files in self.folders)

    def write(self, *, force: bool = False) -> Iterator[tuple[Path, tuple[Change, ...]]]:
        """Bring the folders in step, after making sure that none of them refuses."""
        for folder, changes in self.compare():
            if not force:
                refuse_edited(folder, changes)
        return ((folder, write(folder, files, force=force)) for folder, files in self.folders)
