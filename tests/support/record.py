"""Record the plans of tests/data/baseline with real Terraform: ``python -m tests.support.record``.

The first plan and the plan after apply, as `terraform show -json` prints them, without the parts that nothing reads.
Random ids are what the local AWS made up; a new recording differs in them and in nothing else.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from guardline.generator.baseline import Baseline
from guardline.localaws import serve
from guardline.validator.demo import override
from guardline.validator.demo.terraform import Terraform

BASELINE = Path(__file__).parent.parent / "data" / "baseline"
UNREAD = ("planned_values", "output_changes", "relevant_attributes", "checks", "timestamp", "resource_drift")


def slim(plan: bytes) -> str:
    """A plan without what no validator reads."""
    document = {key: value for key, value in json.loads(plan).items() if key not in UNREAD}
    return json.dumps({**document, "planned_values": {"root_module": {}}}, separators=(",", ":"), sort_keys=True) + "\n"


def main() -> None:
    """Plan, apply, plan again, and write both plans."""
    with tempfile.TemporaryDirectory() as folder, serve() as aws:
        work = Path(folder)
        for name in ("guardline.yaml", "trusted-ips.txt"):
            shutil.copy(BASELINE / name, work / name)
        for _ in Baseline.of(work / "guardline.yaml").write():
            pass
        override.write(work)
        scratch = work / "scratch"
        scratch.mkdir()
        terraform = Terraform(work, scratch, aws.environment())
        terraform.init()
        terraform.plan(work / "first")
        (BASELINE / "first.json").write_text(slim(terraform.show(work / "first")), encoding="utf-8")
        terraform.apply(work / "first")
        again = terraform.plan(work / "again")
        assert again.empty, again
        (BASELINE / "applied.json").write_text(slim(terraform.show(work / "again")), encoding="utf-8")


if __name__ == "__main__":
    main()
