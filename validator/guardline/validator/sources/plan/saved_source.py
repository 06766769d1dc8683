"""The configuration inside a saved plan: a zip with a copy of every module's source. Read, never run.

The copy is laid out in a temporary folder as it was where the plan was made, each file under its original path, so that
module sources lead where they led and evidence names the files that people know.
Source: https://github.com/hashicorp/terraform/blob/main/internal/plans/planfile/config_snapshot.go
"""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from guardline.validator.endings import SOURCE
from guardline.validator.sources.hcl.bounds import Bounds
from guardline.validator.sources.hcl.parse import BYTES_PER_FILE
from guardline.validator.sources.plan.decode import PlanError

FILES = 20_000
"""A saved plan with more entries than this is refused."""

BYTES = 64 * 1024 * 1024
"""More source than this in one plan is refused: the largest public configurations have a hundredth of it."""

_RECORD = "tfconfig/modules.json"


@contextmanager
def unpacked(data: bytes, home: Path) -> Iterator[tuple[Path, Bounds]]:
    """Lay the configuration of a saved plan out in a folder that goes away again.

    Args:
        data: the saved plan's bytes.
        home: the root module's folder, as evidence shall name it.

    Yields:
        The copy of the root module's folder, and the bounds to read it with.

    Raises:
        PlanError: the bytes are no saved plan, or hold more than any configuration would.
    """
    modules = _modules(data)
    home = home.resolve()
    around = Bounds.around(home)
    with TemporaryDirectory(prefix="guardline-") as name:
        top = Path(name).resolve()
        try:
            _write(modules, top, home)
        except (OSError, ValueError) as error:
            raise PlanError(f"the configuration in it cannot be laid out: {error}") from None
        yield _below(top, home), Bounds(top, around.base, top)


class _Module:
    """A module as the plan recorded it: its dotted path, its folder relative to the root's, and its files."""

    def __init__(self, key: str, source: str, folder: str) -> None:
        self.key, self.source, self.folder = key, source, folder
        self.files: dict[str, bytes] = {}


def _modules(data: bytes) -> Mapping[str, _Module]:
    """The modules of a saved plan by their dotted path; "" is the root.

    Raises:
        PlanError: see `unpacked`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _taken(archive)
    except PlanError:
        raise
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError):
        raise PlanError("is not a saved plan that can be read: its archive is damaged") from None


def _taken(archive: zipfile.ZipFile) -> Mapping[str, _Module]:
    names = archive.namelist()
    if len(names) > FILES:
        raise PlanError(f"is not a saved plan: it has more than {FILES} entries")
    if len(set(names)) < len(names):
        raise PlanError("is not a saved plan: it holds an entry twice")
    if _RECORD not in names or "tfplan" not in names:
        raise PlanError("is a zip, and not a saved Terraform plan")
    modules = _recorded(_bytes(archive, _RECORD))
    taken = 0
    for name in names:
        folder, _, file = name.removeprefix("tfconfig/m-").rpartition("/")
        module = modules.get(folder) if name.startswith("tfconfig/m-") else None
        if module is not None and file.endswith(SOURCE) and "\\" not in file:
            module.files[file] = _bytes(archive, name)
            taken += len(module.files[file])
            if taken > BYTES:
                raise PlanError(f"the configuration in it is larger than {BYTES // 2**20} MiB, so it is not read")
    return modules


def _bytes(archive: zipfile.ZipFile, name: str) -> bytes:
    """An entry, whatever size it claims to have."""
    with archive.open(name) as entry:
        data = entry.read(BYTES_PER_FILE + 1)
    if len(data) > BYTES_PER_FILE:
        raise PlanError(f"{name} in it is larger than {BYTES_PER_FILE // 2**20} MiB, so it is not read")
    return data


def _recorded(record: bytes) -> dict[str, _Module]:
    """What the plan says of its modules.

    Raises:
        PlanError: it is not what Terraform writes.
    """
    try:
        entries = json.loads(record)
        found = {each["Key"]: _Module(each["Key"], each.get("Source") or "", each["Dir"]) for each in entries}
        texts = [text for each in found.values() for text in (each.key, each.source, each.folder)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise PlanError(f"{_RECORD} in it is not what Terraform writes") from None
    if "" not in found or not all(isinstance(text, str) and "\0" not in text for text in texts):
        raise PlanError(f"{_RECORD} in it is not what Terraform writes")
    return found


def _below(top: Path, path: Path | str) -> Path:
    """An absolute path, moved below `top`; however many ``..`` it has, it stays there."""
    return top / os.path.normpath(f"/{path}").lstrip("/")


def _write(modules: Mapping[str, _Module], top: Path, home: Path) -> None:
    places = {key: _below(top, home / module.folder) for key, module in modules.items()}
    places[""] = _below(top, home)
    for key, module in modules.items():
        places[key].mkdir(parents=True, exist_ok=True)
        for name, data in module.files.items():
            (places[key] / name).write_bytes(data)
    installed = [{"Key": key, "Source": module.source, "Dir": str(places[key])} for key, module in modules.items()]
    record = places[""] / ".terraform" / "modules" / "modules.json"
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps({"Modules": installed}), encoding="utf-8")
