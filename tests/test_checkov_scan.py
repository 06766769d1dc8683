"""The scan's own rules, on a checkov that answers what it is told."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import checkov_scan

BUCKET = {
    "check_id": "CKV_AWS_18",
    "check_name": "Ensure access logging",
    "resource": 'module.here["eu.west"].aws_s3_bucket.logs["a.b"]',
    "file_path": "/s3.tf",
    "file_line_range": [3, 9],
}
REASON = "- {check: CKV_AWS_18, resources: [aws_s3_bucket.logs], reason: it is the log bucket}\n"


class Scene:
    """A folder of Terraform, a list of reasons and a checkov with a prepared answer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "main.tf").write_text("", encoding="utf-8")
        self.reasons = folder / "reasons.yaml"
        self.checkov = folder / "checkov"

    def scan(self, answer: object, reasons: str = "", code: int = 1) -> int:
        """Run the scan with checkov printing `answer`."""
        text = answer if isinstance(answer, str) else json.dumps(answer)
        self.checkov.write_text(f"#!{sys.executable}\nprint({text!r})\nraise SystemExit({code})\n", encoding="utf-8")
        self.checkov.chmod(0o755)
        self.reasons.write_text(reasons, encoding="utf-8")
        return checkov_scan.main(["--checkov", str(self.checkov), "--reasons", str(self.reasons), str(self.folder)])


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def report(*failed: dict[str, Any], passed: int = 5, unparsed: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "check_type": "terraform",
        "results": {"failed_checks": list(failed), "parsing_errors": list(unparsed)},
        "summary": {"passed": passed, "failed": len(failed), "parsing_errors": len(unparsed)},
    }


def test_each_root_is_scanned_and_of_an_organizations_members_one(tmp_path: Path) -> None:
    for root in ("all/a", "all/org/security", "all/org/members/one", "all/org/members/two", "modules/m"):
        (tmp_path / root).mkdir(parents=True)
        file = "main.tf" if root.startswith("modules") else "providers.tf"
        (tmp_path / root / file).write_text("", encoding="utf-8")
    found = [root.relative_to(tmp_path).as_posix() for root in checkov_scan._roots(tmp_path / "all")]
    assert found == ["all/a", "all/org/members/one", "all/org/security"]
    assert checkov_scan._roots(tmp_path / "modules") == [tmp_path / "modules"]


def test_no_finding_and_no_reason_is_well(scene: Scene) -> None:
    assert scene.scan(report(), code=0) == 0


def test_a_finding_must_be_listed(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    assert scene.scan(report(BUCKET)) == 1
    assert "/s3.tf:3 (Ensure access logging): CKV_AWS_18 on aws_s3_bucket.logs" in capsys.readouterr().err


def test_a_listed_finding_is_well_whatever_its_instances(scene: Scene) -> None:
    assert scene.scan([report(BUCKET), report({**BUCKET, "resource": "aws_s3_bucket.logs"})], REASON) == 0


def test_a_reason_holds_for_its_own_resource_only(scene: Scene) -> None:
    assert scene.scan(report(BUCKET, {**BUCKET, "resource": "aws_s3_bucket.trail"}), REASON) == 1


def test_a_stale_reason_fails(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    assert scene.scan(report(), REASON, code=0) == 1
    assert "no longer finds it" in capsys.readouterr().err


def test_a_file_that_checkov_cannot_parse_fails(scene: Scene) -> None:
    assert scene.scan(report(unparsed=("/bad.tf",)), code=0) == 1


def test_a_file_that_checkov_counts_and_does_not_name_fails(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    answer = report()
    answer["summary"]["parsing_errors"] = 2
    assert scene.scan(answer, code=0) == 1
    assert "2 files of" in capsys.readouterr().err


def test_a_scan_of_nothing_fails(scene: Scene) -> None:
    """checkov's answer where it found no resource: a bare summary."""
    assert scene.scan({"passed": 0, "failed": 0, "skipped": 0, "parsing_errors": 0}, code=0) == 1


@pytest.mark.parametrize(
    "reasons", ["- {check: A, resources: [b.c]}\n", REASON + REASON, "- {check: A, resources: [b.c], reason: ' '}"]
)
def test_the_list_is_whole_and_without_doubles(scene: Scene, reasons: str) -> None:
    with pytest.raises(SystemExit, match=r"reasons\.yaml"):
        scene.scan(report(BUCKET), reasons)


def test_a_checkov_that_breaks_is_not_a_pass(scene: Scene) -> None:
    with pytest.raises(SystemExit, match="ended with 2"):
        scene.scan(report(), code=2)
    with pytest.raises(SystemExit, match="printed no JSON"):
        scene.scan("hello", code=0)
    with pytest.raises(SystemExit, match="does not run"):
        checkov_scan.run(scene.folder / "absent", [scene.folder])


def test_a_folder_without_terraform_is_not_a_pass(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(SystemExit, match="no Terraform"):
        checkov_scan.run(scene.checkov, [tmp_path_factory.mktemp("empty")])
