"""What judging a hostile tree may not do: run, connect, read outside, or tell a secret."""
# ruff: noqa: E501 - Terraform in one line each, to be seen side by side

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from guardline.validator.reporters import FORMATS, render
from guardline.validator.run import Request, run
from tests.support.source_trees import write

ROOT = Path(__file__).parents[1]

HOSTILE = {
    "main.tf": """\
provider "aws" {
  region = file("../outside/region")
}
module "up" {
  source = "../outside"
}
module "absolute" {
  source = "/etc"
}
module "git" {
  source = "git::https://127.0.0.1:9/x.git"
}
module "link" {
  source = "./linked"
}
data "external" "x" {
  program = ["touch", "/tmp/guardline-was-run"]
}
data "http" "x" {
  url = "http://127.0.0.1:9/"
}
locals {
  a = [for f in ["../outside/region", "/etc/hostname", "link", "linked/x", "~/.aws/credentials"] : try(file(f), "")]
  b = fileset("..", "**")
  c = fileset(".", "**")
  d = templatefile("../outside/region", {})
  e = fileexists("/etc/passwd")
}
resource "aws_guardduty_detector" "d" {
  enable = length(local.c) > 0 && local.e && join("", local.a) == ""
  provisioner "local-exec" {
    command = "touch /tmp/guardline-was-run"
  }
}
""",
    "more.auto.tfvars": "x = 1\n",
    ".terraform/modules/modules.json": json.dumps({"Modules": [{"Key": "git", "Source": "x", "Dir": "../outside"}]}),
    ".terraform/environment": "default",
    **{f"f{n}.tf": f"locals {{\n  l{n} = [{'1, ' * 4000}]\n}}\n" for n in range(10)},  # enough for parse workers
}

WATCHED = """
import os, sys
from guardline.cli import main
events = os.open(sys.argv.pop(1), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def note(event, arguments):
    if event in ("open", "os.listdir", "os.scandir") and arguments and isinstance(arguments[0], (str, bytes, os.PathLike)):
        os.write(events, f"{event} {os.path.realpath(os.fsdecode(arguments[0]))}\\n".encode())
    elif event.startswith(("socket.", "subprocess.", "os.exec", "os.spawn", "os.posix_spawn", "os.system", "pty.")):
        started = arguments[0] if event == "subprocess.Popen" else ""
        os.write(events, f"{event} {started}\\n".encode())
    elif event in ("os.fork", "os.forkpty"):
        os.write(events, b"os.fork\\n")
sys.addaudithook(note)
sys.argv[0] = "guardline"
main()
"""


@pytest.mark.parametrize("saved", [False, True], ids=["cold", "from the cache"])
def test_judging_opens_only_the_tree_and_the_cache_starts_nothing_and_connects_to_nothing(
    tmp_path: Path, saved: bool
) -> None:
    root, cache, events = write(tmp_path / "tree", HOSTILE), tmp_path / "home" / ".cache", tmp_path / "events"
    write(tmp_path, {"outside/region": "eu-west-1", "outside/main.tf": 'resource "aws_vpc" "v" {\n}\n'})
    (root / "link").symlink_to(tmp_path / "outside" / "region")
    (root / "linked").symlink_to(tmp_path / "outside")
    (root / "z.auto.tfvars").symlink_to(tmp_path / "outside" / "region")
    (root / "z.tf").symlink_to(tmp_path / "outside" / "main.tf")
    command = [
        sys.executable,
        "-c",
        WATCHED,
        str(events),
        "validate",
        str(root),
        "--format",
        "json=" + str(tmp_path / "r"),
    ]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    if saved:
        subprocess.run(command, capture_output=True, timeout=60, cwd=root, env=environment, check=False)
        events.unlink()
    done = subprocess.run(command, capture_output=True, timeout=60, cwd=root, env=environment, check=False)
    assert done.returncode == 2, done.stderr  # links that lead outside are named as errors
    assert b"leads" in done.stderr or b"a link to outside" in done.stderr
    allowed = [
        root,
        cache,
        tmp_path / "r",
        tmp_path / ".r.guardline",
        ROOT / "generator",
        ROOT / "validator",
        *map(Path, {sys.prefix, sys.base_prefix}),
    ]
    strange = [
        line
        for line in events.read_text().splitlines()
        if not (line == "os.fork" and not saved)
        and not any(Path(line.partition(" ")[2]).is_relative_to(each.resolve()) for each in allowed)
        and line.partition(" ")[2] not in ("/dev/null", "/proc/cpuinfo", "/etc/localtime")
    ]
    assert strange == []
    assert str(root / "main.tf") in events.read_text()  # the hook hears what is opened
    assert not Path("/tmp/guardline-was-run").exists()  # noqa: S108 - what the tree would have run


