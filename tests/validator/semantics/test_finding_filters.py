"""Finding filters: what they match, and which suppression rules are too broad."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardline.spec.findings import FIELDS, families
from guardline.validator.model.value import UnknownValue, known, unknown
from guardline.validator.semantics import refresh
from guardline.validator.semantics.finding_filters import FieldTest, archives, mistakes, narrows, swallowed, too_broad
from guardline.validator.semantics.finding_samples import finding

INSTANCE = "resource.instanceDetails.instanceId"
PORT = "service.action.networkConnectionAction.localPortDetails.port"
REMOTE = "service.action.networkConnectionAction.remoteIpDetails.ipAddressV4"
FOUND = finding("Recon:EC2/Portscan", 5.3)


def on(path: str, *equals: str, bounds: dict[str, str] | None = None, **values: tuple[str, ...]) -> FieldTest:
    several: dict[str, Any] = {name: known(value) for name, value in values.items()}
    return FieldTest(
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
def test_one_criterion(test: FieldTest, matched: bool) -> None:
    assert archives([test], FOUND) is matched


def test_all_criteria_must_hold() -> None:
    assert archives([TYPE, on(INSTANCE, "i-0guardlinesample")], FOUND)
    assert not archives([TYPE, SCANNER], FOUND)


NO_TYPE, NO_RESOURCE = "names no finding type", "has no resource or network criterion"
SEVEN = "archives findings of severity 7 and above of "
EVERY = f"{SEVEN}{len(families())} finding types"


@pytest.mark.parametrize(
    ("tests", "reasons"),
    [
        ([TYPE, SCANNER], []),
        ([TYPE, on("resource.instanceDetails.tags.value", "vuln-scanner")], []),
        ([TYPE, on("service.action.networkConnectionAction.remoteIpDetails.ipAddressV4", "198.51.100.7")], []),
        ([on("type", matches=("Recon:EC2/*",)), on(INSTANCE, matches=("i-0*",))], []),
        ([on("severity", bounds={"less_than": "9"})], [NO_TYPE, NO_RESOURCE, EVERY]),
        ([on("severity", bounds={"less_than": "4"})], [NO_TYPE, NO_RESOURCE]),
        ([on("severity", bounds={"greater_than": "", "less_than": "4"})], [NO_TYPE, NO_RESOURCE]),
        ([], [NO_TYPE, NO_RESOURCE, EVERY]),
        ([TYPE], [NO_RESOURCE, f"{SEVEN}Recon:EC2/Portscan"]),
        ([TYPE, on("severity", bounds={"less_than": "7"})], [NO_RESOURCE]),
        ([TYPE, on("severity", "8")], [NO_RESOURCE, f"{SEVEN}Recon:EC2/Portscan"]),
        ([on("type", "New:EC2/NotYetKnown")], [NO_RESOURCE, f"{SEVEN}New:EC2/NotYetKnown"]),
        ([SCANNER], [NO_TYPE, EVERY]),
        ([on("type", not_equals=("x",)), SCANNER], [NO_TYPE, EVERY]),
        ([on("type", matches=("*",)), SCANNER], [NO_TYPE, EVERY]),
        ([on("type", ""), SCANNER], [NO_TYPE, EVERY]),
        ([TYPE, on(INSTANCE, matches=("*",))], [NO_RESOURCE, f"{SEVEN}Recon:EC2/Portscan"]),
        ([TYPE, on(INSTANCE, not_equals=("i-1",))], [NO_RESOURCE, f"{SEVEN}Recon:EC2/Portscan"]),
        ([TYPE, on(INSTANCE, "")], [NO_RESOURCE, f"{SEVEN}Recon:EC2/Portscan"]),
        ([TYPE, on("resource.resourceType", "Instance")], [NO_RESOURCE, f"{SEVEN}Recon:EC2/Portscan"]),
        ([TYPE, on("resource.resourceType", "S3Bucket")], [NO_RESOURCE]),
        ([TYPE, on("accountId", "111122223333")], [NO_RESOURCE, f"{SEVEN}Recon:EC2/Portscan"]),
        ([TYPE, on("service.action.actionType", "PORT_PROBE")], [NO_RESOURCE, f"{SEVEN}Recon:EC2/Portscan"]),
        ([TYPE, on("service.action.networkConnectionAction.remoteIpDetails.ipAddressV4", "0.0.0.0/0")],
         [NO_RESOURCE, f"{SEVEN}Recon:EC2/Portscan"]),
    ],
)  # fmt: skip
def test_too_broad(tests: list[FieldTest], reasons: list[str]) -> None:
    assert list(too_broad(tests)) == reasons


def test_a_value_that_is_not_known_yet_still_names_one() -> None:
    pending = FieldTest(known(INSTANCE), equals=unknown("known after apply"))
    assert too_broad([TYPE, pending]) == ()
    assert too_broad([pending, FieldTest(known("type"), equals=unknown("known after apply"))]) == ()
    assert too_broad([pending])[0] == NO_TYPE


@pytest.mark.parametrize(
    "pending",
    [
        FieldTest(unknown("?"), equals=known(("x",))),
        FieldTest(known(INSTANCE), equals=unknown("?"), not_equals=known(("i-1",))),
        FieldTest(known(INSTANCE), equals=unknown("?"), not_equals=unknown("?")),
        FieldTest(known(INSTANCE), matches=unknown("?")),
    ],
)
def test_what_may_be_narrow_is_untold(pending: FieldTest) -> None:
    with pytest.raises(UnknownValue, match="depends on values"):
        too_broad([TYPE, pending])
    if pending.path.is_known:
        assert too_broad([on("severity", "2"), pending])[0] == NO_TYPE


def test_a_value_that_decides_and_is_not_known_is_untold() -> None:
    with pytest.raises(UnknownValue):
        archives([FieldTest(known("type"), equals=unknown("?"))], FOUND)


def test_swallowed_by_severity() -> None:
    assert swallowed([TYPE]) == ("Recon:EC2/Portscan",)
    assert swallowed([TYPE, on("severity", bounds={"less_than": "4"})], 4) == ()
    assert swallowed([TYPE, on("severity", "7")], 7) == ("Recon:EC2/Portscan",)
    recon = swallowed([on("type", matches=("Recon:EC2/*",))], 7)
    assert set(recon) == {kind for kind in families() if kind.startswith("Recon:EC2/")}


@pytest.mark.parametrize(
    ("tests", "mistake"),
    [
        ([on("resource.instanceDetails.instanceID", "x")], "did you mean resource.instanceDetails.instanceId?"),
        ([on("nonsense.of.mine", "x")], "is no field of findings"),
        ([on("type", *map(str, range(51)))], "51 values, and AWS takes 50"),
        ([on("type", matches=tuple("abcdef"))], "6 values, and AWS takes 5"),
        ([on("type", "")], "compared with nothing"),
        ([on("severity", bounds={"less_than": ""})], "compared with nothing"),
        ([on("severity", bounds={"less_than": "high"})], "neither a number nor a time"),
        ([TYPE, on("type", "x")], "type stands twice"),
    ],
)
def test_mistakes(tests: list[FieldTest], mistake: str) -> None:
    (found,) = mistakes(tests)
    assert mistake in found


def test_a_right_filter_has_no_mistakes() -> None:
    assert mistakes([TYPE, SCANNER, on("severity", bounds={"less_than": "4"}), on("updatedAt", "2026-01-01")]) == ()
    assert mistakes([FieldTest(known("type"), equals=unknown("?"))]) == ()
    assert mistakes([on("type", *map(str, range(50)), matches=tuple("abcde"))]) == ()


def test_the_fields_are_those_of_the_service_model() -> None:
    assert refresh.filter_fields() == FIELDS.read_text(encoding="utf-8")
    assert botocore.session.get_session().get_service_model("guardduty").operation_model("CreateFilter")


def test_what_narrows() -> None:
    assert narrows("resource.instanceDetails.tags.key")
    assert narrows("service.action.dnsRequestAction.domain")
    assert not narrows("resource.resourceType")
    assert not narrows("service.action.networkConnectionAction.connectionDirection")
    assert not narrows("service.count")


TESTS = st.lists(
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


@given(TESTS, TESTS)
def test_one_more_criterion_never_swallows_more(tests: list[FieldTest], more: list[FieldTest]) -> None:
    assert set(swallowed([*tests, *more])) <= set(swallowed(tests))
    if not too_broad(tests):
        assert not too_broad([*tests, *more])
    if archives([*tests, *more], FOUND):
        assert archives(tests, FOUND)
    if archives(tests, FOUND):
        assert "Recon:EC2/Portscan" in swallowed(tests)
