"""The generated source of `environments/everything` in three regions, changed in one place and judged with its spec."""

from __future__ import annotations

import atexit
import random
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest
import yaml
from _pytest.mark.structures import ParameterSet

from guardline.generator.baseline import Baseline
from guardline.spec import catalogue
from guardline.validator.report import Row
from guardline.validator.run import Request, run
from tests.support.mutations import Mutation
from tests.support.weakenings import Weakening

ENVIRONMENT = Path(__file__).parents[2] / "environments" / "everything"
REGIONS = ("eu-west-1", "us-east-1", "eu-south-1")
_WORST = ("fail", "undetermined", "not-applicable", "pass")


@dataclass(frozen=True)
class Case:
    """A change of the source, and the worst verdict of a control after it.

    Attributes:
        verdict: the verdict.
        name: what is changed, for people.
        file, found, put: as of `Weakening`; no file for the source as it is generated.
    """

    verdict: str
    name: str
    file: str = ""
    found: str = ""
    put: str = ""

    def __str__(self) -> str:
        return self.name


def everyday(cases: Sequence[Case]) -> list[ParameterSet]:
    """The cases: one that fails and one that does not are tried every day, all of them in ``make long``."""
    chance = random.Random(" ".join(case.name for case in cases))  # noqa: S311 - no secret
    wrong = [case for case in cases if case.verdict == "fail"]
    right = [case for case in cases if case.verdict != "fail"]
    daily = {chance.choice(part) for part in (wrong, right) if part}
    return [pytest.param(case, id=case.name, marks=() if case in daily else (pytest.mark.long,)) for case in cases]


@cache
def source() -> Path:
    """The root, made once for all tests of a process."""
    folder = Path(tempfile.mkdtemp(prefix="guardline-weakened-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    data = yaml.safe_load((ENVIRONMENT / "guardline.yaml").read_text("utf-8"))
    data["terraform"]["modules"] = "modules"
    del data["tamper"]["deny_regions"]  # us-east-1 stays, and so do the global services
    others = [each.name for each in catalogue.regions("aws") if each.default_enabled and each.name not in REGIONS]
    until = {"reason": "not part of this test", "approved_by": "nobody", "until": date(2099, 12, 31)}
    data["regions"]["exclude"] = [{"region": name, **until} for name in others]
    (folder / "guardline.yaml").write_text(yaml.safe_dump(data), "utf-8")
    for path in ENVIRONMENT.glob("*.txt"):
        shutil.copy(path, folder)
    for _ in Baseline.of(folder / "guardline.yaml").write():
        pass
    return folder


def judged(change: Weakening | Mutation | None = None, *controls: str, spec: bool = True) -> tuple[Row, ...]:
    """The rows of the source with one change.

    Args:
        change: the change; None for none.
        controls: ids of the controls to ask; all if none is given.
        spec: whether it is judged with its spec, or alone.
    """
    folder = source()
    request = Request(
        (str(folder),),
        date(2026, 11, 25),
        spec=folder / "guardline.yaml" if spec else None,
        regions="default" if spec else ",".join(REGIONS),
        whole=not spec,
        tree=folder,
        controls=frozenset(controls),
    )
    path = folder / change.file if change is not None else None
    text = path.read_text("utf-8") if path is not None else ""
    try:
        if path is not None and change is not None:
            path.write_text(change.of(text), "utf-8")
        report = run(request, datetime(2026, 11, 25, tzinfo=UTC))
    finally:
        if path is not None:
            path.write_text(text, "utf-8")
    assert not report.errors, report.errors
    return tuple(report.rows)


def verdict(control: str, case: Case) -> str:
    """The worst verdict of a control's cells, but for those that the spec leaves out."""
    change = Weakening(case.name, case.file, case.found, case.put) if case.file else None
    asked = (row for row in judged(change, control) if row.waiver is None)
    return min((row.verdict.value for row in asked), key=_WORST.index)
