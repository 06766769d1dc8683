"""A Terraform plan of any size, the same bytes every time: what the benchmark gives to every tool.

It has the shape of a real one, and a correct reading finds every cell of its baseline in order.
Source of the format: https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, TextIO

from tests.bench.resources import REGIONS, Resource, alias, resources
from tests.bench.workloads import ACCOUNT, Parts, application

PROVIDER = "registry.terraform.io/hashicorp/aws"


def write(path: Path, count: int, parts: Parts = application) -> None:
    """Write a plan that creates `count` resources, most of them in modules of `parts`."""
    made = resources(count, parts)
    by_module = {module: list(group) for module, group in groupby(made, key=lambda resource: resource.module)}
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{"root_module":{"resources":['
        )
        _join(file, (_planned(resource) for resource in by_module[""]))
        file.write('],"child_modules":[')
        for number, module in enumerate(
            sorted({resource.module.partition(".module.app")[0] for resource in made} - {""})
        ):
            file.write(("," if number else "") + f'{{"address":"{module}","resources":[')
            _join(file, (_planned(resource) for resource in by_module.get(module, ())))
            file.write('],"child_modules":[')
            apps = (each for each in by_module if each.startswith(f"{module}.module.app"))
            _join(file, ({"address": each, "resources": list(map(_planned, by_module[each]))} for each in apps))
            file.write("]}")
        file.write(']}},"resource_changes":[')
        _join(file, (_change(resource) for resource in made))
        file.write(f'],"prior_state":{_compact(_prior_state())},"configuration":{_compact(_configuration(made))}')
        file.write(',"timestamp":"2026-01-31T12:00:00Z","applyable":true,"complete":true,"errored":false}\n')


def _join(file: TextIO, pieces: Iterable[Mapping[str, Any]]) -> None:
    file.writelines(("," if number else "") + _compact(piece) for number, piece in enumerate(pieces))


def _compact(value: object) -> str:
    """JSON as Terraform prints it: no blanks."""
    return json.dumps(value, separators=(",", ":"))


def _identity(resource: Resource) -> dict[str, Any]:
    """What a resource's planned values and its change both begin with."""
    index = {} if resource.key is None else {"index": resource.key}
    names = {"address": resource.address, "mode": "managed", "type": resource.type, "name": resource.name}
    return {**names, **index, "provider_name": PROVIDER}


def _planned(resource: Resource) -> dict[str, Any]:
    """An entry of `planned_values`."""
    return {**_identity(resource), "schema_version": 1, "values": resource.values, "sensitive_values": {}}


def _change(resource: Resource) -> dict[str, Any]:
    """An entry of `resource_changes`."""
    made = {
        "actions": ["create"],
        "before": None,
        "after": resource.values,
        "after_unknown": dict.fromkeys(resource.unknown, True),
        "before_sensitive": False,
        "after_sensitive": {},
    }
    module = {"module_address": resource.module} if resource.module else {}
    return {**_identity(resource), **module, "change": made}


def _listing(address: str, **more: object) -> dict[str, Any]:
    """The data source of a region's own VPCs."""
    return {"address": address, "mode": "data", "type": "aws_vpcs", "name": "own", "schema_version": 0, **more}


def _prior_state() -> dict[str, Any]:
    """The data sources that were read: every region's own VPCs, of which there are none before this plan."""
    values: dict[str, Any] = {
        "filter": [{"name": "owner-id", "values": [ACCOUNT]}],
        "ids": [],
        "tags": {},
        "timeouts": None,
    }
    modules = []
    for region in REGIONS:
        module = f"module.baseline_{alias(region)}"
        more = {"provider_name": PROVIDER, "values": {**values, "id": region}, "sensitive_values": {}}
        modules.append({"address": module, "resources": [_listing(f"{module}.data.aws_vpcs.own", **more)]})
    return {
        "format_version": "1.0",
        "terraform_version": "1.11.4",
        "values": {"root_module": {"child_modules": modules}},
    }


def _configuration(made: Iterable[Resource]) -> dict[str, Any]:
    """A provider per region, and each module as it is written: once, however often it is called."""
    account = {"allowed_account_ids": {"constant_value": [ACCOUNT]}}
    providers = {
        f"aws.{alias(region)}": {
            "name": "aws",
            "alias": alias(region),
            "full_name": PROVIDER,
            "expressions": {"region": {"constant_value": region}, **account},
        }
        for region in REGIONS
    }
    written: dict[tuple[str, ...], dict[tuple[str, str], Resource]] = {}
    for resource in made:
        written.setdefault(resource.path, {})[resource.type, resource.name] = resource
    calls = {}
    for path in sorted({path[:1] for path in written if path}):
        inner: dict[str, Any] = {"resources": _blocks(path, written.get(path, {}).values())}
        if apps := written.get((*path, "app")):
            module = {"resources": _blocks((*path, "app"), apps.values())}
            each = {"for_each_expression": {"references": ["var.apps"]}}
            inner["module_calls"] = {"app": {"source": "./app", **each, "module": module}}
        calls[path[0]] = {"source": f"./modules/{path[0].split('_', 1)[0]}", "module": inner}
    return {
        "provider_config": providers,
        "root_module": {"resources": _blocks((), written[()].values()), "module_calls": calls},
    }


def _blocks(path: tuple[str, ...], members: Iterable[Resource]) -> list[dict[str, Any]]:
    """The resource blocks of one module, each once whatever its number of instances."""
    provider = f"aws.{path[0].split('_', 1)[1] if path else 'us_east_1'}"
    blocks = [
        {
            "address": f"{block.type}.{block.name}",
            "mode": "managed",
            "type": block.type,
            "name": block.name,
            "provider_config_key": provider,
            "expressions": {name: {"references": list(targets)} for name, targets in block.references.items()},
            "schema_version": 1,
            **({} if block.key is None else {"for_each_expression": {"references": ["var.zones"]}}),
        }
        for block in members
    ]
    if path and path[0].startswith("baseline"):
        own = [{"name": {"constant_value": "owner-id"}, "values": {"constant_value": [ACCOUNT]}}]
        blocks.append(_listing("data.aws_vpcs.own", provider_config_key=provider, expressions={"filter": own}))
    return blocks
