"""What provider 6 does with regions, and what any AWS provider does: small roots, real Terraform, the stub."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from guardline.localaws import LocalAws
from tests.support.clients import client
from tests.support.stub_roots import Root, actions, planned
from tests.support.stubprovider.server import Attached

pytestmark = pytest.mark.terraform
PROVIDER = """\
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]

  default_tags {
    tags = { owner = "security" }
  }
}
"""
MIXED = """
resource "aws_guardduty_detector" "default" {}

resource "aws_guardduty_detector" "there" {
  region = "us-west-2"
}

resource "aws_guardduty_detector_feature" "there" {
  region      = "us-west-2"
  detector_id = aws_guardduty_detector.there.id
  name        = "S3_DATA_EVENTS"
  status      = "ENABLED"
}

resource "aws_sns_topic" "where" {
  region = terraform_data.region.output
  name   = "where"
}

resource "terraform_data" "region" {
  input = "us-east-2"
}

resource "aws_iam_role" "global" {
  name               = "global"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

data "aws_caller_identity" "me" {}

data "aws_region" "there" {
  region = "us-west-2"
}

output "account" {
  value = data.aws_caller_identity.me.account_id
}
"""


@pytest.fixture
def root(tmp_path: Path, argument: Attached) -> Root:
    made = Root(tmp_path / "root", tmp_path / "root", "111122223333", argument)
    made.folder.mkdir()
    return made


def write(root: Root, text: str, provider: str = PROVIDER) -> None:
    (root.folder / "main.tf").write_text(provider + text, encoding="utf-8")
    if not (root.folder / ".terraform").exists() or not list((root.folder / ".terraform").glob("*")):
        root.init()


def after(root: Root, address: str) -> dict[str, Any]:
    """A resource's planned values."""
    found: dict[str, Any] = planned(root.plans[-1])[address]["change"]["after"]
    return found


def test_where_things_are_and_what_is_known_of_them(root: Root, aws: LocalAws) -> None:
    write(root, MIXED)
    plan = root.plan()
    assert after(root, "aws_guardduty_detector.default")["region"] == "eu-west-1"
    there = planned(plan)["aws_guardduty_detector.there"]["change"]
    assert (there["after"]["region"], there["after"]["enable"]) == ("us-west-2", True)
    assert there["after"]["tags_all"] == {"owner": "security"}
    assert {"id", "arn", "account_id"} <= there["after_unknown"].keys()
    assert planned(plan)["aws_sns_topic.where"]["change"]["after_unknown"]["region"] is True
    assert "region" not in after(root, "aws_iam_role.global")
    assert plan["planned_values"]["outputs"]["account"]["value"] == "111122223333"
    assert {each["values"]["region"] for each in read(plan, "aws_region")} == {"us-west-2"}

    root.apply()
    assert client(aws, "guardduty", "us-west-2", account="111122223333").list_detectors()["DetectorIds"]
    assert actions(root.plan()) == {}

    # Another region is another thing; so is another name.
    write(root, MIXED.replace("us-west-2", "us-east-1").replace('"global"\n  assume', '"other"\n  assume'))
    plan = root.plan()
    assert set(actions(plan)["aws_guardduty_detector.there"]) == {"create", "delete"}
    assert planned(plan)["aws_guardduty_detector.there"]["change"]["replace_paths"] == [["region"]]
    assert planned(plan)["aws_iam_role.global"]["change"]["replace_paths"] == [["name"]]
    assert "aws_guardduty_detector.default" not in actions(plan)

    # What others delete is made again.
    write(root, MIXED)
    gone = client(aws, "guardduty", "us-west-2", account="111122223333")
    gone.delete_detector(DetectorId=gone.list_detectors()["DetectorIds"][0])
    done = actions(root.plan())
    assert done["aws_guardduty_detector.there"] == ("create",)
    assert "aws_guardduty_detector.default" not in done


def read(plan: dict[str, Any], type_: str) -> list[dict[str, Any]]:
    """What was read of a data source."""
    return [each for each in plan["prior_state"]["values"]["root_module"]["resources"] if each["type"] == type_]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('resource "aws_sns_topic" "x" {\n  region = "cn-north-1"\n}', "partition (aws-cn)"),
        ('resource "aws_iam_user" "x" {\n  name   = "x"\n  region = "eu-west-1"\n}', "Unsupported argument"),
        ('resource "aws_flow_log" "x" {\n  vpc_id       = "vpc-1"\n  traffic_type = "SOME"\n}', "to be one of"),
        ('resource "aws_s3_bucket" "x" {\n  bucket        = "x"\n  bucket_prefix = "x"\n}', "conflicts with"),
        ('resource "aws_iam_role" "x" {\n  assume_role_policy = "no JSON"\n}', "JSON"),
        ('resource "aws_flow_log" "x" {\n  vpc_id = "vpc-1"\n  log_group_name = "x"\n}', "Unsupported argument"),
        ('resource "aws_guardduty_organization_configuration" "x" {\n  detector_id = "x"\n}', "Missing required"),
    ],
)  # fmt: skip
def test_what_is_refused(root: Root, text: str, said: str) -> None:
    write(root, text)
    root.stub.serve(root.folder)
    assert said in refusal(root)


