"""What the stub serves as provider 6's schema, beside what is known of that provider."""

from __future__ import annotations

import pytest

from tests.support.stubprovider import managed, real
from tests.support.stubprovider.provider6 import PROVIDER6, Catalogue, is_global, provider6
from tests.support.stubprovider.schema import Block
from tests.support.stubprovider.values import UNKNOWN, whole

ARGUMENT, ALIAS = Catalogue("argument"), Catalogue("alias")


@pytest.mark.parametrize("type_", sorted(provider6("resource")))
def test_the_arguments_are_those_of_provider_6(type_: str) -> None:
    here, there = ARGUMENT.resource(type_).schema.block, provider6("resource")[type_].block
    assert settable(here) == settable(there)
    assert {name for name, each in here.attributes.items() if each.required} == {
        name for name, each in there.attributes.items() if each.required
    }


def settable(block: Block) -> set[str]:
    """The names that a configuration may give, inside blocks too."""
    names = {name for name, each in block.attributes.items() if each.settable}
    return names | {f"{name}.{inner}" for name, each in block.blocks.items() for inner in settable(each.block)}


def test_what_provider_6_added_is_served() -> None:
    """What changed from 6.25 to 6.69 and concerns GuardDuty's baseline."""
    assert f'"source": "AWS provider {managed.VERSION},' in PROVIDER6.read_text(encoding="utf-8")
    for type_, argument in (
        ("aws_guardduty_filter", "finding_criteria.criterion.matches"),
        ("aws_guardduty_filter", "finding_criteria.criterion.not_matches"),
        ("aws_flow_log", "tag_field_specification.tag_keys"),
        ("aws_guardduty_publishing_destination", "tags"),
    ):
        assert argument in settable(ARGUMENT.resource(type_).schema.block)
        assert argument not in settable(ALIAS.resource(type_).schema.block)


def test_what_the_bindings_do_not_tell_is_as_in_5_100() -> None:
    accounts = ARGUMENT.resource("aws_organizations_organization").schema.block.attributes["accounts"]
    assert accounts.type[0] == "list"
    assert ARGUMENT.resource("aws_cloudtrail").schema.block.blocks["event_selector"].max_items == 5


def test_the_rule_for_other_types_would_have_found_the_listed_ones() -> None:
    """The list of global services stands in for a table of two thousand types; a few types are exceptions."""
    wrong = {
        type_
        for type_, schema in provider6("resource").items()
        if ("region" in schema.block.attributes) == is_global(type_, "resource")
    }
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


def test_what_only_provider_6_knows_comes_back_into_its_own_block() -> None:
    """Blocks of a set come back in another order, and with what the provider fills in."""
    served = ARGUMENT.resource("aws_guardduty_filter")
    criteria = [{"field": "type", "matches": ["Recon:*"]}, {"field": "region", "equals": ["eu-west-1"]}]
    value = whole(served.schema.block, {"rank": 1, "finding_criteria": [{"criterion": criteria}]})
    native = served.to_native(value)
    told = native["finding_criteria"][0]["criterion"]
    assert all("matches" not in each for each in told)
    told.reverse()
    told[0]["less_than"] = UNKNOWN
    [found] = served.from_native({**native, "id": "d"}, value)["finding_criteria"]
    assert [(each["field"], each["matches"], each["less_than"]) for each in found["criterion"]] == [
        ("region", None, UNKNOWN), ("type", ["Recon:*"], None)
    ]  # fmt: skip


def test_a_block_that_only_provider_6_knows_comes_back() -> None:
    served = ARGUMENT.resource("aws_flow_log")
    tags = [{"resource_type": "ec2:vpc", "tag_keys": ["owner"]}]
    value = whole(served.schema.block, {"vpc_id": "vpc-1", "tag_field_specification": tags})
    native = served.to_native(value)
    assert "tag_field_specification" not in native
    assert served.from_native(native, value)["tag_field_specification"] == tags


def test_only_the_changed_block_is_a_set() -> None:
    served = ARGUMENT.resource("aws_guardduty_detector_feature")
    assert served.turned("additional_configuration")
    assert not served.turned("status")
    assert not ALIAS.resource("aws_guardduty_detector_feature").turned("additional_configuration")


def test_a_type_that_does_not_exist_is_not_served() -> None:
    assert not ARGUMENT.knows("resource", "aws_no_such_thing")
    with pytest.raises(KeyError):
        ARGUMENT.resource("aws_no_such_thing")
