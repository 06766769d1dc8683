"""`--reference PRACTICE=ARN`: another root owns it, and its cells pass on that, as under a spec's mode `reference`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from msgspec import structs

from guardline.validator.control import Status
from guardline.validator.expectations.references import CONTROLS, BadReferenceError, referred
from guardline.validator.output import UsageError
from guardline.validator.report import Report
from guardline.validator.run import Request, run
from tests.support.source_trees import write

TRAIL = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"
DETECTOR = 'provider "aws" {\n  region = "eu-west-1"\n}\nresource "aws_guardduty_detector" "this" {}\n'


def judged(folder: Path, text: str, *references: str, spec: Path | None = None) -> Report:
    root = write(folder, {"main.tf": text})
    request = Request((str(root),), date(2026, 1, 31), spec=spec, tree=folder, cache=False, references=references)
    return run(request, datetime(2026, 1, 31, tzinfo=UTC))


def trail_cells(report: Report) -> set[tuple[Status, str]]:
    return {(row.verdict, row.reason) for row in report.rows if row.control in CONTROLS["trail"]}


def test_a_trail_of_another_root_passes_as_declared(tmp_path: Path) -> None:
    assert {verdict for verdict, _ in trail_cells(judged(tmp_path, DETECTOR))} == {Status.UNDETERMINED}
    found = judged(tmp_path, DETECTOR, f"trail={TRAIL}")
    assert trail_cells(found) == {(Status.PASS, f"declared, not seen: {TRAIL}, named by --reference")}
    assert found.options.asked == (f"--reference trail={TRAIL}",)
    others = [row for row in found.rows if row.control not in CONTROLS["trail"] and "--reference" in row.reason]
    assert others == []


def test_a_flow_log_that_is_here_and_wrong_still_fails(tmp_path: Path) -> None:
    text = (
        DETECTOR
        + 'resource "aws_vpc" "v" {}\n'
        + 'resource "aws_flow_log" "f" {\n  vpc_id = aws_vpc.v.id\n  traffic_type = "REJECT"\n}\n'
    )
    arn = "arn:aws:logs:eu-west-1:111122223333:log-group:flows"
    found = judged(tmp_path, text, f"flow-logs={arn}")
    verdicts = {row.subject: row.verdict for row in found.rows if row.control == "vpc-flow-logs" and row.subject}
    assert verdicts == {"aws_vpc.v": Status.FAIL}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("flows=arn:aws:s3:::flows", "PRACTICE=ARN"),
        (f"trails={TRAIL}", "PRACTICE=ARN"),
        ("guardduty=arn:aws:guardduty:::d", "PRACTICE=ARN"),
        ("trail=", "an ARN of partition aws and of cloudtrail"),
        ("trail=main", "an ARN of partition aws and of cloudtrail"),
        ("trail=arn:aws:s3:::records", "an ARN of partition aws and of cloudtrail"),
        (f"trail={TRAIL.replace('arn:aws:', 'arn:aws-cn:')}", "an ARN of partition aws and of cloudtrail"),
        (f"flow-logs={TRAIL}", "an ARN of partition aws and of ec2, logs, s3, firehose"),
    ],
)
def test_what_says_nothing_is_refused(given: str, expected: str) -> None:
    with pytest.raises(BadReferenceError, match=f"expected {expected}"):
        referred([given], "aws")


@pytest.mark.parametrize("given", [f"trail={TRAIL}", "flow-logs=arn:aws:s3:::flows", "dns-logs=arn:aws:s3:::queries"])
def test_what_names_a_log_or_where_it_goes_is_taken(given: str) -> None:
    assert set(referred([given], "aws")) == set(CONTROLS[given.partition("=")[0]])


def test_the_trail_of_one_account_is_not_another_accounts(tmp_path: Path) -> None:
    """Of several accounts, an ARN counts for the one that it names; an ARN of another account counts for all."""

    def found(reference: str) -> dict[str | None, set[Status]]:
        texts = {
            name: DETECTOR.replace('"eu-west-1"', f'"eu-west-1"\n  allowed_account_ids = ["{account}"]', 1)
            for name, account in (("a", "111122223333"), ("b", "444455556666"))
        }
        roots = tuple(str(write(tmp_path / name, {"main.tf": text})) for name, text in texts.items())
        request = Request(roots, date(2026, 1, 31), tree=tmp_path, cache=False, references=(reference,))
        verdicts: dict[str | None, set[Status]] = {}
        for row in run(request, datetime(2026, 1, 31, tzinfo=UTC)).rows:
            if row.control in CONTROLS["trail"]:
                verdicts.setdefault(row.account, set()).add(row.verdict)
        return verdicts

    seen, unseen = {Status.PASS}, {Status.UNDETERMINED}
    assert found(f"trail={TRAIL}") == {"111122223333": seen, "444455556666": unseen}
    logging = TRAIL.replace("111122223333", "999999999999")
    assert found(f"trail={logging}") == {"111122223333": seen, "444455556666": seen}


def test_under_a_spec_the_spec_says_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the spec says it"):
        judged(tmp_path, DETECTOR, f"trail={TRAIL}", spec=tmp_path / "guardline.yaml")


@pytest.mark.parametrize(
    ("chosen", "practices"),
    [({"practices": frozenset({10})}, {10}), ({"controls": frozenset({"threat-ip-list"})}, {10}), ({}, {1, 4, 7, 10})],
)
def test_only_the_chosen_practices_are_said_not_to_be_asked(
    tmp_path: Path, chosen: dict[str, frozenset[int] | frozenset[str]], practices: set[int]
) -> None:
    (tmp_path / "guardline.yaml").write_text(
        'version: 1\nname: lab\nhome_region: eu-west-1\nregions: {not_opted_in: rest}\naccount: {id: "111122223333"}\n'
    )
    root = write(tmp_path / "root", {"main.tf": DETECTOR})
    request = Request((str(root),), date(2026, 1, 31), spec=tmp_path / "guardline.yaml", tree=tmp_path, cache=False)
    report = run(structs.replace(request, **chosen), datetime(2026, 1, 31, tzinfo=UTC))
    named = {each.practice for each in report.scope.not_asked}
    assert named >= practices
    assert named == practices or not chosen
