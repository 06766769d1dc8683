"""Evidence stands on the line of the attribute that decides, and names the calls that lead to it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from guardline.validator.control import Status
from guardline.validator.report import Row
from guardline.validator.run import Request, run
from tests.support.plans import change, plan, provider, refers, resource
from tests.support.source_trees import write

PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n'
DETECTOR = 'resource "aws_guardduty_detector" "d" {\n}\n'


def rows(root: Path, files: dict[str, str] | str, control: str, spec: Path | None = None) -> list[Row]:
    write(root, {"main.tf": files} if isinstance(files, str) else files)
    request = Request((str(root),), date(2026, 11, 25), spec=spec, regions="touched", controls=frozenset({control}))
    return list(run(request, datetime(2026, 11, 25, tzinfo=UTC)).rows)


def marked(text: str) -> int:
    """The line with the mark."""
    (found,) = (number for number, line in enumerate(text.splitlines(), 1) if "<--" in line)
    return found


TRAIL = 'resource "aws_cloudtrail" "t" {\n  name = "t"\n  s3_bucket_name = "b"\n'
FEATURE = """
resource "aws_guardduty_detector_feature" "f" {
  detector_id = aws_guardduty_detector.d.id
  name        = "%s"
  status      = "DISABLED" # <--
}
"""
CASES = {
    "a suspended detector": (
        "detector-enabled",
        Status.FAIL,
        """
resource "aws_guardduty_detector" "d" {
  finding_publishing_frequency = "SIX_HOURS"
  enable                       = false # <--
}
""",
    ),
    "a detector whose state is not told": (
        "detector-enabled",
        Status.UNDETERMINED,
        """
variable "on" {}
resource "aws_guardduty_detector" "d" {
  tags   = {}
  enable = var.on # <--
}
""",
    ),
    "an enabled detector": (
        "detector-enabled",
        Status.PASS,
        """
resource "aws_guardduty_detector" "d" {
  enable = true # <--
}
""",
    ),
    "a detector that is enabled by default": (
        "detector-enabled",
        Status.PASS,
        """
resource "aws_guardduty_detector" "d" { # <--
  tags = {}
}
""",
    ),
    "a feature": ("s3-protection", Status.FAIL, DETECTOR + FEATURE % "S3_DATA_EVENTS"),
    "a feature with agents": ("runtime-monitoring", Status.FAIL, DETECTOR + FEATURE % "RUNTIME_MONITORING"),
    "a block in a block": (
        "s3-protection",
        Status.FAIL,
        """
resource "aws_guardduty_detector" "d" {
  datasources {
    s3_logs {
      enable = false # <--
    }
  }
}
""",
    ),
    "a dynamic block": (
        "s3-protection",
        Status.FAIL,
        """
resource "aws_guardduty_detector" "d" {
  dynamic "datasources" {
    for_each = [1]
    content {
      s3_logs {
        enable = false # <--
      }
    }
  }
}
""",
    ),
    "the traffic of a flow log": (
        "vpc-flow-logs",
        Status.FAIL,
        """
resource "aws_vpc" "v" {}
resource "aws_flow_log" "f" {
  vpc_id       = aws_vpc.v.id
  traffic_type = "REJECT" # <--
}
""",
    ),
    "a trail of one region": ("trail-multi-region", Status.FAIL, TRAIL + "  is_multi_region_trail = false # <--\n}\n"),
    "a trail of one region that selects well": (
        "trail-multi-region",
        Status.FAIL,
        TRAIL + '  is_multi_region_trail = false # <--\n  event_selector {\n    read_write_type = "All"\n  }\n}\n',
    ),
    "what a trail selects": (
        "trail-multi-region",
        Status.FAIL,
        TRAIL + '  is_multi_region_trail = true\n  event_selector { # <--\n    read_write_type = "ReadOnly"\n  }\n}\n',
    ),
    "what of S3 a trail selects": (
        "trail-s3-data-events",
        Status.FAIL,
        TRAIL + '  is_multi_region_trail = true\n  event_selector { # <--\n    read_write_type = "All"\n  }\n}\n',
    ),
    "a trail without validation": (
        "trail-validation",
        Status.FAIL,
        TRAIL + "  is_multi_region_trail = true\n  enable_log_file_validation = false # <--\n}\n",
    ),
    "ignored changes": (
        "ignored-changes",
        Status.FAIL,
        """
resource "aws_guardduty_detector" "d" {
  lifecycle {
    ignore_changes = [enable] # <--
  }
}
""",
    ),
    "an inventory with a filter": (
        "vpc-inventory",
        Status.FAIL,
        """
