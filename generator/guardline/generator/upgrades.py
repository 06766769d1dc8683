"""What newer templates change in AWS where an older Guardline's root is applied: the table, and one line of it.

Each root's manifest names the revision of the templates that wrote it. A change of the templates that shows in the plan
of an applied root takes a line here, and a new revision where one has been released since. The test of upgrades applies
roots that earlier versions wrote and holds the plans to this table (`tests/environments/test_upgrades.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from guardline.generator.alert_rules import Course, course
from guardline.generator.changes import Folder, read
from guardline.generator.manifest import MANIFEST, Manifest
from guardline.generator.root import Root

TEMPLATES = 2
"""The revision of the templates. 1: manifests say what a root holds. 0: manifests say nothing of it."""

Does = Literal["creates", "changes", "replaces", "destroys"]
KINDS: tuple[Does, ...] = ("creates", "changes", "replaces", "destroys")


@dataclass(frozen=True)
class Upgrade:
    """One change that a plan shows.

    Attributes:
        since: the first revision of the templates with it.
        does: what Terraform does.
        what: to what, for people.
        why: a sentence; what is replaced or destroyed is justified by it.
        addresses: a regular expression of the resources' addresses, from their beginning.
        files: a root that it touches has one of these files.
        regions: whether only roots with one covered region change, or with several.
        alerts: whether only roots change whose alerts take this course.
    """

    since: int
    does: Does
    what: str
    why: str
    addresses: str
    files: frozenset[str]
    regions: Literal["any", "one", "several"] = "any"
    alerts: Literal["any"] | Course = "any"

    def is_of(self, revision: int, regions: int, alerts: Course = "stay") -> bool:
        """Whether roots that this revision wrote, with this many covered regions and such alerts, change by it."""
        alone = regions == 1 and alerts == "stay"  # over accounts there is a bus even so
        covered = self.regions in ("any", "one" if alone else "several")
        return self.since > revision and covered and self.alerts in ("any", alerts)


_ALERTS = frozenset({"alerts.tf"})
_BUCKETS = frozenset({"config.tf", "dns-logs.tf", "export.tf", "flow-logs.tf", "lists.tf", "tamper.tf", "trail.tf"})
_REGION = r"(\w+|region\[\"[\w-]+\"\])"
_ANY_RULES = rf"module\.(alert_rules|{_REGION}\.module\.event_rules\[0\])\."
UPGRADES: tuple[Upgrade, ...] = (
    Upgrade(
        1,
        "creates",
        "alert rules on calls that silence alerts, storage and the exempt roles",
        "One list of guarded calls, split into rules that fit EventBridge's 2,048 characters.",
        _ANY_RULES + r"aws_cloudwatch_event_(rule|target)\.this\[\"tamper-(access|delivery|storage)\"\]",
        _ALERTS,
    ),
    Upgrade(
        1,
        "changes",
        "the bus's policy",
        "The grant is to the account that makes the targets, as EventBridge checks it.",
        r"module\.event_bus\.aws_cloudwatch_event_bus_policy\.this",
        _ALERTS,
    ),
    Upgrade(
        1,
        "creates",
        "the response function's table of records, and the role in which it acts where it may act",
        "Each finding is answered once, and what was done is written down.",
        rf"module\.({_REGION}\.module\.)?response(_role)?(\[0\])?\.(aws_dynamodb_table|aws_iam_role|aws_iam_role_policy)\.",
        frozenset({"response.tf"}),
    ),
    Upgrade(
        1,
        "changes",
        "the response function, its role, its key and its alarms",
        "The function acts where the spec says so, and keeps records.",
        rf"module\.({_REGION}\.module\.)?response(\[0\])?\.",
        frozenset({"response.tf"}),
    ),
    Upgrade(
        1,
        "creates",
        "a query over the trail: who silenced what",
        "It shows archived findings, filters and trusted lists.",
        r"module\.tamper_queries\.aws_athena_named_query\.this",
        frozenset({"tamper.tf"}),
    ),
    Upgrade(
        1,
        "replaces",
        "the query over the trail that lists weakened records",
        "It asks for more calls, and AWS has no way to change a named query: the provider makes another. A query holds "
        "no data.",
        r"module\.tamper_queries\.aws_athena_named_query\.this\[\"who-weakened-the-record\"\]",
        frozenset({"tamper.tf"}),
    ),
    Upgrade(
        1,
        "changes",
        "the service control policies",
        "They deny the guarded calls, and spare what global services need.",
        r"module\.service_control_policies\.aws_organizations_policy\.this",
        frozenset({"scp.tf"}),
    ),
    Upgrade(
        1,
        "creates",
        "what remembers the members' agents, in the state alone",
        "The agents' order no longer replaces the setting; a change of what is wanted does.",
        r"module\.members_\w+\.terraform_data\.runtime_agents",
        frozenset({"organization.tf"}),
    ),
    Upgrade(
        2,
        "changes",
        "the alert rules on guarded calls, their queues' policies and their alarms",
        "The list of calls is longer, the texts say what was asked for, and the alarms of the regions act.",
        _ANY_RULES + r"aws_(cloudwatch_event_(rule|target)\.this|sqs_queue_policy|cloudwatch_metric_alarm)",
        _ALERTS,
    ),
    Upgrade(
        2,
        "creates",
        "a topic in each region and a queue in the home region for alarms about undelivered events",
        "The alarm may not depend on the bus that failed.",
        rf"module\.({_REGION}\.module\.event_rules\[0\]\.aws_sns_topic|event_bus\.aws_(sqs_queue|cloudwatch_metric_alarm))",
        _ALERTS,
        regions="several",
    ),
    Upgrade(
        2,
        "destroys",
        "the rules that sent those alarms over the bus itself",
        "The topics and the queue above take their place.",
        _ANY_RULES + r"aws_cloudwatch_event_(rule|target)\.this\[\"undelivered\"\]",
        _ALERTS,
        regions="several",
    ),
    Upgrade(
        2,
        "destroys",
        "the bus, its role and the rules that forward to it",
        "One region alone needs no bus: its rules send to the topic and the function.",
        rf"module\.(event_bus|{_REGION}\.module\.event_rules\[0\])\.",
        _ALERTS,
        regions="one",
    ),
    Upgrade(
        2,
        "replaces",
        "the alert rules, and the rule of the response function",
        "They read the default bus instead; a rule cannot change its bus.",
        r"module\.(alert_rules|response\.module\.rules)\.aws_cloudwatch_event_(rule|target)\.|"
        r"module\.response\.aws_lambda_permission\.",
        _ALERTS,
        regions="one",
    ),
    Upgrade(
        2,
        "changes",
        "the policy of the response rule's queue",
        "The rule has another ARN on the default bus.",
        r"module\.response\.module\.rules\.aws_sqs_queue_policy\.undelivered",
        frozenset({"response.tf"}),
        regions="one",
    ),
    Upgrade(
        2,
        "changes",
        "the trust policies of roles, and their policies",
        "Every statement has an id.",
        r"module\.[\w\[\]\".-]+\.aws_(iam_role|iam_role_policy|cloudwatch_log_resource_policy)\.",
        frozenset({"access.tf", "alerts.tf", "dns-logs.tf", "flow-logs.tf", "response.tf", "trail.tf"}),
    ),
    Upgrade(
        2,
        "changes",
        "the lifecycle rules of buckets",
        "Delete markers that hide nothing are removed.",
        r"module\.[\w\[\]\".-]+\.aws_s3_bucket_lifecycle_configuration\.this",
        _BUCKETS,
    ),
    Upgrade(
        2,
        "changes",
        "the trail's S3 object events",
        "The baseline's own buckets of logs are left out (`trail.exclude_log_buckets: false` keeps them).",
        r"module\.trail\.aws_cloudtrail\.this",
        frozenset({"trail.tf"}),
    ),
    Upgrade(
        2,
        "changes",
        "the policy of the trail's key",
        "CloudTrail may decrypt, which AWS asks for where the bucket has a bucket key.",
        r"module\.trail\.aws_kms_key\.this",
        frozenset({"trail.tf"}),
    ),
    Upgrade(
        2,
        "creates",
        "an alert rule for each severity of findings",
        "Each says the severity in words; the one rule before them said a number.",
        _ANY_RULES + r"aws_cloudwatch_event_(rule|target)\.this\[\"findings-(critical|high|medium|low)\"\]",
        _ALERTS,
    ),
    Upgrade(
        2,
        "destroys",
        "the one alert rule for findings of all severities",
        "The rules above take its place.",
        _ANY_RULES + r"aws_cloudwatch_event_(rule|target)\.this\[\"findings\"\]",
        _ALERTS,
    ),
    Upgrade(
        2,
        "changes",
        "the response function",
        "It says on the bus what it did.",
        rf"module\.({_REGION}\.module\.)?response(\[0\])?\.aws_lambda_function\.this",
        frozenset({"response.tf"}),
    ),
    Upgrade(
        2,
        "changes",
        "the policies of the administrator's bus, topic and key",
        "The organization's accounts send their alerts there, and their alarms act there.",
        r"module\.(event_bus\.aws_cloudwatch_event_bus_policy|alert_topic\.aws_(kms_key|sns_topic_policy))\.this",
        _ALERTS,
        alerts="come",
    ),
    Upgrade(
        2,
        "changes",
        "the role and the alarm of the accounts that send their alerts to the administrator",
        "The role puts events on the administrator's bus, and the alarm acts on its topic.",
        r"module\.event_bus\.aws_(iam_role_policy\.forward|cloudwatch_metric_alarm\.alarms)",
        _ALERTS,
        alerts="go",
    ),
    Upgrade(
        2,
        "destroys",
        "in the organization's other accounts the bus, the topic with its subscriptions and key, and the rules between",
        "The administrator's take their place, and its root is applied first; everybody confirms one subscription. "
        "What happens while a root is applied may be in its queues of undelivered events "
        "(`organization.alerts_in: each` keeps them all).",
        r"module\.(event_bus\.aws_cloudwatch_event_bus|alert_topic|alert_rules)",
        _ALERTS,
        alerts="go",
    ),
)


def upgrade_line(roots: Sequence[Root], folders: Sequence[Folder]) -> str | None:
    """One line on what newer templates change in roots that are there; None where they wrote all of them.

    Args:
        roots: the roots.
        folders: theirs, as they are to be.

    Raises:
        RefusedError: a manifest is damaged.
    """
    lines: dict[Does, list[str]] = {}
    before: set[int] = set()
    for root, folder in zip(roots, folders, strict=True):
        old = Manifest.read(folder.path, read(folder.path / MANIFEST))
        if old.purpose and revision(old) < TEMPLATES:
            before.add(revision(old))
            names = {path.name for path in old.files}
            for each in since(revision(old), names, root):
                found = lines.setdefault(each.does, [])
                found.extend([each.what] if each.what not in found else [])
    if not before:
        return None
    said = [f"{kind} {', '.join(lines[kind])}" for kind in KINDS if kind in lines]
    said += ["destroys and replaces nothing"] if not {"replaces", "destroys"} & set(lines) else []
    unrecorded = " (not recorded: from before manifests said what a root holds)" if 0 in before else ""
    return (
        f"these roots are of older templates, revision {min(before)}{unrecorded}; with revision {TEMPLATES} the next "
        f"apply {'; '.join(said)}. Read the plan"
    )


def revision(manifest: Manifest) -> int:
    """The revision of the templates that a root's manifest speaks of."""
    if manifest.templates is not None:
        return manifest.templates
    return 1 if manifest.holds else 0


def since(old: int, files: Iterable[str], root: Root) -> Iterator[Upgrade]:
    """The changes that templates of a revision do not have yet, of a root with these files."""
    there, regions, alerts = frozenset(files), len(root.regions), course(root)
    return (each for each in UPGRADES if each.files & there and each.is_of(old, regions, alerts))


def justified(old: int, address: str, does: Does, regions: int, alerts: Course = "stay") -> bool:
    """Whether the table has a change of a resource, in a root with this many regions and such alerts."""
    return any(
        each.does == does and each.is_of(old, regions, alerts) and re.match(each.addresses, address) is not None
        for each in UPGRADES
    )
