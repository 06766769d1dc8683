# mypy: disable-error-code="no-untyped-def"
# Parameters come from the marks above each test, which is where their types are plain to see.
"""The trail controls, and the event selectors beneath them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from guardline.validator.controls import CATALOGUE
from guardline.validator.evaluate import evaluate
from guardline.validator.expectations.scope import Requirements, Scope
from guardline.validator.model.cloudtrail import Trail
from guardline.validator.model.resource import Resource
from guardline.validator.report import Row
from tests.support.estates import (
    EU,
    MANAGEMENT,
    OURS,
    PENDING,
    S3_OBJECTS,
    THEIRS,
    US,
    basic,
    detector,
    estate,
    judged,
    scope,
    trail,
    verdicts,
    where,
)

KMS, RDS = "kms.amazonaws.com", "rdsdata.amazonaws.com"
READS, WRITES = where("readOnly", "true"), where("readOnly", "false")
LOGS = where("resources.ARN", not_starts_with=("arn:aws:s3:::trail-logs/",))
OTHERS = ("trail-validation", "trail-encrypted", "trail-s3-data-events")


def of(control: str, *resources: Resource, incomplete: str | None = None, within: Scope | None = None) -> Row:
    (row,) = judged(control, estate(*resources, incomplete=incomplete), within or scope(US))
    return row


@pytest.mark.parametrize(
    ("found", "verdict", "reason"),
    [
        (trail(), "pass", "a trail logs"),
        (trail(region=EU), "pass", "a trail logs"),
        (trail(logging=False), "fail", "does not log"),
        (trail(multi_region=False), "fail", "records one region only"),
        (trail(global_events=False), "fail", "global services"),
        (trail(logging=PENDING), "undetermined", "known only after apply"),
        (trail(multi_region=PENDING), "undetermined", "known only after apply"),
        (trail(global_events=PENDING), "undetermined", "known only after apply"),
        (trail(selectors=PENDING), "undetermined", "known only after apply"),
        (trail(advanced=PENDING), "undetermined", "known only after apply"),
        (trail(logging=False, selectors=PENDING), "fail", "does not log"),
        (trail(selectors=(basic(),)), "pass", ""),
        (trail(selectors=(basic(),), advanced=PENDING), "pass", ""),
        (trail(selectors=(basic("ReadOnly"),)), "fail", "leaves out write events"),
        (trail(selectors=(basic("WriteOnly"),)), "fail", "leaves out read events"),
        (trail(selectors=(basic("ReadOnly"), basic("WriteOnly"))), "pass", ""),
        (trail(selectors=(basic(management=False),)), "fail", "leaves out management events"),
        (trail(selectors=(basic(management=False), basic())), "pass", ""),
        (trail(selectors=(basic(without=(KMS,)),)), "fail", "leaves out management events of KMS"),
        (trail(selectors=(basic(without=(KMS, RDS)),)), "fail", "events of KMS and RDS Data API"),
        (trail(selectors=(basic(without=(KMS,)), basic(without=(RDS,)))), "pass", ""),
        (trail(advanced=(MANAGEMENT,)), "pass", ""),
        (trail(advanced=(S3_OBJECTS,)), "fail", "leaves out management events"),
        (trail(advanced=((*MANAGEMENT, READS),)), "fail", "leaves out write events"),
        (trail(advanced=((*MANAGEMENT, READS), (*MANAGEMENT, WRITES))), "pass", ""),
        (trail(advanced=((*MANAGEMENT, where("readOnly", "true", "false")),)), "pass", ""),
        (trail(advanced=((*MANAGEMENT, where("eventSource", not_equals=(KMS,))),)), "fail", "events of KMS"),
        (trail(advanced=((*MANAGEMENT, where("eventSource", not_equals=(KMS,))),
                         (*MANAGEMENT, where("eventSource", KMS)))), "pass", ""),
        (trail(advanced=((*MANAGEMENT, where("eventSource", "ec2.amazonaws.com")),)), "fail", "management events"),
        (trail(advanced=((*MANAGEMENT, where("eventSource", not_equals=("ec2.amazonaws.com",))),)), "fail", "other"),
        (trail(advanced=((*MANAGEMENT, where("eventSource", starts_with=("k",))),)), "fail", "management events"),
        (trail(advanced=((*MANAGEMENT, where("eventName", not_equals=("Decrypt",))),)), "fail", "management events"),
    ],
)  # fmt: skip
def test_multi_region(found: Trail, verdict: str, reason: str) -> None:
    row = of("trail-multi-region", found)
    assert row.verdict == verdict
    assert reason in row.reason


class TestWhoseTrail:
    """Which trails record an account."""

    def test_none(self) -> None:
        assert of("trail-multi-region").verdict == "fail"
        assert of("trail-multi-region", detector()).reason == "no trail records the account"

    def test_another_accounts_trail_does_not(self) -> None:
        assert of("trail-multi-region", trail(account=THEIRS)).verdict == "fail"

    def test_an_organization_trail_does(self) -> None:
        row = of("trail-multi-region", trail(account=THEIRS, organization=True))
        assert (row.verdict.value, row.reason.partition(" logs")[0]) == ("pass", "an organization trail")

    def test_an_organization_trail_counts_beside_a_weak_one_of_the_account(self) -> None:
        shared = trail("o", account=THEIRS, organization=True)
        assert of("trail-multi-region", trail(logging=False), shared).verdict == "pass"

    @pytest.mark.parametrize("control", ["trail-multi-region", *OTHERS])
    def test_a_trail_that_may_be_the_organizations(self, control: str) -> None:
        shared = trail(account=THEIRS, organization=PENDING, advanced=(MANAGEMENT, S3_OBJECTS))
        assert of(control, shared).verdict == "undetermined"

    def test_one_good_trail_is_enough(self) -> None:
        assert (
            of("trail-multi-region", trail("a", logging=False), trail("b"), trail("c", logging=PENDING)).verdict
            == "pass"
        )

    def test_one_that_may_do_is_undetermined(self) -> None:
        assert (
            of("trail-multi-region", trail("a", logging=False), trail("c", logging=PENDING)).verdict == "undetermined"
        )

    def test_absence_is_not_claimed_from_an_incomplete_source(self) -> None:
        for control in ("trail-multi-region", *OTHERS):
            assert of(control, incomplete="errored").verdict == "undetermined"

    def test_reads_in_one_trail_and_writes_in_another_are_not_one_record(self) -> None:
        two = (trail("r", selectors=(basic("ReadOnly"),)), trail("w", selectors=(basic("WriteOnly"),)))
        assert of("trail-multi-region", *two).verdict == "fail"


def _with(setting: str, has: object, name: str = "t") -> Trail:
    return trail(name, validation=has) if setting == "validation" else trail(name, encrypted=has)


@pytest.mark.parametrize(("control", "setting"), [("trail-validation", "validation"), ("trail-encrypted", "encrypted")])
class TestProtection:
    """trail-validation and trail-encrypted."""

    @pytest.mark.parametrize(("has", "verdict"), [(True, "pass"), (False, "fail"), (PENDING, "undetermined")], ids=str)
    def test_the_trail(self, control, setting, has, verdict) -> None:
        row = of(control, _with(setting, has))
        assert (row.verdict, row.cause) == (verdict, None)

    def test_only_a_trail_of_every_region_counts(self, control, setting) -> None:
        assert of(control, _with(setting, False, "a"), trail("b", multi_region=False)).verdict == "fail"

    def test_one_is_enough(self, control, setting) -> None:
        assert of(control, _with(setting, False, "a"), trail("b")).verdict == "pass"
        assert of(control, _with(setting, PENDING, "a"), trail("b")).verdict == "pass"

    def test_a_trail_that_may_be_the_one(self, control, setting) -> None:
        assert of(control, _with(setting, False, "a"), trail("b", logging=PENDING)).verdict == "undetermined"
        doubtful = replace(_with(setting, False, "b"), logging=trail(logging=PENDING).logging)
        assert of(control, _with(setting, False, "a"), doubtful).verdict == "fail"


@pytest.mark.parametrize(
    ("trails", "verdict", "reason"),
    [
        ((trail(selectors=(basic("All", "arn:aws:s3"),)),), "pass", "of all buckets are recorded, read and write"),
        ((trail(selectors=(basic("All", "arn:aws:s3:::"),)),), "pass", ""),
        ((trail(region="cn-north-1", selectors=(basic("All", "arn:aws-cn:s3:::"),)),), "pass", ""),
        ((trail(selectors=(basic("All", "arn:aws-cn:s3:::"),)),), "fail", "records arn:aws-cn:s3::: only"),
        ((trail(region="us-gov-west-1", advanced=((*S3_OBJECTS, where("resources.ARN", starts_with=("arn:aws:s3:::",))),
                                                  )),), "fail", "narrowed by resources.ARN"),
        ((trail(region=PENDING, selectors=(basic("All", "arn:aws-cn:s3:::"),)),), "pass", ""),
        ((trail(),), "fail", "S3 object read and write events are not recorded"),
        ((trail(selectors=(basic("All", "arn:aws:s3:::one/"),)),), "fail", "records arn:aws:s3:::one/ only"),
        ((trail(selectors=(basic("All", "arn:aws:s3:::one/", "arn:aws:s3:::"),)),), "pass", ""),
        ((trail(selectors=(basic("WriteOnly", "arn:aws:s3"),)),), "fail", "S3 object read events are not recorded"),
        ((trail(selectors=(basic("WriteOnly", "arn:aws:s3"), basic("ReadOnly", "arn:aws:s3"))),), "pass", ""),
        ((trail(selectors=(basic("All", "arn:aws:s3"), basic())),), "pass", ""),
        ((trail(advanced=(MANAGEMENT, S3_OBJECTS)),), "pass", ""),
        ((trail(advanced=((*S3_OBJECTS, READS), (*S3_OBJECTS, WRITES))),), "pass", ""),
        ((trail(advanced=((*S3_OBJECTS, WRITES),)),), "fail", "S3 object read events"),
        ((trail("r", advanced=((*S3_OBJECTS, READS),)), trail("w", selectors=(basic("WriteOnly", "arn:aws:s3"),))),
         "pass", ""),
        ((trail(advanced=((*S3_OBJECTS, LOGS),)),), "pass", "leaving out arn:aws:s3:::trail-logs/"),
        ((trail(advanced=((*S3_OBJECTS, LOGS), S3_OBJECTS)),), "pass", "recorded, read and write"),
        ((trail(advanced=((*S3_OBJECTS, where("resources.ARN", not_equals=("arn:aws:s3:::b/x",))),)),), "pass", "b/x"),
        ((trail(advanced=((*S3_OBJECTS, where("resources.ARN", not_starts_with=("arn:aws:s3:::trail-logs",))),)),),
         "pass", "leaving out"),
        ((trail(advanced=((*S3_OBJECTS, where("resources.ARN", not_starts_with=("arn:aws:s3:::prod",))),)),),
         "undetermined", "every bucket whose name begins with prod"),
        ((trail(advanced=((*S3_OBJECTS, where("resources.ARN", not_starts_with=("arn:aws:s3:::",))),)),), "fail",
         "leaves every bucket out"),
        ((trail(advanced=((*S3_OBJECTS, where("resources.ARN", starts_with=("arn:aws:s3:::one/",))),)),), "fail",
         "narrowed by resources.ARN"),
        ((trail(advanced=((*S3_OBJECTS, where("resources.ARN", starts_with=("arn:aws:s3:::",))),)),), "pass", ""),
        ((trail(advanced=((*S3_OBJECTS, where("eventName", "GetObject")),)),), "fail", "narrowed by eventName"),
        ((trail(advanced=((where("eventCategory", "Data"), where("resources.type", "AWS::Lambda::Function")),)),),
         "fail", "read and write"),
        ((trail(multi_region=False, advanced=(S3_OBJECTS,)),), "fail", "no trail logs in every region"),
        ((trail(logging=False, advanced=(S3_OBJECTS,)),), "fail", "no trail logs in every region"),
        ((trail(logging=PENDING, advanced=(S3_OBJECTS,)),), "undetermined", "known only after apply"),
        ((trail(advanced=PENDING),), "undetermined", "known only after apply"),
        ((trail("a", advanced=PENDING), trail("b", advanced=(S3_OBJECTS,))), "pass", ""),
        ((trail(account=THEIRS, organization=True, advanced=(S3_OBJECTS,)),), "pass", ""),
        ((), "fail", "no trail records the account"),
    ],
)  # fmt: skip
def test_s3_events(trails, verdict: str, reason: str) -> None:
    row = of("trail-s3-data-events", *trails)
    assert row.verdict == verdict
    assert reason in row.reason


def test_what_one_selector_leaves_out_another_may_record() -> None:
    row = of("trail-s3-data-events", trail(advanced=((*S3_OBJECTS, LOGS), S3_OBJECTS)))
    assert row.reason == "S3 object events of all buckets are recorded, read and write"


def test_a_selector_may_be_missing_from_an_incomplete_source() -> None:
    assert of("trail-s3-data-events", trail(), incomplete="-target").verdict == "undetermined"
    assert of("trail-s3-data-events", trail(advanced=(S3_OBJECTS,)), incomplete="-target").verdict == "pass"


def test_a_prefix_that_is_a_log_bucket_of_the_spec_may_be_left_out() -> None:
    prefix = where("resources.ARN", not_starts_with=("arn:aws:s3:::flow-logs",))
    within = scope(US, asked=Requirements(excluded_buckets=("arn:aws:s3:::flow-logs",)))
    assert of("trail-s3-data-events", trail(advanced=((*S3_OBJECTS, prefix),)), within=within).verdict == "pass"


@pytest.mark.parametrize(("events", "read_only"), [("write", "false"), ("read", "true")])
def test_a_spec_may_ask_for_one_kind_of_s3_object_event(events: str, read_only: str) -> None:
    one = trail(advanced=((*S3_OBJECTS, where("readOnly", read_only)),))
    other = {"read": "write", "write": "read"}[events]
    asked, otherwise = (scope(US, asked=Requirements(s3_events=frozenset({kind}))) for kind in (events, other))
    row = of("trail-s3-data-events", one, within=asked)
    assert (row.verdict, row.reason) == ("pass", f"S3 object events of all buckets are recorded, {events}")
    row = of("trail-s3-data-events", one, within=otherwise)
    assert (row.verdict, row.reason) == ("fail", f"S3 object {other} events are not recorded for all buckets")
    assert of("trail-s3-data-events", one).verdict == "fail"


@pytest.mark.parametrize("control", OTHERS)
def test_without_a_trail_the_trail_is_the_cause(control) -> None:
    rows = {
        row.control: row
        for row in evaluate(estate(), None, scope(US), CATALOGUE, frozenset({"plan"}))
        if row.region is None
    }
    assert rows[control].cause == rows["trail-multi-region"].id


class TestReference:
    """A trail that another team owns."""

    ARN = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/platform"

    def declared(self, *resources: Resource, incomplete: str | None = None) -> dict[str, Row]:
        given: dict[str, str] = dict.fromkeys(("trail-multi-region", *OTHERS), f"{self.ARN}, owned by platform")
        within = scope(US, asked=Requirements(declared=given))
        return rows_of(within, *resources, incomplete=incomplete)

    def test_passes_unseen(self) -> None:
        for control, row in self.declared().items():
            assert (control, row.verdict.value) == (control, "pass")
            assert row.reason == f"declared, not seen: {self.ARN}, owned by platform"

    def test_passes_in_an_incomplete_source(self) -> None:
        assert {row.verdict.value for row in self.declared(incomplete="errored").values()} == {"pass"}

    def test_what_is_seen_of_it_outweighs_the_reference(self) -> None:
        rows = self.declared(trail(id=self.ARN, validation=False))
        assert rows["trail-validation"].verdict == "fail"
        assert rows["trail-encrypted"].reason == "the trail of every region is encrypted with a KMS key"

    def test_a_trail_called_like_its_owner_is_not_the_one(self) -> None:
        assert self.declared(trail("platform", id="platform", logging=False))["trail-multi-region"].verdict == "pass"

    def test_another_trail_that_does_is_better_evidence(self) -> None:
        assert self.declared(trail())["trail-multi-region"].evidence != ()

    def test_another_trail_that_does_not_is_no_fault(self) -> None:
        assert self.declared(trail(logging=False))["trail-multi-region"].verdict == "pass"


def rows_of(within: Scope, *resources: Resource, incomplete: str | None = None) -> dict[str, Row]:
    return {
        control: of(control, *resources, incomplete=incomplete, within=within)
        for control in ("trail-multi-region", *OTHERS)
    }


def test_every_account_is_asked() -> None:
    rows = judged("trail-multi-region", estate(trail()), scope(US, accounts=(OURS, THEIRS)))
    assert [(row.account, row.region, row.verdict.value) for row in rows] == [
        (OURS.id, None, "pass"),
        (THEIRS.id, None, "fail"),
    ]
    assert verdicts("trail-multi-region", estate(trail()), scope(EU, US)) == {None: "pass"}
