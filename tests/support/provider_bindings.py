"""A newer AWS provider's schema, read from the bindings that are made from it: no package carries that provider itself.

The wheel `cdktn-provider-aws` (https://pypi.org/project/cdktn-provider-aws/) holds JavaScript, one file or two for each
type. The names, kinds and types of its arguments are facts about the provider; nothing else of it is carried over.
What the bindings do not tell: deprecation, defaults, what forces a replacement, and the attributes of nested objects
that AWS alone sets. To move to another version:

    pip download --no-deps --dest DIR cdktn-provider-aws
    python -m tests.support.provider_bindings DIR/cdktn_provider_aws-*.whl
"""

from __future__ import annotations

import io
import json
import re
import sys
import tarfile
import zipfile
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from guardline.validator.sources.hcl import schema as validator
from tests.support.stubprovider import real
from tests.support.stubprovider.provider6 import PROVIDER6
from tests.support.stubprovider.schema import Attribute, Block, Nested, Nesting, Schema

MODULES = Path(__file__).parents[2] / "modules" / "argument"
_SOURCE = "AWS provider {}, as the bindings of cdktn-provider-aws give it: tests/support/provider_bindings.py"
_USED = re.compile(r'^(resource|data) +"(aws_\w+)"', re.MULTILINE)
_PACKED = re.compile(r"/_jsii/[^/]+\.jsii\.tgz$")
_FILE = re.compile(r"package/lib/([^/]+)/\S+\.js$")
_VERSION = re.compile(r"providerVersion: '([\d.]+)'")
_CLASS = re.compile(r"^class (\w+) extends cdktn\.(\w+) \{\n(.*?)^\}$", re.MULTILINE | re.DOTALL)
_TYPE = re.compile(r'tfResourceType = "(\w+)"')
_KINDS = {"TerraformResource": "resource", "TerraformDataSource": "data"}
_STRUCT = re.compile(r"^function (\w+)ToHclTerraform\(struct\) \{\n(.*?)^\}$", re.MULTILINE | re.DOTALL)
_ARGUMENT = re.compile(
    r'^ +"?(?P<name>\w+)"?: \{\n +value: (?P<value>.+),\n +isBlock: (?P<block>true|false),\n'
    r' +type: "(?P<shape>\w+)",\n +storageClassType: "(?P<of>\w+)",$',
    re.MULTILINE,
)
_MADE_BY = re.compile(r"(?<!cdktn\.)\b([a-z]\w*)ToHclTerraform\b(?:, (true|false))?")
_FLAGS = re.compile(r"^ +// (\w+) - computed: (\w+), optional: (\w+), required: (\w+)\n((?:.*\n){3})", re.MULTILINE)
_READ = re.compile(r"this\.get(\w+)Attribute\(|new cdktn\.(StringMap)\(")
# What the bindings call an argument's type, and Terraform's own word for it.
_PLAIN: Mapping[str, Any] = {"string": "string", "boolean": "bool", "number": "number"}
_READ_AS: Mapping[str, Any] = {
    "String": "string",
    "Boolean": "bool",
    "Number": "number",
    "List": ["list", "string"],
    "StringMap": ["map", "string"],
}
_DYNAMIC = "dynamic"


@dataclass(frozen=True)
class _Flags:
    computed: bool
    optional: bool
    required: bool
    read: Any  # the type, as far as the way to read it shows


class Bindings:
    """The bindings of one version of the provider.

    Attributes:
        version: the provider's.
        files: ("resource" or "data", type) -> what is written of it.
    """

    def __init__(self, wheel: Path) -> None:
        """Read the wheel, which takes seconds.

        Raises:
            ValueError: the file is no such wheel.
        """
        by_folder: dict[str, list[str]] = defaultdict(list)
        with zipfile.ZipFile(wheel) as whole:
            packed = [name for name in whole.namelist() if _PACKED.search(name)]
            if len(packed) != 1:
                raise ValueError(f"{wheel} holds no bindings")
            with tarfile.open(fileobj=io.BytesIO(whole.read(packed[0]))) as files:
                for member in files:
                    if (found := _FILE.match(member.name)) and (held := files.extractfile(member)):
                        by_folder[found[1]].append(held.read().decode())
        texts = ["\n".join(each) for each in by_folder.values()]
        self.files = {key: text for text in texts if (key := _key(text))}
        [self.version] = {found[1] for text in self.files.values() if (found := _VERSION.search(text))}

    def schema(self, kind: str, type_: str) -> Schema:
        """The schema of a `resource` or a `data` source; KeyError if there is no such type."""
        return _Reader(self.files[kind, type_]).schema()


def _key(text: str) -> tuple[str, str] | None:
    for _, base, body in _CLASS.findall(text):
        if base in _KINDS and (type_ := _TYPE.search(body)):
            return _KINDS[base], type_[1]
    return None


