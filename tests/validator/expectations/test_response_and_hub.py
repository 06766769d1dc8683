"""What the spec's response, security_hub and config blocks ask of the controls."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardline.spec.load import load
from guardline.validator.expectations.practices import asked_by
from guardline.validator.expectations.scope import NotAsked, Requirements

BASE = "version: 1\nname: here\nhome_region: eu-west-1\naccount: {id: '111122223333'}\nregions: {not_opted_in: rest}\n"
WHO = "alerts: {email: [a@example.com]}"
ALERT, RESPONDS, RECORDER = "finding-alert", "finding-response", "config-recorder"
HUB, AGGREGATION, INTEGRATIONS = "security-hub-enabled", "security-hub-aggregation", "security-hub-integrations"
CONTROLS = {ALERT, RESPONDS, RECORDER, HUB, AGGREGATION, INTEGRATIONS}


def asked(tmp_path: Path, block: str) -> tuple[Requirements, tuple[NotAsked, ...]]:
    spec = tmp_path / "guardline.yaml"
    spec.write_text(f"{BASE}{block}\n", encoding="utf-8")
    return asked_by(load(spec), spec)


@pytest.mark.parametrize(
    ("block", "wanted", "off", "declared"),
    [
        ("", set(), set(), set()),
        (f"response: {{{WHO}}}", {ALERT}, set(), set()),
        (f"response: {{{WHO}, remediate: {{}}}}", {ALERT, RESPONDS}, set(), set()),
        ("response: {mode: reference, owner: x}", {ALERT, RESPONDS}, set(), {ALERT, RESPONDS}),
        ("response: {mode: 'off', reason: x}", set(), {ALERT, RESPONDS}, set()),
        ("config: {}", {RECORDER}, set(), set()),
        ("config: {mode: reference, owner: x}", {RECORDER}, set(), {RECORDER}),
        ("config: {mode: 'off', reason: x}", set(), {RECORDER}, set()),
        ("security_hub: {standards: []}", {HUB, AGGREGATION}, set(), set()),
        ("security_hub: {standards: [], aggregate: false}", {HUB}, {AGGREGATION}, set()),
        ("security_hub: {standards: [], integrations: [macie]}", {HUB, AGGREGATION, INTEGRATIONS}, set(), set()),
        ("security_hub: {mode: reference, owner: x}", {HUB, AGGREGATION}, set(), {HUB, AGGREGATION}),
        ("security_hub: {mode: 'off', reason: x}", set(), {HUB, AGGREGATION, INTEGRATIONS}, set()),
    ],
)
def test_what_is_asked(tmp_path: Path, block: str, wanted: set[str], off: set[str], declared: set[str]) -> None:
    found, _ = asked(tmp_path, block)
    asked_for = (set(found.wanted & CONTROLS), found.off.keys() & CONTROLS, found.declared.keys() & CONTROLS)
    assert asked_for == (wanted, off, declared)


def test_the_products_that_are_to_come_in(tmp_path: Path) -> None:
    found, _ = asked(tmp_path, "security_hub: {standards: [], integrations: [macie, firewall-manager]}")
    assert found.integrations == {"product/aws/macie", "product/aws/firewall-manager"}


def test_what_is_not_asked_is_said(tmp_path: Path) -> None:
    _, nothing = asked(tmp_path, "")
    said = {(each.practice, each.reason) for each in nothing}
    assert (7, "alerts and responses to findings: the spec has no `response`") in said
    assert (8, "Security Hub: the spec has no `security_hub`") in said
    assert (8, "AWS Config: the spec has no `config`") in said
    _, some = asked(tmp_path, f"response: {{{WHO}}}\nconfig: {{mode: 'off', reason: it is Control Tower's}}")
    assert NotAsked(7, "a function that answers findings: the spec has no `response.remediate`") in some
    assert NotAsked(8, "AWS Config: it is Control Tower's") in some
