"""Root causes: a fault is read once, and no cell is lost in the folding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from guardline.validator.control import Severity, Status
from guardline.validator.model.resource import Origin
from guardline.validator.report import Row
from guardline.validator.reporters.causes import Cause, causes
from tests.support.realistic_report import CONTROLS, DEFAULT_REGIONS, row, sample

FAIL, UNSURE, WAIVED, PASS = Status.FAIL, Status.UNDETERMINED, Status.WAIVED, Status.PASS


def lacking(region: str, **fields: object) -> Row:
    return row("detector-enabled", FAIL, f"no detector in {region}", region=region, **fields)


def ids(*found: Cause) -> list[str]:
    return [each.id for cause in found for each in (*cause.rows, *cause.dependants)]


def test_what_hangs_on_a_fault_is_told_with_it() -> None:
    lost = lacking("eu-west-3")
    s3 = row("s3-protection", FAIL, "no detector", region="eu-west-3", cause=lost.id)
    deeper = row("region-consistency", UNSURE, "not told", region="eu-west-3", cause=s3.id)
    (cause,) = causes([deeper, s3, lost], FAIL)
    assert (cause.rows, cause.dependants) == ((lost,), (deeper, s3))
    assert causes([deeper, s3, lost], UNSURE) == ()


def test_a_fail_never_hides_under_what_does_not_fail() -> None:
    unsure = row("detector-enabled", UNSURE, "not told", region="eu-west-3")
    s3 = row("s3-protection", FAIL, "S3 is off", region="eu-west-3", cause=unsure.id)
    assert ids(*causes([unsure, s3], FAIL)) == [s3.id]
    assert ids(*causes([unsure, s3], UNSURE)) == [unsure.id]
    passed = replace(unsure, verdict=PASS)
    assert ids(*causes([passed, s3], FAIL)) == [s3.id]


def test_a_cause_that_is_no_row_leaves_the_row_standing_for_itself() -> None:
    s3 = row("s3-protection", FAIL, "S3 is off", region="eu-west-3", cause="f" * 16)
    assert ids(*causes([s3], FAIL)) == [s3.id]


def test_rows_that_blame_each_other_are_still_told() -> None:
    one, two = lacking("eu-west-1"), lacking("eu-west-2")
    rows = [replace(one, cause=two.id), replace(two, cause=one.id)]
    assert sorted(ids(*causes(rows, FAIL))) == sorted([one.id, two.id])


def test_the_same_fault_in_many_regions_is_one_cause() -> None:
    module = {name: Origin(f"module.{name.replace('-', '_')}.aws_x.y", "region.tf", 7) for name in DEFAULT_REGIONS}
    (cause,) = causes([lacking(name, evidence=(module[name],)) for name in DEFAULT_REGIONS], FAIL)
    assert cause.regions == DEFAULT_REGIONS
    assert cause.reason == "no detector in 17 regions"
    (site,) = cause.sites
    assert (site.where, site.what) == ("region.tf:7", "module.ap_northeast_1.aws_x.y and 16 more")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"reason": "two detectors in eu-west-2"}, "another fault"),
        ({"fix": "Do something else."}, "another remedy"),
        ({"regression": True}, "covered before"),
        ({"control": "s3-protection"}, "another control"),
    ],
)
def test_what_differs_is_another_cause(fields: dict[str, object], why: str) -> None:
    other = replace(lacking("eu-west-2"), **fields)
    assert len(causes([lacking("eu-west-1"), other], FAIL)) == 2, why


def test_names_of_many_resources_do_not_part_one_fault() -> None:
    rows = [
        row("vpc-flow-logs", FAIL, f"no flow log on {name}", region="eu-west-1", subject=name)
        for name in ("aws_vpc.a", "aws_vpc.a2", "aws_vpc.b")
    ]
    (cause,) = causes(rows, FAIL)
    assert cause.reason == "no flow log on aws_vpc.a (and 2 more like it)"


def test_unknowns_are_one_cause_where_the_reason_is_whichever_the_control() -> None:
    rows = [row(name, UNSURE, "the plan was made with -target", region="eu-west-1") for name in list(CONTROLS)[:3]]
    (cause,) = causes(rows, UNSURE)
    assert len(cause.controls) == 3
    assert cause.severity is Severity.CRITICAL, "the gravest of them decides"


def test_the_gravest_comes_first_and_what_was_covered_before_its_equals() -> None:
    found = causes(
        [
            row("trail-encrypted", FAIL, "no key"),
            row("s3-protection", FAIL, "off", region="eu-west-1"),
            row("s3-protection", FAIL, "gone", region="eu-west-2", regression=True),
            lacking("eu-west-3"),
        ],
        FAIL,
    )
    assert [cause.rows[0].reason for cause in found] == ["no detector in eu-west-3", "gone", "off", "no key"]


def test_a_mild_fault_with_a_grave_dependant_is_grave() -> None:
    mild = row("trail-encrypted", FAIL, "no key")
    (cause,) = causes([mild, row("trail-multi-region", FAIL, "no trail", cause=mild.id)], FAIL)
    assert cause.severity is Severity.CRITICAL


def test_where_nothing_was_seen_there_is_no_place_to_look() -> None:
    (cause,) = causes([lacking("eu-west-1")], FAIL)
    assert cause.sites == ()


def test_the_sample_loses_no_cell() -> None:
    rows = sample().rows
    for verdict in (FAIL, UNSURE):
        wanted = [each.id for each in rows if each.verdict is verdict]
        assert sorted(ids(*causes(rows, verdict))) == sorted(wanted)


@st.composite
def tangled(draw: st.DrawFn) -> list[Row]:
    """Rows of any verdict that blame any other, or nobody."""
    rows = [
        row(control, PASS, "so it is", region=region)
        for region in DEFAULT_REGIONS[:3]
        for control in ("detector-enabled", "s3-protection", "trusted-ip-list")
    ]
    verdicts = st.sampled_from([FAIL, UNSURE, WAIVED, PASS])
    blamed = st.none() | st.sampled_from([each.id for each in rows])
    reasons = st.sampled_from(["no detector", "off", "not told"])
    return [replace(each, verdict=draw(verdicts), cause=draw(blamed), reason=draw(reasons)) for each in rows]


@given(tangled())
def test_every_cell_that_does_not_pass_is_told_exactly_once(rows: list[Row]) -> None:
    told = ids(*causes(rows, FAIL), *causes(rows, UNSURE), *causes(rows, WAIVED))
    assert sorted(told) == sorted(each.id for each in rows if each.verdict is not PASS)
    fails = ids(*causes(rows, FAIL))
    assert {each.id for each in rows if each.verdict is FAIL} <= set(fails)


def elsewhere(control: str, what: str, region: str | None = None) -> Row:
    said = f"{what}; not in this source, which works in eu-west-1 alone: say who owns it"
    return row(control, UNSURE, said, region=region, evidence=(Origin("aws_x.y", "main.tf", 1),))


def test_what_may_be_in_another_root_is_one_entry_after_what_is_here() -> None:
    regions = [elsewhere("detector-enabled", f"no detector in {name}", name) for name in ("us-east-1", "us-east-2")]
    here = row("vpc-inventory", UNSURE, "the filter is known only after apply", region="eu-west-1")
    first, last = causes([*regions, elsewhere("trail-multi-region", "no trail records the account"), here], UNSURE)
    assert first.rows == (here,)
    assert last.reason == "not in this source: no detector in 2 regions; no trail records the account"
    assert [offer.split("`")[1] for offer in last.offers] == [
        "--regions touched",
        "--reference trail=ARN",
        "guardline init",
        "--whole",
    ]
    assert first.offers == ()
    assert last.sites == ()
    assert len(last.rows) == 3


def test_one_module_that_was_not_read_is_one_entry_whatever_it_hides() -> None:
    said = "module.baseline (git::https://example.com/b.git) is not at hand: run terraform get"
    module, detector = Origin("module.baseline", "main.tf", 7), Origin("aws_guardduty_detector.this", "main.tf", 3)
    rows = [
        row("vpc-inventory", UNSURE, said, region="eu-west-1", evidence=(module,)),
        row("s3-protection", UNSURE, f"not declared, but {said}", region="eu-west-1", evidence=(detector,)),
    ]
    (cause,) = causes(rows, UNSURE)
    assert len(cause.rows) == 2
    other = row("trail-encrypted", UNSURE, said.replace("baseline", "trail"))
    assert len(causes([*rows, other], UNSURE)) == 2


def test_what_hangs_on_a_waived_fault_is_one_entry_with_the_remedy_of_that_fault() -> None:
    trail = row("trail-multi-region", WAIVED, "the trail records one region", underlying=FAIL)
    hanging = [row(name, FAIL, f"no trail for {name}", cause=trail.id) for name in ("trail-encrypted", "s3-protection")]
    (cause,) = causes([trail, *hanging], FAIL)
    assert (len(cause.rows), cause.fix) == (2, trail.fix)
    alone = replace(hanging[0], cause=None)
    assert len(causes([trail, alone, hanging[1]], FAIL)) == 2


def test_a_reason_of_a_region_speaks_of_all_of_them() -> None:
    rows = [row("s3-protection", FAIL, f"findings of {name} reach nobody", region=name) for name in DEFAULT_REGIONS[:2]]
    assert causes(rows, FAIL)[0].reason == "findings of 2 regions reach nobody"


def test_one_reason_that_names_another_region_is_one_entry() -> None:
    """All regions are made by one module, and a reason may show the first one's address."""
    said = 'module.region["ap-east-1"].aws_flow_log.this: its for_each is unknown'
    rows = [row("region-consistency", UNSURE, said, region=name) for name in ("ap-east-1", "eu-west-1", "us-east-1")]
    (cause,) = causes(rows, UNSURE)
    assert len(cause.rows) == 3
    other = row("region-consistency", UNSURE, "the listing is unknown", region="eu-west-2")
    assert len(causes([*rows, other], UNSURE)) == 2