class _Reader:
    """What is written of one type."""

    def __init__(self, text: str) -> None:
        self._classes = {name: (base, body) for name, base, body in _CLASS.findall(text)}
        self._structs = dict(_STRUCT.findall(text))

    def schema(self) -> Schema:
        """The type's schema."""
        [body] = [body for base, body in self._classes.values() if base in _KINDS]
        return Schema(block=self._block(body, body))

    def _block(self, arguments: str, class_: str) -> Block:
        """A block: its arguments, and the class that says which of them are required and what AWS sets."""
        flags = {
            name: _Flags(computed == "true", optional == "true", required == "true", _read_as(read))
            for name, computed, optional, required, read in _FLAGS.findall(class_)
        }
        attributes: dict[str, Attribute] = {}
        blocks: dict[str, Nested] = {}
        for found in _ARGUMENT.finditer(arguments):
            name, made_by = found["name"], _MADE_BY.search(found["value"])
            if found["block"] == "false" or made_by is None:
                attributes[name] = _attribute(_type(found["shape"], found["of"]), flags[name])
                continue
            inner = self._inner(made_by[1])
            if made_by[2] == "false":
                attributes[name] = _attribute([found["shape"], ["object", _members(inner)]], flags[name])
            else:
                mode, most = _nesting(found["shape"], several=made_by[2] is not None)
                blocks[name] = Nested(mode, inner, min_items=int(flags[name].required), max_items=most)
        for name, each in flags.items():
            if name not in attributes and name not in blocks:
                attributes[name] = _attribute(each.read, each)
        return Block(attributes=attributes, blocks=blocks)

    def _inner(self, struct: str) -> Block:
        """The block that a struct stands for."""
        _, class_ = self._classes[f"{struct[0].upper()}{struct[1:]}OutputReference"]
        return self._block(self._structs[struct], class_)


def _type(shape: str, of: str) -> Any:
    """Terraform's type of an argument; `of` is `string`, `stringList`, `numberMap` and the like."""
    inner, *around = re.findall("^[a-z]+|[A-Z][a-z]+", of)
    made = _PLAIN.get(inner, _DYNAMIC)
    for each in around[:-1]:
        made = [each.lower(), made]
    return [shape, made] if shape in ("list", "set", "map") else made


def _read_as(lines: str) -> Any:
    found = _READ.search(lines)
    return _READ_AS.get(found[1] or found[2], _DYNAMIC) if found else _DYNAMIC


def _attribute(type_: Any, flags: _Flags) -> Attribute:
    return Attribute(type=type_, required=flags.required, optional=flags.optional, computed=flags.computed)


def _members(block: Block) -> dict[str, Any]:
    """The type of an object that is written as a block."""
    return {name: each.type for name, each in block.attributes.items() if each.settable} | {
        name: [each.mode, ["object", _members(each.block)]] for name, each in block.blocks.items()
    }


def _nesting(shape: str, several: bool) -> tuple[Nesting, int]:
    """How a block is nested, and how often it may stand (0: as often as one likes)."""
    if shape == "list":
        return "list", 0 if several else 1
    if shape == "struct":
        return "single", 0
    return ("set", 0) if shape == "set" else ("map", 0)


def printed(bindings: Bindings, wanted: Callable[[str], object]) -> Any:
    """The schemas of all types that are wanted, as ``terraform providers schema -json`` prints them."""
    sections: dict[str, dict[str, Schema]] = {"resource_schemas": {}, "data_source_schemas": {}}
    for kind, section in zip(("resource", "data"), sections.values(), strict=True):
        section.update(
            (name, bindings.schema(kind, name)) for of, name in sorted(bindings.files) if of == kind and wanted(name)
        )
    return msgspec.to_builtins({"provider_schemas": {"aws": sections}})


def main(wheel: Path) -> None:
    """Write `tests/data/provider6-schema.json` and the validator's `schema.json` for another version."""
    bindings = Bindings(wheel)
    held = json.loads(PROVIDER6.read_text(encoding="utf-8"))
    lines = [f' "source": {json.dumps(_SOURCE.format(bindings.version))}']
    for section, kind in (("resources", "resource"), ("data_sources", "data")):
        used = {name for path in MODULES.rglob("*.tf") for of, name in _USED.findall(path.read_text()) if of == kind}
        rows = [
            f"  {json.dumps(name)}: {msgspec.json.encode(bindings.schema(kind, name)).decode()}"
            for name in sorted({*held[section], *used})
        ]
        lines.append(f" {json.dumps(section)}: {{\n" + ",\n".join(rows) + "\n }")
    PROVIDER6.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    facts = validator.condensed(json.loads(real.text()), printed(bindings, validator.KEPT.match))
    validator.PATH.write_text(facts, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
