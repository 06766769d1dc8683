"""Record the plans of specs in tests/data with real Terraform: ``python -m tests.support.record [FOLDER...]``.

The first plan and the plan after apply, as `terraform show -json` prints them, without the parts that nothing reads.
Random ids are what the local AWS made up; a new recording differs in them and in nothing else.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from guardline.generator.baseline import Baseline
from guardline.localaws import serve
from guardline.validator.demo import override
from guardline.validator.demo.terraform import Terraform

DATA = Path(__file__).parent.parent / "data"
BASELINE = DATA / "baseline"
FINDINGS = DATA / "findings"  # what becomes of findings: export, IP lists, suppression rules
LOGS = DATA / "logs"  # flow logs, DNS query logs, the trail
WATCHING = DATA / "watching"  # identities of people, and the alarm on tampering
RESPONSE = DATA / "response"  # what findings set off, Security Hub and AWS Config
UNREAD = ("planned_values", "output_changes", "relevant_attributes", "checks", "timestamp", "resource_drift")


def slim(plan: bytes) -> str:
    """A plan without what no validator reads."""
    document = {key: value for key, value in json.loads(plan).items() if key not in UNREAD}
    return json.dumps({**document, "planned_values": {"root_module": {}}}, separators=(",", ":"), sort_keys=True) + "\n"


def record(spec_folder: Path) -> None:
    """Plan, apply, plan again, and write both plans beside the spec."""
    with tempfile.TemporaryDirectory() as folder, serve() as aws:
        work = Path(folder)
        for path in spec_folder.iterdir():
            if path.suffix != ".json":
                shutil.copy(path, work / path.name)
        Baseline.of(work / "guardline.yaml").write()
        override.write(work)
        scratch = work / "scratch"
        scratch.mkdir()
        terraform = Terraform(work, scratch, aws.environment())
        terraform.init()
        terraform.plan(work / "first")
        (spec_folder / "first.json").write_text(slim(terraform.show(work / "first")), encoding="utf-8")
        terraform.apply(work / "first")
        again = terraform.plan(work / "again")
        assert again.empty, again
        (spec_folder / "applied.json").write_text(slim(terraform.show(work / "again")), encoding="utf-8")


def main(names: Iterable[str]) -> None:
    """Record the folders of these names, or all of them."""
    for folder in [DATA / name for name in names] or [BASELINE, FINDINGS, LOGS, RESPONSE, WATCHING]:
        record(folder)


if __name__ == "__main__":
    main(sys.argv[1:])
