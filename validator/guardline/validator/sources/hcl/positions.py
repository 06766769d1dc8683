"""Where things are declared, for evidence from a plan: file and line by static module path."""

from __future__ import annotations

import msgspec

from guardline.validator.sources.hcl.config import Configuration, StaticPath
from guardline.validator.sources.hcl.syntax import Block


class Position(msgspec.Struct, frozen=True):
    """A file (POSIX, as shown to people) and a 1-based line in it."""

    file: str
    line: int


class Positions:
    """Answers where a configuration declares something; None when it does not."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration

    def resource(
        self, module: StaticPath, mode: str, kind: str, name: str, attribute: str | None = None
    ) -> Position | None:
        """A resource or data source, or one attribute (or nested block type) of it where it is set.

        Args:
            module: the static module path, () for the root.
            mode: ``managed`` or ``data``.
            kind: its type.
            name: its name.
            attribute: the attribute or nested block to point at; the resource's own line when it is not set.
        """
        found = self.configuration.modules.get(module)
        return _position(found.resources.get((mode, kind, name)) if found is not None else None, attribute)

    def call(self, module: StaticPath, attribute: str | None = None) -> Position | None:
        """The call of a module, by the called module's static path."""
        found = self.configuration.modules.get(module[:-1]) if module else None
        return _position(found.calls.get(module[-1]) if found is not None else None, attribute)

    def provider(
        self, module: StaticPath, name: str, alias: str | None = None, attribute: str | None = None
    ) -> Position | None:
        """A provider block, by the static path of the module it stands in."""
        found = self.configuration.modules.get(module)
        return _position(found.providers.get((name, alias)) if found is not None else None, attribute)

    def calls(self, module: StaticPath) -> tuple[Position, ...]:
        """The call sites on the way to a module, the innermost first."""
        sites = (self.call(module[:depth]) for depth in range(len(module), 0, -1))
        return tuple(site for site in sites if site is not None)


def _position(block: Block | None, attribute: str | None) -> Position | None:
    if block is None:
        return None
    if attribute is not None:
        given = block.body.attributes.get(attribute)
        if given is not None:
            return Position(given.file or block.file, given.line)
        for inner in block.body.blocks:
            if inner.type == attribute or (inner.type == "dynamic" and inner.labels == [attribute]):
                return Position(inner.file or block.file, inner.line)
    return Position(block.file, block.line)
