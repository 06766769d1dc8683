"""Members' alerts on the administrator's bus: the generated source of an organization, changed in one place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from guardline.generator.baseline import Baseline
from guardline.spec import catalogue
from guardline.validator.run import Request, run
from tests.support.weakenings import Weakening

MANAGEMENT, ADMINISTRATOR, MEMBER = "111111111111", "222222222222", "444444444444"
EVERYBODY = (MANAGEMENT, ADMINISTRATOR, MEMBER)
SENDING = (MANAGEMENT, MEMBER)
ROOTS = ("management", "members/payments", "organization", "security")
REGIONS = ("eu-west-1", "us-east-1")
_EXCUSE = "reason: x, approved_by: y, until: 2999-01-01"
_LEFT = ", ".join(
    f"{{region: {each.name}, {_EXCUSE}}}"
    for each in catalogue.regions("aws")
    if each.default_enabled and each.name not in REGIONS
)
SPEC = f"""\
version: 1
name: acme
home_region: eu-west-1
contacts: {{owner: x}}
terraform: {{aws_provider: 6}}
regions: {{not_opted_in: rest, exclude: [{_LEFT}]}}
organization:
  id: o-exampleorgid
  management_account: "{MANAGEMENT}"
  admin_account: "{ADMINISTRATOR}"
  members: [{{id: "{MEMBER}", name: payments}}]
  deploy_role: deploy
