"""What roots use of the modules. Modules that one spec has for itself hold no more than that.

Terraform loads every module that is called, once for each region and whether or not there is anything in it: of a plan
in all regions that was a third of the time. Modules that several specs share hold everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from guardline.spec.model import Spec

CALLS: Mapping[str, str] = {
    "features": "guardduty",
    "flow_logs": "flow_logs",
    "dns_logs": "dns_logs",
    "other_resolvers": "other_resolvers",
    "trusted_ip_list": "trusted_ip_list",
    "threat_ip_lists": "threat_ip_lists",
    "findings_bucket_arn": "publishing_destination",
    "security_hub": "security_hub",
    "config": "config",
    "alert_topic": "alert_topic",
    "alerts": "event_rules",
    "response": "response",
}
"""The arguments of the `region` module that make it call a module, and the call's name."""

EVERYTHING = frozenset({*CALLS, "alerts_bus", "logged_vpcs", "flow_logs.log_group", "dns_logs.log_group"})
"""All that the templates of the modules ask about."""

Files = Mapping[PurePosixPath, str]


def uses(spec: Spec, region_arguments: Iterable[str]) -> frozenset[str]:
    """What a root uses, of `EVERYTHING`.

    Args:
        spec: the spec.
        region_arguments: what the root passes to the `region` module.
    """
    logs = {"flow_logs": spec.flow_logs, "dns_logs": spec.dns_logs}
    groups = {f"{name}.log_group" for name, asked in logs.items() if asked and asked.destination == "cloudwatch-logs"}
    return EVERYTHING & {*region_arguments, *groups}


def reached(roots: Iterable[tuple[str, Files]], modules: Files) -> dict[PurePosixPath, str]:
    """The files of the modules that roots call, directly or through other modules.

    Args:
        roots: of each root the modules' folder as its ``source`` arguments name it, and its files.
        modules: the files of all modules: path relative to their folder -> text.
    """
    waiting = [name for prefix, files in roots for name in _called(prefix, files)]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _called("..", {path: text for path, text in modules.items() if path.parts[0] == name})
    return {path: text for path, text in modules.items() if path.parts[0] in found}


def _called(prefix: str, files: Files) -> Iterator[str]:
    source = re.compile(rf'^ +source += "{re.escape(prefix)}/([a-z-]+)"$', re.MULTILINE)
    for path, text in files.items():
        if path.suffix == ".tf":
            yield from source.findall(text)
