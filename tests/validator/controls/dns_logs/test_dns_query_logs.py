"""dns-query-logs and dns-resolver."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardline.validator.controls import by_id
from guardline.validator.evaluate import evaluate
from guardline.validator.expectations.scope import Requirements
from guardline.validator.model.dns import DhcpAssociation, QueryLogAssociation
from guardline.validator.model.resource import Resource
from tests.support.estates import EU, OURS, PENDING, US, estate, inventory, judged, scope, verdicts, vpc
from tests.support.estates_exports import (
    dhcp_association,
    dhcp_options,
    naming,
    query_association,
    query_log,
)
from tests.support.judging import verdicts as from_source

LOGS, RESOLVER = "dns-query-logs", "dns-resolver"
V = vpc(id="vpc-1")
AMAZON = dhcp_options("AmazonProvidedDNS")


@pytest.mark.parametrize(
    ("resources", "verdict"),
    [
        ((query_log(), query_association("aws_vpc.v")), "pass"),
        ((query_log(), query_association("vpc-1")), "pass"),
        ((query_association("vpc-1", log="rqlc-elsewhere"),), "pass"),
        ((query_association("vpc-1", log=PENDING),), "pass"),
        ((query_log(), query_association("vpc-1", log=PENDING)), "pass"),
        ((query_log(), query_log(EU), query_association("vpc-1", log=PENDING)), "undetermined"),
        (
            (query_log(PENDING), query_association("vpc-1", log="aws_route53_resolver_query_log_config.q_somewhere")),
            "undetermined",
        ),
        ((query_log(), query_association("vpc-1", PENDING)), "undetermined"),
        ((query_log(),), "fail"),
        ((query_log(), query_association("vpc-2")), "fail"),
        ((query_log(), query_association("vpc-1", EU)), "fail"),
        ((query_log(EU), query_association("vpc-1", log="aws_route53_resolver_query_log_config.q_eu_west_1")), "fail"),
        ((query_log(), query_association(PENDING)), "undetermined"),
        ((query_log(), query_association(PENDING, PENDING)), "undetermined"),
        ((query_log(), query_association(PENDING, EU)), "fail"),
        ((query_log(), query_association("vpc-1"), query_association(PENDING, name="b")), "pass"),
    ],
)
def test_a_vpc_has_its_queries_logged(resources: tuple[Resource, ...], verdict: str) -> None:
    assert verdicts(LOGS, estate(V, *resources), scope(US)) == {"aws_vpc.v": verdict}


@pytest.mark.parametrize(
    ("servers", "verdict"),
    [
        (("AmazonProvidedDNS",), "pass"),
        (("169.254.169.253",), "pass"),
        (("fd00:ec2::253",), "pass"),
        (("FD00:EC2:0::253", "10.1.0.2"), "pass"),
        (("10.1.0.2",), "pass"),
        (("10.1.0.3",), "fail"),
        (("10.2.0.2",), "fail"),
        (("AmazonProvidedDNS", "9.9.9.9"), "fail"),
        (("dns.example.com",), "fail"),
        ((), "fail"),
    ],
)
def test_a_vpc_asks_the_amazon_resolver(servers: tuple[str, ...], verdict: str) -> None:
    options = dhcp_options(*servers)
    by_link = (V, naming(V, options=PENDING, fresh=True), options, dhcp_association("aws_vpc.v"))
    assert verdicts(RESOLVER, estate(*by_link), scope(US)) == {"aws_vpc.v": verdict}
    by_id = (V, naming(V, options="aws_vpc_dhcp_options.o_us_east_1"), options)
    assert verdicts(RESOLVER, estate(*by_id), scope(US)) == {"aws_vpc.v": verdict}


@pytest.mark.parametrize(
    ("resources", "verdict"),
    [
        ((naming(V, options=PENDING, fresh=True),), "pass"),  # the default set
        ((naming(V, options=PENDING, fresh=True, supported=False),), "fail"),
        ((naming(V, options=PENDING, fresh=True, supported=PENDING),), "undetermined"),
        ((naming(V, options=PENDING),), "undetermined"),
        ((naming(V, options="dopt-elsewhere"),), "undetermined"),
        ((naming(V, options="dopt-elsewhere"), dhcp_association("vpc-1")), "pass"),
        ((naming(V, options="dopt-elsewhere"), dhcp_association("vpc-1", EU)), "undetermined"),
        ((naming(V, options=PENDING), dhcp_association("vpc-1", PENDING)), "undetermined"),
        ((naming(V, options=PENDING), dhcp_association("vpc-1", options="default")), "undetermined"),
        ((naming(V, options=PENDING), dhcp_association("vpc-1", options=PENDING)), "undetermined"),
        ((naming(V, options=PENDING, supported=False), dhcp_association("vpc-1")), "fail"),
        ((naming(V, options=PENDING, supported=PENDING), dhcp_association("vpc-1")), "undetermined"),
        ((naming(V, options=PENDING, fresh=True), dhcp_association(PENDING)), "undetermined"),
        ((naming(V, options=PENDING, fresh=True), dhcp_association(PENDING, EU)), "pass"),
        ((), "undetermined"),
        ((dhcp_association("vpc-1"),), "pass"),
    ],
)
def test_what_the_options_are(resources: tuple[Resource, ...], verdict: str) -> None:
    assert verdicts(RESOLVER, estate(V, AMAZON, *resources), scope(US)) == {"aws_vpc.v": verdict}


@pytest.mark.parametrize(
    ("server", "verdict"), [("10.1.0.2", "undetermined"), ("10.1.0.3", "fail"), ("dns.example.com", "fail")]
)
def test_a_resolver_of_a_vpc_whose_range_is_unknown(server: str, verdict: str) -> None:
    found = estate(V, naming(V, ranges=PENDING, options=PENDING), dhcp_options(server), dhcp_association("vpc-1"))
    assert verdicts(RESOLVER, found, scope(US)) == {"aws_vpc.v": verdict}


def test_unknown_servers() -> None:
    found = estate(V, naming(V, options=PENDING), dhcp_options(listed=PENDING), dhcp_association("vpc-1"))
    assert verdicts(RESOLVER, found, scope(US)) == {"aws_vpc.v": "undetermined"}


@pytest.mark.parametrize(("control", "resources"), [(LOGS, (query_log(),)), (RESOLVER, (AMAZON,))])
class TestBoth:
    """What holds for each control that is asked of VPCs once its artefact appears."""

    def test_nothing_is_expected_without_the_artefact(self, control: str, resources: tuple[Resource, ...]) -> None:
        assert verdicts(control, estate(V, inventory("vpc-1")), scope(US)) == {}
        asked = scope(US, asked=Requirements(wanted=frozenset({control})))
        assert "aws_vpc.v" in verdicts(control, estate(V, inventory("vpc-1")), asked)
        assert resources

    def test_a_shared_vpc_is_its_owners(self, control: str, resources: tuple[Resource, ...]) -> None:
        shared = vpc(id="vpc-1", owner="444455556666", managed=False)
        assert verdicts(control, estate(shared, *resources), scope(US, accounts=(OURS,))) == {
            "data.aws_vpc.v": "not-applicable"
        }

    def test_an_incomplete_source_claims_no_absence(self, control: str, resources: tuple[Resource, ...]) -> None:
        for kind in (QueryLogAssociation, DhcpAssociation):
            found = estate(V, *resources, missing={kind: "unread"})
            fails = control == LOGS and kind is not QueryLogAssociation
            assert verdicts(control, found, scope(US)) == {"aws_vpc.v": "fail" if fails else "undetermined"}

    def test_a_listing_that_is_not_known_is_a_cell(self, control: str, resources: tuple[Resource, ...]) -> None:
        (row,) = judged(control, estate(inventory(listed=PENDING), *resources), scope(US))
        assert (row.subject, row.verdict) == (None, "undetermined")


def test_the_last_query_log_taken_away_is_a_regression_of_each_vpc_that_stays() -> None:
    gone = vpc("gone", id="vpc-2")
    before = estate(V, gone, query_log(), query_association("vpc-1"), query_association("vpc-2", name="b"))
    found = by_id(LOGS)
    assert found is not None
    rows = evaluate(estate(V), before, scope(US), (found,), frozenset({"plan"}))
    assert [(row.subject, row.verdict.value, row.regression) for row in rows] == [("aws_vpc.v", "fail", True)]


PROFILE = """
provider "aws" {
  region = "us-east-1"
}
resource "aws_vpc" "v" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_vpc" "other" {
  cidr_block = "10.1.0.0/16"
}
resource "aws_route53_zone" "z" {
  name = "example.com"
}
resource "aws_route53_resolver_query_log_config" "c" {
  name            = "central"
  destination_arn = "arn:aws:s3:::acme-dns-logs"
}
resource "aws_route53profiles_profile" "p" {
  name = "org"
}
resource "aws_route53profiles_profile" "empty" {
  name = "empty"
}
resource "aws_route53profiles_resource_association" "r" {
  name         = "r"
  profile_id   = aws_route53profiles_profile.p.id
  resource_arn = %s
}
resource "aws_route53profiles_association" "v" {
  name        = "v"
  profile_id  = %s
  resource_id = aws_vpc.v.id
}
variable "unknown" {
  type = string
}
"""
LOG = "aws_route53_resolver_query_log_config.c.arn"
OWN = "aws_route53profiles_profile.p.id"


@pytest.mark.parametrize(
    ("resource", "profile", "expected"),
    [
        (LOG, OWN, "pass"),
        ('"arn:aws:route53resolver:us-east-1:111122223333:resolver-query-log-config/rqlc-0abc"', OWN, "pass"),
        ("aws_route53_zone.z.arn", OWN, "fail"),
        ('"arn:aws:route53:::hostedzone/Z1"', OWN, "fail"),
        ("var.unknown", OWN, "undetermined"),
        (LOG, "aws_route53profiles_profile.empty.id", "fail"),
        (LOG, '"rp-0123456789abcdef0"', "undetermined"),
        (LOG, "var.unknown", "undetermined"),
    ],
)
def test_a_profile_logs_the_vpcs_that_it_is_associated_with(
    resource: str, profile: str, expected: str, tmp_path: Path
) -> None:
    found = from_source("dns-query-logs", tmp_path, PROFILE % (resource, profile))
    assert found == {"aws_vpc.v": expected, "aws_vpc.other": "fail"}
