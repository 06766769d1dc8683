"""What real Terraform and AWS provider 5.100 make of the Terraform written here."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from guardline.generator.baseline import Baseline
from tests.generator.test_regions import every_region, minimal
from tests.support.terraform_runs import terraform

pytestmark = pytest.mark.terraform
ROOT = Path(__file__).parents[2]
Make = Callable[..., Path]
MOVING = """\
module "region" {{
  source   = "./region"
  for_each = toset([{regions}])
}}
"""


@pytest.mark.parametrize("provider", [5, 6])
def test_terraform_fmt_has_nothing_to_change(environment: Make, provider: int) -> None:
    for name, spec in {"every": minimal(provider=provider, more=every_region()), "rich": None}.items():
        path = environment(spec, name=name) if spec else environment(name=name, provider=provider)
        path.write_text(
            path.read_text().replace("account:", "contacts: {owner: x}\naccount:") if spec else path.read_text()
        )
        Baseline.of(path).write()
        terraform(path.parent, "fmt", "-check", "-diff", "-recursive", "-no-color")


def test_what_is_committed_is_formatted(tmp_path: Path) -> None:
    for folder in ("modules", "environments"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns(".terraform"))
    terraform(tmp_path, "fmt", "-check", "-diff", "-recursive", "-no-color")


def test_provider_5_accepts_the_root_with_everything_in_it(environment: Make) -> None:
    """Forgetting a region, a role, tags that hold template signs, a plan that is off, lists, every module."""
    spec = environment(provider=5, retiring="forget")
    spec.write_text(spec.read_text().replace("  backend:\n    s3: {bucket: golden-state, key: guardline/golden, "
                                             "region: eu-west-1}\n", ""))  # fmt: skip
    Baseline.of(spec).write()
    terraform(spec.parent, "init", "-no-color", "-input=false")
    found = json.loads(terraform(spec.parent, "validate", "-json", "-no-color"))
    assert (found["valid"], found["diagnostics"]) == (True, [])


ALERTING = """\
version: 1
name: alerting
home_region: eu-north-1
terraform: {aws_provider: 5}
account: {id: "111122223333"}
regions: {not_opted_in: rest}
threat_ips: [{name: feed, file: feed.csv}]
response:
  alerts:
    slack: [{workspace: T07EA123LEP, channel: C07EZ1ABC23}]
    teams: [{team: UUID, tenant: UUID, channel: "19:ab12@thread.tacv2"}]
    webhooks:
      - {name: pager, format: pagerduty, secret: "arn:aws:secretsmanager:eu-north-1:111122223333:secret:pager-a1b2c3"}
      - {name: hook, url: "https://example.com/%24x", header: X-Key,
         secret: "arn:aws:secretsmanager:eu-north-1:111122223333:secret:hook-a1b2c3"}
  remediate: {actions: [stop-instance]}
"""


@pytest.mark.environments  # half a minute with the real provider
def test_provider_5_accepts_chats_webhooks_and_feeds(environment: Make) -> None:
    spec = environment(ALERTING.replace("UUID", "12345678-1234-1234-1234-123456789012"))
    (spec.parent / "feed.csv").write_text('Indicator type,Indicator,Description\nIPv4,192.0.2.1,"${x}"\n')
    Baseline.of(spec).write()
    terraform(spec.parent, "fmt", "-check", "-diff", "-recursive", "-no-color")
    terraform(spec.parent, "init", "-no-color", "-input=false")
    found = json.loads(terraform(spec.parent, "validate", "-json", "-no-color"))
    assert (found["valid"], found["diagnostics"]) == (True, [])


@pytest.mark.environments
def test_validation_would_see_a_fault(environment: Make) -> None:
    spec = environment(minimal("aws-us-gov", home="us-gov-west-1"))
    Baseline.of(spec).write()
    main = spec.parent / "modules" / "guardduty" / "main.tf"
    main.write_text(main.read_text().replace("detector_id = aws_", "detektor_id = aws_", 1))
    terraform(spec.parent, "init", "-no-color", "-input=false")
    assert not json.loads(terraform(spec.parent, "validate", "-json", "-no-color", check=False))["valid"]


def test_terraform_lets_go_of_one_region_of_the_loop(tmp_path: Path, environment: Make) -> None:
    """`removed` takes no instance, so the instance is given a name of its own first. Seen without a provider."""
    root = tmp_path / "loop"
    (root / "region").mkdir(parents=True)
    (root / "region" / "main.tf").write_text('resource "terraform_data" "x" {\n  input = "x"\n}\n')
    main = root / "main.tf"
    main.write_text(MOVING.format(regions='"eu-west-1", "sa-east-1"'))
    terraform(root, "init", "-no-color")
    terraform(root, "apply", "-auto-approve", "-no-color")
    written = next(
        text
        for path, text in Baseline.of(environment(provider=6, retiring="forget")).folders[1].files.items()
        if str(path) == "regions.tf"
    )
    main.write_text(MOVING.format(regions='"eu-west-1"') + written[written.index("moved {") :])
    terraform(root, "init", "-no-color")
    terraform(root, "plan", "-out=p", "-no-color")
    plan = json.loads(terraform(root, "show", "-json", "p"))
    assert {change["address"]: change["change"]["actions"] for change in plan["resource_changes"]} == {
        'module.region["eu-west-1"].terraform_data.x': ["no-op"],
        "module.sa_east_1.terraform_data.x": ["forget"],
    }
    terraform(root, "apply", "-no-color", "p")
    assert terraform(root, "state", "list").split() == ['module.region["eu-west-1"].terraform_data.x']


@pytest.mark.modules
def test_modules_refuse_values_that_aws_would_refuse(tmp_path: Path, environment: Make) -> None:
    """The modules' own validation speaks before AWS does; no provider is configured to see it."""
    Baseline.of(environment(minimal().replace("aws_provider: 5", "aws_provider: 5, modules: ../../modules"))).write()
    modules = "../project/modules"
    calls = {
        "account": 'flow-logs: region = "x"\n  account_id = "123"\n  destination_arn = "x"',
        "traffic": 'flow-logs: region = "x"\n  account_id = "123456789012"\n  traffic = "SOME"',
        "feature": "guardduty: features = { S3_LOGS = true }",
        "frequency": 'guardduty: features = {}\n  finding_publishing_frequency = "DAILY"',
        "bucket": 'bucket: name = "Not_A_Bucket"',
        "days": 'bucket: name = "a-bucket"\n  retention_days = 0.5',
        "address": 'ip-lists: region = "x"\n  bucket_name = "a-bucket"\n  lists = { trusted = "one.two\\n" }',
    }
    root = tmp_path / "calls"
    root.mkdir()
    text = ""
    for name, call in calls.items():
        module, arguments = call.split(": ", 1)
        text += f'module "{name}" {{\n  source = "{modules}/{module}"\n  {arguments}\n}}\n'
    (root / "main.tf").write_text('provider "aws" {\n  region = "eu-west-1"\n}\n' + text)
    terraform(root, "init", "-no-color", "-input=false")
    found = json.loads(terraform(root, "validate", "-json", "-no-color", check=False))
    expected = {"Expected 12 digits", "Expected ALL", "Expected only S3", "Expected FIFTEEN", "Expected 3 to 63",
                "Expected a whole number", "Expected IPv4"}  # fmt: skip
    details = " ".join(diagnostic["detail"] for diagnostic in found["diagnostics"])
    assert {text for text in expected if text not in details} == set()