data "aws_vpcs" "v" {
  tags = { team = "x" } # <--
}
""",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_line_is_of_the_attribute_that_decides(name: str, tmp_path: Path) -> None:
    control, status, text = CASES[name]
    whole = PROVIDER + text
    found = [row for row in rows(tmp_path, whole, control) if row.verdict is status and row.evidence]
    assert found, [(row.verdict, row.reason) for row in rows(tmp_path, whole, control)]
    assert {(row.evidence[0].file, row.evidence[0].line) for row in found} == {("main.tf", marked(whole))}


def test_an_override_file_decides(tmp_path: Path) -> None:
    files = {
        "main.tf": PROVIDER + 'resource "aws_guardduty_detector" "d" {\n  enable = true\n}\n',
        "over_override.tf": '\n\nresource "aws_guardduty_detector" "d" {\n  enable = false\n}\n',
    }
    (row,) = rows(tmp_path, files, "detector-enabled")
    assert (row.verdict, row.evidence[0].file, row.evidence[0].line) == (Status.FAIL, "over_override.tf", 4)


def test_json_syntax_has_lines_too(tmp_path: Path) -> None:
    text = '{"resource": {"aws_guardduty_detector": {"d": {\n "tags": {},\n "enable": false}}}}\n'
    (row,) = rows(tmp_path, {"main.tf": PROVIDER, "d.tf.json": text}, "detector-enabled")
    assert (row.verdict, row.evidence[0].file, row.evidence[0].line) == (Status.FAIL, "d.tf.json", 3)


def test_a_module_names_its_calls(tmp_path: Path) -> None:
    """Each instance of a module decides for itself, on the line of its own resource and under its own call."""
    files = {
        "main.tf": PROVIDER + 'provider "aws" {\n  alias = "us"\n  region = "us-east-1"\n}\n'
        'module "eu" {\n  source = "./outer"\n  on = false\n}\n'
        'module "us" {\n  source = "./outer"\n  on = true\n  providers = { aws = aws.us }\n}\n',
        "outer/main.tf": 'variable "on" {}\nmodule "inner" {\n  source = "../inner"\n  on = var.on\n}\n',
        "inner/main.tf": 'variable "on" {}\n\n'
        'resource "aws_guardduty_detector" "d" {\n  tags = {}\n  enable = var.on\n}\n',
    }
    found = {row.region: row for row in rows(tmp_path, files, "detector-enabled")}
    assert (found["eu-west-1"].verdict, found["us-east-1"].verdict) == (Status.FAIL, Status.PASS)
    for region, line in (("eu-west-1", 8), ("us-east-1", 12)):
        (origin,) = found[region].evidence
        assert (origin.file, origin.line) == ("inner/main.tf", 5)
        assert origin.calls == (("outer/main.tf", 2), ("main.tf", line))


def test_a_plan_with_its_own_source_has_the_same_lines(tmp_path: Path) -> None:
    files = {
        "main.tf": PROVIDER + 'module "eu" {\n  source = "./m"\n}\n',
        "m/main.tf": 'resource "aws_guardduty_detector" "d" {\n  tags = {}\n  enable = false\n}\n'
        'resource "aws_vpc" "v" {\n}\nresource "aws_flow_log" "f" {\n  vpc_id = aws_vpc.v.id\n\n'
        '  traffic_type = "REJECT"\n}\n',
    }
    source = write(tmp_path / "source", files)
    of_module = [
        resource("aws_guardduty_detector", "d"),
        resource("aws_vpc", "v"),
        resource("aws_flow_log", "f", vpc_id=refers("aws_vpc.v.id", "aws_vpc.v")),
    ]
    calls = {"eu": {"source": "./m", "expressions": {}, "module": {"resources": of_module}}}
    changes = [
        change("module.eu.aws_guardduty_detector.d", {"enable": False}),
        change("module.eu.aws_vpc.v", {}, {"id": True, "owner_id": True}),
        change("module.eu.aws_flow_log.f", {"traffic_type": "REJECT"}, {"vpc_id": True}),
    ]
    (tmp_path / "plan.json").write_bytes(plan(changes, providers={"aws": provider("eu-west-1")}, calls=calls))
    request = Request((str(tmp_path / "plan.json"),), date(2026, 11, 25), source_dir=source, regions="touched")
    found = {row.control: row for row in run(request, datetime(2026, 11, 25, tzinfo=UTC)).rows}
    for control, line in (("detector-enabled", 3), ("vpc-flow-logs", 10)):
        (origin,) = found[control].evidence
        assert (found[control].verdict, origin.file, origin.line) == (Status.FAIL, "m/main.tf", line)
        assert origin.calls == (("main.tf", 4),)


MODULE = """
variable "on" {
  type    = bool
  default = true
}
variable "other" {
  type    = string
  default = "S3_DATA_EVENTS"
}
resource "aws_guardduty_detector" "d" {}
resource "aws_guardduty_detector_feature" "s3" {
  detector_id = aws_guardduty_detector.d.id
  name        = var.other
  status      = STATUS
}
"""
CALL = 'module "m" {\n  source = "./m"\n  on     = false\n}\n'


@pytest.mark.parametrize(
    ("call", "status", "said"),
    [
        (CALL, 'var.on ? "ENABLED" : "DISABLED"', " It is given by the module's variable `on`: set that in the call."),
        (
            CALL,
            'var.on && var.other != "" ? "ENABLED" : "DISABLED"',
            " It is given by the module's variables `on` and `other`: set them in the call.",
        ),
        (CALL, '"DISABLED"', ""),
        ("", '"DISABLED"', ""),
    ],
)
def test_the_fix_names_the_modules_variable(tmp_path: Path, call: str, status: str, said: str) -> None:
    """Where nothing calls the module, it is the root."""
    text = MODULE.replace("STATUS", status)
    provider = 'provider "aws" {\n  region = "us-east-1"\n}\n'
    files = {"main.tf": provider + call, "m/main.tf": text} if call else {"main.tf": provider + text}
    (found,) = rows(tmp_path, files, "s3-protection")
    address = f"{'module.m.' if call else ''}aws_guardduty_detector_feature.s3"
    assert (found.verdict, found.fix) == ("fail", f'Set `status = "ENABLED"` on {address}.{said}')
