"""A plan's own HCL: the locals and function calls that a plan does not carry, and where everything stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from guardline.validator.model.resource import Account
from guardline.validator.model.terraform import CalledModule, Lifecycle
from guardline.validator.sources.blocks import Block
from guardline.validator.sources.hcl.cache import Cache
from guardline.validator.sources.hcl.config import Configuration, load
from guardline.validator.sources.hcl.lifecycles import lifecycles
from guardline.validator.sources.hcl.lines import lines
from guardline.validator.sources.hcl.modules import called_modules
from guardline.validator.sources.hcl.positions import Positions
from guardline.validator.sources.hcl.syntax import HclError
from guardline.validator.sources.plan.decode import ProviderConfig
from guardline.validator.sources.plan.evaluated_source import EvaluatedSource, Read
from guardline.validator.sources.plan.load import Hints
from guardline.validator.sources.plan.saved_source import unpacked
from guardline.validator.sources.tree import Written

__all__ = ["HclError", "PlanSource", "from_folder", "from_saved"]


class PlanSource:
    """The configuration that a plan was made from.

    Attributes:
        errors: what of it cannot be read.
    """

    def __init__(self, configuration: Configuration) -> None:
        self.errors: list[HclError] = configuration.errors
        self._configuration = configuration
        self._positions = Positions(configuration)
        self._written: dict[tuple[tuple[str, ...], str, str, str], Written | None] = {}

    def local(self, module: tuple[str, ...], name: str) -> dict[str, Any] | None:
        """A local's expression, in a plan's own representation; None when there is none."""
        return self._configuration.local(module, name)

    def missing(self, module: tuple[str, ...]) -> str | None:
        """Why the source of a module, or of one above it, is not at hand; None when it is."""
        above = (module[:depth] for depth in range(1, len(module) + 1))
        return next((why for path in above if (why := self._configuration.missing.get(path))), None)

    def provider_attribute(self, config: ProviderConfig, name: str) -> Any:
        """A provider block's attribute, evaluated; None when it cannot be told."""
        return self._configuration.provider_attribute(config, name)

    def written(self, module: tuple[str, ...], mode: str, kind: str, name: str) -> Written | None:
        """Where a resource is written."""
        at = (module, mode, kind, name)
        if at not in self._written:
            declared = self._configuration.modules.get(module)
            block = declared.resources.get((mode, kind, name)) if declared is not None else None
            calls = tuple((site.file, site.line) for site in self._positions.calls(module))
            self._written[at] = Written(lines(block), calls) if block is not None else None
        return self._written[at]

    def lifecycles(self, of: Callable[[str], Iterable[Block]]) -> Iterator[Lifecycle]:
        """What Terraform leaves alone, of every instance that the plan holds."""
        return lifecycles(self._configuration, of)

    def called_modules(self, account: Account) -> Iterator[CalledModule]:
        """The modules that the source calls."""
        return called_modules(self._configuration, account)

    def beside(self, variables: Mapping[str, Any], read: Read, hints: Hints) -> EvaluatedSource:
        """The configuration evaluated with what a plan knows."""
        return EvaluatedSource(
            self._configuration, variables, read, hints.accounts, hints.default_region, hints.account, hints.workspace
        )  # fmt: skip


def from_folder(folder: Path, tree: Path | None = None, *, cache: bool = True) -> PlanSource:
    """The source in a root module's folder.

    Args:
        folder: the root module.
        tree: the folder outside of which nothing is read; None for the folder's git tree.
        cache: whether parsed files may be kept between runs.

    Raises:
        HclError: the folder is not there, or holds no Terraform source.
    """
    return PlanSource(load(folder, tree, cache=None if cache else Cache(None)))


def from_saved(data: bytes, home: Path, *, cache: bool = True) -> PlanSource:
    """The source inside a saved plan.

    Args:
        data: the saved plan's bytes.
        home: the root module's folder, as evidence shall name it.
        cache: whether parsed files may be kept between runs.

    Raises:
        PlanError: the bytes are no saved plan.
        HclError: it holds no Terraform source.
    """
    with unpacked(data, home) as (root, bounds):
        return PlanSource(load(root, cache=None if cache else Cache(None), bounds=bounds))
