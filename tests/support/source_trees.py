"""Small trees of Terraform source for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from guardline.validator.model.ec2 import FlowLog
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Resource
from guardline.validator.sources.adapt import READS, adapt
from guardline.validator.sources.hcl.config import load
from guardline.validator.sources.hcl.load import Reading, blocks
from guardline.validator.sources.hcl.variables import Inputs

T = TypeVar("T", bound=Resource)


def write(root: Path, files: dict[str, str]) -> Path:
    """Write files below a folder, which becomes a git tree."""
    (root / ".git").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def reading(root: Path, files: dict[str, str] | str, inputs: Inputs | None = None, **options: Any) -> Reading:
    """Write and evaluate a root; one text is its ``main.tf``."""
    write(root, {"main.tf": files} if isinstance(files, str) else files)
    return blocks(load(root, inputs=inputs), READS, inputs, **options)


def estate(root: Path, files: dict[str, str] | str, inputs: Inputs | None = None, **options: Any) -> Estate:
    """Write, evaluate and adapt a root."""
    return adapt(reading(root, files, inputs, **options).blocks, "aws")


def by_address(found: Estate, kind: type[T]) -> dict[str, T]:
    """The things of one kind by Terraform address."""
    return {resource.origin.address: resource for resource in found.all(kind)}


def watched(found: FlowLog) -> str | None:
    """What a flow log watches: an address, or the reason in brackets."""
    ref = found.resource.known_or(None)
    return ref.address or ref.id if ref is not None else f"({found.resource.reason})"
