"""Finding filters: what they match, and how narrow a suppression rule is."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardline.spec import filter_scope
from guardline.spec.findings import FIELDS, fields
from guardline.validator.model.guardduty import Criterion
from guardline.validator.model.value import UnknownValue, known, unknown
from guardline.validator.semantics import refresh
from guardline.validator.semantics.finding_filters import archives, is_narrow, names_type, reaches_high
from guardline.validator.semantics.finding_samples import finding

INSTANCE = "resource.instanceDetails.instanceId"
PORT = "service.action.networkConnectionAction.localPortDetails.port"
REMOTE = "service.action.networkConnectionAction.remoteIpDetails.ipAddressV4"
FOUND = finding("Recon:EC2/Portscan", 5.3)


def on(path: str, *equals: str, bounds: dict[str, str] | None = None, **values: tuple[str, ...]) -> Criterion:
    several: dict[str, Any] = {name: known(value) for name, value in values.items()}
    return Criterion(
        known(path), known(equals), bounds={name: known(text) for name, text in (bounds or {}).items()}, **several
    )


TYPE = on("type", "Recon:EC2/Portscan")
SCANNER = on(INSTANCE, "i-0scanner")


@pytest.mark.parametrize(
    ("test", "matched"),
    [
        (TYPE, True),
        (on("type", "Recon:EC2/PortProbeUnprotectedPort", "Recon:EC2/Portscan"), True),
        (on("type", "recon:ec2/portscan"), False),
        (on("type", not_equals=("Recon:EC2/Portscan",)), False),
        (on("type", not_equals=("x",)), True),
        (on("type", matches=("Recon:*",)), True),
        (on("type", matches=("Trojan:*",)), False),
        (on("type", not_matches=("Recon:*",)), False),
        (on("severity", "5.3"), True),
        (on("severity", "5"), False),
        (on("severity", bounds={"greater_than_or_equal": "5", "less_than": "6"}), True),
        (on("severity", bounds={"greater_than": "5.3"}), False),
        (on("severity", bounds={"greater_than": "", "less_than": "9"}), True),
        (on("updatedAt", "2026-01-01T00:10:00.000Z"), True),
        (on("updatedAt", bounds={"greater_than": "2025-12-31T00:00:00Z"}), True),
        (on("updatedAt", bounds={"less_than": "2026-01-01T00:00:00Z"}), False),
        (on(INSTANCE, "i-0guardlinesample"), True),
        (on("resource.instanceDetails.tags.value", "other", "sample"), True),
        (on("resource.instanceDetails.networkInterfaces.securityGroups.groupName", "sample"), True),
        (on(PORT, "22"), True),
        (on(PORT, bounds={"less_than_or_equal": "21"}), False),
        (on(PORT, bounds={"less_than_or_equal": "22"}), True),
        (on(PORT, bounds={"less_than": "22"}), False),
        (on(PORT, bounds={"greater_than_or_equal": "22"}), True),
        (on("service.archived", "false"), True),
        (on(REMOTE, "198.51.100.7"), True),
        (on(REMOTE, "198.51.100.0/24"), True),
        (on(REMOTE, "198.51.101.0/24"), False),
        (on(REMOTE, not_equals=("198.51.100.0/24",)), False),
        (on("resource.s3BucketDetails.name", "x"), False),
        (on("resource.s3BucketDetails.name", not_equals=("x",)), True),
    ],
)
def test_one_criterion(test: Criterion, matched: bool) -> None:
    assert archives([test], FOUND) is matched


def test_all_criteria_must_hold() -> None:
    assert archives([TYPE, on(INSTANCE, "i-0guardlinesample")], FOUND)
    assert not archives([TYPE, SCANNER], FOUND)


@pytest.mark.parametrize(
    ("criterion", "answer"),
    [
        (TYPE, True),
        (on("type", "New:EC2/NotYetKnown"), True),
        (on("type", matches=("Recon:EC2/Portscan",)), True),
        (on("type", matches=("Recon:EC2/*",)), True),
        (on("type", matches=("Recon:*",)), False),
        (on("type", "Recon:EC2/Portscan", matches=("*",)), False),
        (on("type", not_equals=("Recon:EC2/Portscan",)), False),
        (on("type", not_matches=("Recon:EC2/Portscan",)), False),
        (on("type", "everything"), False),
        (on("type", ""), False),
        (SCANNER, False),
        (Criterion(known("type"), equals=unknown("?")), None),
        (Criterion(known("type"), equals=unknown("?"), matches=known(("*",))), False),
        (Criterion(unknown("?"), equals=known(("x",))), None),
    ],
)
def test_whether_it_names_a_type(criterion: Criterion, answer: bool | None) -> None:
    assert names_type([criterion, SCANNER]) is answer


@pytest.mark.parametrize(
    ("criteria", "answer"),
    [
        ([SCANNER], True),
        ([on("resource.instanceDetails.tags.value", matches=("vuln-scanner-*",))], True),
        ([on("resource.instanceDetails.tags.value", matches=("*",))], False),
        ([on("resource.instanceDetails.tags.value", "web", matches=("**",))], False),
        ([on("resource.instanceDetails.tags.value", not_matches=("web-*",))], False),
        ([on(INSTANCE, matches=("i-0abc*",))], True),
        ([on(INSTANCE, matches=("i-*",))], False),
        ([on("resource.accessKeyDetails.userIdentity.arn", matches=("arn:aws:iam::111122223333:role/s*",))], True),
        ([on("resource.instanceDetails.iamInstanceProfile.arn", matches=("arn:aws:iam::*",))], False),
        ([on(REMOTE, "198.51.100.7")], True),
        ([on(REMOTE, "198.51.0.0/16")], True),
        ([on(REMOTE, "198.50.0.0/15")], False),
        ([on(REMOTE, matches=("198.51.*",))], True),
        ([on(REMOTE, matches=("198.*",))], False),
        ([on("service.action.dnsRequestAction.domain", matches=("*.example.com",))], True),
        ([on(PORT, "22")], False),
        ([on(PORT, bounds={"greater_than": "1"})], False),
        ([on(PORT, bounds={"greater_than": "1"}), SCANNER], True),
        ([on("service.action.portProbeAction.blocked", "false")], False),
        ([on("resource.instanceDetails.availabilityZone", "eu-west-1a")], False),
        ([on("service.runtimeDetails.process.executableSha256", "9f86")], False),
        ([on("service.runtimeDetails.process.executableSha256", "9f86"), on("accountId", "111122223333")], True),
        ([on(INSTANCE, not_equals=("i-1",))], False),
        ([on(INSTANCE, "")], False),
        ([], False),
        ([Criterion(known(INSTANCE), equals=unknown("?"))], None),
        ([Criterion(known(PORT), equals=unknown("?"))], False),
        ([Criterion(known(INSTANCE), matches=unknown("?"))], None),
        ([Criterion(known(INSTANCE), equals=unknown("?"), matches=known(("*",)))], False),
        ([Criterion(unknown("?"), equals=known(("x",)))], None),
        ([SCANNER, Criterion(unknown("?"), equals=unknown("?"))], True),
    ],
)  # fmt: skip
def test_whether_it_is_narrow(criteria: list[Criterion], answer: bool | None) -> None:
    assert is_narrow([TYPE, *criteria]) is answer


def test_spec_and_control_agree_over_every_field() -> None:
    """One truth: what the spec accepts as narrow, the control passes, field by field and with patterns alike."""
    assert len(fields()) == 622
    for field in sorted(fields()):
        for value in ("one", "198.51.100.7", "10.0.0.0/8", "*"):
            told = filter_scope.is_narrow({field: [value]})
            assert is_narrow([on(field, value)]) is told, (field, value)
            assert is_narrow([on(field, matches=(value,))]) is told, (field, value)
            assert is_narrow([on(field, not_equals=(value,), bounds={"greater_than": "1"})]) is False, field


@pytest.mark.parametrize(
    ("criterion", "answer"),
    [
        (on("severity", bounds={"less_than": "7"}), False),
        (on("severity", bounds={"greater_than_or_equal": "4", "less_than": "7"}), False),
        (on("severity", bounds={"greater_than": "1"}), True),
        (on("severity", bounds={"greater_than": "1", "less_than_or_equal": "7"}), True),
        (on("severity", "2", "5"), False),
        (on("severity", "8"), True),
        (on("severity", matches=("5*",)), False),
        (on("severity", matches=("8*",)), True),
        (Criterion(known("severity"), equals=unknown("?")), None),
        (TYPE, False),
    ],
)
def test_whether_it_hides_high_findings(criterion: Criterion, answer: bool | None) -> None:
    assert reaches_high([TYPE, criterion]) is answer


def test_a_value_that_decides_and_is_unknown_raises() -> None:
    with pytest.raises(UnknownValue):
        archives([Criterion(known("type"), equals=unknown("?"))], FOUND)


def test_the_fields_are_those_of_the_service_model() -> None:
    assert refresh.filter_fields() == FIELDS.read_text(encoding="utf-8")
    assert botocore.session.get_session().get_service_model("guardduty").operation_model("CreateFilter")


CRITERIA = st.lists(
    st.sampled_from(
        [
            TYPE,
            SCANNER,
            on("type", matches=("Recon:*",)),
            on("severity", bounds={"less_than": "7"}),
            on("severity", "8"),
            on("resource.resourceType", "Instance"),
            on("accountId", "111122223333"),
        ]
    ),
    max_size=4,
)


@given(CRITERIA, CRITERIA)
def test_one_more_criterion_never_widens(criteria: list[Criterion], more: list[Criterion]) -> None:
    assert is_narrow([*criteria, *more]) or not is_narrow(criteria)
    assert archives(criteria, FOUND) or not archives([*criteria, *more], FOUND)
