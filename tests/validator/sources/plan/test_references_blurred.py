"""References that a plan lists without the expression around them: what must not be read into them."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardline.validator.model.ec2 import FlowLog
from guardline.validator.sources.plan.load import load
from guardline.validator.sources.plan.own_source import from_folder
from tests.support.plans import Json, change, plan, refers, resource
from tests.support.source_trees import watched, write

COUNTED = ("aws_vpc.c[0]", "aws_vpc.c[1]")
LOG = "aws_flow_log.f"


def planned(vpc_id: Json, log: str = LOG, vpcs: tuple[str, ...] = COUNTED, **more: Json) -> bytes:
    changes = [*(change(address, {}, {"id": True}) for address in vpcs), change(log, {}, {"vpc_id": True})]
    return plan(changes, [resource("aws_vpc", "c"), resource("aws_flow_log", "f", vpc_id=vpc_id)], **more)


def seen(data: bytes, source: Path | None = None) -> str | None:
    (log,) = load(data, source=from_folder(source) if source else None).after.all(FlowLog)
    return watched(log)


@pytest.mark.parametrize("chosen", [True, False])
def test_a_truth_is_no_index(chosen: bool) -> None:
    """``aws_vpc.c[var.first ? 0 : 1].id``: true equals 1 to Python."""
    data = planned(refers("var.first", "aws_vpc.c"), variables={"first": {"value": chosen}})
    assert seen(data) == "(aws_flow_log.f.vpc_id may be aws_vpc.c[0] or aws_vpc.c[1])"


def test_what_a_data_source_read_is_an_index() -> None:
    """``aws_vpc.c[data.aws_region.here.name].id``"""
    vpcs = ('aws_vpc.c["eu-west-1"]', 'aws_vpc.c["us-east-1"]')
    read: Json = {
        "address": "data.aws_region.here", "mode": "data", "type": "aws_region", "name": "here",
        "values": {"name": "us-east-1"},
    }  # fmt: skip
    state: Json = {"format_version": "1.0", "values": {"root_module": {"resources": [read]}}}
    references = refers("aws_vpc.c", "data.aws_region.here.name", "data.aws_region.here")
    assert seen(planned(references, vpcs=vpcs, prior_state=state)) == vpcs[1]


@pytest.mark.parametrize(
    ("expression", "repeated", "target"),
    [
        ("aws_vpc.c[count.index + 1].id", "count = 1", "aws_vpc.c[1]"),
        ("reverse(aws_vpc.c[*].id)[count.index]", "count = 1", "aws_vpc.c[1]"),
        ("aws_vpc.c[count.index].id", "count = 1", "aws_vpc.c[0]"),
    ],
)
def test_the_source_has_the_expression_itself(tmp_path: Path, expression: str, repeated: str, target: str) -> None:
    """A plan alone pairs instance with instance; its own source knows better."""
    source = f"""
        resource "aws_vpc" "c" {{
          count = 2
        }}
        resource "aws_flow_log" "f" {{
          {repeated}
          vpc_id = {expression}
        }}
    """
    data = planned(refers("aws_vpc.c", "count.index"), "aws_flow_log.f[0]")
    assert seen(data) == "aws_vpc.c[0]"
    assert seen(data, write(tmp_path, {"main.tf": source})) == target


def through_outputs(**outputs: Json) -> str | None:
    """``vpc_id = module.net[each.key].SOMETHING``: a plan does not say which output."""
    made = [resource("aws_vpc", "this"), resource("aws_vpc", "other"), resource("aws_eip", "nat")]
    body = {"resources": made, "outputs": {name: {"expression": value} for name, value in outputs.items()}}
    inside = 'module.net["a"].'
    changes = [
        change(f"{inside}aws_vpc.this", {}, {"id": True, "main_route_table_id": True}),
        change(f"{inside}aws_vpc.other", {}, {"id": True}),
        change(f"{inside}aws_eip.nat", {}, {"id": True, "public_ip": True}),
        change('aws_flow_log.f["a"]', {}, {"vpc_id": True}),
    ]
    log = resource("aws_flow_log", "f", vpc_id=refers("module.net", "each.key"))
    return seen(plan(changes, [log], calls={"net": {"source": "./net", "module": body}}))


OTHER = refers("aws_vpc.other.id", "aws_vpc.other")


def test_of_several_outputs_one_that_is_not_told_may_be_the_one_meant() -> None:
    said = through_outputs(vpc_id=refers("local.id"), other_id=OTHER)
    assert said == "(local.id is not in a plan; give its source with --source-dir)"


def test_those_that_lead_to_nothing_of_the_kind_do_not_matter() -> None:
    told = through_outputs(
        other_id=OTHER,
        table=refers("aws_vpc.this.main_route_table_id", "aws_vpc.this"),
        address_id=refers("aws_eip.nat.id", "aws_eip.nat"),
        addresses=refers("aws_eip.nat"),
    )
    assert told == 'module.net["a"].aws_vpc.other'


@pytest.mark.parametrize(
    ("variable", "target"),
    [
        ({"default": None}, "module.net.aws_vpc.this"),
        ({"default": {"id": "vpc-0123456789abcdef0"}}, None),
        ({}, None),
    ],
)
def test_an_argument_that_is_left_at_null_leads_nowhere(variable: Json, target: str | None) -> None:
    """``vpc_id = var.given == null ? aws_vpc.this.id : var.given.id`` in a module that is given nothing."""
    log = resource("aws_flow_log", "f", vpc_id=refers("var.given", "aws_vpc.this.id", "aws_vpc.this", "var.given.id"))
    body = {"resources": [resource("aws_vpc", "this"), log], "variables": {"given": variable}}
    changes = [
        change("module.net.aws_vpc.this", {}, {"id": True}),
        change("module.net.aws_flow_log.f", {}, {"vpc_id": True}),
    ]
    found = seen(plan(changes, [], calls={"net": {"source": "./net", "module": body}}))
    assert found == target if target else found is not None and found.startswith("(")


@pytest.mark.parametrize("sensitive", [True, False])
def test_what_a_sensitive_variable_is_by_default_is_not_shown(sensitive: bool) -> None:
    marker = "vpc-0123456789abcdef0"
    log = resource("aws_flow_log", "f", vpc_id=refers("var.given"))
    body = {"resources": [log], "variables": {"given": {"default": marker, "sensitive": sensitive}}}
    changes = [change("module.net.aws_flow_log.f", {}, {"vpc_id": True})]
    data = plan(changes, [], calls={"net": {"source": "./net", "module": body}})
    (read,) = load(data).after.all(FlowLog)
    assert (marker in f"{read.resource.get().id}") == (not sensitive)