def test_with_a_spec_in_a_git_tree_git_says_who_wrote_it_and_nothing_else_starts(tmp_path: Path) -> None:
    root, events = write(tmp_path / "tree", HOSTILE), tmp_path / "events"
    spec = (
        'version: 1\nname: own\nhome_region: eu-west-1\naccount: {id: "111122223333"}\nregions: {not_opted_in: rest}\n'
    )
    write(root, {"guardline.yaml": spec})
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    for call in (("init", "--quiet"), ("add", "guardline.yaml"), (*identity, "commit", "--quiet", "--message=spec")):
        subprocess.run(["git", *call], cwd=root, check=True, capture_output=True)
    asked = ["validate", str(root), "--spec", str(root / "guardline.yaml"), "--no-cache", "--format", "json"]
    command = [sys.executable, "-c", WATCHED, str(events), *asked]
    done = subprocess.run(command, capture_output=True, timeout=60, cwd=root, check=False)
    assert json.loads(done.stdout)["environment"]["authors"] == ["t"]
    started = {
        line for line in events.read_text().splitlines() if not line.startswith(("open ", "os.listdir", "os.scandir"))
    }
    assert started <= {"os.fork", "subprocess.Popen git"}
    assert "subprocess.Popen git" in started


# -- secrets -----------------------------------------------------------------------------------------------------

