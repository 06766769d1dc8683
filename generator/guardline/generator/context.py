"""From a spec to what the templates need: every decision is taken here, and the templates only write it down."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guardline.generator.hcl import Plain, hcl
from guardline.spec import catalogue
from guardline.spec.features import FEATURES, NOT_IN_TERRAFORM
from guardline.spec.lists import entries, read
from guardline.spec.model import Spec
from guardline.spec.regions import Assigned, assign

DNS_SUFFIXES = {"aws-cn": "amazonaws.com.cn", "aws-eusc": "amazonaws.eu"}
"""The partitions whose endpoints are not under amazonaws.com."""

PROVIDER_VERSIONS = {5: ">= 5.100, < 6.0", 6: ">= 6.0, < 7.0"}

STYLES = {5: "alias", 6: "argument"}
"""How each major version of the AWS provider reaches a region."""


@dataclass(frozen=True)
class Region:
    """A covered region.

    Attributes:
        name: e.g. ``eu-west-1``.
        label: its name as a Terraform identifier, e.g. ``eu_west_1``.
        home: whether it is the home region.
        unavailable: protection plans that it is known not to offer.
    """

    name: str
    label: str
    home: bool
    unavailable: tuple[str, ...]


@dataclass(frozen=True)
class ProviderBlock:
    """One ``provider "aws"`` block."""

    arguments: dict[str, Plain]
    comment: str | None = None


def label(region: str) -> str:
    """A region's name as a Terraform identifier."""
    return region.replace("-", "_")


def bucket_name(spec: Spec, given: str | None, purpose: str) -> str:
    """The name of a bucket: as given, else made of the environment, the purpose and the account, which is unique.

    The environment's name is cut where S3's 63 characters would not hold it all.
    """
    tail = f"-{purpose}-{spec.account.id}"
    return given or f"{spec.name.lower()[: 63 - len(tail)].strip('-')}{tail}"


def root_context(spec: Spec, spec_path: Path, modules: str) -> dict[str, Any]:
    """What the root's templates need.

    Args:
        spec: the spec.
        spec_path: its file; the trusted list is read beside it.
        modules: the modules' folder as the root's ``source`` arguments name it.
    """
    states = assign(spec)
    covered = [_region(state.name, spec) for state in states if state.state == "covered"]
    forget = {entry.region for entry in spec.regions.retiring if entry.mode == "forget"}
    argument = spec.terraform.aws_provider == 6
    features: dict[str, bool] = spec.guardduty.features.states()
    flow_bucket = bucket_name(spec, spec.flow_logs.bucket, "flow-logs")
    assume = spec.terraform.provider.assume_role
    backend = spec.terraform.backend
    return {
        "spec": spec,
        "spec_file": spec_path.name,
        "argument": argument,
        "modules": modules,
        "provider_versions": PROVIDER_VERSIONS[spec.terraform.aws_provider],
        "dns_suffix": DNS_SUFFIXES.get(spec.partition, "amazonaws.com"),
        "backend": _given(backend.s3.model_dump()) if backend is not None else None,
        "providers": _providers(spec, states),
        "assume_role": _given(assume.model_dump()) if assume is not None else None,
        "default_tags": dict(sorted(spec.terraform.provider.default_tags.items())),
        "states": states,
        "regions": covered,
        "width": max(len(hcl(region.name)) for region in covered),
        "unavailable": {region.name: list(region.unavailable) for region in covered},
        "forgotten": [_region(name, spec) for name in sorted(forget)],
        "required_version": _required_version(spec, forgets=bool(forget)),
        "features": features,
        "runtime_agents": spec.guardduty.features.agents(),
        "not_offered": {name: [r.name for r in covered if name in r.unavailable] for name in features},
        "not_in_terraform": NOT_IN_TERRAFORM,
        "flow_logs": {"bucket": flow_bucket, "arn": f"arn:{spec.partition}:s3:::{flow_bucket}"}
        if spec.flow_logs.mode == "create"
        else None,
        "trail": {"name": spec.name, "bucket": bucket_name(spec, spec.trail.bucket, "trail")}
        if spec.trail.mode == "create"
        else None,
        "trusted_ips": _trusted(spec, spec_path),
    }


def module_context(aws_provider: int) -> dict[str, Any]:
    """What the modules' templates need: they depend on the region style alone, never on a spec."""
    return {
        "argument": aws_provider == 6,
        "provider_versions": PROVIDER_VERSIONS[aws_provider],
        "agents": FEATURES[-1].agents,
        "feature_names": [plan.name for plan in FEATURES],
    }


def _region(name: str, spec: Spec) -> Region:
    known = catalogue.region(name)
    missing = [plan.name for plan in FEATURES if known is not None and known.offers(plan.name) is False]
    return Region(name, label(name), name == spec.home_region, tuple(missing))


def _required_version(spec: Spec, *, forgets: bool) -> str:
    """The spec's constraint, tightened to what is written: `removed` blocks and S3 lock files came later than 1.6."""
    backend = spec.terraform.backend
    locks = backend is not None and backend.s3.use_lockfile is not None
    newest = ">= 1.10" if locks else ">= 1.7" if forgets else None
    asked = spec.terraform.required_version.strip()
    return f"{asked}, {newest}" if newest is not None else asked


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _trusted(spec: Spec, spec_path: Path) -> dict[str, Any] | None:
    if spec.trusted_ips is None:
        return None
    text = read(spec_path.parent, spec.trusted_ips.file)
    return {
        "name": f"{spec.name}-trusted",
        "bucket": bucket_name(spec, spec.trusted_ips.bucket, "ip-lists"),
        "entries": entries(text),
    }


def _providers(spec: Spec, states: tuple[Assigned, ...]) -> list[ProviderBlock]:
    """The provider of the home region, and in alias style one more per covered or retiring region."""
    alone = spec.terraform.aws_provider == 6
    names = [
        state.name for state in states if state.state in {"covered", "retiring"} and state.name != spec.home_region
    ]
    blocks = [_provider(spec, spec.home_region, None, None)]
    for name in [] if alone else names:
        comment = f"{name} is retiring" if any(s.name == name and s.state == "retiring" for s in states) else None
        blocks.append(_provider(spec, name, label(name), comment))
    return blocks


def _provider(spec: Spec, region: str, alias: str | None, comment: str | None) -> ProviderBlock:
    known = catalogue.region(region)
    arguments: dict[str, Plain] = {}
    if alias is not None:
        arguments["alias"] = alias
    arguments["region"] = region
    if spec.terraform.provider.profile is not None:
        arguments["profile"] = spec.terraform.provider.profile
    arguments["allowed_account_ids"] = list(spec.allowed_account_ids)
    if spec.terraform.aws_provider == 5 and known is not None and known.skip_region_validation:
        arguments["skip_region_validation"] = True
        comment = comment or f"AWS provider 5.100 does not know {region}"
    return ProviderBlock(arguments, comment)
