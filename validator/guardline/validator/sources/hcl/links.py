"""Where the attributes of evaluated resources lead."""

from __future__ import annotations

from typing import Any

from guardline.validator.model.resource import Ref
from guardline.validator.model.value import Value, known, unknown
from guardline.validator.sources.address import quote
from guardline.validator.sources.blocks import Block, Wanted
from guardline.validator.sources.hcl.access import get_attribute, get_index
from guardline.validator.sources.hcl.objects import ResourceInstance
from guardline.validator.sources.hcl.values import EvaluationError, Told, Unknown, plain
from guardline.validator.sources.tree import Hidden


class InstanceLinks:
    """Where attributes lead, told by the identity that an unknown value keeps."""

    def __init__(self) -> None:
        self.instances: dict[str, ResourceInstance] = {}

    def link(self, block: Block, path: tuple[str | int, ...], wanted: Wanted) -> Value[Ref]:
        """The thing that an attribute names."""
        return self._link(block, path, wanted).placed(block.tree.at(*path).leaf)

    def _link(self, block: Block, path: tuple[str | int, ...], wanted: Wanted) -> Value[Ref]:
        instance = self.instances[block.address]
        dotted = "".join(quote(step) if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
        first = f"{block.type}.{block.name}.{dotted}"
        value: Any = instance.values()
        try:
            for step in path:
                value = get_index(value, step) if isinstance(step, int) else get_attribute(value, step)
        except EvaluationError:
            value = None
        if isinstance(value, str):
            own = value.of if isinstance(value, Told) else None
            named = own if own is not None and own.type in wanted.types and own.attribute in wanted.attributes else None
            if not value:
                return unknown(f"{block.address} sets no {dotted}")
            address = f"{block.root}{named.address}" if named is not None else None
            text = Hidden(value) if isinstance(value, Told) and value.sensitive else plain(value)
            return known(Ref(address, text, (first, *(own.chain if own else ()))))
        if not isinstance(value, Unknown):
            return unknown(f"{block.address} sets no {dotted}")
        targets = {each.address: each for each in value.of if _is_wanted(each.type, each.attribute, wanted)}
        if len(targets) == 1 and not value.loose:
            target = next(iter(targets.values()))
            return known(Ref(f"{block.root}{target.address}", None, (first, *target.chain)))
        if len(targets) > 1:
            return unknown(f"{first} may be {' or '.join(sorted(targets)[:3])}")
        return unknown(value.reason)

    def among(self, block: Block, path: tuple[str | int, ...], wanted: Wanted) -> frozenset[str] | None:  # noqa: ARG002 - see Links
        """Unknown: a value that is unknown may be something else than what goes into it."""
        return None

    def draft(self, block: Block, path: tuple[str | int, ...]) -> str | None:
        """A text of which parts are unknown, with marks for these."""
        value: Any = self.instances[block.address].values()
        try:
            for step in path:
                value = get_index(value, step) if isinstance(step, int) else get_attribute(value, step)
        except EvaluationError:
            return None
        return value.draft if isinstance(value, Unknown) and not value.loose else None

    def is_configured(self, block: Block, path: tuple[str | int, ...]) -> bool:
        """Whether the configuration gives the attribute."""
        value: Any = self.instances[block.address].values()
        for step in path:
            if isinstance(value, Unknown):
                return True
            try:
                value = get_index(value, step) if isinstance(step, int) else get_attribute(value, step)
            except EvaluationError:
                return False
        return bool(value != [])


def _is_wanted(kind_name: str, attribute: str, wanted: Wanted) -> bool:
    return kind_name in wanted.types and attribute in wanted.attributes
