"""What flow logs, DNS query logs and the trail become in a root: the choices that the spec has."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from guardline.generator.baseline import Baseline
from guardline.spec import catalogue
from guardline.spec.catalogue import Region
from tests.generator.test_regions import minimal

Make = Callable[..., Path]
HOME = "us-gov-west-1"
ARN = f"arn:aws-us-gov:cloudtrail:{HOME}:111122223333:trail"


def root(environment: Make, more: str) -> dict[str, str]:
    """The root's files for a spec of two regions."""
    path = environment(minimal("aws-us-gov", home=HOME, more=more))
    return {str(file): text for file, text in Baseline.of(path).folders[-1].files.items()}


def test_flow_logs_go_to_a_stream_that_is_there_already(environment: Make) -> None:
    files = root(environment, "flow_logs: {destination: firehose, stream: siem}\n")
    assert 'stream      = "siem"' in files["flow-logs.tf"]
    assert 'destination = "kinesis-data-firehose"' in files["flow-logs.tf"]
    assert "module" not in files["flow-logs.tf"]
    assert "delivery stream siem" in files["README.md"]


def test_flow_logs_go_to_log_groups_through_one_role(environment: Make) -> None:
    files = root(environment, "flow_logs: {destination: cloudwatch-logs, kms_key: create, retention_days: 90}\n")
    made = files["flow-logs.tf"]
    assert 'log_group   = { name = "' in made
    assert "retention_days = 90, own_key = true }" in made
    assert "module.flow_log_role.arn" in made
    assert "log-bucket" not in made


def test_a_key_that_exists_encrypts_the_bucket(environment: Make) -> None:
    key = f"arn:aws-us-gov:kms:{HOME}:111122223333:key/0123abcd-0123-0123-0123-0123456789ab"
    files = root(environment, f"flow_logs: {{kms_key: '{key}'}}\ndns_logs: {{kms_key: '{key}'}}\n")
    for name in ("flow-logs.tf", "dns-logs.tf"):
        assert f'{{ arn = "{key}" }}' in files[name]
        assert "own_key" not in files[name]


def test_fields_of_a_record_stay_text(environment: Make) -> None:
    files = root(environment, "flow_logs: {format: '${version} ${vpc-id}'}\n")
    assert '"$${version} $${vpc-id}"' in files["flow-logs.tf"]


def test_without_a_block_there_are_no_dns_query_logs(environment: Make) -> None:
    files = root(environment, "")
    assert "dns-logs.tf" not in files
    assert "dns_logs" not in files["regions.tf"]


def test_where_the_resolver_is_not_offered_nothing_is_written_and_the_readme_says_so(
    environment: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = catalogue.region

    def region(name: str) -> Region | None:
        found = known(name)
        if found is None or name != "us-gov-east-1":
            return found
        return replace(found, services={**found.services, "route53resolver": False})

    monkeypatch.setattr("guardline.generator.practices.dns_logs.catalogue.region", region)
    files = root(environment, "dns_logs: {}\n")
    assert 'contains(["us-gov-east-1"], "us-gov-west-1") ? null : local.dns_logs' in files["regions.tf"]
    assert "Route 53 Resolver is not offered in us-gov-east-1" in files["README.md"]


def test_unknown_is_not_absent(environment: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    known = catalogue.region

    def region(name: str) -> Region | None:
        found = known(name)
        return None if found is None else replace(found, services={})

    monkeypatch.setattr("guardline.generator.practices.dns_logs.catalogue.region", region)
    assert "not offered" not in root(environment, "dns_logs: {}\n")["README.md"].split("## What is assumed")[1]


def test_the_way_to_other_resolvers_stays_open_unless_asked(environment: Make) -> None:
    assert "other_resolvers" not in "".join(root(environment, "dns_logs: {}\n").values())
    files = root(environment, "dns_logs: {deny_other_resolvers: {allow: [172.16.0.0/12, 10.0.0.0/8]}}\n")
    assert 'other_resolvers = { allow = ["10.0.0.0/8", "172.16.0.0/12"], first_rule = 20 }' in files["dns-logs.tf"]
    assert files["regions.tf"].count("= local.other_resolvers\n") == 2
    assert "declares the rules of the network ACLs inline" in files["README.md"]


ALERTS = "response: {alerts: {email: [soc@example.com]}}\n"
OFF = "flow_logs: {mode: off, reason: x}\n"


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (ALERTS, True),
        (ALERTS + OFF, False),
        (ALERTS + OFF + "dns_logs: {}\n", True),
        (ALERTS + OFF + "dns_logs: {mode: off, reason: x}\n", False),
    ],
)
def test_an_alert_names_a_new_vpc_where_it_lacks_logs(environment: Make, more: str, told: bool) -> None:
    alerts = root(environment, more)["alerts.tf"]
    assert ("CreateVpc" in alerts, "CreateDefaultVpc" in alerts) == (told, told)


