"""The region catalogue: every AWS region known, with what it offers. Read on first use.

Two files hold it. ``data/regions.json`` is botocore's knowledge and is rewritten by `guardline regions --refresh`.
``data/region_facts.json`` is kept by hand from AWS's pages, each fact with its source; no command writes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from guardline.spec.features import FEATURES, LEGACY_RUNTIME

DATA = Path(__file__).parent / "data"
REGIONS = DATA / "regions.json"
FACTS = DATA / "region_facts.json"

# An agent, and the legacy plan, are offered where Runtime Monitoring is.
_RUNTIME = "RUNTIME_MONITORING"
_PLAN_OF = {agent: plan.name for plan in FEATURES for agent in plan.agents} | {LEGACY_RUNTIME: _RUNTIME}


class Region(msgspec.Struct, frozen=True):
    """One region.

    Attributes:
        name: e.g. ``eu-west-1``.
        title: e.g. ``Europe (Ireland)``.
        partition: ``aws``, ``aws-us-gov``, ...
        default_enabled: False for the regions that an account must opt into.
        services: endpoint prefix -> True (has an endpoint), False (botocore lists the region, without that service)
            or None (botocore says nothing about the region's services).
        features: GuardDuty feature -> True (offered), False (documented as missing) or None (not documented).
        skip_region_validation: AWS provider 5.100.0 refuses the name unless `skip_region_validation = true`.
    """

    name: str
    title: str
    partition: str
    default_enabled: bool
    services: Mapping[str, bool | None]
    features: Mapping[str, bool | None]
    skip_region_validation: bool

    def offers(self, feature: str) -> bool | None:
        """Whether the feature (or Runtime Monitoring agent) exists here; None is unknown, which is not absent."""
        return self.features.get(_PLAN_OF.get(feature, feature))


@cache
def _all() -> Mapping[str, Region]:
    known: dict[str, Any] = json.loads(REGIONS.read_text(encoding="utf-8"))
    facts: dict[str, Any] = json.loads(FACTS.read_text(encoding="utf-8"))
    return {
        name: Region(
            name=name,
            title=entry["title"],
            partition=entry["partition"],
            default_enabled=_default_enabled(name, entry["partition"], facts),
            services=entry["services"],
            features=_features(name, entry["services"].get("guardduty"), facts),
            skip_region_validation=name not in facts["provider_5"]["accepts"],
        )
        for name, entry in sorted(known["regions"].items())
    }


def _default_enabled(name: str, partition: str, facts: Mapping[str, Any]) -> bool:
    """Only partition aws has opt-in regions; every region it gained after 2019-03-20 is one."""
    return partition not in facts["opt_in"]["default_enabled"] or name in facts["opt_in"]["default_enabled"][partition]


def _features(name: str, guardduty: bool | None, facts: Mapping[str, Any]) -> Mapping[str, bool | None]:
    """Nothing without GuardDuty; in a documented region everything but the exceptions; elsewhere unknown."""
    if guardduty is False:
        return {plan.name: False for plan in FEATURES}
    offered: bool | None = True if name in facts["features"]["documented"] else None
    exceptions = {
        exception["feature"]: exception["offered"]
        for exception in facts["features"]["exceptions"]
        if name in exception["regions"]
    }
    return {plan.name: exceptions.get(plan.name, offered) for plan in FEATURES}


def region(name: str) -> Region | None:
    """The region of that name in any partition, or None."""
    return _all().get(name)


def regions(partition: str) -> tuple[Region, ...]:
    """Every region of the partition, sorted by name; empty for an unknown partition."""
    return tuple(entry for entry in _all().values() if entry.partition == partition)


def partitions() -> tuple[str, ...]:
    """Every partition known, sorted, e.g. ``("aws", "aws-cn", ...)``."""
    return tuple(sorted({entry.partition for entry in _all().values()}))
