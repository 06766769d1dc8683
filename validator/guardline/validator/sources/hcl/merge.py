"""Override files: how their blocks change the blocks of ordinary files.

Source: https://developer.hashicorp.com/terraform/language/files/override
"""

from __future__ import annotations

from guardline.validator.sources.hcl.syntax import Attribute, Block, Body, Expression, HclError

_BY_NAME = {"locals", "terraform"}
_UNBROKEN = {"moved", "removed", "import"}


def is_override(name: str) -> bool:
    """Whether a file's name makes it an override file."""
    stem = name.removesuffix(".json").rpartition(".")[0]
    return stem == "override" or stem.endswith("_override")


def merge(blocks: list[Block], overrides: list[Block]) -> tuple[list[Block], list[HclError]]:
    """Apply the blocks of override files, in the files' order.

    Args:
        blocks: of the ordinary files; each has its `file`.
        overrides: of the override files.

    Returns:
        The blocks that result, and an error for each override that has nothing to override.
    """
    found = list(blocks)
    errors: list[HclError] = []
    for override in overrides:
        places = [index for index, block in enumerate(found) if _same(block, override)]
        if override.type in _BY_NAME:
            found = _by_name(found, places, override)
        elif override.type in _UNBROKEN:
            found.append(override)
        elif places:
            found[places[0]] = _merged(found[places[0]], override)
        elif override.type == "provider" and _alias(override) is None:
            found.append(override)  # a default provider is always there, if only implied
        else:
            name = ".".join([override.type, *override.labels])
            errors.append(HclError(override.file, override.line, f"{name} overrides nothing that is declared"))
    return found, errors


def _same(block: Block, override: Block) -> bool:
    if block.type != override.type or block.labels != override.labels:
        return False
    return override.type != "provider" or _alias(block) == _alias(override)


def _alias(block: Block) -> Expression | None:
    attribute = block.body.attributes.get("alias")
    return attribute.value if attribute is not None else None


def _by_name(blocks: list[Block], places: list[int], override: Block) -> list[Block]:
    """``locals`` and ``terraform`` merge name by name, whichever block holds the name."""
    names = set(override.body.attributes)
    kinds = {block.type for block in override.body.blocks} - {"required_providers", "provider_meta"}
    if kinds & {"backend", "cloud"}:
        kinds |= {"backend", "cloud"}
    providers = {name for block in override.body.of("required_providers") for name in block.body.attributes}
    for index in places:
        body = blocks[index].body
        attributes = {name: value for name, value in body.attributes.items() if name not in names}
        inner = [_without(block, providers) for block in body.blocks if block.type not in kinds]
        blocks[index] = _with(blocks[index], Body(attributes, inner))
    return [*blocks, override]


def _without(block: Block, names: set[str]) -> Block:
    if block.type != "required_providers":
        return block
    return _with(block, Body({name: value for name, value in block.body.attributes.items() if name not in names}))


def _merged(block: Block, override: Block) -> Block:
    kinds = {inner.type if inner.type != "dynamic" else inner.labels[0] for inner in override.body.blocks}
    attributes = {**block.body.attributes}
    for name, attribute in override.body.attributes.items():
        attributes[name] = Attribute(attribute.line, attribute.value, override.file)
    kept: list[Block] = []
    lifecycles = override.body.of("lifecycle")
    for inner in block.body.blocks:
        kind = inner.labels[0] if inner.type == "dynamic" and inner.labels else inner.type
        if kind == "lifecycle" and lifecycles:
            kept.append(_merged(inner, _with(lifecycles[0], lifecycles[0].body, override.file)))
            lifecycles = []
        elif kind not in kinds:
            kept.append(inner)
    added = [*lifecycles, *(inner for inner in override.body.blocks if inner.type != "lifecycle")]
    return _with(block, Body(attributes, [*kept, *(_with(inner, inner.body, override.file) for inner in added)]))


def _with(block: Block, body: Body, file: str | None = None) -> Block:
    return Block(block.type, block.labels, block.line, block.end, body, block.file if file is None else file)
