"""From a spec to what the templates need: every decision is taken here, and the templates only write it down."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guardline.generator.hcl import Plain, hcl
from guardline.generator.practices import PRACTICES
from guardline.generator.root import Region, Root, label
from guardline.spec import catalogue
from guardline.spec.features import FEATURES, NOT_IN_TERRAFORM
from guardline.spec.model import Spec
from guardline.spec.regions import assign

PROVIDER_VERSIONS = {5: ">= 5.100, < 6.0", 6: ">= 6.0, < 7.0"}

STYLES = {5: "alias", 6: "argument"}
"""How each major version of the AWS provider reaches a region."""


@dataclass(frozen=True)
class ProviderBlock:
    """One ``provider "aws"`` block."""

    arguments: dict[str, Plain]
    comment: str | None = None


def root_of(spec: Spec, spec_path: Path, modules: str) -> Root:
    """The root of a spec's account, before any practice has spoken.

    Args:
        spec: the spec.
        spec_path: its file; lists are read beside it.
        modules: the modules' folder as the root's ``source`` arguments name it.
    """
    states = assign(spec)
    covered = tuple(_region(state.name, spec) for state in states if state.state == "covered")
    return Root(spec, spec_path, modules, spec.account.id, states, covered)


def root_context(root: Root) -> dict[str, Any]:
    """What the root's templates need.

    Raises:
        ListError: a list cannot be read.
    """
    spec = root.spec
    forget = {entry.region for entry in spec.regions.retiring if entry.mode == "forget"}
    features: dict[str, bool] = spec.guardduty.features.states()
    assume = spec.terraform.provider.assume_role
    backend = spec.terraform.backend
    parts = {name: part(root) for name, part in PRACTICES.items()}
    region_arguments = {
        "runtime_agents": "local.runtime_agents",
        "finding_publishing_frequency": hcl(spec.guardduty.finding_publishing_frequency),
    }
    for part in parts.values():
        region_arguments |= part.region
    return {
        "root": root,
        "spec": spec,
        "spec_file": root.spec_path.name,
        "argument": root.argument,
        "modules": root.modules,
        "provider_versions": PROVIDER_VERSIONS[spec.terraform.aws_provider],
        "dns_suffix": root.dns_suffix,
        "backend": _given(backend.s3.model_dump()) if backend is not None else None,
        "providers": _providers(spec, root),
        "assume_role": _given(assume.model_dump()) if assume is not None else None,
        "default_tags": dict(sorted(spec.terraform.provider.default_tags.items())),
        "states": root.states,
        "regions": root.regions,
        "width": max(len(hcl(region.name)) for region in root.regions),
        "unavailable": {region.name: list(region.unavailable) for region in root.regions},
        "forgotten": [_region(name, spec) for name in sorted(forget)],
        "required_version": _required_version(spec, forgets=bool(forget)),
        "features": features,
        "runtime_agents": spec.guardduty.features.agents(),
        "not_offered": {name: [r.name for r in root.regions if name in r.unavailable] for name in features},
        "not_in_terraform": NOT_IN_TERRAFORM,
        "region_arguments": region_arguments,
        "outputs": {name: output for part in parts.values() for name, output in part.outputs.items()},
        "assumed": [line for part in parts.values() for line in part.assumed],
        **{name: part.values for name, part in parts.items()},
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
    opt_in = known is not None and not known.default_enabled
    return Region(name, label(name), name == spec.home_region, tuple(missing), opt_in)


def _required_version(spec: Spec, *, forgets: bool) -> str:
    """The spec's constraint, tightened to what is written: `removed` blocks and S3 lock files came later than 1.6."""
    backend = spec.terraform.backend
    locks = backend is not None and backend.s3.use_lockfile is not None
    newest = ">= 1.10" if locks else ">= 1.7" if forgets else None
    asked = spec.terraform.required_version.strip()
    return f"{asked}, {newest}" if newest is not None else asked


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _providers(spec: Spec, root: Root) -> list[ProviderBlock]:
    """The provider of the home region, and in alias style one more per covered or retiring region."""
    alone = spec.terraform.aws_provider == 6
    names = [
        state.name for state in root.states if state.state in {"covered", "retiring"} and state.name != spec.home_region
    ]
    blocks = [_provider(spec, spec.home_region, None, None)]
    for name in [] if alone else names:
        comment = f"{name} is retiring" if any(s.name == name and s.state == "retiring" for s in root.states) else None
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