SECRET_SOURCES = (
    "var.s", "sensitive(local.plain)", "module.m.o", "local.made", 'upper(var.s)', '"x-${var.s}-y"', 'jsondecode(jsonencode({a = var.s})).a',
    'split("-", var.s)[1]', 'sensitive({ k = local.plain }).k', 'base64decode(base64encode(var.s))', "var.o.inner[0]", '"%{ if true }${var.s}%{ endif }"',
    '[for x in [var.s] : x][0]', 'try(var.none.x, var.s)', 'var.n == 1 ? "" : var.s', 'replace(var.s, "q", "r")', "coalesce(var.s, 1)",
)  # fmt: skip
FAILING = (
    "cidrhost({}, 1)", "cidrsubnet({}, 1, 1)", "parseint({}, 10)", "file({})", "filebase64({})", "templatefile({}, {{}})", "yamldecode({})",
    "yamldecode(\"a: [${{{}}}\")", "jsondecode({})", 'lookup({{}}, {})', "{{}}[{}]", "[1][{}]", "timeadd({}, \"1h\")", 'formatdate({}, "2026-01-01T00:00:00Z")',
    'timeadd("2026-01-01T00:00:00Z", {})', "uuidv5({}, \"x\")", "regex({}, \"x\")", "regex(\"^x$\", {})", "tonumber({})", "tobool({})", "{} + 1", "-{}", "!{}",
    "{{ for x in [1, 2] : {} => x }}", "format({}, 1)", 'format("%d", {})', "base64decode({})", "csvdecode({})", "fileset({}, \"*\")", "tolist({})",
    "zipmap([{}], [])", 'element({}, 0)', "sort([[{}]])", "{}.attribute", 'textencodebase64("x", {})', "range({})", 'templatestring({}, {{}})', 'strcontains({})',
    "toset([{}, []])", "max({})", "chunklist([1], {})", "one([{}, 1])", "index([], {})", "sum([{}])", "keys({})", "pow({}, 2)",
)  # fmt: skip
PLACES = (
    ('resource "aws_cloudtrail" "{name}" {{\n  name = {x}\n  s3_bucket_name = {x}\n  kms_key_id = {x}\n  is_multi_region_trail = true\n'
    '  event_selector {{\n    data_resource {{\n      type = "AWS::S3::Object"\n      values = ["arn:aws:s3:::${{{x}}}/"]\n    }}\n  }}\n}}\n'),
    'resource "aws_guardduty_ipset" "{name}" {{\n  activate = true\n  detector_id = {x}\n  format = "TXT"\n  name = {x}\n  location = {x}\n}}\n',
    ('resource "aws_guardduty_filter" "{name}" {{\n  name = {x}\n  action = "ARCHIVE"\n  rank = 1\n  description = {x}\n  finding_criteria {{\n'
    '    criterion {{\n      field = {x}\n      equals = [{x}]\n    }}\n    criterion {{\n      field = "type"\n      equals = [{x}]\n    }}\n'
    '    criterion {{\n      field = "severity"\n      greater_than = {x}\n    }}\n  }}\n}}\n'),
    'resource "aws_iam_policy" "{name}" {{\n  name = {x}\n  policy = jsonencode({{ Statement = [{{ Effect = {x}, Action = [{x}, "guardduty:*"], Resource = {x} }}] }})\n}}\n',
    ('resource "aws_cloudwatch_event_rule" "{name}" {{\n  name = {x}\n  event_pattern = jsonencode({{ source = ["aws.guardduty"], detail = {{ (nonsensitive("a")) = [{{ anything-but = {x}, exists = {x} }}] }} }})\n}}\n'
    'resource "aws_cloudwatch_event_target" "{name}" {{\n  rule = aws_cloudwatch_event_rule.{name}.name\n  arn = "arn:aws:sns:us-east-1:111122223333:${{{x}}}"\n}}\n'),
    'resource "aws_vpc" "{name}" {{\n  for_each = toset([{x}])\n  cidr_block = {x}\n}}\nresource "aws_flow_log" "{name}" {{\n  vpc_id = {x}\n  traffic_type = {x}\n  log_destination = {x}\n}}\n',
    'resource "aws_s3_bucket_policy" "{name}" {{\n  bucket = {x}\n  policy = {x}\n}}\nresource "aws_sns_topic" "{name}" {{\n  name = {x}\n  kms_master_key_id = {x}\n  policy = {x}\n}}\n',
    ('provider "aws" {{\n  alias = "{name}"\n  region = {x}\n  access_key = {x}\n  secret_key = {x}\n  allowed_account_ids = [{x}]\n  assume_role {{\n    role_arn = "arn:aws:iam::111122223333:role/${{{x}}}"\n  }}\n}}\n'
    'resource "aws_guardduty_detector" "{name}" {{\n  provider = aws.{name}\n  enable = {x}\n  finding_publishing_frequency = {x}\n}}\n'),
)  # fmt: skip


def shown(request: Request, capsys: pytest.CaptureFixture[str]) -> str:
    """Everything that a run says, in every format."""
    report = run(request, datetime(2026, 11, 30, tzinfo=UTC))
    texts = [
        render(report, name, **({"width": 200, "colour": False, "ascii_only": False} if name == "terminal" else {}))
        for name in FORMATS
    ]
    errors = [f"{error.source} {error.file} {error.message}" for error in report.errors]
    return "\n".join([*map(str, texts), *errors, *capsys.readouterr()])


