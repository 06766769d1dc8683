"""What suppression rules would archive: counted as a plain reading of AWS counts, and refused where it is much."""

from __future__ import annotations

import json
from datetime import date
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from guardline.cli import app
from guardline.localaws import LocalAws
from guardline.spec.catalogue import regions
from guardline.spec.exported_findings import Exported
from guardline.spec.practices.suppression import Suppression
from guardline.validator.suppression_preview import preview
from tests.support.clients import client

REMOTE = "service.action.networkConnectionAction.remoteIpDetails.ipAddressV4"
TAG = "resource.instanceDetails.tags.value"
PORTSCAN, SPAMBOT = "Recon:EC2/Portscan", "Backdoor:EC2/Spambot"


def found(kind: str = PORTSCAN, severity: float = 5, **more: Any) -> dict[str, Any]:
    return {
        "id": more.pop("id", "f1"),
        "type": kind,
        "severity": severity,
        "updatedAt": more.pop("updated", "2026-01-02T00:00:00.000Z"),
        "resource": {"resourceType": "Instance", "instanceDetails": {"tags": [
            {"key": "Name", "value": value} for value in more.pop("tags", ["scanner"])]}},
        "service": {"action": {"networkConnectionAction": {
            "remoteIpDetails": {"ipAddressV4": more.pop("address", "198.51.100.7")}}}, **more},
    }  # fmt: skip


def rule(name: str = "scanner", **match: Any) -> Suppression:
    given_match = {"type": [PORTSCAN], TAG: ["scanner"], **match}
    return Suppression(name=name, reason="approved", until=date(2099, 1, 1), match=given_match)


def guardduty(*details: dict[str, Any]) -> list[Exported]:
    return [Exported(detail, "guardduty") for detail in details]


def test_a_rule_counts_what_it_would_archive() -> None:
    (one,) = preview(
        [rule()],
        guardduty(
            found(),
            found(severity=3, updated="2026-01-01T00:00:00.000Z"),
            found(tags=["other"]),
            found(SPAMBOT),
        ),
    )
    assert (one.count, one.types, one.severities) == (2, {PORTSCAN: 2}, {"medium": 1, "low": 1})
    assert (one.highest, one.oldest, one.newest) == (5, "2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z")
    assert one.too_much == ()


@pytest.mark.parametrize(("severity", "refused"), [(6.9, False), (7, True), (9.5, True)])
def test_severe_findings_are_not_hidden_unseen(severity: float, refused: bool) -> None:
    (one,) = preview([rule()], guardduty(found(severity=severity)))
    assert bool(one.too_much) is refused


@pytest.mark.parametrize(("uid", "refused"), [("f1", True), ("a/b/f1", True), ("f2", False)])
def test_parts_of_an_attack_sequence_are_not_hidden_unseen(uid: str, refused: bool) -> None:
    sequence = {"signals": [{"type": "FINDING", "uid": uid}, {"type": "CLOUD_TRAIL", "uid": "f1"}]}
    attack = found("AttackSequence:EC2/CompromisedInstanceGroup", 9, id="s", detection={"sequence": sequence})
    (one,) = preview([rule()], guardduty(found(), attack))
    assert one.of_sequences == int(refused)
    assert bool(one.too_much) is refused


def test_a_field_that_a_format_leaves_out_leaves_it_open() -> None:
    asff = Exported({"type": PORTSCAN, "severity": 5.0, "id": "x"}, "asff")
    other = Exported({"type": SPAMBOT, "severity": 5.0, "id": "y"}, "asff")
    (one,) = preview([rule()], [asff, other])
    assert (one.count, one.undetermined) == (0, 1)
    (one,) = preview([rule()], guardduty(dict(asff.detail)))
    assert (one.count, one.undetermined) == (0, 0)


# --- an oracle that reads AWS's rules as they stand there, with none of the product's code -------------------------


def oracle_values(detail: dict[str, Any], path: str) -> list[Any]:
    if path == TAG:
        return [tag["value"] for tag in detail["resource"]["instanceDetails"]["tags"]]
    if path == REMOTE:
        return [detail["service"]["action"]["networkConnectionAction"]["remoteIpDetails"]["ipAddressV4"]]
    return [detail[path]]


def oracle_is(value: Any, wanted: str) -> bool:
    if isinstance(value, int | float):
        try:
            return float(wanted) == value
        except ValueError:
            return False
    if "/" in wanted and value.count(".") == 3 and ":" not in value:
        return ip_address(value) in ip_network(wanted)
    return bool(value == wanted)


def oracle(match: dict[str, dict[str, Any]], detail: dict[str, Any]) -> bool:
    for path, test in match.items():
        values = oracle_values(detail, path)
        if test.get("equals") and not any(oracle_is(v, w) for v in values for w in test["equals"]):
            return False
        if any(oracle_is(v, w) for v in values for w in test.get("not_equals", [])):
            return False
        if "less_than" in test and not any(v < float(test["less_than"]) for v in values):
            return False
        if "greater_than_or_equal" in test and not any(v >= float(test["greater_than_or_equal"]) for v in values):
            return False
    return True


