"""Plans of `.tf.json` files: there the constant of an expression is its text as written, templates too.

The shapes are those of Terraform 1.11.4.
"""

from __future__ import annotations

import pytest

from guardline.validator.model.ec2 import FlowLog, Vpc
from guardline.validator.model.guardduty import Detector, Feature
from guardline.validator.model.value import known
from guardline.validator.sources.plan.load import load
from tests.support.plans import Json, change, plan, provider, resource
from tests.support.source_trees import watched


def template(text: str, *references: str) -> Json:
    """An expression of a `.tf.json` file."""
    return {"constant_value": text, **({"references": list(references)} if references else {})}


def test_a_reference_is_followed() -> None:
    of = "aws_guardduty_detector.d"
    data = plan(
        [
            change(of, {"enable": True}, {"id": True}),
            change("aws_guardduty_detector_feature.f", {"name": "S3_DATA_EVENTS", "status": "DISABLED"},
                   {"detector_id": True}),
        ],
        [
            resource("aws_guardduty_detector", "d"),
            resource("aws_guardduty_detector_feature", "f", detector_id=template(f"${{{of}.id}}", f"{of}.id", of)),
        ],
    )  # fmt: skip
    (detector,) = load(data).after.all(Detector)
    (feature,) = detector.features["S3_DATA_EVENTS"]
    assert isinstance(feature, Feature)


def test_instances_are_paired() -> None:
    repetition: Json = {"for_each_expression": template("${aws_vpc.v}", "aws_vpc.v")}
    vpcs = [change(f'aws_vpc.v["{key}"]', {}, {"id": True}) for key in ("a", "b.c")]
    log = change('aws_flow_log.l["b.c"]', {"traffic_type": "ALL"}, {"vpc_id": True})
    each = template("${each.value.id}", "each.value.id", "each.value")
    data = plan([*vpcs, log], [resource("aws_vpc", "v"), resource("aws_flow_log", "l", "aws", repetition, vpc_id=each)])
    (found,) = load(data).after.all(FlowLog)
    assert watched(found) == 'aws_vpc.v["b.c"]'


@pytest.mark.parametrize(
    ("region", "is_told"),
    [
        (template("${var.region}", "var.region"), True),
        (template('${format("%s-west-1", "eu")}'), False),  # no references, and yet no constant
        (template('%{ if true }eu-west-1%{ endif }'), False),
        (template("eu-west-1"), True),
    ],
)  # fmt: skip
def test_the_region_of_a_provider(region: Json, is_told: bool) -> None:
    data = plan([change("aws_vpc.v", {})], [resource("aws_vpc", "v")], {"aws": provider(region)},
                variables={"region": {"value": "eu-west-1"}})  # fmt: skip
    (vpc,) = load(data).after.all(Vpc)
    assert vpc.location.region.is_known == is_told
    if is_told:
        assert vpc.location.region == known("eu-west-1")


def test_a_variable_and_an_output_of_a_module_are_followed() -> None:
    called: Json = {
        "expressions": {"vpc": template("${aws_vpc.v.id}", "aws_vpc.v.id", "aws_vpc.v")},
        "module": {
            "resources": [resource("aws_flow_log", "l", vpc_id=template("${var.vpc}", "var.vpc"))],
            "variables": {"vpc": {}},
        },
    }
    made: Json = {
        "module": {
            "resources": [resource("aws_vpc", "w")],
            "outputs": {"id": {"expression": template("${aws_vpc.w.id}", "aws_vpc.w.id", "aws_vpc.w")}},
        },
    }
    changes = [
        change("aws_vpc.v", {}, {"id": True}),
        change("module.made.aws_vpc.w", {}, {"id": True}),
        change("module.logs.aws_flow_log.l", {}, {"vpc_id": True}),
        change("aws_flow_log.m", {}, {"vpc_id": True}),
    ]
    outer = resource("aws_flow_log", "m", vpc_id=template("${module.made.id}", "module.made.id", "module.made"))
    data = plan(changes, [resource("aws_vpc", "v"), outer], calls={"logs": called, "made": made})
    logs = {log.origin.address: watched(log) for log in load(data).after.all(FlowLog)}
    assert logs == {"module.logs.aws_flow_log.l": "aws_vpc.v", "aws_flow_log.m": "module.made.aws_vpc.w"}
