"""The reference of every field, ``docs/spec.md``, from the model: ``python -m guardline.spec.reference [--check]``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from guardline.spec.publish import DOCS, publish
from guardline.spec.schema import schema

PATH = DOCS / "spec.md"

_INTRODUCTION = """\
# The spec: `guardline.yaml`

One YAML file says what is wanted; Guardline writes the Terraform for it and checks what is there against it.
This page is generated from the model (`python -m guardline.spec.reference`); the same model gives the
[JSON Schema](schemas/guardline.schema.json), with which editors complete and check the file:

```yaml
# yaml-language-server: $schema=../../docs/schemas/guardline.schema.json
version: 1
name: production
home_region: eu-west-1
account: {id: "111122223333"}
regions:
  opted_in: [ap-east-1]
  not_opted_in: rest
```

Unknown keys are mistakes, and so is a region without a state. All mistakes are reported at once, each as
`file:line:column: field: what is accepted`.

Values are read as YAML 1.2 reads them: `true` and `false` are the only booleans (`off` is text), a date is written
`2027-03-31`, and what must be text but looks like a number goes in quotes. Text stays text: `${...}` in a tag comes
out of Terraform literally. Paths are seen from the spec's own folder.

Every practice has a mode. `create`: Guardline writes it. `reference`: it exists and another team owns it, so `arn` and
`owner` say what and who. `off`: it is not asked for; `reason` says why, and `approved_by` who accepted it. The
report shows both.

## Regions

Every region of the partition ends in exactly one state; `guardline regions --spec guardline.yaml` shows which.

| state | how |
|---|---|
| covered | AWS enables it by default, or it is under `regions.opted_in` |
| retiring | under `regions.retiring`, with a mode; reason and approver say who accepted that |
| excluded | under `regions.exclude`, with reason, approver and date |
| not opted in | any other opt-in region, once the spec says `not_opted_in: rest` |

`exclude: [{region: rest, reason: ..., approved_by: ..., until: ...}]` is one line for a team that works in one region:
it leaves out every region that AWS enables by default and that no other line names. The home region stays covered, and
so does what is under `opted_in`, where regions that AWS enables by default may then be named too.

What a spec leaves out stays in the denominator: excluded and retiring regions, and the controls that are always asked
of a practice that is off, are *waived* cells, by the spec's reason and approver ([reports](reports.md)). A change that
stops covering a region, the trail or another practice fails the control `coverage-kept`, unless the spec says why and
who approved it: `reason` and `approved_by` of `exclude`, `retiring`, `leaving` and mode `off`.

The regions themselves are data in the package. `guardline regions --refresh`, run in a development checkout, rebuilds
what the installed botocore knows (regions, names, service endpoints) and prints each region added, removed or changed.
What botocore cannot know (which regions are opt-in, where a protection plan is missing, which names AWS provider 5
refuses) is kept by hand in `region_facts.json`, with sources, and is never overwritten.

## IP lists

One public IPv4 address or CIDR range on each line; blank lines and `#` comments are left out of what is uploaded, and
so is the order. Refused, each with file and line: private and otherwise unroutable ranges, IPv6, ranges wider than a
/8, addresses with a prefix that is not their range's, an entry that stands there twice, more than 2,000 entries in the
trusted list or 250,000 in a threat list, files over 35 MB.

## Fields
"""


def text() -> str:
    """The page."""
    whole = schema()
    return "\n".join([_INTRODUCTION, *_block("", whole, whole["$defs"])])


def _block(path: str, block: Mapping[str, Any], blocks: Mapping[str, Any]) -> Iterator[str]:
    """A heading, a description and a table of the block's fields; then the blocks inside it."""
    if path:
        yield f"### `{path}`\n\n{block['description']}\n"
    yield "| field | accepted | default | |\n|---|---|---|---|"
    inner: list[tuple[str, Mapping[str, Any]]] = []
    for name, field in block["properties"].items():
        inside = _inside(field, blocks)
        if inside is not None:
            listed = "[]" if field.get("type") == "array" else ".KEY" if field.get("type") == "object" else ""
            inner.append((f"{path}.{name}{listed}".lstrip("."), inside))
        default = "required" if name in block.get("required", ()) else _default(field, inside)
        yield f"| `{name}` | {_accepted(field, inside)} | {default} | {field.get('description', '')} |"
    yield ""
    for inner_path, inside in inner:
        yield from _block(inner_path, inside, blocks)


def _inside(field: Mapping[str, Any], blocks: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The block that the field holds, alone, in a list, or among other things."""
    values = _values(field)
    for part in (field, field.get("items", {}), *field.get("anyOf", ()), values, *values.get("anyOf", ())):
        if "$ref" in part:
            found: Mapping[str, Any] = blocks[part["$ref"].rpartition("/")[2]]
            return found
    return None


def _values(field: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a mapping whose keys are the user's own holds under each."""
    values = field.get("additionalProperties")
    return values if isinstance(values, Mapping) else {}


def _accepted(field: Mapping[str, Any], inside: Mapping[str, Any] | None) -> str:
    if field.get("type") == "array":
        return f"list of {_accepted(field['items'], inside)}"
    if "anyOf" in field:
        parts = [_accepted(part, inside) for part in field["anyOf"] if part.get("type") != "null"]
        return " or ".join(dict.fromkeys(parts))
    if "$ref" in field:
        return "mapping"
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        return "region" if len(field["enum"]) > 10 else ", ".join(f"`{value}`" for value in field["enum"])
    if field.get("format") == "date":
        return "date"
    if field["type"] == "object":
        return f"mapping of text to {_accepted(_values(field), inside)}"
    words = {"string": "text", "integer": "whole number", "boolean": "`true`, `false`"}
    return words[field["type"]]


def _default(field: Mapping[str, Any], inside: Mapping[str, Any] | None) -> str:
    value = field.get("default")
    if value in (None, [], {}):
        return "" if inside is None or "default" in field or field.get("type") == "array" else "its defaults"
    return f"`{json.dumps(value) if not isinstance(value, str) else value}`"


if __name__ == "__main__":
    sys.exit(publish(PATH, text(), "guardline.spec.reference", sys.argv[1:]))