ADDRESSES = st.sampled_from(["198.51.100.7", "198.51.100.8", "203.0.113.1"])
NUMBERS = st.integers(1, 9)
SOME = {
    "type": st.sampled_from([PORTSCAN, SPAMBOT]),
    TAG: st.sampled_from(["scanner", "web", "db"]),
    REMOTE: st.one_of(ADDRESSES, st.sampled_from(["198.51.100.0/24", "203.0.113.0/28", "198.51.100.8/32"])),
}


@st.composite
def matches(draw: Any) -> dict[str, dict[str, Any]]:
    match: dict[str, dict[str, Any]] = {}
    for path, values in SOME.items():
        name = draw(st.sampled_from(["equals", "not_equals", None]))
        if name is not None:
            match[path] = {name: draw(st.lists(values, min_size=1, max_size=2))}
    bound = draw(st.sampled_from(["less_than", "greater_than_or_equal", "equals", None]))
    if bound is not None:
        number = draw(NUMBERS)
        match["severity"] = {bound: [str(number)] if bound == "equals" else number}
    return match or {"type": {"equals": [PORTSCAN]}}


FINDINGS = st.builds(
    lambda kind, severity, tags, address: found(kind, severity, tags=tags, address=address),
    SOME["type"], st.one_of(NUMBERS, st.sampled_from([4.5, 6.9])), st.lists(SOME[TAG], max_size=2), ADDRESSES,
)  # fmt: skip


@given(matches(), st.lists(FINDINGS, min_size=1, max_size=6))
@settings(max_examples=300, deadline=None)
def test_the_preview_agrees_with_a_plain_reading(
    match: dict[str, dict[str, Any]], details: list[dict[str, Any]]
) -> None:
    named = Suppression.model_validate({"name": "any", "reason": "x", "until": "2099-01-01", "match": match})
    (one,) = preview([named], guardduty(*details))
    assert one.count == sum(oracle(match, detail) for detail in details), match


# --- the command -----------------------------------------------------------------------------------------------------

SPEC = """\
version: 1
name: small
home_region: eu-west-1
regions: {not_opted_in: rest}
account: {id: "111122223333"}
suppression:
  - name: scanner
    reason: approved scanner
    until: 2099-12-31
    match: {type: [Recon:EC2/Portscan], resource.instanceDetails.tags.value: [scanner]}
"""


def run(tmp_path: Path, findings: Any, *options: str) -> tuple[int, str]:
    spec, file = tmp_path / "guardline.yaml", tmp_path / "findings.json"
    spec.write_text(SPEC, encoding="utf-8")
    file.write_text(json.dumps(findings), encoding="utf-8")
    result = CliRunner().invoke(app, ["suppression", "preview", str(file), "--spec", str(spec), *options])
    return result.exit_code, result.output


def test_the_command_says_what_would_be_hidden_and_what_archiving_costs(tmp_path: Path) -> None:
    code, text = run(tmp_path, {"Findings": [found(), found(SPAMBOT)]})
    assert code == 0
    assert "scanner: archives 1 of 2 findings" in text
    assert "kept for 90 days" in text
    assert "no attack sequence" in text


def test_the_command_refuses_until_it_is_confirmed(tmp_path: Path) -> None:
    code, text = run(tmp_path, [found(severity=8)])
    assert (code, "refused: it would hide a finding of severity 8" in text) == (1, True)
    assert run(tmp_path, [found(severity=8)], "--confirm", "scanner")[0] == 0
    assert run(tmp_path, [found(severity=8)], "--confirm", "scaner")[0] == 2


def test_what_cannot_be_determined_is_said(tmp_path: Path) -> None:
    asff = {"ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/guardduty", "Id": "a/b",
            "Types": ["TTPs/Discovery/Recon:EC2-Portscan"], "Severity": {"Product": 5}}  # fmt: skip
    code, text = run(tmp_path, {"Findings": [asff]})
    assert (code, "cannot be determined for 1" in text) == (3, True)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    assert run(tmp_path, {"x": 1})[0] == 2


def test_what_the_account_has_now_is_read(aws: LocalAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in aws.environment("eu-west-1").items():
        monkeypatch.setenv(name, value)
    spec = tmp_path / "guardline.yaml"
    excuse = "reason: x, approved_by: y, until: 2999-01-01"
    others = [r.name for r in regions("aws") if r.default_enabled and r.name not in ("eu-west-1", "us-east-1")]
    left = ", ".join(f"{{region: {name}, {excuse}}}" for name in others)
    text = SPEC.replace("not_opted_in: rest", f"not_opted_in: rest, exclude: [{left}]")
    text = text.replace("tags.value: [scanner]", "instanceId: [i-99999999]")
    spec.write_text(text, encoding="utf-8")
    live = ["suppression", "preview", "--live", "--spec", str(spec)]
    made = {"eu-west-1": [[PORTSCAN] * 40, [PORTSCAN] * 20], "us-east-1": [[PORTSCAN, SPAMBOT]]}
    for region, lists in made.items():
        guardduty = client(aws, "guardduty", region)
        detector = guardduty.create_detector(Enable=True)["DetectorId"]
        for kinds in lists:
            guardduty.create_sample_findings(DetectorId=detector, FindingTypes=kinds)
    result = CliRunner().invoke(app, live)
    assert (result.exit_code, "scanner: archives 61 of 62 findings" in result.output) == (0, True), result.output
    assert CliRunner().invoke(app, live[:2] + live[3:]).exit_code == 2
    assert CliRunner().invoke(app, [*live, str(spec)]).exit_code == 2