def test_without_alerts_the_readme_says_that_no_alert_is_raised(environment: Make) -> None:
    assert "It raises no alert" in root(environment, "")["README.md"]
    assert "It raises no alert" not in root(environment, ALERTS)["README.md"]


def test_a_log_archives_bucket_is_not_made_but_what_it_must_allow_is_told(environment: Make) -> None:
    files = root(environment, "trail: {log_archive: {bucket: archive, owner: log | team, prefix: trails}}\n")
    assert re.search(r'log_archive += \{ bucket = "archive", prefix = "trails" \}', files["trail.tf"])
    assert "bucket_name" not in files["trail.tf"]
    assert "module.trail.bucket_policy" in files["outputs.tf"]
    assert "owned by log \\| team" in files["README.md"]


@pytest.mark.parametrize(
    ("events", "kinds"),
    [("all", None), ("read", '["read"]'), ("none", "[]")],
)
def test_which_s3_object_events_are_recorded(environment: Make, events: str, kinds: str | None) -> None:
    made = root(environment, f"trail: {{s3_data_events: {events}}}\n")["trail.tf"]
    assert ("s3_data_events" in made) == (kinds is not None)
    assert kinds is None or re.search(rf"s3_data_events += {re.escape(kinds)}", made)


def inventory(folder: Path, *trails: dict[str, Any]) -> None:
    found = {"trails": [{"multi_region": True, "logging": True, **trail} for trail in trails]}
    content = {
        "schema": "guardline/inventory/v1",
        "partition": "aws-us-gov",
        "account": "111122223333",
        "taken_at": "2026-11-25T12:00:00Z",
        "regions": {HOME: found},
    }
    (folder / "inventory.json").write_text(json.dumps(content), encoding="utf-8")


def with_trails(environment: Make, *names: str) -> dict[str, str]:
    path = environment(minimal("aws-us-gov", home=HOME, more="inventory: inventory.json\n"))
    inventory(path.parent, *({"name": name, "arn": f"{ARN}/{name}"} for name in names))
    return {str(file): text for file, text in Baseline.of(path).folders[-1].files.items()}


def test_a_trail_of_the_same_name_is_adopted(environment: Make) -> None:
    files = with_trails(environment, "small")
    assert "to = module.trail.aws_cloudtrail.this" in files["imports.tf"]
    assert f'"{ARN}/small"' in files["imports.tf"]


def test_a_second_trail_over_all_regions_is_pointed_out(environment: Make) -> None:
    files = with_trails(environment, "theirs")
    assert "module.trail.aws_cloudtrail" not in files.get("imports.tf", "")
    assert "records every region already, so that management events are billed" in files["README.md"]


@pytest.mark.parametrize(("more", "left_out"), [("", True), ("exclude_log_buckets: false", False)])
def test_the_trail_leaves_out_the_buckets_that_receive_logs(environment: Make, more: str, left_out: bool) -> None:
    logs = "flow_logs: {}\ndns_logs: {bucket: the-queries-of-all}\nconfig: {mode: create}\n"
    trail = f"trail: {{excluded_buckets: [other-logs], {more}}}\n"
    spec = environment(TRAILED + logs + trail)
    Baseline.of(spec).write()
    text = (spec.parent / "trail.tf").read_text()
    own = {"small-flow-logs-111122223333", "the-queries-of-all", "small-config-111122223333"}
    assert '"other-logs"' in text
    assert {name for name in own if f'"{name}"' in text} == (own if left_out else set())
    # A log group is no bucket.
    Baseline.of(environment(TRAILED + "flow_logs: {destination: cloudwatch-logs}\n" + trail, name="groups")).write()
    assert "flow-logs" not in (spec.parents[1] / "groups" / "trail.tf").read_text()


def test_access_logs_are_kept_where_they_are_asked_for(environment: Make) -> None:
    export = TRAILED + "guardduty: {export: {object_lock: {mode: compliance, days: 30}}}\n"
    plain = environment(export + "trail: {}\n")
    asked = environment(export + "trail: {access_logs: true}\nblock_public_buckets: true\n", name="asked")
    for spec in (plain, asked):
        Baseline.of(spec).write()
    assert "access_log" not in (plain.parent / "trail.tf").read_text()
    assert 'access_log_bucket_name = "small-access-logs-111122223333"' in (asked.parent / "trail.tf").read_text()
    findings = (asked.parent / "export.tf").read_text()
    assert re.search(r'access_logs += \{ bucket = module\.trail\.access_log_bucket, prefix = "findings/" \}', findings)
    assert re.search(r'object_lock += \{ mode = "COMPLIANCE", days = 30 \}', findings)
    assert "aws_s3_account_public_access_block" not in (plain.parent / "main.tf").read_text()
    assert "aws_s3_account_public_access_block" in (asked.parent / "main.tf").read_text()


TRAILED = """\
version: 1
name: small
home_region: eu-west-1
regions: {not_opted_in: rest}
account: {id: "111122223333"}
"""