def barred(control: str, topic: str, region: str | None = None) -> Row:
    where = (Origin(f"{topic}_policy", "alerts.tf", 9), Origin(topic, "alerts.tf", 3))
    said = f"no alert: the policy of {topic} does not let events.amazonaws.com publish"
    return row(control, FAIL, said, region=region, evidence=where, fix=f"Let it in, in the policy of {topic}.")


def test_what_one_change_to_a_named_resource_mends_is_one_entry_whichever_the_control() -> None:
    """One topic bars findings and alarms; two topics that do are two faults."""
    regions = DEFAULT_REGIONS[:2]
    findings = [barred("s3-protection", "aws_sns_topic.a", name) for name in regions]
    milder = barred("trail-encrypted", "aws_sns_topic.a")
    needs_it = row("trusted-ip-list", FAIL, "nobody learns of it", region=regions[0], cause=milder.id)
    (cause,) = causes([milder, *findings, needs_it], FAIL)
    assert cause.rows == tuple(findings), "the gravest stand for it"
    assert cause.dependants == (milder, needs_it)
    other = barred("trail-encrypted", "aws_sns_topic.b")
    assert [each.rows for each in causes([other, *findings], FAIL)] == [tuple(findings), (other,)]


def test_a_remedy_that_names_nothing_makes_no_two_controls_one_entry() -> None:
    rows = [
        row(name, FAIL, "off", region="eu-west-1", fix="Turn it on.") for name in ("s3-protection", "trail-encrypted")
    ]
    assert len(causes(rows, FAIL)) == 2
