"""Practices that were created earlier and are switched off: what becomes of what they made.

`removed` blocks: https://developer.hashicorp.com/terraform/language/resources/syntax#removing-resources.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from guardline.generator.hcl import hcl
from guardline.generator.root import Root, label


@dataclass(frozen=True)
class Made:
    """What a practice makes.

    Attributes:
        modules: names of its module calls in the root.
        regional: names of its module calls in the `region` module.
        lost: what is no longer there when it is destroyed, as half a sentence.
        each: names of its module calls in the root that stand for one region each.
    """

    modules: tuple[str, ...]
    regional: tuple[str, ...]
    lost: str
    each: tuple[str, ...] = ()


# By the practice's key in the spec.
MADE: Mapping[str, Made] = {
    "access": Made(("access",), (), "the roles or permission sets of people: nobody can sign in by them any more"),
    "tamper": Made(
        ("tamper_queries", "service_control_policies"),
        (),
        "the queries over the trail with their results, and the service control policies; calls that weaken GuardDuty "
        "raise no alarm any more",
    ),
    "flow_logs": Made(
        ("flow_log_bucket", "flow_log_role"),
        ("flow_logs",),
        "the flow logs of every VPC, and the bucket with what they recorded (AWS refuses while it is not empty) or the "
        "log groups with all that is in them",
    ),
    "dns_logs": Made(
        ("dns_log_bucket",),
        ("dns_logs", "other_resolvers"),
        "the DNS query logs of every VPC, the bucket with what they recorded (AWS refuses while it is not empty) or "
        "the log groups with all that is in them, and the rules that deny other resolvers",
    ),
    "trail": Made(
        ("trail",),
        (),
        "the trail, its key (after 30 days; nothing it encrypted can be read then) and its bucket (AWS refuses while "
        "it is not empty)",
    ),
    "trusted_ips": Made((), ("trusted_ip_list",), "the trusted IP list of every detector"),
    "threat_ips": Made((), ("threat_ip_lists",), "the threat lists of every detector"),
    "export": Made(
        ("findings_bucket",),
        ("publishing_destination",),
        "the export of findings, its key (after 30 days; nothing it encrypted can be read then) and its bucket (AWS "
        "refuses while it is not empty)",
    ),
    "response": Made(
        ("event_bus", "alert_topic", "alert_rules", "response", "response_role"),
        ("event_rules", "alert_topic", "response"),
        "the rules in every region, the topic and whoever is subscribed to it, the function with its records of what "
        "it did, its role in every account, and the queues with what could not be delivered: findings raise no alert "
        "any more",
    ),
    "security_hub": Made(
        (),
        ("security_hub",),
        "Security Hub in every region with its findings, which AWS deletes after 90 days, and the view of all regions",
    ),
    "config": Made(
        ("config_bucket",),
        ("config",),
        "the recorders of AWS Config, its role, and the bucket with what they recorded (AWS refuses while it is not "
        "empty)",
    ),
    "suppression": Made((), (), "the suppression rules: what they archived reaches people again", ("suppression",)),
}


@dataclass(frozen=True)
class Removal:
    """What is written for one module that leaves.

    Attributes:
        module: its address in the root, without the key of an instance.
        moved_from: where it was, if its own name still stands in a shared module: only a name that nothing declares
            can be removed.
        destroy: whether AWS loses it too.
    """

    module: str
    moved_from: str | None
    destroy: bool


def removals(root: Root) -> tuple[Removal, ...]:
    """The modules that leave the root.

    What a region's module no longer calls is destroyed by that alone, so only what is to be kept needs a word there.
    """
    found = []
    for practice, leaving in sorted(root.spec.leaving.items()):
        made, mode = MADE[practice], leaving.mode
        found += [Removal(f"module.{name}", None, mode == "destroy") for name in (*made.modules, *_each(root, made))]
        if mode == "forget":
            found += [
                Removal(f"module.{name}_{label(region.name)}", _instance(root, region.name, name), destroy=False)
                for region in root.regions
                for name in made.regional
            ]
    return tuple(found)


def _each(root: Root, made: Made) -> tuple[str, ...]:
    return made.each if root.argument else tuple(f"{name}_{label(r.name)}" for name in made.each for r in root.regions)


def _instance(root: Root, region: str, name: str) -> str:
    home = f"module.region[{hcl(region)}]" if root.argument else f"module.{label(region)}"
    return f"{home}.module.{name}[0]"


def said(root: Root) -> tuple[str, ...]:
    """A line of the README for each practice that leaves."""
    lines = []
    for practice, leaving in sorted(root.spec.leaving.items()):
        lost = MADE[practice].lost
        lines.append(
            f"`{practice}` leaves and is forgotten: Terraform lets go of what it made, and AWS keeps it, unmanaged."
            if leaving.mode == "forget"
            else f"`{practice}` leaves and is destroyed. Lost: {lost}."
        )
    return tuple(lines)
