"""A folder of Terraform source to an estate, without Terraform, provider or credentials."""

from __future__ import annotations

import gc
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
from msgspec.structs import replace

from guardline.spec import regular
from guardline.validator.endings import SOURCE
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import NOBODY
from guardline.validator.sources.adapt import MAKES, READS, adapt
from guardline.validator.sources.hcl.bounds import Bounds
from guardline.validator.sources.hcl.cache import Cache
from guardline.validator.sources.hcl.config import Configuration
from guardline.validator.sources.hcl.config import load as load_configuration
from guardline.validator.sources.hcl.lifecycles import lifecycles
from guardline.validator.sources.hcl.load import blocks
from guardline.validator.sources.hcl.modules import called_modules
from guardline.validator.sources.hcl.parse import BYTES_PER_FILE
from guardline.validator.sources.hcl.syntax import HclError
from guardline.validator.sources.hcl.variables import Inputs, workspace
from guardline.validator.sources.plan.load import Hints

__all__ = ["FolderReading", "HclError", "Inputs", "load", "load_each", "workspace"]

SUFFIXES = (*SOURCE, ".tfvars", ".tfvars.json")


class FolderReading(msgspec.Struct, frozen=True):
    """A root folder, read.

    Attributes:
        estate: what the source will build.
        errors: files and variables that could not be read.
        sha256: of the names and contents of the source files.
        incomplete: why absence must not be claimed, or None.
    """

    estate: Estate
    errors: tuple[HclError, ...]
    sha256: str
    incomplete: str | None


def load(
    folder: Path,
    hints: Hints,
    inputs: Inputs,
    root: str = "",
    *,
    cache: bool = True,
    bounds: Bounds | None = None,
    tree: Path | None = None,
) -> FolderReading:
    """Read a root folder.

    Args:
        folder: the root module.
        hints: what the user says beside it.
        inputs: values of variables.
        root: what tells its addresses from those of other sources that are read with it.
        cache: whether parsed files may be kept between runs.
        bounds: what may be read and how it is shown, where that does not follow from the folder.
        tree: the folder outside of which nothing is read, where it is not the folder's git tree.

    Raises:
        HclError: the folder is not there, or holds no Terraform source.
    """
    (reading,) = load_each(folder, hints, ((inputs, root),), cache=cache, bounds=bounds, tree=tree)
    return reading


def load_each(
    folder: Path,
    hints: Hints,
    runs: Sequence[tuple[Inputs, str]],
    *,
    cache: bool = True,
    bounds: Bounds | None = None,
    tree: Path | None = None,
) -> Iterator[FolderReading]:
    """Read a root folder that is run several times, each time with other values: its files are parsed once.

    Args:
        folder, hints, cache, bounds, tree: as for `load`.
        runs: of each run the values of variables, and what tells its addresses from those of the others.

    Raises:
        HclError: the folder is not there, or holds no Terraform source.
    """
    with _growing():
        configuration = load_configuration(
            folder, tree, cache=None if cache else Cache(None), bounds=bounds, inputs=runs[0][0]
        )
    digest = _digest(configuration)
    for inputs, root in runs:
        yield _evaluated(configuration, hints, inputs, root, digest)


def _evaluated(configuration: Configuration, hints: Hints, inputs: Inputs, root: str, digest: str) -> FolderReading:
    with _growing():
        reading = blocks(
            configuration,
            READS,
            inputs,
            accounts=hints.accounts,
            default_region=hints.default_region,
            fallback=hints.account,
            root=root,
            makes=MAKES,
            unknown_accounts=hints.unknown_accounts,
        )
        estate = adapt(reading.blocks, hints.partition)
    account = hints.account or next(iter(estate.accounts), NOBODY)
    told = (
        *lifecycles(configuration, reading.blocks.of),
        *called_modules(configuration, account),
        *reading.siblings,
    )
    estate = replace(estate, resources=(*estate.resources, *told), unusable=reading.unusable)
    return FolderReading(estate, tuple(reading.errors), digest, estate.incomplete)


@contextmanager
def _growing() -> Iterator[None]:
    """Python looks for garbage the more often the more there is, and what is read here all stays: a third of the time
    would go into looking."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _digest(configuration: Configuration) -> str:
    """One hash over all source files of the root and its modules: names as they stand below the root, and contents."""
    digest = hashlib.sha256()
    for folder in sorted({module.folder for module in configuration.modules.values()}):
        with os.scandir(folder) as entries:
            found = {
                entry.name: entry.path
                for entry in entries
                if entry.name.endswith(SUFFIXES)
                and (not entry.is_symlink() or configuration.bounds.admits(Path(entry.path)))
            }
        for name in sorted(found):
            digest.update(os.fsencode(name) + b"\0")
            with suppress(OSError):  # what cannot be read is named among the errors
                digest.update(regular.read(found[name], BYTES_PER_FILE))
    return digest.hexdigest()
