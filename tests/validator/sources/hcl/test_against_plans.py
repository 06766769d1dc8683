"""Random configurations of AWS against real plans of them: the same instances, and never another value."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from guardline.localaws import LocalAws
from guardline.validator.demo import override
from guardline.validator.run import Request, run
from tests.support.hcl_configurations import Configurations
from tests.support.plan_comparison import compare, same
from tests.support.source_trees import write
from tests.support.terraform_runs import terraform

ORDER = "the order of a set of objects is not known"
ONE_TYPE = "whether two collections are of one type cannot be told"
"""A list is never equal to a tuple to Terraform, and which of the two a value is, is not kept here."""


def planned(root: Path, aws: LocalAws) -> Any:
    """The plan of a root on the local AWS, as JSON; also written to ``plan.json`` above the root."""
    override.write(root)
    variables = aws.environment()
    terraform(root, "init", "-no-color", "-input=false", variables=variables)
    terraform(root, "plan", "-no-color", "-input=false", "-out=plan", variables=variables)
    text = terraform(root, "show", "-json", "plan", variables=variables)
    (root.parent / "plan.json").write_text(text, encoding="utf-8")
    return json.loads(text)


def verdicts(source: Path, own: Path | None = None) -> dict[tuple[str, str | None, str | None], str]:
    request = Request((str(source),), date(2026, 11, 25), regions="touched", source_dir=own)
    report = run(request, datetime(2026, 11, 25, tzinfo=UTC))
    assert not report.errors
    return {(row.control, row.region, row.subject): row.verdict.value for row in report.rows}


def check(seed: int, cases: int, tmp_path: Path, aws: LocalAws) -> int:
    """Compare one root of so many cases, values and verdicts; the number of resources compared."""
    root = write(tmp_path / "root", Configurations(seed).files(cases))
    found = compare(root, planned(root, aws))
    assert not found.wrong, "\n".join(found.wrong[:20])
    unknown = [each for each in found.unknown if not any(reason in each for reason in (ONE_TYPE, ORDER))]
    assert not unknown, "\n".join(unknown[:20])
    assert len(found.unknown) <= found.values / 25
    assert found.resources >= 5 * cases
    # A plan alone does not carry the functions in its providers, so it is read with its own source.
    ours, theirs = verdicts(root), verdicts(tmp_path / "plan.json", root)
    assert set(ours) == set(theirs)
    assert {cell: (ours[cell], theirs[cell]) for cell in ours if ours[cell] not in ("undetermined", theirs[cell])} == {}
    return found.resources


@pytest.mark.terraform
@pytest.mark.environments
def test_random_configurations_are_planned_as_read(tmp_path: Path, aws: LocalAws) -> None:
    assert check(11, 6, tmp_path, aws) > 50


@pytest.mark.long
@pytest.mark.parametrize("seed", range(200, 208))
def test_many_random_configurations_are_planned_as_read(seed: int, tmp_path: Path, aws: LocalAws) -> None:
    check(seed, 25, tmp_path, aws)


@pytest.mark.parametrize(
    ("ours", "theirs", "equal"),
    [
        ({"a": 1}, {"a": 1, "b": "default"}, True),
        ({"a": 1}, {"a": 2}, False),
        ([{"p": 2}, {"p": 1}], [{"p": 1, "q": None}, {"p": 2}], True),
        ([{"p": 2}], [{"p": 1}, {"p": 2}], False),
        ('{"b":1,"a":[2]}', '{"a": [2], "b": 1}', True),
        (True, 1, False),
        (None, [], True),
        ("", None, False),
    ],
)
def test_the_comparison_itself(ours: object, theirs: object, equal: bool) -> None:
    assert same(ours, theirs) is equal