flow_logs: {{}}
trail: {{}}
tamper: {{}}
response: {{alerts: {{email: [soc@example.com]}}, remediate: {{}}}}
"""
CALLS = ("new-vpc-alert", "records-alarm", "tamper-alarm")
CONTROLS = (*CALLS, "alerts-protected", "alerts-watched", "finding-alert")
_WORST = ("fail", "undetermined", "not-applicable", "pass")
Worst = dict[tuple[str, str], str]


@dataclass(frozen=True)
class Case:
    """A change, and what no longer passes of it: control and account -> verdict."""

    weakening: Weakening
    expected: Worst


def every(verdict: str, accounts: tuple[str, ...], *controls: str) -> Worst:
    return {(control, account): verdict for control in controls for account in accounts}


BUS, TOPIC, RULES = (f"modules/{name}/main.tf" for name in ("event-bus", "alert-topic", "event-rules"))
SECURITY, PAYMENTS = "security/alerts.tf", "members/payments/alerts.tf"
_HOME_RULES = r"^  rules            = merge\(local.alert_rules, local.global_alert_rules\)$"
_PUT = (
    r'    actions   = \["events:PutEvents"\]\n    resources = \[local.arn\]\n  \}\n\}\n\nresource "aws_iam_role_policy"'
)
CASES = (
    Case(
        Weakening("the bus is for another organization", SECURITY, "o-exampleorgid", "o-anotherorgid"),
        every("fail", SENDING, *CALLS),
    ),
    Case(
        Weakening("the bus lets nobody else in", SECURITY, r"^  organization_id  = [^\n]*\n"),
        every("fail", SENDING, *CALLS),
    ),
    Case(
        Weakening("the bus lets accounts of the organization in", BUS, r'\["\*"\]', f'["{MANAGEMENT}", "{MEMBER}"]'),
        {},
    ),
    Case(
        Weakening("the bus lets one of them in", BUS, r'\["\*"\]', f'["arn:aws:iam::{MANAGEMENT}:root"]'),
        every("fail", (MEMBER,), *CALLS),
    ),
    Case(
        Weakening("no rule of the bus for a group", SECURITY, _HOME_RULES, "  rules = local.alert_rules"),
        every("fail", EVERYBODY, "records-alarm"),
    ),
    Case(
        Weakening(
            "a rule of the bus is off",
            RULES,
            r'^  state          = "ENABLED"$',
            '  state = each.key == "new-vpc" && var.bus_name != "default" ? "DISABLED" : "ENABLED"',
        ),
        every("fail", EVERYBODY, "new-vpc-alert"),
    ),
    Case(
        Weakening(
            "a rule of the bus is for the administrator's own calls",
            RULES,
            r"^  event_pattern  = each.value.pattern$",
            '  event_pattern = each.key == "new-vpc" && var.bus_name != "default" ? jsonencode(merge('
            f'jsondecode(each.value.pattern), {{ account = ["{ADMINISTRATOR}"] }})) : each.value.pattern',
        ),
        every("fail", SENDING, "new-vpc-alert"),
    ),
    Case(
        Weakening(
            "a rule of the bus names all accounts",
            RULES,
            r"^  event_pattern  = each.value.pattern$",
            '  event_pattern = each.key == "new-vpc" && var.bus_name != "default" ? jsonencode(merge('
            f'jsondecode(each.value.pattern), {{ account = ["{ADMINISTRATOR}", "{MANAGEMENT}", "{MEMBER}"] }})) '
            ": each.value.pattern",
        ),
        {},
    ),
    Case(
        Weakening(
            "the role of senders may not put events there",
            BUS,
            _PUT,
            '    actions   = ["events:PutEvents"]\n'
            '    resources = [var.bus_arn == null ? local.arn : "${local.arn}-other"]\n  }\n}\n\n'
            'resource "aws_iam_role_policy"',
        ),
        every("fail", SENDING, *CALLS),
    ),
    Case(
        Weakening("a member sends to a bus that is not there", PAYMENTS, "event-bus/acme-guardduty", "event-bus/acme"),
        every("fail", (MEMBER,), *CALLS),
    ),
    Case(
        Weakening("a member's alarm may not publish", SECURITY, f', "{MEMBER}"\\]', "]"),
        {("alerts-watched", MEMBER): "fail"},
    ),
    Case(
        Weakening(
            "alarms of members may not use the key",
            TOPIC,
            r"concat\(\[var.account_id\], var.alarm_account_ids\)",
            "[var.account_id]",
        ),
        every("fail", SENDING, "alerts-watched"),
    ),
    Case(
        Weakening("one more account's alarms", SECURITY, f', "{MEMBER}"\\]', f', "{MEMBER}", "999999999999"]'),
        {},
    ),
    Case(
        Weakening("a member's alarm acts on no topic there is", PAYMENTS, "acme-guardduty-alerts", "acme-alerts"),
        {("alerts-watched", MEMBER): "fail"},
    ),
    Case(
        Weakening("the bus lets everybody in", BUS, r"^      condition \{.*?^      \}\n"),
        {("alerts-protected", ADMINISTRATOR): "fail"},
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("organization")
    spec = folder / "guardline.yaml"
    spec.write_text(SPEC, "utf-8")
    Baseline.of(spec).write()
    return folder


def worst(folder: Path, roots: tuple[str, ...] = ROOTS) -> Worst:
    request = Request(
        tuple(str(folder / root) for root in roots),
        date(2026, 11, 25),
        spec=folder / "guardline.yaml",
        tree=folder,
        controls=frozenset(CONTROLS),
    )
    report = run(request, datetime(2026, 11, 25, tzinfo=UTC))
    assert not report.errors, report.errors
    found: dict[tuple[str, str], set[str]] = {}
    for row in report.rows:
        if row.waiver is None:
            found.setdefault((row.control, str(row.account)), set()).add(row.verdict.value)
    return {key: min(verdicts, key=_WORST.index) for key, verdicts in found.items()}


def not_passing(found: Worst) -> Worst:
    return {key: verdict for key, verdict in found.items() if verdict != "pass"}


@pytest.fixture
def changed(source: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    weakening: Weakening = request.param.weakening
    path = source / weakening.file
    text = path.read_text("utf-8")
    path.write_text(weakening.of(text), "utf-8")
    yield source
    path.write_text(text, "utf-8")


def test_as_generated_every_account_s_alerts_reach_people(source: Path) -> None:
    found = worst(source)
    assert not_passing(found) == {}
    everywhere = {
        (control, account) for control in (*CALLS, "alerts-watched", "finding-alert") for account in EVERYBODY
    }
    assert set(found) == everywhere | {("alerts-protected", ADMINISTRATOR)}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [pytest.param(case, case.expected, id=case.weakening.name) for case in CASES],
    indirect=["changed"],
)
def test_a_fault_on_the_way_shows_in_the_accounts_that_it_touches(changed: Path, expected: Worst) -> None:
    assert not_passing(worst(changed)) == expected


def test_without_the_administrator_s_root_nobody_is_green_and_nobody_at_fault(source: Path) -> None:
    found = worst(source, ("management", "members/payments"))
    asked = every("undetermined", SENDING, *CALLS, "alerts-watched")
    assert {key: verdict for key, verdict in found.items() if key in asked} == asked
