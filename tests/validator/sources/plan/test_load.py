"""Plans to estates: what will be there, where it is, and what must not be claimed."""

from __future__ import annotations

from typing import Any

import pytest

from guardline.validator.model.cloudtrail import Trail
from guardline.validator.model.ec2 import FlowLog, Vpc, VpcInventory
from guardline.validator.model.guardduty import Detector, IpList
from guardline.validator.model.value import known
from guardline.validator.semantics.unknown_parts import has_marks
from guardline.validator.sources.plan.decode import PlanError
from guardline.validator.sources.plan.load import Hints, load
from tests.support.plans import PLANS, Json, change, looked_at, plan, prior, provider, refers, resource

DETECTOR = "aws_guardduty_detector"


def detectors(data: bytes, hints: Hints | None = None) -> dict[str, Detector]:
    return {found.origin.address: found for found in load(data, hints).after.all(Detector)}


# -- presence after the change ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actions", "before", "after", "stays", "new"),
    [
        (("create",), None, {"enable": True}, True, True),
        (("update",), {"enable": False}, {"enable": True}, True, False),
        (("no-op",), {"enable": True}, {"enable": True}, True, False),
        (("delete", "create"), {"enable": True}, {"enable": True}, True, True),
        (("create", "delete"), {"enable": True}, {"enable": True}, True, True),
        (("create", "forget"), {"enable": True}, {"enable": True}, True, True),
        (("delete",), {"enable": True}, None, False, False),
        (("forget",), {"enable": True}, None, False, False),
    ],
)
def test_actions(actions: tuple[str, ...], before: Json | None, after: Json | None, stays: bool, new: bool) -> None:
    data = plan([change(f"{DETECTOR}.d", after, None, before, actions)], [resource(DETECTOR, "d")])
    found = load(data)
    assert [detector.new for detector in found.after.all(Detector)] == ([new] if stays else [])
    assert (len(found.before.all(Detector)) if found.before else 0) == (before is not None)


def test_an_action_of_a_later_terraform_forbids_claims_for_its_type_only() -> None:
    data = plan([change(f"{DETECTOR}.d", {"enable": True}, actions=("teleport",))], [resource(DETECTOR, "d")])
    after = load(data).after
    assert after.all(Detector) == ()
    assert "teleport" in (after.why_incomplete(Detector) or "")
    assert after.why_incomplete(Trail) is None


def test_a_deposed_object_is_on_its_way_out() -> None:
    current = change(f"{DETECTOR}.d", {"enable": True}, before={"enable": True}, actions=("no-op",))
    old = change(f"{DETECTOR}.d", None, before={"enable": True}, actions=("delete",), deposed="abc")
    after = load(plan([current, old], [resource(DETECTOR, "d")])).after
    assert len(after.all(Detector)) == 1


def test_what_a_data_source_sees_is_one_thing_with_the_resource_of_its_id() -> None:
    seen = prior(looked_at(f"data.{DETECTOR}.d", id="abc", status="ENABLED"))
    managed = change(f"{DETECTOR}.d", None, before={"id": "abc", "enable": True})
    configured = [resource(f"data.{DETECTOR}", "d"), resource(DETECTOR, "d")]
    assert load(plan([managed], configured, prior_state=seen)).after.all(Detector) == ()
    kept = change(
        f"{DETECTOR}.d", {"id": "abc", "enable": True}, before={"id": "abc", "enable": True}, actions=("no-op",)
    )
    assert len(load(plan([kept], configured, prior_state=seen)).after.all(Detector)) == 1


def test_a_data_source_that_is_no_longer_configured_says_nothing() -> None:
    seen = prior(looked_at(f"data.{DETECTOR}.d", id="abc", status="ENABLED"))
    assert load(plan([], prior_state=seen)).after.all(Detector) == ()


@pytest.mark.parametrize(
    "entry",
    [1, {}, {"address": 1}, {"address": "aws_vpc.v", "type": "aws_vpc", "name": "v", "change": 3},
     {"address": "aws_vpc.v", "type": "aws_vpc", "name": "v", "change": {"actions": "create"}}],
)  # fmt: skip
def test_an_entry_of_another_shape_is_a_plan_error(entry: Any) -> None:
    with pytest.raises(PlanError, match="not the shape"):
        load(plan([entry]))


# -- completeness -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (plan([], errored=True), "error"),
        (plan([], complete=False), "incomplete"),
        (plan([], deferred_changes=[{}]), "later plan"),
        (plan(None, [resource(DETECTOR, "d")]), "no resource changes"),
        (plan([], [resource(DETECTOR, "d")], complete=None), "leaves it out"),
    ],
)
def test_incomplete(data: bytes, says: str) -> None:
    found = load(data)
    assert says in (found.incomplete or "")
    assert found.after.incomplete == found.incomplete


