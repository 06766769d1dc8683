"""How alerts travel: over a bus from several regions, straight from one, and from each where none leaves its region."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from guardline.generator.baseline import Baseline
from guardline.spec import catalogue

Make = Callable[..., Path]
SPEC = """\
version: 1
name: small
partition: {partition}
home_region: {home}
terraform: {{aws_provider: {provider}}}
contacts: {{owner: soc}}
regions: {{{regions}}}
account: {{id: "111122223333"}}
trail: {{}}
response: {{alerts: {{email: [soc@example.com]}}, remediate: {{}}{more}}}
tamper: {{}}
"""


def spec_text(*covered: str, partition: str = "aws", provider: int = 5, more: str = "") -> str:
    """A spec that covers these regions; the first is its home."""
    known = catalogue.regions(partition)
    excuse = "reason: x, approved_by: y, until: 2999-01-01"
    excluded = [f"{{region: {r.name}, {excuse}}}" for r in known if r.default_enabled and r.name not in covered]
    opted_in = [r.name for r in known if not r.default_enabled and r.name in covered]
    regions = f"opted_in: [{', '.join(opted_in)}], not_opted_in: rest, exclude: [{', '.join(excluded)}]"
    return SPEC.format(partition=partition, home=covered[0], provider=provider, regions=regions, more=more)


def written(spec: Path) -> dict[str, str]:
    """The root's files and its modules' by name."""
    Baseline.of(spec).write()
    return {path.relative_to(spec.parent).as_posix(): path.read_text() for path in sorted(spec.parent.rglob("*.tf"))}


@pytest.mark.parametrize("provider", [5, 6])
def test_one_region_has_its_rules_where_its_topic_is(environment: Make, provider: int) -> None:
    files = written(environment(spec_text("us-east-1", provider=provider)))
    assert "bus" not in files["alerts.tf"] + files["response.tf"] + files["regions.tf"]
    assert 'module "alert_rules"' in files["alerts.tf"]
    assert "alerts" not in files["regions.tf"]
    assert [name for name in files if name.startswith(("modules/event-bus", "modules/alert-topic/main"))] == [
        "modules/alert-topic/main.tf"
    ]
    assert "local.global_alert_rules" in files["alerts.tf"]  # calls of global services are recorded here


@pytest.mark.parametrize("provider", [5, 6])
def test_several_regions_bring_their_events_to_one_bus(environment: Make, provider: int) -> None:
    files = written(environment(spec_text("eu-west-1", "us-east-1", "eu-south-1", provider=provider)))
    assert 'module "event_bus"' in files["alerts.tf"]
    assert re.search(r"^  bus_name +=", files["response.tf"], re.MULTILINE)
    assert 'opt_in_regions   = ["eu-south-1"]' in files["alerts.tf"]
    assert "alerts_bus" in files["regions.tf"]
    # What could not be delivered is said by a way that has nothing in common with the bus.
    assert "undelivered" not in files["alerts.tf"]
    assert "alarm_queue_arn = module.event_bus.alarm_queue_arn" in files["alerts.tf"]
    rules = files["modules/event-rules/main.tf"]
    assert "alarm_actions       = concat(var.alarm_topic_arns, aws_sns_topic.undelivered[*].arn)" in rules


def test_govcloud_gathers_where_it_is_asked(environment: Make) -> None:
    regions = ("us-gov-west-1", "us-gov-east-1")
    apart = written(environment(spec_text(*regions, partition="aws-us-gov"), name="apart"))
    assert "event_bus" not in apart["alerts.tf"]
    assert apart["regions.tf"].count("local.alert_topic") == 2
    together = written(environment(spec_text(*regions, partition="aws-us-gov", more=", fan_in: true"), name="together"))
    assert 'module "event_bus"' in together["alerts.tf"]
    assert 'module "response"' in together["response.tf"]
    assert "local.alert_topic" not in together["regions.tf"]
    # The topic of the home region stays, and whoever is subscribed to it.
    assert "from = module.us_gov_west_1.module.alert_topic[0]\n  to   = module.alert_topic\n" in together["moves.tf"]
    assert "from = module.us_gov_west_1.module.response[0]\n  to   = module.response\n" in together["moves.tf"]
    assert "moves.tf" not in apart


def rules_on_findings(text: str) -> dict[str, str]:
    """Severity -> the bounds of the rule that names it."""
    found = re.findall(r'findings-(\w+) = \{.*?"numeric" = \[(.*?)\]', text, re.DOTALL)
    return {word: bounds.replace('"', "") for word, bounds in found}


@pytest.mark.parametrize(
    ("least", "expected"),
    [
        (1, {"critical": ">=, 9", "high": ">=, 7, <, 9", "medium": ">=, 4, <, 7", "low": ">=, 1, <, 4"}),
        (5, {"critical": ">=, 9", "high": ">=, 7, <, 9", "medium": ">=, 5, <, 7"}),
        (7, {"critical": ">=, 9", "high": ">=, 7, <, 9"}),
    ],
)
def test_each_severity_has_its_word_and_one_rule_brings_them_all(
    environment: Make, least: int, expected: dict[str, str]
) -> None:
    asked = spec_text("eu-west-1", "us-east-1").replace("com]}", f"com], min_severity: {least}}}")
    text = written(environment(asked))["alerts.tf"]
    assert rules_on_findings(text) == expected
    (forwarded,) = re.findall(r"forwarded_rules = \{(.*?)\n  \}\n", text, re.DOTALL)
    assert f'severity = [{{ "numeric" = [">=", {least}] }}]' in forwarded
    assert "findings-" not in forwarded
    assert re.findall(r'title += "GuardDuty, (\w+): ', text) == sorted(expected)
    assert text.count("Console: https://<region>.console.aws.amazon.com/guardduty/") == len(expected)


@pytest.mark.parametrize(("alerts", "answers", "brought"), [(6, 3, 3), (3, 6, 3), (6, 6, 6)])
def test_findings_that_only_the_function_answers_come_too(
    environment: Make, alerts: int, answers: int, brought: int
) -> None:
    asked = spec_text("eu-west-1", "us-east-1").replace("com]}", f"com], min_severity: {alerts}}}")
    asked = asked.replace("remediate: {}", f"remediate: {{mode: notify, min_severity: {answers}}}")
    text = written(environment(asked))["alerts.tf"]
    (forwarded,) = re.findall(r"forwarded_rules = \{(.*?)\n  \}\n", text, re.DOTALL)
    assert f'severity = [{{ "numeric" = [">=", {brought}] }}]' in forwarded


@pytest.mark.parametrize(
    ("partition", "region", "link"),
    [
        ("aws-us-gov", "us-gov-west-1", "Console: https://console.amazonaws-us-gov.com/guardduty/"),
        ("aws-cn", "cn-north-1", "Console: https://console.amazonaws.cn/guardduty/"),
        ("aws-eusc", "eusc-de-east-1", None),
    ],
)
def test_each_partition_has_its_console(environment: Make, partition: str, region: str, link: str | None) -> None:
    text = written(environment(spec_text(region, partition=partition)))["alerts.tf"]
    assert ("Console: " in text) == (link is not None)
    assert link is None or link in text


KEPT = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:pagerduty-a1b2c3"
CHATS = (
    "slack: [{workspace: T07EA123LEP, channel: C07EZ1ABC23}], "
    f"webhooks: [{{name: pagerduty, format: pagerduty, secret: '{KEPT}'}}]"
)


@pytest.mark.parametrize("provider", [5, 6])
def test_chats_and_webhooks_get_what_people_get_by_e_mail(environment: Make, provider: int) -> None:
    asked = spec_text("eu-west-1", "us-east-1", provider=provider).replace("com]}", f"com], {CHATS}}}")
    files = written(environment(asked))
    text = files["alerts.tf"]
    every = "merge(merge(local.alert_rules, local.global_alert_rules), local.answer_rules)"
    assert [line.split("= ")[1] for line in text.splitlines() if line.startswith("  rules  ")] == [
        "merge(local.alert_rules, local.global_alert_rules)", every, every,
    ]  # fmt: skip
    assert 'format           = "chat"' in text
    assert "{ name = module.alert_topic.name, arn = module.alert_topic.arn }" in text  # for the alarms
    assert f'secret_arn = "{KEPT}"' in text
    assert "answered = {" in text
    assert {"modules/chat-channels/main.tf", "modules/webhook/main.tf"} <= set(files)
    alone = written(environment(spec_text("eu-west-1", provider=provider), name="alone"))
    assert not [name for name in alone if "chat" in name or "webhook" in name]


def test_channels_are_configured_where_aws_has_that(environment: Make) -> None:
    for place, (home, other) in enumerate([("eu-north-1", "us-east-2"), ("us-west-2", "us-east-2")]):
        asked = spec_text(home, "us-east-1", other).replace("com]}", f"com], {CHATS}}}")
        text = written(environment(asked, name=f"place-{place}"))["alerts.tf"]
        assert ("aws = aws.us_east_2" in text) == (home == "eu-north-1")


def test_messages_name_what_was_asked_for_alone(environment: Make) -> None:
    one = environment(spec_text("us-east-1"), name="one")
    alone = written(one)["alerts.tf"]
    assert "this baseline's rules, topics, function or alarms" in alone
    assert "and findings" not in alone
    more = environment(spec_text("us-east-1", "eu-west-1").replace(", remediate: {}", ""), name="more")
    several = written(more)["alerts.tf"]
    assert "this baseline's rules, bus, topics or alarms" in several
    export = environment(spec_text("us-east-1") + "guardduty: {export: {}}\n", name="export")
    assert "the buckets of logs and findings" in written(export)["alerts.tf"]


def test_every_statement_has_an_id() -> None:
    modules = Path(__file__).parents[2] / "modules" / "alias"
    statements = 0
    for path in sorted(modules.rglob("main.tf")):
        for block in re.findall(r"^ +(?:statement|content) \{\n(.*?\n)(?: *\n|.*=)", path.read_text(), re.MULTILINE):
            if re.match(r" +(actions|effect|sid)\b", block):
                statements += 1
                assert re.match(r" +sid +=", block), f"{path.parent.name}: {block}"
    assert statements > 60
