"""From a spec to what the templates need: every decision is taken here, and the templates only write it down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from guardline.generator import account_roles, leaving, package
from guardline.generator.assumed_absent import assumed_absent
from guardline.generator.existing import detector_imports, inventory
from guardline.generator.hcl import ACCOUNT_ID, Plain, hcl
from guardline.generator.module_usage import CALLS, Calls, uses
from guardline.generator.practices import PARTS
from guardline.generator.practices.security_hub import members as hub_members
from guardline.generator.practices.trail import bucket as trail_bucket
from guardline.generator.root import Duty, Part, Region, Root, label
from guardline.spec import catalogue
from guardline.spec.accounts import Covered, accounts, retiring, target_of
from guardline.spec.actions import actions, global_actions, kept_from_all, weakening
from guardline.spec.features import (
    FEATURES,
    LEGACY_RUNTIME,
    NOT_DECLARED,
    OF_A_DETECTOR_ALONE,
    ON_REQUEST,
    ON_REQUEST_FROM,
    ORGANIZATION_AGENTS,
)
from guardline.spec.guarded_calls import GUARDED
from guardline.spec.model import Spec
from guardline.spec.practices.organization import Target
from guardline.spec.regions import Assigned, assign
from guardline.spec.values import LOG_GROUP_DAYS

PROVIDER_VERSIONS = {5: ">= 5.100, < 6.0", 6: ">= 6.0, < 7.0"}


@dataclass(frozen=True)
class ProviderBlock:
    """One ``provider "aws"`` block."""

    arguments: dict[str, Plain]
    comment: str | None = None


def roots_of(spec: Spec, spec_path: Path, modules: Callable[[PurePosixPath], str]) -> Iterator[Root]:
    """The roots of a spec, before any practice has spoken: one, or under an organization one per account and duty.

    Args:
        spec: the spec.
        spec_path: its file; lists are read beside it.
        modules: a root's folder, seen from the spec's -> the modules' folder as its ``source`` arguments name it.

    Raises:
        ListError: the file of members cannot be read.
    """
    states = assign(spec)
    covered = tuple(_region(state.name, spec) for state in states if state.state == "covered")
    shared = spec.organization is not None and spec.organization.layout == "shared"
    for account in accounts(spec, spec_path):
        place, target = account_roles.folder(account), target_of(spec, account)
        root = Root(spec, spec_path, modules(place), account.id, states, covered, account.duty, place, account.name)
        if target is not None:
            root = _at(root, target)
        # What an account has already is adopted by code of its own.
        if shared and root.duty == "member" and inventory(root) is None:
            place = account_roles.MEMBER if target is None else PurePosixPath(f"{account_roles.MEMBER}-{target.name}")
            root = replace(root, folder=place, modules=modules(place), shared=True)
        yield root
        for duty in _further(spec, account):
            place = PurePosixPath(duty)
            yield Root(spec, spec_path, modules(place), account.id, states, covered, duty, place, account.name)
    kept = {each.id for each in spec.organization.retiring if each.mode == "destroy"} if spec.organization else set()
    for account in retiring(spec):
        if account.id in kept:
            place = account_roles.RETIRING if shared else account_roles.folder(account)
            root = Root(spec, spec_path, modules(place), account.id, states, covered, "retiring", place, account.name)
            yield replace(root, shared=shared)


def _further(spec: Spec, account: Covered) -> Iterator[Duty]:
    """What an account has roots for beside its own, because it waits for others or others for it."""
    if account.duty == "security":
        yield "organization"
        if hub_members.wanted(spec):
            yield "hub-members"
    if trail_bucket.keeper(spec) == account.id:
        yield "trail-bucket"


def _at(root: Root, target: Target) -> Root:
    """The root of an account that has not enabled some regions."""
    off, why = target.regions.not_opted_in, f"not enabled in these accounts (target {target.name})"
    states = (Assigned(each.name, "not-opted-in", why) if each.name in off else each for each in root.states)
    return replace(root, states=tuple(states), regions=tuple(each for each in root.regions if each.name not in off))


def folders_of(roots: Iterable[Root]) -> tuple[Root, ...]:
    """The roots by their folders: of those that share one a single root, whose account is the variable."""
    found = {root.folder: replace(root, account_id=ACCOUNT_ID) if root.shared else root for root in roots}
    return tuple(found.values())


def parts_of(root: Root) -> dict[str, Part]:
    """What each practice adds to a root, by the practice's name in the templates.

    Raises:
        ListError: a list cannot be read.
    """
    return {name: part(root) if root.duty in account_roles.PARTS[name] else Part() for name, part in PARTS.items()}


def root_context(root: Root) -> dict[str, Any]:
    """What the root's templates need.

    Raises:
        ListError: a list cannot be read.
    """
    spec = root.spec
    forget = {entry.region for entry in spec.regions.retiring if entry.mode == "forget"}
    on_request = spec.guardduty.features.on_request()
    if root.duty == "organization":
        on_request = {name: on for name, on in on_request.items() if name not in OF_A_DETECTOR_ALONE}
    features: dict[str, bool] = spec.guardduty.features.states() | on_request
    parts = parts_of(root)
    detector = root.duty in account_roles.DETECTOR
    region_arguments = {"region": "REGION", "partition": "local.partition", "account_id": "local.account_id"}
    if root.dns_suffix != "amazonaws.com":
        region_arguments["dns_suffix"] = hcl(root.dns_suffix)
    if detector:
        region_arguments |= {
            "features": _offered("each.value"),
            "runtime_agents": "local.runtime_agents",
            "finding_publishing_frequency": hcl(spec.guardduty.finding_publishing_frequency),
        }
        if spec.guardduty.disable_legacy_eks_runtime:
            region_arguments["disable_legacy_eks_runtime"] = "true"
    for part in parts.values():
        region_arguments |= part.region
    return {
        "root": root,
        "spec": spec,
        "spec_file": f"{root.way_up}{root.spec_path.name}",
        "detector": detector,
        "argument": root.argument,
        "source": Calls(root.modules),
        "provider_versions": PROVIDER_VERSIONS[6].replace("6.0", ON_REQUEST_FROM, 1)
        if on_request
        else PROVIDER_VERSIONS[spec.terraform.aws_provider],
        "dns_suffix": root.dns_suffix,
        "backend": _backend(root),
        "providers": _providers(spec, root),
        "assume_role": root.assume_role,
        "default_tags": dict(sorted(spec.terraform.provider.default_tags.items())),
        "left_out": _left_out(root),
        "regions": root.regions,
        "width": max(len(hcl(region.name)) for region in root.regions),
        "unavailable": {region.name: list(region.unavailable) for region in root.regions},
        "forgotten": [_region(name, spec) for name in sorted(forget)],
        "required_version": _required_version(
            root, forgets=bool(forget or spec.leaving or (parts["hub_members"].values and spec.regions.retiring))
        ),
        "features": features,
        "runtime_agents": spec.guardduty.features.agents(),
        "not_offered": {name: [r.name for r in root.regions if name in r.unavailable] for name in features},
        "left_on": [name for name, on in NOT_DECLARED.items() if on and name not in on_request],
        "left_off": [name for name, on in NOT_DECLARED.items() if not on and name not in on_request],
        "region_arguments": region_arguments,
        "waits_for": _waits_for(root, parts["hub_members"]),
        "own_features": {
            region.name: _own_features(region) if detector or root.duty == "organization" else {}
            for region in root.regions
        },
        "uses": uses(spec, region_arguments),
        "outputs": {name: output for part in parts.values() for name, output in part.outputs.items()},
        "assumed": [*(line for part in parts.values() for line in part.assumed), *leaving.said(root)],
        "absent": assumed_absent(root, parts.values()),
        "removals": leaving.removals(root),
        "moves": _moves(root, parts.values()) if spec.terraform.moved_from_alias else [],
        "renames": [rename for part in parts.values() for rename in part.renames],
        "imports": [
            *(detector_imports(root) if detector else ()),
            *(each for part in parts.values() for each in part.imports),
        ],
        **{name: part.values for name, part in parts.items()},
    }


def _waits_for(root: Root, hub_members: Part) -> list[str]:
    """The roots that must be applied before this one, seen from its folder; what these wait for goes without saying."""
    if hub_members.values is not None:
        return list(hub_members.values["roots"])
    before = {"management": ["security"], "organization": ["management"], "member": ["organization"]}
    if trail_bucket.keeper(root.spec) is not None:
        before["management"].append("trail-bucket")
    return [f"{root.way_up}{folder}" for folder in before.get(root.duty, ())]


def _left_out(root: Root) -> dict[str, list[str]]:
    """Why regions are not covered -> their names; what is about to change comes first."""
    found: dict[str, list[str]] = {}
    for state in sorted(
        root.states, key=lambda each: ("retiring", "excluded", "not-opted-in", "covered").index(each.state)
    ):
        if state.state != "covered":
            reason = f": {state.reason}" if state.reason and state.state != "retiring" else ""
            why = state.reason if state.state == "retiring" and state.reason else f"{state.state}{reason}"
            found.setdefault(why, []).append(state.name)
    return found


def _offered(unavailable: str) -> str:
    """The protection plans but for those of a list, which is an expression."""
    return f"{{ for name, enabled in local.features : name => enabled if !contains({unavailable}, name) }}"


def _own_features(region: Region) -> dict[str, str]:
    """The argument `features` of a region that has a module call of its own."""
    return {"features": _offered(hcl(list(region.unavailable))) if region.unavailable else "local.features"}


def _moves(root: Root, parts: Iterable[Part]) -> list[tuple[str, str]]:
    """From addresses of the alias style to those of the argument style."""
    regional = root.regions if root.regional else ()
    moved = [(f"module.{region.label}", f"module.region[{hcl(region.name)}]") for region in regional]
    return [*moved, *(move for part in parts for move in part.moves)]


def top_context(roots: Sequence[Root]) -> dict[str, Any]:
    """What the templates beside the roots of an organization need."""
    spec = roots[0].spec
    waves = [found for duty in account_roles.WAVES if (found := [root for root in roots if root.duty == duty])]
    before = account_roles.WAVES[: account_roles.WAVES.index("member")]
    folders = {str(root.folder): root for wave in waves for root in wave if root.duty != "retiring"}
    return {
        "spec": spec,
        "spec_file": roots[0].spec_path.name,
        "roots": [root for wave in waves for root in wave],
        "waves": waves,
        "single": [folder for folder, root in folders.items() if root.duty in before],
        "later": [folder for folder, root in folders.items() if root.duty not in before and not root.shared],
        "shared": [folder for folder, root in folders.items() if root.shared],
        "judged": list(folders),
        "folders": [
            "members/*" if wave[0].duty == "member" else wave[0].folder for wave in waves if wave[0].duty != "retiring"
        ],
    }


def module_context(aws_provider: int, style: str, used: frozenset[str]) -> dict[str, Any]:
    """What the modules' templates need: the region style, and what is used of them; never a value of a spec."""
    return {
        "uses": used,
        "called": [call for argument, call in CALLS.items() if argument in used],
        "argument": style == "argument",
        "provider_versions": PROVIDER_VERSIONS[aws_provider],
        "agents": FEATURES[-1].agents,
        "organization_agents": list(ORGANIZATION_AGENTS),
        "legacy_runtime": LEGACY_RUNTIME,
        "feature_names": [plan.name for plan in FEATURES],
        "feature_names_on_request": list(ON_REQUEST) if aws_provider == 6 else [],
        "of_a_detector_alone": list(OF_A_DETECTOR_ALONE),
        "actions": actions(),
        "response_actions": list(package.actions()),
        "log_group_days": list(LOG_GROUP_DAYS),
        "weaken": weakening(),
        "guarded": GUARDED,
        "scp_actions": sorted({*kept_from_all(), *_iam(kind=False)}),
        "scp_named_actions": _iam(kind=True),
        "scp_role_actions": _iam(kind=True, role=True),
        "global_actions": global_actions(),
    }


