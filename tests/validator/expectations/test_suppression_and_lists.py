"""What a spec's export, IP lists and suppression rules ask of the controls."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardline.spec.load import load
from guardline.validator.expectations.practices import asked_by
from guardline.validator.expectations.scope import NotAsked, Requirements

SPEC = """\
version: 1
name: prod
home_region: eu-west-1
account: {id: "111122223333"}
regions: {not_opted_in: rest}
"""
RULE = "match: {type: [Recon:EC2/Portscan], resource.instanceDetails.tags.value: [scanner]}"


def asking(folder: Path, more: str) -> tuple[Requirements, tuple[NotAsked, ...]]:
    path = folder / "guardline.yaml"
    path.write_text(SPEC + more, encoding="utf-8")
    (folder / "ips.txt").write_text("203.0.113.0/28\n198.51.100.7  # ours\n", encoding="utf-8")
    return asked_by(load(path), path)


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    asked, not_asked = asking(tmp_path, "")
    assert {each.reason for each in not_asked} >= {
        "export of findings: the spec has no `guardduty.export`",
        "suppression rules: the spec has no `suppression`",
        "trusted IP list: the spec has no `trusted_ips`",
        "threat lists: the spec has no `threat_ips`",
    }
    assert not asked.wanted & {"findings-export", "threat-ip-list", "filter-ranks"}
    assert (asked.threat_ips, asked.trusted_ips, asked.filters) == (None, None, ())


@pytest.mark.parametrize(
    ("export", "wanted", "off", "declared"),
    [
        ("{}", True, None, None),
        ("{mode: off, reason: no need}", False, "no need", None),
        ("{mode: reference, arn: 'arn:aws:s3:::theirs', owner: SOC}", True, None, "arn:aws:s3:::theirs, owned by SOC"),
    ],
)
def test_the_export(tmp_path: Path, export: str, wanted: bool, off: str | None, declared: str | None) -> None:
    asked, _ = asking(tmp_path, f"guardduty: {{export: {export}}}\n")
    assert ("findings-export" in asked.wanted) is wanted
    assert asked.off.get("findings-export") == off
    assert asked.declared.get("findings-export") == declared


def test_lists_and_rules(tmp_path: Path) -> None:
    more = (
        "threat_ips: [{name: feed, file: ips.txt}]\n"
        f"suppression:\n  - {{name: second, reason: why, until: 2099-12-31, {RULE}}}\n"
        f"  - {{name: first, reason: why, until: 2099-12-31, {RULE}}}\n"
    )
    asked, _ = asking(tmp_path, more)
    assert asked.threat_ips == frozenset({("198.51.100.7", "203.0.113.0/28")})
    assert asked.filters == ("prod-second", "prod-first")
    assert asked.wanted >= {"threat-ip-list", "suppression-scoped", "suppression-documented", "filter-ranks"}


def test_texts_of_a_rule_are_in_the_form_that_terraform_sends(tmp_path: Path) -> None:
    apart, joined = "cafe\u0301", "caf\u00e9"
    rule = f"suppression: [{{name: coffee, reason: tests, until: 2099-01-01, {RULE.replace('scanner', apart)}}}]\n"
    asked, _ = asking(tmp_path, rule)
    (found,) = asked.rules.values()
    assert found.criteria["resource.instanceDetails.tags.value"] == {"equals": (joined,)}
