"""A plan's own HCL: the locals and function calls that a plan does not carry, and where everything stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from guardline.validator.sources.hcl.cache import Cache
from guardline.validator.sources.hcl.config import load
from guardline.validator.sources.hcl.positions import Positions
from guardline.validator.sources.hcl.syntax import HclError
from guardline.validator.sources.planjson import ProviderConfig

__all__ = ["HclError", "PlanSource"]


class PlanSource:
    """The root folder that a plan was made in.

    Args:
        folder: the root module.
        cache: whether parsed files may be kept between runs.

    Raises:
        HclError: the folder is not there, or holds no Terraform source.
    """

    def __init__(self, folder: Path, *, cache: bool = True) -> None:
        configuration = load(folder, cache=None if cache else Cache(None))
        self.errors: list[HclError] = configuration.errors
        self._configuration = configuration
        self._positions = Positions(configuration)

    def local(self, module: tuple[str, ...], name: str) -> dict[str, Any] | None:
        """A local's expression, in a plan's own representation; None when there is none."""
        return self._configuration.local(module, name)

    def provider_attribute(self, config: ProviderConfig, name: str) -> Any:
        """A provider block's attribute, evaluated; None when it cannot be told."""
        return self._configuration.provider_attribute(config, name)

    def position(self, module: tuple[str, ...], mode: str, kind: str, name: str) -> tuple[str, int] | None:
        """The file (POSIX) and line of a resource."""
        found = self._positions.resource(module, mode, kind, name)
        return (found.file, found.line) if found is not None else None