def refusal(root: Root) -> str:
    """What Terraform says when it will not plan."""
    shown = root.run("plan", "-json", "-input=false", check=False)
    told = [json.loads(line) for line in shown.splitlines()]
    wrong = [each["diagnostic"] for each in told if each.get("@level") == "error" and "diagnostic" in each]
    return " ".join(f"{each['summary']} {each['detail']}" for each in wrong)


def test_each_alias_keeps_its_own_region(root: Root) -> None:
    """Requests do not say which provider block they are for: the stub knows it by the connection."""
    regions = ("us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-west-2")
    blocks = "".join(
        f'provider "aws" {{\n  alias  = "p{number}"\n  region = "{region}"\n}}\n'
        f'resource "aws_sns_topic" "t{number}" {{\n  provider = aws.p{number}\n  name     = "t"\n}}\n'
        for number, region in enumerate(regions)
    )
    write(root, blocks)
    root.plan()
    assert [after(root, f"aws_sns_topic.t{number}")["region"] for number in range(len(regions))] == list(regions)


FEATURE = "aws_guardduty_detector_feature"
IMPORT = """
resource "aws_guardduty_detector" "x" {{
  region = "us-west-2"
}}

import {{
  to = aws_guardduty_detector.x
  id = "{id}"
}}
"""


def test_an_import_names_the_region_behind_the_id(root: Root, aws: LocalAws) -> None:
    made = client(aws, "guardduty", "us-west-2", account="111122223333").create_detector(Enable=True)["DetectorId"]
    write(root, IMPORT.format(id=made))
    assert f"There is no aws_guardduty_detector {made} in eu-west-1" in refusal(root)
    write(root, IMPORT.format(id=f"{made}@us-west-2"))
    plan = root.plan()
    assert actions(plan) == {"aws_guardduty_detector.x": ("update",)}  # the default tags
    assert planned(plan)["aws_guardduty_detector.x"]["change"]["importing"] == {"id": f"{made}@us-west-2"}
    root.apply()
    assert actions(root.plan()) == {}


def test_what_the_real_provider_cannot_import_cannot_be_imported(root: Root) -> None:
    text = IMPORT.format(id="x/S3_DATA_EVENTS@us-west-2").replace("aws_guardduty_detector", FEATURE)
    given = 'detector_id = "x"\n  name = "S3_DATA_EVENTS"\n  status = "ENABLED"\n}'
    write(root, text.replace("}", given, 1))
    assert f"{FEATURE} doesn't support import" in refusal(root)


TESTED = """
run "region" {
  command = plan

  assert {
    condition     = aws_sns_topic.x.region == "us-west-2"
    error_message = "The topic is elsewhere."
  }
}
"""


def test_terraform_test_runs_with_it(root: Root) -> None:
    write(root, 'resource "aws_sns_topic" "x" {\n  region = "us-west-2"\n}')
    (root.folder / "main.tftest.hcl").write_text(TESTED, encoding="utf-8")
    assert "1 passed, 0 failed." in root.run("test", "-no-color")
    (root.folder / "main.tftest.hcl").write_text(TESTED.replace("us-west-2", "us-west-1"), encoding="utf-8")
    assert "The topic is elsewhere." in root.run("test", "-no-color", "-json", check=False)