def placements() -> Iterator[tuple[str, str]]:
    """Files by name, each with secrets of its own."""
    number = 0
    for source in SECRET_SOURCES:
        for place in PLACES:
            number += 1
            yield f"p{number}", place.format(name=f"p{number}", x=source)
    for failing in FAILING:
        for source in ("var.s", "local.made"):
            number += 1
            yield f"p{number}", PLACES[number % len(PLACES)].format(name=f"p{number}", x=failing.format(source))


DATA = ROOT / "tests" / "data"
MARK = "s3cr3t-MaRk3r"
COMMON = f"""\
variable "s" {{
  type      = string
  sensitive = true
  default   = "pre-{MARK}-post"
}}
variable "o" {{
  sensitive = true
  default   = {{ inner = ["{MARK}"] }}
}}
variable "n" {{
  default = 2
}}
variable "none" {{
  default = null
}}
locals {{
  plain = nonsensitive(var.s)
  made  = "${{var.s}}!"
}}
module "m" {{
  source = "./m"
  s      = var.s
}}
"""
MODULE = 'variable "s" {\n}\noutput "o" {\n  sensitive = true\n  value = var.s\n}\n'


def test_no_secret_of_a_source_stands_in_any_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every way to make a value sensitive at every place, and in every error that a function can give: over 200."""
    files = {f"{name}.tf": text for name, text in placements()}
    assert len(files) > 200
    root = write(tmp_path, {"main.tf": COMMON, "m/main.tf": MODULE, **files})
    said = shown(Request((str(root),), as_of=date(2026, 11, 30), cache=False), capsys)
    found = {line for line in said.splitlines() if MARK.lower() in line.lower()}
    assert found == set()
    assert "aws_cloudtrail.p1" in said


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    elif isinstance(value, str):
        yield path


def planted(plan: dict[str, Any], chosen: Any) -> int:
    """Mark strings of a plan as sensitive, and put a secret into each; how many."""
    count = 0
    for change in plan["resource_changes"]:
        for side in ("before", "after"):
            values: Any = change["change"].get(side)
            mirror: dict[Any, Any] = {}
            for path in leaves(values or {}):
                if not chosen():
                    continue
                count += 1
                _put(values, path, _with_mark(_get(values, path)))
                _mark(mirror, path)
            change["change"][f"{side}_sensitive"] = mirror
    return count


def _with_mark(text: str) -> str:
    """The text with a secret at its end, or with one at the end of each text in it where it is JSON."""
    if not text.startswith(("{", "[")):
        return f"{text}-{MARK}"
    inner = json.loads(text)
    for path in leaves(inner):
        _put(inner, path, f"{_get(inner, path)}-{MARK}")
    return json.dumps(inner)


def _get(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def _put(value: Any, path: tuple[Any, ...], new: str) -> None:
    _get(value, path[:-1])[path[-1]] = new


def _mark(mirror: dict[Any, Any], path: tuple[Any, ...]) -> None:
    """Sensitivity as a plan says it; a whole list is marked where something in it is."""
    for position, step in enumerate(path[:-1]):
        if isinstance(path[position + 1], int):
            mirror[step] = True
            return
        below = mirror.setdefault(step, {})
        if not isinstance(below, dict):
            return
        mirror = below
    mirror[path[-1]] = True


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 40))])
def test_no_secret_of_a_plan_stands_in_any_output(
    tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(seed)  # noqa: S311 - which strings, the same every time
    for plan_file in (
        DATA / "response" / "first.json",
        DATA / "watching" / "first.json",
        DATA / "logs" / "applied.json",
    ):
        plan = json.loads(plan_file.read_bytes())
        share = 1.0 if seed == 0 else 0.1
        assert planted(plan, lambda share=share: chance.random() < share) > 0
        (tmp_path / "plan.json").write_text(json.dumps(plan))
        said = shown(Request((str(tmp_path / "plan.json"),), as_of=date(2026, 11, 30)), capsys)
        assert {line for line in said.splitlines() if MARK.lower() in line.lower()} == set(), plan_file
