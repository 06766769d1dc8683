"""A root folder of Terraform source with its modules: what is declared, where, before anything is evaluated."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from guardline.validator.sources.address import parse_modules
from guardline.validator.sources.hcl.bounds import Bounds, git_root
from guardline.validator.sources.hcl.cache import Cache
from guardline.validator.sources.hcl.files import Folder, read_folders
from guardline.validator.sources.hcl.syntax import Attribute, Block, HclError, Literal
from guardline.validator.sources.plan.decode import ProviderConfig

if TYPE_CHECKING:
    from guardline.validator.sources.hcl.variables import Inputs

K = TypeVar("K")
V = TypeVar("V", Block, Attribute)
StaticPath = tuple[str, ...]
ResourceKey = tuple[str, str, str]


class Module(msgspec.Struct):
    """One module as called (the same folder called twice is two), by its declarations.

    Attributes:
        path: the static module path; () is the root.
        folder: where its files are.
        resources: by mode (``managed`` or ``data``), type and name.
        calls: module calls by name.
        providers: provider blocks by local name and alias (None for the default one).
        variables, outputs: blocks by name.
        locals: attributes by name, each with its file.
        terraform: the ``terraform`` blocks.
        language: the ``language`` blocks (OpenTofu).
    """

    path: StaticPath
    folder: Path
    resources: dict[ResourceKey, Block] = msgspec.field(default_factory=dict)
    calls: dict[str, Block] = msgspec.field(default_factory=dict)
    providers: dict[tuple[str, str | None], Block] = msgspec.field(default_factory=dict)
    variables: dict[str, Block] = msgspec.field(default_factory=dict)
    outputs: dict[str, Block] = msgspec.field(default_factory=dict)
    locals: dict[str, Attribute] = msgspec.field(default_factory=dict)
    terraform: list[Block] = msgspec.field(default_factory=list)
    language: list[Block] = msgspec.field(default_factory=list)


class Configuration(msgspec.Struct):
    """A root module and all that it calls.

    Attributes:
        root: the root module's folder.
        bounds: what may be read.
        modules: by static path, parents before children.
        missing: module calls whose source is not at hand, by static path, with the reason.
        errors: files and declarations that cannot be read.
        files: how many files were read.
    """

    root: Path
    bounds: Bounds
    modules: dict[StaticPath, Module]
    missing: dict[StaticPath, str]
    errors: list[HclError]
    files: int

    def local(self, module: StaticPath, name: str) -> dict[str, Any] | None:
        """A local's expression as a plan would carry it (`constants.carried`), or None when there is no such local.

        Args:
            module: the static module path, () for the root.
            name: the local's name.
        """
        declared = self.modules.get(module)
        attribute = declared.locals.get(name) if declared is not None else None
        from guardline.validator.sources.hcl.constants import carried

        return carried(attribute.value, declared.locals) if declared is not None and attribute is not None else None

    def provider_attribute(self, config: ProviderConfig, name: str) -> Any:
        """A provider block's attribute where it is constant, else None."""
        module = tuple(step.name for step in parse_modules(config.module_address))
        declared = self.modules.get(module)
        block = declared.providers.get((config.name, config.alias)) if declared is not None else None
        attribute = block.body.attributes.get(name) if block is not None else None
        from guardline.validator.sources.hcl.constants import carried

        if declared is None or attribute is None:
            return None
        return carried(attribute.value, declared.locals).get("constant_value")

    def position(self, module: StaticPath, mode: str, kind: str, name: str) -> tuple[str, int] | None:
        """The file (POSIX, as shown) and line of a resource or data source. `Positions` answers finer questions."""
        declared = self.modules.get(module)
        block = declared.resources.get((mode, kind, name)) if declared is not None else None
        return (block.file, block.line) if block is not None else None