@pytest.mark.parametrize(
    "data",
    [
        plan([]),
        plan(None),
        plan([], [resource(DETECTOR, "d")]),  # complete: true, so its absence is the plan's word
        plan([], [resource(DETECTOR, "d", repetition={"count_expression": {"constant_value": 0}})], complete=None),
    ],
)
def test_complete(data: bytes) -> None:
    assert load(data).incomplete is None


# -- things -------------------------------------------------------------------------------------------------------


def test_the_eight_vpcs() -> None:
    after = load((PLANS / "references-plan.json").read_bytes()).after
    found: dict[str, set[str]] = {}
    for log in after.all(FlowLog):
        if log.resource.is_known:
            found.setdefault(log.resource.get().address or "", set()).add(log.traffic.get())
    modules = [f"module.{name}.aws_vpc.x" for name in ("plain", 'm["us-east-1"]', 'm["eu.west"]')]
    covered = ["aws_vpc.root", 'aws_vpc.many["a"]', 'aws_vpc.many["b.c"]', "aws_vpc.cnt[0]", "aws_vpc.cnt[1]"]
    assert found == {vpc: {"ALL"} for vpc in covered} | {vpc: {"REJECT"} for vpc in modules}
    assert {vpc.origin.address for vpc in after.all(Vpc)} == {*covered, *modules}
    region_unknown = [log for log in after.all(FlowLog) if not log.resource.is_known]
    assert [log.origin.address for log in region_unknown] == ["aws_flow_log.loc"]
    assert "local.vid" in (region_unknown[0].resource.reason or "")


def test_the_nine_detectors() -> None:
    found = detectors((PLANS / "references-plan.json").read_bytes())
    off = {address for address, detector in found.items() if not detector.enabled.get()}
    assert off == {f"module.{name}.{DETECTOR}.s" for name in ("plain", 'm["us-east-1"]', 'm["eu.west"]')}
    assert found[f"{DETECTOR}.nul"].enabled == known(True)
    assert {name for name, detector in found.items() if not detector.location.region.is_known} == {
        f"{DETECTOR}.fmt", f'module.m["us-east-1"].{DETECTOR}.s', f'module.m["eu.west"].{DETECTOR}.s',
    }  # fmt: skip
    features = found[f"{DETECTOR}.def"].features
    assert {name: feature[0].enabled for name, feature in features.items()} == {
        "S3_DATA_EVENTS": known(True), "RUNTIME_MONITORING": known(True),
    }  # fmt: skip
    assert set(found[f"{DETECTOR}.nul"].features) == {"S3_DATA_EVENTS"}  # the legacy block, and only what it says


def test_a_feature_of_another_regions_detector_shows_nothing_here() -> None:
    feature = "aws_guardduty_detector_feature"
    after = {"name": "S3_DATA_EVENTS", "status": "ENABLED"}
    data = plan(
        [change(f"{DETECTOR}.d", {}, {"id": True}), change(f"{feature}.f", after, {"detector_id": True})],
        [
            resource(DETECTOR, "d"),
            resource(feature, "f", "aws.west", detector_id=refers(f"{DETECTOR}.d.id", f"{DETECTOR}.d")),
        ],
        {"aws": provider("us-east-1"), "aws.west": provider("us-west-2")},
    )
    assert detectors(data)[f"{DETECTOR}.d"].features == {}


def test_a_feature_whose_detector_is_not_told_may_be_any() -> None:
    feature = "aws_guardduty_detector_feature"
    data = plan(
        [
            change(f"{DETECTOR}.d", {}, {"id": True}),
            change(f"{feature}.f", {"name": "S3_DATA_EVENTS", "status": "DISABLED"}, {"detector_id": True}),
        ],
        [resource(DETECTOR, "d"), resource(feature, "f", detector_id=refers("local.id"))],
    )
    (reason,) = detectors(data)[f"{DETECTOR}.d"].possible
    assert "local.id" in reason


@pytest.mark.parametrize(
    ("values", "every_own"),
    [
        ({"ids": ["vpc-1"], "filter": None, "tags": None}, True),
        ({"ids": ["vpc-1"], "filter": [{"name": "owner-id", "values": ["111122223333"]}]}, True),
        ({"ids": ["vpc-1"], "filter": [{"name": "owner-id", "values": ["999999999999"]}]}, False),
        ({"ids": ["vpc-1"], "filter": [{"name": "state", "values": ["available"]}]}, False),
        ({"ids": ["vpc-1"], "tags": {"team": "a"}}, False),
    ],
)
def test_a_listing_is_of_every_own_vpc_only_when_nothing_narrows_it(values: Json, every_own: bool) -> None:
    pinned = provider(allowed_account_ids={"constant_value": ["111122223333"]})
    data = plan(
        [],
        [resource("data.aws_vpcs", "all")],
        {"aws": pinned},
        prior_state=prior(looked_at("data.aws_vpcs.all", **values)),
    )
    (inventory,) = load(data).after.all(VpcInventory)
    assert inventory.every_own == known(every_own)
    assert inventory.ids == known(("vpc-1",))


