"""Exports, filters, name resolution and buckets, as plans carry them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from guardline.validator.model.dns import DhcpAssociation, DhcpOptions, QueryLogAssociation, VpcNaming
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import FindingFilter, PublishingDestination
from guardline.validator.model.resource import Ref
from guardline.validator.model.s3 import Bucket, BucketPolicy, BucketVersioning, PublicAccessBlock
from guardline.validator.model.value import known
from guardline.validator.semantics.unknown_parts import SOMETHING
from guardline.validator.sources.plan.load import load
from tests.support.plans import Json, change, looked_at, plan, prior, refers, resource

BUCKET, VPC = "aws_s3_bucket", "aws_vpc"


def after(changes: list[Json], resources: list[Json] | None = None, **more: Any) -> Estate:
    return load(plan(changes, resources, **more)).after


# -- GuardDuty ----------------------------------------------------------------------------------------------------


def test_a_destination_in_a_first_plan() -> None:
    found = after(
        [
            change("aws_guardduty_publishing_destination.p", {"destination_type": "S3"},
                   {"detector_id": True, "destination_arn": True, "kms_key_arn": True}),
            change(f"{BUCKET}.b", {"bucket": None}, {"id": True, "arn": True, "bucket": True}),
            change("aws_guardduty_detector.d", {}, {"id": True}), change("aws_kms_key.k", {}, {"arn": True}),
        ],
        [
            resource(
                "aws_guardduty_publishing_destination", "p",
                detector_id=refers("aws_guardduty_detector.d.id", "aws_guardduty_detector.d"),
                destination_arn=refers(f"{BUCKET}.b.arn", f"{BUCKET}.b"),
                kms_key_arn=refers("aws_kms_key.k.arn", "aws_kms_key.k"),
            ),
            resource("aws_guardduty_detector", "d"), resource(BUCKET, "b"), resource("aws_kms_key", "k"),
        ],
    )  # fmt: skip
    (one,) = found.all(PublishingDestination)
    assert (one.kind, one.keyed) == (known("S3"), known(True))
    assert one.key.get().address == "aws_kms_key.k"
    assert one.detector.get().address == "aws_guardduty_detector.d"
    assert found.find(Bucket, one.bucket.get()) == found.all(Bucket)[0]
    assert one.origin.chain


@pytest.mark.parametrize(
    ("arn", "name"),
    [("arn:aws:s3:::logs", "logs"), ("arn:aws:s3:::logs/find/ings", "logs"), ("arn:aws-cn:s3:::logs/", "logs")],
)
def test_the_bucket_of_a_known_destination(arn: str, name: str) -> None:
    values = {"destination_type": "S3", "detector_id": "abc", "destination_arn": arn, "kms_key_arn": ""}
    (one,) = after([change("aws_guardduty_publishing_destination.p", values)]).all(PublishingDestination)
    assert (one.bucket, one.keyed) == (known(Ref(id=name)), known(False))


def filtered(criteria: list[Json], unknown: Any = None, **more: Any) -> FindingFilter:
    values = {"name": "s", "rank": 1, "action": "ARCHIVE", "description": None, "detector_id": "abc",
              "finding_criteria": [{"criterion": criteria}], **more}  # fmt: skip
    mark = {"finding_criteria": [{"criterion": unknown}]} if unknown is not None else None
    (one,) = after([change("aws_guardduty_filter.s", values, mark)]).all(FindingFilter)
    return one


def test_a_filter() -> None:
    unset = dict.fromkeys(("greater_than", "greater_than_or_equal", "less_than", "less_than_or_equal"), "")
    one = filtered(
        [
            {"field": "type", "equals": ["Recon:EC2/Portscan"], "not_equals": [], **unset},
            {"field": "severity", "equals": [], "not_equals": [], **unset, "less_than": "7"},
        ]
    )
    by_type, severity = one.criteria.get()
    assert (one.action, one.rank, one.description) == (known("ARCHIVE"), known(1), known(""))
    assert (by_type.path, by_type.equals, by_type.bounds) == (known("type"), known(("Recon:EC2/Portscan",)), {})
    assert severity.bounds == {"less_than": known("7")}


def test_a_value_of_a_filter_that_is_known_only_after_apply() -> None:
    unset = dict.fromkeys(("greater_than", "greater_than_or_equal", "less_than", "less_than_or_equal"), "")
    one = filtered([{"field": "type", "not_equals": [], **unset}], [{"equals": True, "not_equals": []}])
    assert not one.criteria.get()[0].equals.is_known
    assert one.criteria.get()[0].path == known("type")


@pytest.mark.parametrize(("criteria", "unknown"), [([], True), ([None], [True])])
def test_criteria_that_are_known_only_after_apply(criteria: list[Any], unknown: Any) -> None:
    assert not filtered(criteria, unknown).criteria.is_known


@pytest.mark.parametrize(("attribute", "wrong"), [("rank", "first"), ("action", 3), ("description", ["x"])])
def test_a_value_of_the_wrong_type_is_unknown(attribute: str, wrong: object) -> None:
    value = getattr(filtered([], **{attribute: wrong}), attribute)
    assert not value.is_known


# -- name resolution ----------------------------------------------------------------------------------------------


def test_links_to_a_vpc_in_a_first_plan() -> None:
    log, link = "aws_route53_resolver_query_log_config", "aws_route53_resolver_query_log_config_association"
    to_vpc = refers(f"{VPC}.v.id", f"{VPC}.v")
    found = after(
        [
            change(f"{VPC}.v", {"cidr_block": "10.1.0.0/16", "enable_dns_support": True},
                   {"id": True, "dhcp_options_id": True}),
            change(f"{log}.q", {}, {"id": True}),
            change(f"{link}.a", {}, {"resource_id": True, "resolver_query_log_config_id": True}),
            change("aws_vpc_dhcp_options.o", {"domain_name_servers": ["10.1.0.2"]}, {"id": True}),
            change("aws_vpc_dhcp_options_association.x", {}, {"vpc_id": True, "dhcp_options_id": True}),
        ],
        [
            resource(VPC, "v"), resource(log, "q"), resource("aws_vpc_dhcp_options", "o"),
            resource(link, "a", resource_id=to_vpc, resolver_query_log_config_id=refers(f"{log}.q.id", f"{log}.q")),
            resource("aws_vpc_dhcp_options_association", "x", vpc_id=to_vpc,
                     dhcp_options_id=refers("aws_vpc_dhcp_options.o.id", "aws_vpc_dhcp_options.o")),
        ],
    )  # fmt: skip
    (one,), (link_to_options,) = found.all(QueryLogAssociation), found.all(DhcpAssociation)
    assert (one.vpc.get().address, one.log.get().address) == (f"{VPC}.v", f"{log}.q")
    assert link_to_options.vpc.get().address == f"{VPC}.v"
    options = found.find(DhcpOptions, link_to_options.options.get())
    assert options is not None
    assert options.servers == known(("10.1.0.2",))
    (naming,) = found.all(VpcNaming)
    assert (naming.ranges, naming.supported, naming.fresh) == (known(("10.1.0.0/16",)), known(True), True)
    assert not naming.options.is_known


def test_an_existing_vpc_has_its_options() -> None:
    values = {"id": "vpc-1", "cidr_block": "10.1.0.0/16", "enable_dns_support": False, "dhcp_options_id": "dopt-1"}
    (naming,) = after([change(f"{VPC}.v", values, before=values, actions=("no-op",))]).all(VpcNaming)
    assert (naming.options, naming.supported, naming.fresh) == (known(Ref(id="dopt-1")), known(False), False)
    values = {**values, "cidr_block": "nonsense"}
    (naming,) = after([change(f"{VPC}.v", values, before=values, actions=("no-op",))]).all(VpcNaming)
    assert not naming.ranges.is_known


def test_an_adopted_default_vpc_is_not_new() -> None:
    found = after([change("aws_default_vpc.v", {"enable_dns_support": True}, {"id": True, "dhcp_options_id": True})])
    assert [one.fresh for one in found.all(VpcNaming)] == [False]


def test_the_default_set_names_the_amazon_resolver() -> None:
    found = after([change("aws_default_vpc_dhcp_options.o", {}, {"id": True, "domain_name_servers": True})])
    assert [(one.servers, one.default) for one in found.all(DhcpOptions)] == [(known(("AmazonProvidedDNS",)), True)]


# -- buckets ------------------------------------------------------------------------------------------------------

FOUR = dict.fromkeys(
    ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"), True
)


@pytest.mark.parametrize(
    ("values", "unknown", "complete"),
    [
        (FOUR, None, True),
        ({**FOUR, "block_public_acls": False}, None, False),
        ({**FOUR, "block_public_acls": None}, None, False),
        ({k: v for k, v in FOUR.items() if k != "block_public_acls"}, {"block_public_acls": True}, None),
        ({"block_public_policy": False}, {"block_public_acls": True}, False),
    ],
)
def test_a_public_access_block(values: Json, unknown: Json | None, complete: bool | None) -> None:
    kinds = ("aws_s3_bucket_public_access_block", "aws_s3_account_public_access_block")
    found = after([change(f"{kind}.b", {"bucket": "logs", **values}, unknown) for kind in kinds])
    of_bucket, of_account = found.all(PublicAccessBlock)
    assert [one.complete.known_or(None) for one in (of_bucket, of_account)] == [complete, complete]
    assert (of_bucket.bucket, of_account.bucket) == (known(Ref(id="logs")), None)


@pytest.mark.parametrize(("status", "enabled"), [("Enabled", True), ("Suspended", False), ("Disabled", False)])
def test_versioning(status: str, enabled: bool) -> None:
    values = {"bucket": "logs", "versioning_configuration": [{"status": status}]}
    (one,) = after([change("aws_s3_bucket_versioning.b", values)]).all(BucketVersioning)
    assert one.enabled == known(enabled)


def test_the_versioning_block_of_a_bucket_counts_where_it_is_configured() -> None:
    bucket = change(f"{BUCKET}.b", {"bucket": "logs", "versioning": [{"enabled": True}]})
    told = after([bucket], [resource(BUCKET, "b", versioning=[{"enabled": {"constant_value": True}}])])
    unknown_value = after([bucket], [resource(BUCKET, "b")])
    assert [found.all(Bucket)[0].versioned for found in (told, unknown_value)] == [known(True), known(None)]


def document(statement: Json, unknown: Json, **more: object) -> Estate:
    name, arn = "aws_iam_policy_document", refers(f"{BUCKET}.b.arn", f"{BUCKET}.b")
    values = {"source_policy_documents": None, "override_policy_documents": None, "source_json": None,
              "override_json": None, "statement": [statement], **more}  # fmt: skip
    mark = {"json": True, "id": True, "statement": unknown.get("statement", [unknown])}
    return after(
        [
            change(f"data.{name}.p", values, mark, actions=("read",)),
            change("aws_s3_bucket_policy.b", {"bucket": "logs"}, {"policy": True}),
        ],
        [
            resource(f"data.{name}", "p", statement=[{"resources": arn}]),
            resource("aws_s3_bucket_policy", "b", policy=refers(f"data.{name}.p.json", f"data.{name}.p")),
        ],
    )


STATEMENT: Json = {
    "sid": None, "effect": None, "actions": ["s3:PutObject"], "not_actions": None, "not_resources": None,
    "resources": [None], "principals": [{"type": "Service", "identifiers": ["cloudtrail.amazonaws.com"]}],
    "not_principals": [],
    "condition": [{"test": "StringEquals", "variable": "aws:SourceAccount", "values": ["111122223333"]}],
}  # fmt: skip


def test_a_policy_is_read_from_its_document_while_an_arn_is_unknown() -> None:
    (one,) = document(STATEMENT, {"resources": [True]}).all(BucketPolicy)
    (statement,) = json.loads(one.text.get())["Statement"]
    assert (statement["Effect"], statement["Principal"]) == ("Allow", {"Service": ["cloudtrail.amazonaws.com"]})
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ["111122223333"]}}
    assert "111122223333" not in statement["Resource"]


@pytest.mark.parametrize(
    "unknown",
    [{"statement": True}, {"effect": True}, {"condition": [{"variable": True}]}, {"principals": True}],
)
def test_an_unknown_part_that_no_mark_stands_for_makes_the_policy_unknown(unknown: Json) -> None:
    (one,) = document(STATEMENT, {"resources": [True], **unknown}).all(BucketPolicy)
    assert not one.text.is_known


@pytest.mark.parametrize("unknown", [{"actions": [True]}, {"condition": [{"values": [True]}]}])
def test_an_unknown_leaf_is_marked_and_the_rest_is_known(unknown: Json) -> None:
    values = {**STATEMENT, "actions": [None]} if "actions" in unknown else STATEMENT
    (one,) = document(values, {"resources": [True], **unknown}).all(BucketPolicy)
    (statement,) = json.loads(one.text.get())["Statement"]
    marked = (
        statement["Action"] if "actions" in unknown else statement["Condition"]["StringEquals"]["aws:SourceAccount"]
    )
    assert marked == [SOMETHING]


def test_a_document_that_is_made_of_others_is_unknown() -> None:
    (one,) = document(STATEMENT, {"resources": [True]}, source_policy_documents=["{}"]).all(BucketPolicy)
    assert "source_policy_documents" in (one.text.reason or "")


def test_a_bucket_that_is_only_looked_at_is_not_managed() -> None:
    found = after([], [resource(f"data.{BUCKET}", "b")], prior_state=prior(looked_at(f"data.{BUCKET}.b", id="logs")))
    assert [one.managed for one in found.all(Bucket)] == [False]