def _iam(*, kind: bool, role: bool = False) -> list[str]:
    """The IAM actions of guarded calls: on what has a name that says whose it is, or on anything; on roles alone.

    A trail has such a name in its ARN, though not in the parameters of every call. A key has none, and is left to its
    own policy and to the alarm. Who manages the organization is not bound by its policies.
    """
    found: set[str] = set()
    for calls in GUARDED:
        named = calls.kind is not None or calls.service == "cloudtrail"
        if calls.service in ("kms", "organizations") or named is not kind or (calls.kind == "role") is not role:
            continue
        found.update(calls.iam())
    return sorted(found)


def _region(name: str, spec: Spec) -> Region:
    known = catalogue.region(name)
    missing = [plan.name for plan in FEATURES if known is not None and known.offers(plan.name) is False]
    opt_in = known is not None and not known.default_enabled
    return Region(name, label(name), name == spec.home_region, tuple(missing), opt_in)


def _required_version(root: Root, *, forgets: bool) -> str:
    """The spec's constraint, tightened to what is written: `removed` blocks and S3 lock files came later than 1.6."""
    locks = root.use_lockfile is not None
    newest = ">= 1.10" if locks else ">= 1.7" if forgets else None
    asked = root.spec.terraform.required_version.strip()
    return f"{asked}, {newest}" if newest is not None else asked