def test_a_vpc_that_is_deleted_leaves_the_listing() -> None:
    listing = prior(looked_at("data.aws_vpcs.all", ids=["vpc-1", "vpc-2"]))
    gone = change("aws_vpc.v", None, before={"id": "vpc-2"})
    (inventory,) = load(plan([gone], [resource("data.aws_vpcs", "all")], prior_state=listing)).after.all(VpcInventory)
    assert inventory.ids == known(("vpc-1",))


def test_trails_defaults_and_unknowns() -> None:
    operators = ("equals", "not_equals", "starts_with", "not_starts_with", "ends_with", "not_ends_with")
    s3_objects = {**dict.fromkeys(operators), "field": "resources.type", "equals": ["AWS::S3::Object"]}
    basic = {"read_write_type": "All", "include_management_events": True, "exclude_management_event_sources": None}
    kind_only = [{**basic, "data_resource": [{"type": "AWS::S3::Object"}]}]
    data = plan(
        [
            change("aws_cloudtrail.bare", {"name": "bare", "s3_bucket_name": "b"}),
            change("aws_cloudtrail.full", {"name": "full", "s3_bucket_name": "b", "enable_logging": True,
                                           "advanced_event_selector": [{"field_selector": [s3_objects]}]},
                   {"kms_key_id": True}),
            change("aws_cloudtrail.dark", {"name": "dark", "event_selector": kind_only},
                   {"event_selector": [{"data_resource": [{"values": True}]}]}),
        ],
        [resource("aws_cloudtrail", name) for name in ("bare", "full", "dark")],
    )  # fmt: skip
    bare, full, dark = load(data).after.all(Trail)
    assert (bare.logging, bare.multi_region, bare.validation, bare.encrypted) == (
        known(True),
        known(False),
        known(False),
        known(False),
    )
    assert full.encrypted == known(True)  # set, its value pending: the same verdict as after apply
    assert full.advanced.get()[0][0].equals == ("AWS::S3::Object",)
    (selector,) = dark.selectors.get()
    ((_, (value,)),) = selector.data.items()
    assert has_marks(value)


@pytest.mark.parametrize(
    "location",
    ["https://s3.eu-west-1.amazonaws.com/lists/a/trusted.txt", "https://lists.s3.eu-west-1.amazonaws.com/a/trusted.txt",
     "https://s3.amazonaws.com/lists/a/trusted.txt", "s3://lists/a/trusted.txt", None],
)  # fmt: skip
def test_the_text_of_a_list_comes_from_its_object(location: str | None) -> None:
    s3, given = "aws_s3_object", {"location": location} if location else {}
    references = (f"{s3}.o.bucket", f"{s3}.o", f"{s3}.o.key", f"{s3}.o")
    data = plan(
        [
            change(f"{s3}.o", {"bucket": "lists", "key": "a/trusted.txt", "content": "192.0.2.1\n"}),
            change("aws_guardduty_ipset.t", {"activate": True, "format": "TXT", "name": "t", **given},
                   {"detector_id": True, "location": location is None}),
        ],
        [resource(s3, "o"), resource("aws_guardduty_ipset", "t", location=refers(*references))],
    )  # fmt: skip
    (found,) = load(data).after.all(IpList)
    assert found.content == known("192.0.2.1\n")
    assert found.kind == "trusted"


def test_plans_read_together_keep_their_addresses_apart() -> None:
    vpc = plan([change("aws_vpc.v", {}, {"id": True})], [resource("aws_vpc", "v")])
    log = plan(
        [change("aws_vpc.v", {}, {"id": True}), change("aws_flow_log.f", {"traffic_type": "ALL"}, {"vpc_id": True})],
        [resource("aws_vpc", "v"), resource("aws_flow_log", "f", vpc_id=refers("aws_vpc.v.id", "aws_vpc.v"))],
    )
    (other,) = load(vpc, root="a: ").after.all(Vpc)
    second = load(log, root="b: ").after
    reference = second.all(FlowLog)[0].resource.get()
    assert reference.chain == second.all(FlowLog)[0].origin.chain == ("aws_flow_log.f.vpc_id", "aws_vpc.v.id")
    assert second.all(Vpc)[0].is_named_by(reference)
    assert not other.is_named_by(reference)
