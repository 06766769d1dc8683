"""A baseline's access, organization and watch over GuardDuty itself, and which cells change when one of them breaks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from msgspec.structs import replace

from guardline.validator.controls.tamper.tamper_prevention import CORE
from guardline.validator.expectations.scope import RegionState, Scope, ScopeRegion
from guardline.validator.model.cloudtrail import Trail
from guardline.validator.model.events import EventRule, EventTarget
from guardline.validator.model.guardduty import Detector
from guardline.validator.model.iam import Identity, IdentityPolicy
from guardline.validator.model.organizations import (
    AutoEnable,
    AutoEnableFeature,
    DelegatedAdministrator,
    Organization,
    PolicyTarget,
    ServiceControlPolicy,
)
from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.sns import Subscription, Topic
from guardline.validator.model.value import Value, known, unknown
from tests.support.estates import AP, EU, FEATURES, MANAGEMENT, OURS, THEIRS, US, detector, features, trail, where
from tests.support.estates_access import (
    MACHINE,
    administrator,
    auto_enable,
    auto_feature,
    document,
    organization,
    policy,
    role,
    scp,
    statement,
    target,
)
from tests.support.estates_tamper import CALLS, alarm, pattern, records_pattern, rule
from tests.support.estates_tamper import target as rule_target

Change = Callable[[Resource], Resource | None]
Cells = set[tuple[str, str | None, str | None]]
REGIONS = (AP, EU, US)
LEFT_OUT = "sa-east-1"
WITHIN = Scope(
    "aws",
    (OURS,),
    (*(ScopeRegion(name, RegionState.EXPECTED) for name in REGIONS), ScopeRegion(LEFT_OUT, RegionState.EXCLUDED)),
    "guardline.yaml",
)
LOST: Value[Any] = unknown("known only after apply")
READ = document(statement("guardduty:Get*", "guardduty:List*"))
TRIAGE = document(statement("guardduty:Get*", "guardduty:ArchiveFindings"))
ALL = document(statement("guardduty:*"))
PARTS = {"reader": READ, "responder": TRIAGE, "administrator": ALL}


def regional(*regions: str) -> str:
    """A policy that denies all but global services outside some regions."""
    outside = {"StringNotEquals": {"aws:RequestedRegion": list(regions)}}
    return document(statement(effect="Deny", Action=None, NotAction=["iam:*", "sts:*"], Condition=outside))


def resources() -> Iterator[Resource]:
    """All of it, in three regions of one account, under service control policies of another."""
    for region in REGIONS:
        yield detector(region, features=features(*FEATURES))
        yield from alarm(region)
        yield rule(region, "records", takes=records_pattern())
        yield rule_target(region, "records")
        yield administrator(region, by=THEIRS)
        yield auto_enable(region)
        yield from (auto_feature(name, region) for name in FEATURES)
    yield trail()
    for name, text in PARTS.items():
        yield role(name)
        yield policy(text, name, holder=f"aws_iam_role.{name}")
    yield organization(THEIRS.id)
    yield scp(document(statement(*CORE, effect="Deny")), "tamper")
    yield scp(regional(*REGIONS), "regions")
    yield target("aws_organizations_policy.tamper", "r-1", "tamper")
    yield target("aws_organizations_policy.regions", "r-1", "regions")


def _on(kind: type[Resource], change: Change, name: str = "") -> Change:
    """Change the things of a kind in us-east-1, or of no region, whose address holds a name."""

    def changed(resource: Resource) -> Resource | None:
        is_it = (
            isinstance(resource, kind)
            and resource.location.region.get() in (US, None)
            and name in resource.origin.address
        )
        return change(resource) if is_it else resource

    return changed


def _with(kind: type[Resource], name: str = "", /, **changes: object) -> Change:
    given: dict[str, Any] = {key: each if isinstance(each, Value) else known(each) for key, each in changes.items()}
    return _on(kind, lambda resource: replace(resource, **given), name)


def _gone(_thing: Resource) -> None:
    """Take it away."""


def _moved(kind: type[Resource]) -> Change:
    """Plan it for another region."""
    return _on(kind, lambda resource: replace(resource, location=replace(resource.location, region=known(EU))))


def _cells(control: str, *regions: str | None, subject: str | None = None) -> Cells:
    return {(control, region, subject) for region in regions or (None,)}


def _policy(name: str) -> Cells:
    return _cells("access-least-privilege", subject=f"aws_iam_role_policy.{name}")


_APART = _cells("access-separated")
_RECORDS = _cells("records-alarm", US)
_ALARM = {*_cells("tamper-alarm", US), *_RECORDS}
_ADMIN = _cells("org-delegated-admin", US)
_MEMBERS = _cells("org-auto-enable", US)
_SCP = _cells("tamper-prevention")
_REGION = _cells("region-denied", LEFT_OUT)
_UNRECORDED = _cells("records-alarm", *REGIONS)
_TRAIL = {*_cells("tamper-trail"), *_cells("tamper-alarm", *REGIONS), *_UNRECORDED}
_EVERY_TRAIL = {
    (control, None, None)
    for control in ("trail-multi-region", "trail-validation", "trail-encrypted", "trail-bucket-protected")
} | _TRAIL  # fmt: skip
_ROLE_TEXTS: list[tuple[str, str, str, Cells]] = [
    ("reader", "that may update", document(statement("guardduty:Get*", "guardduty:UpdateFilter")), _APART),
    ("reader", "with a wildcard", ALL, {*_APART, *_policy("reader")}),
    ("reader", "with NotAction", document(statement(Action=None, NotAction="iam:*")), {*_APART, *_policy("reader")}),
    ("reader", "with part of a wildcard", document(statement("guardduty:*Filter")), {*_APART, *_policy("reader")}),
    ("responder", "that may stop", document(statement("guardduty:DeleteDetector")), _APART),
    ("responder", "that only reads", READ, _APART),
    ("responder", "with a wildcard", document(statement("guardduty:Archive*")), _policy("responder")),
    ("administrator", "that only reads", READ, _APART),
]
_SCP_TEXTS: list[tuple[str, str, Cells]] = [
    *((f"without {action}", document(statement(*(each for each in CORE if each != action), effect="Deny")), _SCP)
      for action in CORE),
    ("that exempts every role", document(statement(*CORE, effect="Deny", Condition={
        "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}})), _SCP),
    ("that allows", document(statement(*CORE)), _SCP),
    ("of one detector", document(statement(*CORE, effect="Deny", on="arn:aws:guardduty:us-east-1:1:detector/x")), _SCP),
    ("that is no policy", "{", {*_SCP}),
]  # fmt: skip

MUTATIONS: list[tuple[str, Change, Cells]] = [
    *((f"{name} {how}", _with(IdentityPolicy, f".{name}", text=text), cells) for name, how, text, cells in _ROLE_TEXTS),
    *((f"no {name}", _on(Identity, _gone, f".{name}"),
       {*_APART, *(_policy(name) if name == "administrator" else ())}) for name in PARTS),
    *((f"{name} for a machine", _with(Identity, f".{name}", trust=MACHINE), _APART) for name in PARTS),
    *((f"{name}'s policy hidden", _with(IdentityPolicy, f".{name}", text=LOST), {*_APART, *_policy(name)})
      for name in PARTS),
    ("administrator called otherwise", _with(Identity, ".administrator", name="ops"), _policy("administrator")),
    ("no rule", _on(EventRule, _gone), _ALARM),
    ("rule moved", _moved(EventRule), _ALARM),
    ("rule disabled", _with(EventRule, enabled=False), _ALARM),
    ("rule hidden", _with(EventRule, pattern=LOST), _ALARM),
    ("rule on another bus", _with(EventRule, bus=Ref(id="other")), _ALARM),
    ("rule of service events", _with(EventRule, pattern=json.dumps(
        {"source": ["aws.guardduty"], "detail-type": ["AWS Service Event via CloudTrail"]})), _ALARM),
    *((f"rule without {name}", _with(EventRule, pattern=pattern(*(each for each in CALLS if each != name))), _ALARM)
      for name in CALLS),
    *((f"records rule without {name}", _with(EventRule, ".records", pattern=records_pattern(name)), _RECORDS)
      for name in ("DisableRule", "PutTargets", "RemoveTargets")),
    ("no records rule", _on(EventRule, _gone, ".records"), _RECORDS),
    ("no target", _on(EventTarget, _gone), _ALARM),
    ("target hidden", _with(EventTarget, target=LOST), _ALARM),
    ("target of another rule", _with(EventTarget, rule=Ref(id="other")), _ALARM),
    ("no topic", _on(Topic, _gone), _ALARM),
    ("topic closed", _with(Topic, policy=""), _ALARM),
    ("topic hidden", _with(Topic, policy=LOST), _ALARM),
    ("nobody listens", _on(Subscription, _gone), _ALARM),
    ("no trail", _on(Trail, _gone), _EVERY_TRAIL),
    ("trail stopped", _with(Trail, logging=False), _EVERY_TRAIL),
    ("trail leaves GuardDuty out", _with(Trail, advanced=(
        (MANAGEMENT[0], where("eventSource", not_equals=("guardduty.amazonaws.com",))),)), _EVERY_TRAIL - _UNRECORDED),
    *((f"policy {how}", _with(ServiceControlPolicy, ".tamper", text=text), cells) for how, text, cells in _SCP_TEXTS),
    ("policy hidden", _with(ServiceControlPolicy, ".tamper", text=LOST), _SCP),
    ("policy attached to nothing", _on(PolicyTarget, _gone, ".tamper"), _SCP),
    ("policy attached to another account", _with(PolicyTarget, ".tamper", target=Ref(id="999999999999")), _SCP),
    ("policy attached somewhere", _with(PolicyTarget, ".tamper", target=LOST), _SCP),
    ("policy bound to ours", _with(Organization, management=OURS.id), {*_SCP, *_REGION}),
    ("region allowed", _with(ServiceControlPolicy, ".regions", text=regional(*REGIONS, LEFT_OUT)), _REGION),
    ("region hidden", _with(ServiceControlPolicy, ".regions", text=LOST), _REGION),
    ("regions attached to nothing", _on(PolicyTarget, _gone, ".regions"), _REGION),
    ("no administrator account", _on(DelegatedAdministrator, _gone), _ADMIN),
    ("administrator account moved", _moved(DelegatedAdministrator), _ADMIN),
    ("another administrator account", _with(DelegatedAdministrator, account=Ref(id="1")), {*_ADMIN, *_MEMBERS}),
    ("administrator account hidden", _with(DelegatedAdministrator, account=LOST), _ADMIN),
    ("no auto-enable", _on(AutoEnable, _gone), _MEMBERS),
    ("auto-enable moved", _moved(AutoEnable), _MEMBERS),
    ("auto-enable of another detector", _with(AutoEnable, detector=Ref(id="other")), _MEMBERS),
    *((f"auto-enable {how}", _with(AutoEnable, members=how), _MEMBERS) for how in ("NEW", "NONE", LOST)),
    *((f"no auto-enable of {name}", _on(AutoEnableFeature, _gone, f"[{name}]"), _MEMBERS) for name in FEATURES),
    *((f"{name} for new members", _with(AutoEnableFeature, f"[{name}]", members="NEW"), _MEMBERS) for name in FEATURES),
    ("detector suspended", _with(Detector, enabled=False), {
        *_MEMBERS, *_cells("detector-enabled", US), *_cells("region-consistency", US), *_cells("feature-pinned", US),
        *(cell for control in ("s3-protection", "eks-audit-logs", "ebs-malware-protection", "rds-login-events",
                               "lambda-network-logs", "runtime-monitoring") for cell in _cells(control, US))}),
]  # fmt: skip
CAUGHT = {control for _, _, cells in MUTATIONS for control, _, _ in cells}
