"""The Terraform files of folders, parsed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from guardline.validator.sources.hcl.bounds import Bounds
from guardline.validator.sources.hcl.merge import is_override, merge
from guardline.validator.sources.hcl.parse import BYTES_PER_FILE, parse
from guardline.validator.sources.hcl.syntax import Block, Body, HclError

_ENDINGS = (".tofu", ".tofu.json", ".tf", ".tf.json")


def terraform_files(folder: Path) -> list[Path]:
    """The folder's Terraform files, sorted. Of ``x.tofu`` and ``x.tf`` OpenTofu takes the former, and so do we."""
    names = {
        path.name
        for path in folder.iterdir()
        if path.name.endswith(_ENDINGS) and not path.name.startswith((".", "#")) and not path.name.endswith("~")
    }
    shadowed = {name.replace(".tofu", ".tf") for name in names if name.endswith((".tofu", ".tofu.json"))}
    return [folder / name for name in sorted(names - shadowed)]


def read_folders(folders: Iterable[Path], bounds: Bounds) -> dict[Path, tuple[list[Block], list[HclError], int]]:
    """Parse the files of several folders.

    Returns:
        For each folder its blocks (override files applied, each block with its file), its errors, and how many files
        it has.
    """
    found: dict[Path, tuple[list[Block], list[HclError], int]] = {}
    for folder in folders:
        blocks: list[Block] = []
        overrides: list[Block] = []
        errors: list[HclError] = []
        try:
            files = terraform_files(folder)
        except OSError as error:
            found[folder] = [], [HclError(bounds.shown(folder), None, f"cannot be listed: {error.strerror}")], 0
            continue
        for path in files:
            body = _read(path, bounds)
            if isinstance(body, HclError):
                errors.append(body)
                continue
            (overrides if is_override(path.name) else blocks).extend(_placed(body, bounds.shown(path)))
            errors.extend(
                HclError(bounds.shown(path), attribute.line, f"{name} = ... stands outside every block")
                for name, attribute in body.attributes.items()
            )
        merged, more = merge(blocks, overrides)
        found[folder] = merged, [*errors, *more], len(files)
    return found


def _placed(body: Body, file: str) -> list[Block]:
    return [Block(block.type, block.labels, block.line, block.end, block.body, file) for block in body.blocks]


def _read(path: Path, bounds: Bounds) -> Body | HclError:
    shown = bounds.shown(path)
    if not bounds.admits(path):
        return HclError(shown, None, f"a link to outside {bounds.shown(bounds.limit)}, so it is not read")
    try:
        if not path.is_file():
            return HclError(shown, None, "not a regular file")
        if path.stat().st_size > BYTES_PER_FILE:
            return HclError(shown, None, f"larger than {BYTES_PER_FILE // 2**20} MiB, so it is not read")
        return parse(path.read_bytes(), shown)
    except HclError as error:
        return error
    except OSError as error:
        return HclError(shown, None, f"cannot be read: {error.strerror}")
