"""One thing broken in a whole baseline: exactly the cells of that thing change, and no other.

For each mutation the expected cells are declared, so a control that misses its fault, or reports another's, fails here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from guardline.validator.controls import CATALOGUE
from guardline.validator.evaluate import evaluate
from guardline.validator.expectations.scope import Requirements
from guardline.validator.model.cloudtrail import Trail
from guardline.validator.model.ec2 import FlowLog, VpcInventory
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector, IpList
from guardline.validator.model.resource import Resource
from guardline.validator.model.value import known
from tests.support import mutants_access as access
from tests.support import mutants_events as events
from tests.support import mutants_exports as exports
from tests.support.estates import (
    AP,
    EU,
    FEATURES,
    MANAGEMENT,
    S3_OBJECTS,
    US,
    detector,
    estate,
    features,
    flow_log,
    inventory,
    ip_list,
    scope,
    trail,
)

REGIONS = (AP, EU, US)
WITHIN = replace(
    scope(
        *REGIONS,
        asked=Requirements(trusted_ips=("198.51.100.7", "203.0.113.0/24"), publishing_frequency="FIFTEEN_MINUTES"),
    ),
    as_of=date(2026, 11, 25),
)
BASELINE = estate(
    *(
        resource
        for region in REGIONS
        for resource in (
            detector(region, features=features(*FEATURES)),
            inventory(f"vpc-{region}", region=region),
            flow_log(f"vpc-{region}", region, region=region),
            ip_list(region),
        )
    ),
    trail(advanced=(MANAGEMENT, S3_OBJECTS)),
    *exports.resources(*REGIONS),
    *events.resources(*REGIONS),
)
PLANS = ("s3-protection", "eks-audit-logs", "ebs-malware-protection", "rds-login-events", "lambda-network-logs",
         "runtime-monitoring")  # fmt: skip
ON_THE_DETECTOR = (*PLANS, "feature-pinned", "finding-publishing-frequency", "trusted-ip-list",
                   "findings-export", "threat-ip-list", "security-hub-enabled")  # fmt: skip
TRAIL = ("trail-multi-region", "trail-validation", "trail-encrypted", "trail-bucket-protected", "trail-s3-data-events")
ACCOUNT_WIDE = (*TRAIL, "security-hub-aggregation")
Change = Callable[[Resource], Resource | None]


def in_us(kind: type[Resource], change: Change) -> Change:
    """Change the things of a kind in us-east-1."""
    return lambda resource: (
        change(resource) if isinstance(resource, kind) and resource.location.region.get() == US else resource
    )


def gone(_thing: Resource) -> None:
    """Take it away."""


def without(feature: str, enabled: bool | None) -> Change:
    """Set a feature's state on the detector, or with None leave it undeclared."""

    def change(resource: Resource) -> Resource:
        assert isinstance(resource, Detector)
        left = {name: given for name, given in resource.features.items() if name != feature}
        return replace(resource, features=left if enabled is None else {**left, **features(feature, enabled=enabled)})

    return in_us(Detector, change)


def with_(kind: type[Resource], **changes: object) -> Change:
    """Replace fields of the things of a kind in us-east-1."""
    given: dict[str, Any] = {name: known(each) for name, each in changes.items()}
    return in_us(kind, lambda resource: replace(resource, **given))


MUTATIONS: Sequence[tuple[str, Change, AbstractSet[str]]] = [
    ("no detector", in_us(Detector, gone), {"detector-enabled", *ON_THE_DETECTOR, "region-consistency"}),
    ("suspended", with_(Detector, enabled=False), {"detector-enabled", *ON_THE_DETECTOR, "region-consistency"}),
    ("six hours", with_(Detector, publishing_frequency="SIX_HOURS"), {"finding-publishing-frequency"}),
    *((f"{name} off", without(name, enabled=False), {control, "region-consistency"})
      for name, control in zip(FEATURES, PLANS, strict=True)),
    *((f"{name} undeclared", without(name, enabled=None), {"feature-pinned", "region-consistency"})
      for name in FEATURES[:-1]),
    ("runtime undeclared", without(FEATURES[-1], enabled=None),
     {"runtime-monitoring", "feature-pinned", "region-consistency"}),
    ("no flow log", in_us(FlowLog, gone), {"vpc-flow-logs", "region-consistency"}),
    ("rejects only", with_(FlowLog, traffic="REJECT"), {"vpc-flow-logs"}),
    ("no listing", in_us(VpcInventory, gone),
     {"vpc-inventory", "vpc-flow-logs", "dns-query-logs", "dns-resolver", "region-consistency"}),
    ("no list", in_us(IpList, gone), {"trusted-ip-list", "threat-ip-list", "region-consistency"}),
    ("inactive list", with_(IpList, active=False), {"trusted-ip-list", "threat-ip-list", "region-consistency"}),
    ("other list", with_(IpList, content="198.51.100.7"), {"trusted-ip-list", "threat-ip-list"}),
    ("no trail", in_us(Trail, gone), set(TRAIL)),
    ("trail stopped", with_(Trail, logging=False), set(TRAIL)),
    ("trail of one region", with_(Trail, multi_region=False), set(TRAIL)),
    ("no validation", with_(Trail, validation=False), {"trail-validation"}),
    ("no key", with_(Trail, encrypted=False), {"trail-encrypted"}),
    ("no object events", with_(Trail, advanced=(MANAGEMENT,)), {"trail-s3-data-events"}),
    ("no management events", with_(Trail, advanced=(S3_OBJECTS,)),
     set(TRAIL) - {"trail-s3-data-events"}),
    *exports.MUTATIONS,
    *events.MUTATIONS,
]  # fmt: skip


def bad(found: Estate) -> set[tuple[str, str | None]]:
    """Control and region of each cell that does not pass."""
    rows = evaluate(found, None, WITHIN, CATALOGUE, frozenset({"plan"}))
    return {(row.control, row.region) for row in rows if row.verdict != "pass"}


def test_the_baseline_passes_every_cell() -> None:
    rows = evaluate(BASELINE, None, WITHIN, CATALOGUE, frozenset({"plan"}))
    assert len(rows) == 6 + 25 * len(REGIONS)
    assert {row.verdict for row in rows} == {"pass"}


@pytest.mark.parametrize(("change", "expected"), [each[1:] for each in MUTATIONS], ids=[each[0] for each in MUTATIONS])
def test_a_mutation(change: Change, expected: set[str]) -> None:
    changed = (change(resource) for resource in BASELINE.resources)
    found = estate(*(resource for resource in changed if resource is not None))
    assert bad(found) == {(control, None if control in ACCOUNT_WIDE else US) for control in expected}


# Asked under a spec alone: the tables beside each weaken the source that is generated from it (`support.weakened`).
UNDER_A_SPEC = {
    "flow-logs-settings", "flow-logs-kept", "new-vpc-alert", "dns-logs-settings", "dns-logs-kept",
    "other-resolvers-denied", "trail-settings", "trail-kept", "public-buckets-blocked", "plans-on-request",
    "findings-kept", "response-acts", "alerts-protected", "alerts-watched", "tamper-queries",
    "security-hub-standards", "config-kept",
}  # fmt: skip


def test_every_control_is_caught_by_some_mutation() -> None:
    caught = {control for _, _, expected in MUTATIONS for control in expected}
    needs_a_before = {"coverage-kept"}
    in_plans = {control.id for control in CATALOGUE if "plan" in control.sources}
    assert caught | access.CAUGHT | needs_a_before | UNDER_A_SPEC == in_plans
    assert not caught & UNDER_A_SPEC
