"""The spec's `security_hub` and `config` blocks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from guardline.spec import catalogue
from guardline.spec.load import load
from guardline.spec.practices.security_hub.hub import SERVICES, STANDARDS

from ..conftest import MINIMAL

Mistakes = Callable[[str], list[tuple[int, int, str]]]
Write = Callable[[str], Path]

RECORDED = MINIMAL + "config: {}\n"
# Each case: what stands before, the block, and words of the one mistake.
ONE = [
    (MINIMAL, "security_hub: {}", "needs `config`"),
    (RECORDED, "security_hub: {standards: [cis]}", "cis-aws-foundations-benchmark-5.0.0"),
    (RECORDED, "security_hub: {standards: [nist-800-53, nist-800-53]}", "nist-800-53 is there twice"),
    (RECORDED, "security_hub: {integrations: [macie, macie]}", "macie is there twice"),
    (RECORDED, "security_hub: {integrations: [guardduty]}", "firewall-manager"),
    (RECORDED, "security_hub: {aggregate: all}", "true or false"),
    (RECORDED, "security_hub: {findings_per: region}", "standard"),
    (RECORDED, "security_hub: {mode: reference}", "mode reference needs `owner`"),
    (RECORDED, "security_hub: {mode: 'off'}", "mode off needs `reason`"),
    (RECORDED, "security_hub: {mode: 'off', reason: x, aggregate: true}", "`aggregate` belongs to mode create"),
    (MINIMAL, "config: {recorder_name: 'my recorder'}", "letters, digits"),
    (MINIMAL, "config: {bucket: Config}", "bucket name"),
    (MINIMAL, "config: {retention_days: 0}", "1"),
    (MINIMAL, "config: {frequency: hourly}", "daily"),
    (MINIMAL, "config: {service_linked_role: own}", "exists"),
    (MINIMAL, "config: {mode: 'off'}", "mode off needs `reason`"),
    (MINIMAL, "config: {mode: reference}", "mode reference needs `owner`"),
    (MINIMAL, "config: {mode: 'off', reason: x, bucket: some-bucket}", "`bucket` belongs to mode create"),
    (MINIMAL + "flow_logs: {bucket: some-bucket}\n", "config: {bucket: some-bucket}", "each needs its own"),
]


@pytest.mark.parametrize(("before", "block", "words"), ONE, ids=[block[:60] for _, block, _ in ONE])
def test_a_mistake_is_said_where_it_is(mistakes: Mistakes, before: str, block: str, words: str) -> None:
    found = mistakes(f"{before}{block}\n")
    assert {entry[0] for entry in found} == {before.count("\n") + 1}, found
    assert len(found) == 1, found
    assert words in found[0][2], found


def test_what_the_partition_does_not_offer_is_refused(mistakes: Mistakes) -> None:
    china = (
        "version: 1\nname: here\npartition: aws-cn\nhome_region: cn-north-1\naccount: {id: '111122223333'}\n"
        "config: {}\nsecurity_hub: {integrations: [inspector, macie]}\n"
    )
    ((line, _, words),) = mistakes(china)
    assert (line, "no region of aws-cn offers macie" in words) == (7, True)


@pytest.mark.parametrize(
    "block",
    [
        "security_hub: {}",
        f"security_hub: {{standards: [{', '.join(STANDARDS)}], integrations: [{', '.join(SERVICES)}]}}",
        "security_hub: {aggregate: false, findings_per: standard}",
        "security_hub: {mode: reference, owner: the platform team}",
        "security_hub: {mode: 'off', reason: another tool}",
    ],
)
def test_what_is_accepted(write: Write, block: str) -> None:
    assert load(write(f"{RECORDED}{block}\n")).security_hub is not None


def test_without_standards_no_recorder_is_needed(write: Write) -> None:
    assert load(write(f"{MINIMAL}security_hub: {{standards: []}}\n")).config is None


@pytest.mark.parametrize(
    "block",
    [
        "{frequency: daily, retention_days: 90, bucket: here-config, recorder_name: default}",
        "{service_linked_role: exists}",
        "{mode: reference, owner: Control Tower}",
        "{mode: 'off', reason: recorder owned by Control Tower}",
    ],
)
def test_config_is_accepted(write: Write, block: str) -> None:
    assert load(write(f"{MINIMAL}config: {block}\n")).config is not None


def test_every_integration_is_a_service_of_the_catalogue() -> None:
    known = catalogue.regions("aws")
    for service in SERVICES.values():
        assert any(region.services.get(service) for region in known), service
