"""What the stub serves as provider 6's schema, beside what is known of that provider."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.stubprovider import real
from tests.support.stubprovider.provider6 import CHANGES, Catalogue, is_global
from tests.support.stubprovider.schema import Block
from tests.support.stubprovider.values import whole

ARGUMENTS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "data" / "provider6-arguments.json").read_text(encoding="utf-8")
)["resources"]
CHANGED: dict[str, Any] = json.loads(CHANGES.read_text(encoding="utf-8"))["resources"]
# What those lists lack: the tool that they are taken from names or reads these differently.
LACKING = {
    "aws_config_config_rule": {"scope"},
    "aws_default_security_group": {"egress", "ingress"},
    "aws_guardduty_malware_protection_plan": {"actions"},
}
ARGUMENT, ALIAS = Catalogue("argument"), Catalogue("alias")


@pytest.mark.parametrize("type_", sorted(ARGUMENTS))
def test_the_arguments_are_those_of_provider_6(type_: str) -> None:
    """But for blocks that only provider 6 has, which the stub leaves out and no module uses."""
    block = ARGUMENT.resource(type_).schema.block
    settable = {name for name, each in block.attributes.items() if each.settable} | set(block.blocks)
    expected = {name for name, each in ARGUMENTS[type_].items() if "block" not in each or name in block.blocks}
    assert settable == expected | LACKING.get(type_, set()) | (settable & {"timeouts"})
    required = {name for name, each in block.attributes.items() if each.required}
    assert required == {name for name in expected if ARGUMENTS[type_][name]["required"] and name in block.attributes}


@pytest.mark.parametrize("type_", sorted(set(ARGUMENTS) & set(CHANGED)))
def test_both_tables_agree_on_the_region(type_: str) -> None:
    assert CHANGED[type_]["region"] == ("region" in ARGUMENTS[type_])


def test_the_rule_for_other_types_would_have_found_the_listed_ones() -> None:
    """The list of global services stands in for a table of two thousand types; a few types are exceptions."""
    wrong = {type_ for type_, change in CHANGED.items() if change["region"] == is_global(type_, "resource")}
    assert wrong == {"aws_cloudtrail_organization_delegated_admin_account"}


@pytest.mark.parametrize(
    ("type_", "regional"),
    [("aws_vpcs", True), ("aws_region", True), ("aws_vpc_dhcp_options", True), ("aws_guardduty_detector", True),
     ("aws_partition", False), ("aws_caller_identity", False), ("aws_iam_policy_document", False),
     ("aws_organizations_organization", False)],
)  # fmt: skip
def test_data_sources_of_a_region_take_one(type_: str, *, regional: bool) -> None:
    assert ("region" in ARGUMENT.data_source(type_).schema.block.attributes) == regional


def test_every_type_can_be_served_in_both_styles() -> None:
    """Terraform refuses a schema in which a name is both attribute and block, whatever the type is used for."""
    for type_ in real.schemas().resources:
        assert no_name_twice(ARGUMENT.resource(type_).schema.block), type_
        assert ALIAS.resource(type_).schema is ALIAS.resource(type_).native
    for type_ in real.schemas().data_sources:
        assert no_name_twice(ARGUMENT.data_source(type_).schema.block), type_


def no_name_twice(block: Block) -> bool:
    """No attribute has a block's name."""
    return not block.attributes.keys() & block.blocks.keys() and all(
        no_name_twice(nested.block) for nested in block.blocks.values()
    )


def test_the_organization_configuration_changed() -> None:
    served = ARGUMENT.resource("aws_guardduty_organization_configuration")
    assert "auto_enable" not in served.schema.block.attributes
    assert served.schema.block.attributes["auto_enable_organization_members"].required
    assert "auto_enable" in served.native.block.attributes


def test_values_go_there_and_back() -> None:
    served = ARGUMENT.resource("aws_guardduty_organization_configuration")
    told = {"region": "eu-west-1", "detector_id": "d", "auto_enable_organization_members": "ALL"}
    value = whole(served.schema.block, told)
    native = served.to_native(value)
    assert native.keys() == {*served.native.block.attributes, *served.native.block.blocks}
    assert served.from_native({**native, "id": "d"}, value) == {**value, "id": "d"}
    assert served.to_native(None) is None


def test_only_the_changed_block_is_a_set() -> None:
    served = ARGUMENT.resource("aws_guardduty_detector_feature")
    assert served.turned("additional_configuration")
    assert not served.turned("status")
    assert not ALIAS.resource("aws_guardduty_detector_feature").turned("additional_configuration")


def test_a_type_that_does_not_exist_is_not_served() -> None:
    assert not ARGUMENT.knows("resource", "aws_no_such_thing")
    with pytest.raises(KeyError):
        ARGUMENT.resource("aws_no_such_thing")
