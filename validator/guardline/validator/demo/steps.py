"""The demo's steps, each of which must hold for the next to begin."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from guardline.generator.baseline import Baseline
from guardline.generator.manifest import RefusedError
from guardline.localaws import LocalAws, serve
from guardline.spec.catalogue import Region
from guardline.spec.load import SpecError
from guardline.validator.control import Status
from guardline.validator.demo import breaking, environment, finding, override
from guardline.validator.demo.leftovers import leftovers
from guardline.validator.demo.progress import Progress
from guardline.validator.demo.terraform import Terraform
from guardline.validator.output import Destination, deliver
from guardline.validator.report import Report, Row
from guardline.validator.run import Request
from guardline.validator.run import run as judge

PLAN, REPORT = "plan.json", "report.html"
BROKEN_PLAN, BROKEN_REPORT = "plan-broken.json", "report-broken.html"
# More at once than Terraform's default of 10: the provider sleeps for a minute on each new bucket's lifecycle rules
# and must not hold up the regions meanwhile.
PARALLELISM = "-parallelism=16"


class StepError(Exception):
    """A step did not hold; the message says which and how."""


def run(folder: Path, regions: Sequence[Region]) -> None:
    """Run the demo.

    Args:
        folder: where to work.
        regions: the regions to cover.

    Raises:
        DemoError: the folder cannot be used.
        TerraformError: Terraform failed.
        StepError: what a step should show is not so.
    """
    with tempfile.TemporaryDirectory(prefix="guardline-demo-") as scratch, serve() as aws:
        Demo(folder, regions, aws, Path(scratch), Progress()).run()


def _minutes(regions: int) -> int:
    """About how long it takes: two and a half minutes whatever there is, and a quarter of a minute for each region."""
    return round(2.5 + regions / 4)


class Demo:
    """One run, with what its steps share."""

    def __init__(
        self, folder: Path, regions: Sequence[Region], aws: LocalAws, scratch: Path, progress: Progress
    ) -> None:
        self.folder = folder
        self.regions = regions
        self.aws = aws
        self.progress = progress
        self.spec = environment.prepare(folder, regions, aws.account)
        self.saved = scratch.resolve() / "saved.tfplan"
        self.terraform = Terraform(folder.resolve(), scratch, aws.environment(environment.home(regions)))

    def run(self) -> None:
        """Every step in turn."""
        regions = f"{len(self.regions)} regions" if len(self.regions) > 1 else "1 region"
        self.progress.say(f"{regions}, on a local AWS: about {_minutes(len(self.regions))} minutes on two cores")
        self._generate()
        with self.progress.step("init") as step:
            self.terraform.init()
            step.outcome = f"Terraform {self.terraform.version()}"
        planned = self._plan("plan")
        first = self._validate("validate the plan")
        deliver(first, [Destination("terminal", None)])
        self._expect_full_coverage(first)
        with self.progress.step("apply", total=planned) as step:
            done = self.terraform.apply(self.saved, PARALLELISM, tell=step.hear)
            step.outcome = f"{done.add} resources made in {len(self.regions)} regions"
        if self._plan("plan again") != 0:
            raise StepError("the second plan is not empty")
        second = self._validate("validate what is there")
        self._expect_full_coverage(second)
        self._answer()
        broken = self._break()
        self._restore()
        with self.progress.step("write the reports") as step:
            self._write(second, REPORT)
            self._write(broken, BROKEN_REPORT)
            step.outcome = f"{self.folder / REPORT}, {self.folder / BROKEN_REPORT}"
        self._destroy()
        self.progress.say(f"{self.progress.total():6.1f} s  in all. The report: {(self.folder / REPORT).as_posix()}")

    def _generate(self) -> None:
        with self.progress.step("generate") as step:
            try:
                written = Baseline.of(self.spec).write()
            except (SpecError, RefusedError) as error:
                raise StepError(str(error)) from None
            override.write(self.folder)
            step.outcome = f"{len(written)} files for {len(self.regions)} regions in {self.folder.as_posix()}"

    def _plan(self, title: str, *options: str, name: str = PLAN) -> int:
        """Plan, and keep the plan as JSON for validate. How many resources are to be made, changed or removed."""
        with self.progress.step(title) as step:
            plan = self.terraform.plan(self.saved, PARALLELISM, *options, tell=step.hear)
            (self.folder / name).write_bytes(self.terraform.show(self.saved))
            step.outcome = "nothing to do" if plan.empty else f"{plan.add} to add, {plan.change} to change"
        return plan.add + plan.change + plan.remove

    def _validate(self, title: str, name: str = PLAN) -> Report:
        now = datetime.now(UTC)
        request = Request(sources=(str(self.folder / name),), as_of=now.date(), spec=self.spec, source_dir=self.folder)
        with self.progress.step(title) as step:
            report = judge(request, now)
            passes, cells = report.count(Status.PASS), sum(row.in_coverage for row in _asked(report))
            step.outcome = f"{passes} of {cells} cells pass"
        return report

    def _expect_full_coverage(self, report: Report) -> None:
        if report.exit_code != 0 or report.coverage_asked != 1.0:
            raise StepError(
                f"coverage is {report.coverage_asked} of what the spec asks, not 1.0:\n{_listed(_not_passing(report))}"
            )

    def _answer(self) -> None:
        """A finding in a region that is not the function's, where there is one."""
        home = environment.home(self.regions)
        region = next((each.name for each in self.regions if each.name != home), home)
        with self.progress.step(f"a finding in {region}") as step:
            try:
                answered = finding.answer(self.aws, region, "demo-guardduty-response", home)
            except finding.UnansweredError as error:
                raise StepError(str(error)) from None
            if (answered.state, answered.state_after) != ("stopped", "running"):
                raise StepError(f"the instance is {answered.state}, and {answered.state_after} after the undo")
            step.outcome = f"{answered.instance} is stopped, people are alerted, the undo starts it again"
        self.progress.say(f"          the instance: {answered.instance} was running and is {answered.state}")
        for place, line in enumerate(answered.alert.splitlines()):
            self.progress.say(f"          {'           ' if place else 'the alert: '}{line}")
        self.progress.say(f"          the undo: guardline response undo {answered.record}")
        self.progress.say(f"                    {answered.undone}; it is {answered.state_after}")

    def _break(self) -> Report:
        names = [region.name for region in self.regions]
        region = next((name for name in names if name != environment.home(self.regions)), names[0])
        with self.progress.step(f"disable the detector of {region}"):
            breaking.break_region(self.folder, region)
            self.terraform.init()
        # What is there was read a moment ago, for the plan before this one.
        self._plan("plan the broken region", "-refresh=false", name=BROKEN_PLAN)
        broken = self._validate("validate the broken region", BROKEN_PLAN)
        deliver(broken, [Destination("terminal", None)])
        failing = [row for row in _not_passing(broken) if row.in_coverage]
        elsewhere = [row for row in failing if row.region != region]
        missed = _detector_bound(broken, region) - {row.control for row in failing if row.verdict is Status.FAIL}
        if elsewhere or missed or broken.exit_code != 1:
            raise StepError(
                f"validate should fail what hangs on the detector of {region} and nothing else; "
                f"missed: {', '.join(sorted(missed)) or 'none'}; beyond:\n{_listed(elsewhere)}"
            )
        self.progress.say(f"          caught: {len(failing)} cells fail, all of them in {region}")
        return broken

    def _restore(self) -> None:
        with self.progress.step("restore") as step:
            breaking.restore(self.folder)
            if Baseline.of(self.spec).compare():
                raise StepError("the restored root is not what the spec says")
            self.terraform.init()
            step.outcome = "the root is again what the spec says"

    def _write(self, report: Report, name: str) -> None:
        deliver(report, [Destination("html", self.folder / name)])

    def _destroy(self) -> None:
        with self.progress.step("destroy") as step:
            step.total = self.terraform.plan(self.saved, PARALLELISM, "-destroy", "-refresh=false").remove
            done = self.terraform.apply(self.saved, PARALLELISM, tell=step.hear)
            step.outcome = f"{done.remove} resources removed"
        with self.progress.step("look for what is left") as step:
            left = leftovers(self.aws.environment(), (region.name for region in self.regions))
            if left:
                raise StepError("destroy left something:\n" + "\n".join(f"  {each}" for each in left))
            step.outcome = "nothing"


def _asked(report: Report) -> list[Row]:
    """The cells that the spec asks: other regions are left out of the demo."""
    return [row for row in report.rows if row.verdict is not Status.WAIVED]


def _not_passing(report: Report) -> list[Row]:
    return [
        row for row in _asked(report) if row.verdict not in (Status.PASS, Status.NOT_APPLICABLE, Status.NOT_ASSESSED)
    ]


def _detector_bound(report: Report, region: str) -> set[str]:
    """The controls of one region that cannot hold without its detector."""
    from guardline.spec.features import FEATURES

    asked = {row.control for row in _asked(report) if row.region == region and row.in_coverage}
    return asked & {"detector-enabled", "trusted-ip-list", *(plan.control for plan in FEATURES)}


def _listed(rows: Iterable[Row]) -> str:
    return "\n".join(f"  {row.control} {row.region or '-'}: {row.verdict}, {row.reason}" for row in rows)