def _backend(root: Root) -> dict[str, Any] | None:
    """The S3 backend's arguments; the key of a shared root is given where it is initialised."""
    backend = root.spec.terraform.backend
    if backend is None:
        return None
    given = backend.s3.model_dump() | {
        "key": None if root.shared else root.state_key,
        "use_lockfile": root.use_lockfile,
    }
    return {name: value for name, value in given.items() if value is not None}


def _providers(spec: Spec, root: Root) -> list[ProviderBlock]:
    """The provider of the home region, and in alias style one more per covered or retiring region."""
    names = [
        state.name for state in root.states if state.state in {"covered", "retiring"} and state.name != spec.home_region
    ]
    blocks = [_provider(root, spec.home_region, None, None)]
    for name in [] if root.argument else names:
        comment = f"{name} is retiring" if any(s.name == name and s.state == "retiring" for s in root.states) else None
        blocks.append(_provider(root, name, label(name), comment))
    return blocks


def _provider(root: Root, region: str, alias: str | None, comment: str | None) -> ProviderBlock:
    spec = root.spec
    known = catalogue.region(region)
    arguments: dict[str, Plain] = {}
    if alias is not None:
        arguments["alias"] = alias
    arguments["region"] = region
    if spec.terraform.provider.profile is not None:
        arguments["profile"] = spec.terraform.provider.profile
    arguments["allowed_account_ids"] = list(root.allowed_account_ids)
    if spec.terraform.aws_provider == 5 and known is not None and known.skip_region_validation:
        arguments["skip_region_validation"] = True
        comment = comment or f"AWS provider 5.100 does not know {region}"
    return ProviderBlock(arguments, comment)
