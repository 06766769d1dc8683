"""The argument style against provider 6's own schema: that provider is not needed to run the tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain
from pathlib import PurePosixPath
from typing import Any

import hcl2

from guardline.generator.render import render_modules
from tests.support.stubprovider.provider6 import provider6
from tests.support.stubprovider.schema import Block

META = {"count", "depends_on", "for_each", "lifecycle", "provider", "dynamic"}
Body = Mapping[str, Any]


@cache
def modules(version: int) -> dict[PurePosixPath, Mapping[str, Any]]:
    """The modules' Terraform, parsed."""
    return {path: hcl2.loads(text) for path, text in render_modules(version).items() if path.suffix == ".tf"}


def resources(what: str = "resource") -> list[tuple[str, str, Body]]:
    """(module, type, body) of every resource, or every `data` source, of the AWS provider."""
    return [
        (str(path.parent), kind.strip('"'), body)
        for path, content in modules(6).items()
        for block in content.get(what, [])
        for kind, named in block.items()
        if kind.strip('"').startswith("aws_")
        for body in named.values()
    ]


def problems(body: Body, schema: Block, where: str) -> Iterator[str]:
    """Arguments that do not exist and required ones that are missing, blocks included."""
    dynamic = {name.strip('"'): content for each in body.get("dynamic", []) for name, content in each.items()}
    given = {name: value for name, value in body.items() if name not in META and not name.startswith("__")}
    settable = {name for name, each in schema.attributes.items() if each.settable} | schema.blocks.keys()
    needed = {name for name, each in schema.attributes.items() if each.required}
    needed |= {name for name, each in schema.blocks.items() if each.min_items}
    yield from (f"{where}.{name} does not exist" for name in {*given, *dynamic} - settable)
    yield from (f"{where}.{name} is required" for name in sorted(needed - {*given, *dynamic}))
    for name, nested in schema.blocks.items():
        written = given.get(name, [])
        for block in [*(written if isinstance(written, list) else []), *dynamic.get(name, {}).get("content", [])]:
            yield from problems(block, nested.block, f"{where}.{name}")


def test_there_is_much_to_check() -> None:
    assert len(resources()) >= 15


def test_every_argument_exists_in_provider_6() -> None:
    found = [
        problems(body, provider6(what)[kind].block, f"{module}: {kind}")
        for what in ("resource", "data")
        for module, kind, body in resources(what)
    ]
    assert len(found) > 100
    assert list(chain.from_iterable(found)) == []


def test_every_regional_resource_names_its_region() -> None:
    for module, kind, body in resources():
        assert ("region" in body) == ("region" in provider6("resource")[kind].block.attributes), (module, kind)
        assert body.get("region", "${var.region}") == "${var.region}", (module, kind)


def test_data_sources_of_a_region_name_it_and_global_ones_do_not() -> None:
    found = {
        (kind.strip('"'), "region" in body)
        for content in modules(6).values()
        for block in content.get("data", [])
        for kind, named in block.items()
        for body in named.values()
    }
    everywhere = {"aws_iam_policy_document", "aws_organizations_organization"}
    assert ("aws_vpcs", True) in found
    assert {kind for kind, names_region in found if not names_region} <= everywhere
    assert {kind for kind, names_region in found if names_region}.isdisjoint(everywhere)


def test_every_call_of_a_module_hands_its_region_on() -> None:
    files = render_modules(6)
    regional = {path.parent.name for path, text in files.items() if 'variable "region"' in text}
    calls = [
        (path.parent.name, body["source"].strip('"').rpartition("/")[2], body.get("region"))
        for path, content in modules(6).items()
        for block in content.get("module", [])
        for body in block.values()
    ]
    assert len(calls) >= 10
    assert [call for call in calls if (call[2] == "${var.region}") != (call[1] in regional)] == []


def test_the_alias_style_names_no_region_on_a_resource() -> None:
    for path, content in modules(5).items():
        if path.name == "main.tf":
            found = [
                (kind, "region" in body)
                for block in content.get("resource", [])
                for kind, named in block.items()
                for body in named.values()
            ]
            assert [kind for kind, names_region in found if names_region] == [], path


def test_a_wrong_argument_would_be_seen() -> None:
    schema = provider6("resource")["aws_s3_bucket_ownership_controls"].block
    assert sorted(problems({"regin": "x", "rule": [{"owner": "x"}]}, schema, "x")) == [
        "x.bucket is required",
        "x.regin does not exist",
        "x.rule.object_ownership is required",
        "x.rule.owner does not exist",
    ]