def load(
    root: Path,
    limit: Path | None = None,
    cache: Cache | None = None,
    bounds: Bounds | None = None,
    inputs: Inputs | None = None,
) -> Configuration:
    """Load a root module and, to any depth, the modules it calls.

    Local sources (``./x``) are read in place, all others from ``.terraform/modules`` where ``terraform init`` put
    them. Nothing outside `limit` is read.

    Args:
        root: the root module's folder.
        limit: the folder that must hold all that is read; by default the git tree around the root.
        cache: parsed files; by default the user's cache folder. ``Cache(None)`` for none.
        bounds: what may be read and how it is shown, where that is not what follows from `root` and `limit`.
        inputs: values of variables, for module sources that are made of them. None beside a plan: then what
            ``terraform init`` recorded goes before the variables' defaults.

    Returns:
        What could be read. `errors` and `missing` tell what could not.

    Raises:
        HclError: the folder is not there, or holds no Terraform source.
    """
    from guardline.validator.sources.hcl.module_sources import Sources

    bounds = bounds or Bounds.around(root, limit)
    root = root.resolve()
    if limit is not None and not bounds.admits(root):
        raise HclError(
            bounds.shown(root), None, f"lies outside {bounds.shown(bounds.limit)}, which shall hold all source"
        )
    if not root.is_dir():
        raise HclError(bounds.shown(root), None, "there is no such folder")
    found = Configuration(root, bounds, {}, {}, [], 0)
    sources = Sources(found, inputs)
    pending: list[tuple[StaticPath, Path]] = [((), root)]
    cache = cache or Cache.outside(bounds.limit, git_root(Path.cwd()))
    bodies: dict[Path, Folder] = {}
    while pending:
        bodies.update(read_folders(sorted({folder for _, folder in pending} - set(bodies)), bounds, cache))
        following: list[tuple[StaticPath, Path]] = []
        for path, folder in pending:
            module = Module(path, folder)
            found.modules[path] = module
            found.errors.extend(_declare(module, bodies[folder].blocks))
            following.extend(sources.called(module))
        pending = following
    cache.prune()
    for each in bodies.values():
        found.errors.extend(each.errors)
        found.files += each.files
    if not bodies[root].files:
        raise HclError(bounds.shown(root), None, "no Terraform source (*.tf, *.tofu or *.tf.json) in this folder")
    found.errors = list(_distinct(found.errors))
    return found


def _distinct(errors: list[HclError]) -> Iterator[HclError]:
    """Each error once: a folder that two calls share would tell its errors twice."""
    seen: set[str] = set()
    for error in errors:
        if str(error) not in seen:
            seen.add(str(error))
            yield error


def _declare(module: Module, blocks: list[Block]) -> Iterator[HclError]:
    """Sort the blocks of a folder into the module; yield what is declared twice."""
    for block in blocks:
        labels = block.labels
        if block.type in ("resource", "data") and len(labels) == 2:
            mode, prefix = ("managed", "") if block.type == "resource" else ("data", "data.")
            yield from _put(module.resources, (mode, labels[0], labels[1]), block, prefix + ".".join(labels))
        elif block.type == "module" and len(labels) == 1:
            yield from _put(module.calls, labels[0], block, f"module.{labels[0]}")
        elif block.type == "variable" and len(labels) == 1:
            yield from _put(module.variables, labels[0], block, f"var.{labels[0]}")
        elif block.type == "output" and len(labels) == 1:
            yield from _put(module.outputs, labels[0], block, f"output {labels[0]}")
        elif block.type == "provider" and len(labels) == 1:
            alias = text(block, "alias")
            shown = f"provider {labels[0]}" + (f".{alias}" if alias else "")
            yield from _put(module.providers, (labels[0], alias), block, shown)
        elif block.type == "locals":
            for name, attribute in block.body.attributes.items():
                local = Attribute(attribute.line, attribute.value, attribute.file or block.file)
                yield from _put(module.locals, name, local, f"local.{name}")
        elif block.type == "terraform":
            module.terraform.append(block)
        elif block.type == "language":
            module.language.append(block)
        elif block.type not in _UNREAD:
            name = " ".join([block.type, *(f'"{label}"' for label in labels)])
            yield HclError(block.file, block.line, f"{name} is not a Terraform block; expected one of {_KNOWN}")


_UNREAD = ("moved", "removed", "import", "check", "ephemeral", "action")
"""They make nothing. An `import` tells that a resource is older than the change; in source, none is taken for new."""

_KNOWN = "resource, data, module, provider, variable, output, locals, terraform, moved, removed, import, check"


def _put(into: dict[K, V], key: K, value: V, name: str) -> Iterator[HclError]:
    first = into.setdefault(key, value)
    if first is not value:
        yield HclError(value.file, value.line, f"{name} is declared twice; first at {first.file}:{first.line}")


def text(block: Block, name: str) -> str | None:
    """An attribute that is plain text, else None."""
    attribute = block.body.attributes.get(name)
    if attribute is None or not isinstance(attribute.value, Literal) or not isinstance(attribute.value.value, str):
        return None
    return attribute.value.value
