"""--against a folder, a plan or a stored result; and a plan, which says itself what was before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.plans import change, plan, provider, resource
from tests.support.repositories import (
    ASK,
    HERE,
    compared,
    git,
    new,
    root,
    said,
    validate,
)


def test_against_a_folder(repository: Path, tmp_path: Path) -> None:
    git(repository, "worktree", "add", "--quiet", "--detach", str(tmp_path / "main"))
    (repository / HERE / "main.tf").write_text(root("eu-west-1", "us-east-1"))
    found = compared("--against", str(tmp_path / "main" / HERE), "--only-new", code=1)
    assert ("detector-enabled", "us-west-2") in new(found)


def test_a_control_of_the_old_catalogue_is_asked_though_it_had_no_cell(repository: Path) -> None:
    """A first bad rule is a new failure; only a control that was not known then is newly asked."""
    assert validate(HERE, *ASK, "--format=json=old.json").exit_code == 1
    old = json.loads(Path("old.json").read_text())
    assert "suppression-scoped" in old["controls"]
    assert not [cell for cell in old["cells"] if cell["control"] == "suppression-scoped"]
    rule = """
resource "aws_guardduty_detector" "own" {
  provider = aws.us-east-1
}
resource "aws_guardduty_filter" "all" {
  provider    = aws.us-east-1
  name        = "all"
  action      = "ARCHIVE"
  rank        = 1
  detector_id = aws_guardduty_detector.own.id
  finding_criteria {
    criterion {
      field  = "region"
      equals = ["us-east-1"]
    }
  }
}
"""
    (repository / HERE / "filter.tf").write_text(rule)
    assert ("suppression-scoped", "us-east-1") in new(compared("--against", "old.json", "--only-new", code=1))
    old["controls"].remove("suppression-scoped")
    Path("older.json").write_text(json.dumps(old))
    found = compared("--against", "older.json", "--only-new", code=1)
    assert "suppression-scoped" not in dict(new(found))
    asked = {cell["control"] for cell in found["cells"] if cell["id"] in found["comparison"]["newly_asked"]}
    assert asked == {"suppression-scoped"}


def planned(*changes: tuple[str, bool | None, bool | None]) -> bytes:
    """A plan of a detector for each region: region, enabled before, enabled after."""

    def detector(region: str, enabled: bool | None) -> dict[str, Any] | None:
        arn = f"arn:aws:guardduty:{region}:111122223333:detector/{region}"
        return None if enabled is None else {"enable": enabled, "id": region, "arn": arn}

    made = [
        change(
            f"aws_guardduty_detector.{region}",
            after=detector(region, after),
            before=detector(region, before),
            actions=None if before != after else ("no-op",),
        )
        for region, before, after in changes
    ]
    keys = {f"aws.{region}": {**provider(region), "alias": region} for region, _, _ in changes}
    resources = [
        resource("aws_guardduty_detector", region, f"aws.{region}") for region, _, after in changes if after is not None
    ]
    return plan(made, resources, keys)


DELETES = (("eu-west-1", True, True), ("us-west-2", True, None))
MENDS = (("eu-west-1", True, True), ("us-west-2", False, True))
PLANS = ("--regions", "eu-west-1,us-west-2", "--control", "detector-enabled", "--whole")


@pytest.mark.usefixtures("repository")
def test_a_plan_says_itself_what_it_breaks() -> None:
    Path("plan.json").write_bytes(planned(*DELETES))
    done = validate("plan.json", *PLANS, "--only-new", "--format=github")
    assert done.exit_code == 1
    assert done.stdout.count("::error") == 1
    assert "since what the plan starts from: 1 new failure, 0 fixed; coverage 100 % → 50.0 %" in done.stdout
    done = validate("plan.json", *PLANS, "--format=markdown")
    assert "since what the plan starts from" in said(done)


@pytest.mark.usefixtures("repository")
def test_a_plan_says_itself_what_it_mends() -> None:
    Path("plan.json").write_bytes(planned(*MENDS))
    for name in ("terminal", "markdown"):
        done = validate("plan.json", *PLANS, "--only-new", f"--format={name}")
        assert done.exit_code == 0
        assert "0 new failures, 1 fixed; coverage 50.0 % → 100 %" in said(done)
        assert "fixed: detector-enabled us-west-2" in said(done)


@pytest.mark.usefixtures("repository")
def test_what_a_plan_leaves_as_bad_as_it_was_is_not_new() -> None:
    Path("plan.json").write_bytes(planned(("eu-west-1", True, True), ("us-west-2", False, False)))
    assert validate("plan.json", *PLANS).exit_code == 1
    assert validate("plan.json", *PLANS, "--only-new").exit_code == 0


@pytest.mark.usefixtures("repository")
def test_against_a_plan() -> None:
    Path("old.json").write_bytes(planned(("eu-west-1", True, True), ("us-west-2", True, True)))
    Path("plan.json").write_bytes(planned(*DELETES[:1], ("us-west-2", False, False)))
    done = validate("plan.json", *PLANS, "--against", "old.json", "--only-new", "--format=github")
    assert (done.exit_code, "since old.json: 1 new failure" in done.stdout) == (1, True)
    done = validate("old.json", *PLANS, "--against", "plan.json", "--only-new", "--format=github")
    assert (done.exit_code, "since plan.json: 0 new failures, 1 fixed" in done.stdout) == (0, True)
