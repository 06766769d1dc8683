"""What the blocks of flow logs, DNS query logs and the trail ask of the controls."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from guardline.spec.load import load
from guardline.validator.expectations.practices import asked_by
from guardline.validator.expectations.scope import NotAsked, Requirements

SPEC = 'version: 1\nname: logs\nhome_region: eu-west-1\naccount: {id: "111122223333"}\nregions: {not_opted_in: rest}\n'
Asks = Callable[[str], tuple[Requirements, tuple[NotAsked, ...]]]
DNS = {"dns-query-logs", "dns-resolver"}
TRAIL = {"trail-multi-region", "trail-validation", "trail-encrypted", "trail-bucket-protected", "trail-s3-data-events"}


@pytest.fixture
def asks(tmp_path: Path) -> Asks:
    def ask(block: str) -> tuple[Requirements, tuple[NotAsked, ...]]:
        path = tmp_path / "guardline.yaml"
        path.write_text(SPEC + block, encoding="utf-8")
        return asked_by(load(path), path)

    return ask


def said(left_out: tuple[NotAsked, ...], about: str) -> list[str]:
    return [each.reason for each in left_out if each.reason.startswith(about)]


def test_without_a_block_dns_query_logs_are_not_asked_and_the_report_says_so(asks: Asks) -> None:
    asked, left_out = asks("")
    assert not DNS & asked.wanted
    assert said(left_out, "DNS") == ["DNS query logs: the spec has no `dns_logs`"]
    assert not DNS & set(asked.off)  # where they appear in the source, they are judged all the same


def test_dns_query_logs_that_are_made_are_asked_whatever_the_source_holds(asks: Asks) -> None:
    asked, left_out = asks("dns_logs: {}\n")
    assert asked.wanted >= DNS
    assert said(left_out, "DNS") == []


def test_dns_query_logs_of_another_team_pass_on_what_is_declared(asks: Asks) -> None:
    asked, _ = asks('dns_logs: {mode: reference, arn: "arn:aws:s3:::archive", owner: network team}\n')
    assert {asked.declared[control] for control in DNS} == {"arn:aws:s3:::archive, owned by network team"}


def test_dns_query_logs_that_are_off_are_never_asked(asks: Asks) -> None:
    asked, left_out = asks("dns_logs: {mode: off, reason: no budget}\n")
    assert {asked.off[control] for control in DNS} == {"no budget"}
    assert said(left_out, "DNS") == ["DNS query logs: no budget"]


def test_the_whole_trail_is_off_or_declared(asks: Asks) -> None:
    assert set(asks("trail: {mode: off, reason: no budget}\n")[0].off) >= TRAIL
    arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/theirs"
    assert set(asks(f'trail: {{mode: reference, arn: "{arn}", owner: platform}}\n')[0].declared) >= TRAIL


@pytest.mark.parametrize(
    ("events", "wanted", "missing"),
    [
        ("all", {"read", "write"}, []),
        ("read", {"read"}, ["S3 object write events: trail.s3_data_events is read"]),
        ("write", {"write"}, ["S3 object read events: trail.s3_data_events is write"]),
    ],
)
def test_fewer_s3_object_events_are_asked_and_the_report_says_so(
    asks: Asks, events: str, wanted: set[str], missing: list[str]
) -> None:
    asked, left_out = asks(f"trail: {{s3_data_events: {events}}}\n")
    assert asked.s3_events == wanted
    assert said(left_out, "S3 object") == missing
    assert "trail-s3-data-events" not in asked.off


def test_no_s3_object_events_are_asked_at_all(asks: Asks) -> None:
    asked, left_out = asks("trail: {s3_data_events: none}\n")
    assert "trail-s3-data-events" in asked.off
    assert len(said(left_out, "S3 object")) == 2


def test_buckets_left_out_are_known_by_their_arns(asks: Asks) -> None:
    assert asks("trail: {excluded_buckets: [some-logs]}\n")[0].excluded_buckets == ("arn:aws:s3:::some-logs",)


def test_a_log_archive_is_declared_and_the_rest_is_still_asked(asks: Asks) -> None:
    asked, _ = asks("trail: {log_archive: {bucket: archive, owner: log team}}\n")
    assert set(asked.declared) & TRAIL == {"trail-bucket-protected"}
    assert asked.declared["trail-bucket-protected"] == "bucket archive, owned by log team"


def test_without_a_trail_none_is_asked_to_record_changes(asks: Asks) -> None:
    no_trail = 'trail: {mode: "off", reason: no budget, approved_by: Jo}\n'
    asked, left_out = asks(no_trail + "tamper: {alarm: false, queries: false}\n")
    assert asked.off["tamper-trail"] == "no budget"
    assert asked.waivers["tamper-trail"].approver == "Jo"
    assert "tamper-trail" not in asked.wanted
    assert said(left_out, "trail of changes") == ["trail of changes: no budget"]
    with_trail, _ = asks("trail: {}\ntamper: {alarm: false, queries: false}\n")
    assert "tamper-trail" in with_trail.wanted
    assert "tamper-trail" not in with_trail.off
