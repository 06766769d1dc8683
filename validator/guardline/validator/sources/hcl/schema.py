"""What the AWS provider's schema tells and Terraform source does not: what AWS fills in, and what is not text.

`schema.json` is made from the schemas of provider 5.100 and of a newer one, by tests/support/provider_bindings.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

KEPT = re.compile(
    r"aws_(guardduty|cloudtrail|vpcs?|default_vpc|default_subnet|flow_log|subnets?|s3_|sns_|sqs_|lambda_|iam_|kms_|"
    r"cloudwatch_|config_|securityhub_|macie2_|inspector2?_|fms_|organizations_|route53_resolver|athena_|glue_|"
    r"caller_identity|regions?|partition|network_interface|network_acl_rule|"
    r"ec2_transit_gateway)"
)
PATH = Path(__file__).with_name("schema.json")
_MODES = {"managed": "resource_schemas", "data": "data_source_schemas"}
_NOT_TEXT = ("bool", "number")


class Kind(msgspec.Struct, frozen=True):
    """A resource type.

    Attributes:
        computed: attributes that are unknown until AWS tells, when the configuration does not give them.
        required: attributes without which Terraform refuses the resource.
        bools, numbers: names of attributes, at any depth, that are no text.
    """

    computed: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    bools: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()


@lru_cache(maxsize=1)
def _schema() -> dict[str, dict[str, Any]]:
    text = resources.files("guardline.validator.sources.hcl").joinpath("schema.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = json.loads(text)
    return found


@lru_cache(maxsize=512)
def kind(mode: str, name: str) -> Kind:
    """What the schema tells of a type; for one that it does not hold, only that id and ARN come from AWS."""
    found = _schema()[mode].get(name, {})
    return Kind(
        ("id", "arn", *found.get("computed", ())),
        tuple(found.get("required", ())),
        frozenset(found.get("bool", ())),
        frozenset(found.get("number", ())),
    )


def condensed(*printed: Any) -> str:
    """Condense what ``terraform providers schema -json`` prints to the lines of `schema.json`.

    An optional argument of a data source is never computed: unset, it does not filter.

    Args:
        printed: of one version of the provider or of several, for source does not tell which one it is for: an
            argument is required if every version that knows the type asks for it, and computed if one sets it.
    """
    providers = [provider for each in printed for provider in each["provider_schemas"].values()]
    modes: list[str] = []
    for mode, section in _MODES.items():
        names = sorted({name for provider in providers for name in provider[section] if KEPT.match(name)})
        rows = [
            f"  {json.dumps(name)}: {json.dumps(found)}"
            for name in names
            if (
                found := _condensed(
                    [each[section][name]["block"] for each in providers if name in each[section]],
                    optional=mode == "managed",
                )
            )
        ]
        modes.append(f" {json.dumps(mode)}: {{\n" + ",\n".join(rows) + "\n }")
    return "{\n" + ",\n".join(modes) + "\n}\n"


def _condensed(blocks: Sequence[Any], *, optional: bool) -> dict[str, list[str]]:
    """One type, as the blocks of several versions describe it."""
    computed = {
        name
        for block in blocks
        for name, each in block.get("attributes", {}).items()
        if each.get("computed") and (optional or not each.get("optional")) and not _known(name, each)
    }
    required = set.intersection(
        *({name for name, each in block.get("attributes", {}).items() if each.get("required")} for block in blocks)
    )
    made = {name: sorted(found) for name, found in (("computed", computed), ("required", required)) if found}
    types: dict[str, set[str]] = {}
    for block in blocks:
        for name, of in _types(block):
            types.setdefault(name, set()).add(of)
    for of in _NOT_TEXT:
        names = sorted(name for name, found in types.items() if found == {of})
        if names:
            made[of] = names
    return made


def _known(name: str, attribute: Any) -> bool:
    """An attribute whose value is found elsewhere: provider 6's `region` is the provider block's unless given."""
    return name in ("id", "arn", "tags_all") or (name == "region" and bool(attribute.get("optional")))


def _types(block: Any) -> Iterator[tuple[str, str]]:
    """The names of all attributes at any depth, each with its type."""
    for name, each in block.get("attributes", {}).items():
        of = each.get("type")
        yield name, of if isinstance(of, str) else "other"
    for each in block.get("block_types", {}).values():
        yield from _types(each["block"])
