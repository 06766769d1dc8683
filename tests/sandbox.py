"""`make sandbox`: the baseline in a real account for trying things; it says what it would do unless it is confirmed.

Tests and CI never run it against AWS. It generates an environment for the account, applies it with the caller's own
credentials, plans again (nothing may be left to do), validates that plan, empties the buckets that it made and destroys
everything. What each step shows is in docs/assumptions.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
WORK = ROOT / ".work" / "sandbox"
ENVIRONMENTS = ("minimal", "everything")
TERMS = """\
This creates and destroys resources in a real AWS account. It is for a sandbox: an account without GuardDuty, AWS
Config, Security Hub or anything of value in the regions named.

Costs: GuardDuty and Security Hub have a free trial of 30 days in an account that never had them; afterwards both are
billed by volume. At once: KMS keys (about 1 USD a month each, pro rata; waiting for deletion is free), AWS Config by
items recorded, cents for S3, SQS and alarms. A run in an empty account comes to a few US dollars;
`guardline generate SPEC --estimate` lists the units and the pages with the prices.
Time: minimal about 5 minutes, everything about 25 in two regions.
Left behind: keys that wait for deletion, and service-linked roles.
"""


def steps(folder: Path) -> Iterator[tuple[str, ...]]:
    """The commands of one environment, in order; `EMPTY` stands for emptying the buckets that it made."""
    guardline = str(ROOT / ".venv" / "bin" / "guardline")
    yield (guardline, "generate", f"{folder}/guardline.yaml")
    yield ("terraform", f"-chdir={folder}", "init", "-input=false")
    yield ("terraform", f"-chdir={folder}", "apply", "-input=false", "-auto-approve")
    yield ("terraform", f"-chdir={folder}", "plan", "-input=false", "-detailed-exitcode", "-out=saved.tfplan")
    saved = f"{folder}/saved.tfplan"
    yield (guardline, "validate", saved, "--terraform-dir", str(folder), "--spec", f"{folder}/guardline.yaml")
    yield ("EMPTY", str(folder))
    yield ("terraform", f"-chdir={folder}", "destroy", "-input=false", "-auto-approve")


def spec_of(environment: str, account: str, regions: Sequence[str], email: str | None) -> dict[str, Any]:
    """An environment's spec for a sandbox: nothing that locks, denies, acts, or trusts who is not there."""
    from guardline.spec import catalogue

    text = (ROOT / "environments" / environment / "guardline.yaml").read_text(encoding="utf-8")
    spec: dict[str, Any] = yaml.safe_load(text)
    spec |= {"name": f"sandbox-{environment}"[:24].rstrip("-"), "account": {"id": account}, "home_region": regions[0]}
    spec["terraform"] = {"aws_provider": 6, "provider": {"default_tags": {"owner": "guardline-sandbox"}}}
    excuse = {"reason": "sandbox", "approved_by": "whoever runs it", "until": "2999-12-31"}
    known = catalogue.regions("aws")
    spec["regions"] = {
        "opted_in": [each.name for each in known if each.name in regions and not each.default_enabled],
        "not_opted_in": "rest",
        "exclude": [{"region": r.name, **excuse} for r in known if r.default_enabled and r.name not in regions],
    }
    spec.pop("access", None)  # IAM refuses a role that trusts an unknown ARN
    if "tamper" in spec:
        spec["tamper"] = {"alarm": email is not None}
    if email is None:
        spec.pop("response", None)
    elif "response" in spec:
        spec["response"] = {"alerts": {"email": [email]}, "remediate": {"mode": "notify"}}
    spec.get("dns_logs", {}).pop("deny_other_resolvers", None)  # it would cut off whatever else is in the account
    spec.get("trail", {}).pop("object_lock", None)  # what is locked cannot be destroyed
    spec.get("trail", {}).pop("excluded_buckets", None)
    return spec


def main(arguments: Sequence[str]) -> int:
    """Say what would be done, or do it; the exit code is 0, 1 where a step failed, 2 where it is not confirmed."""
    parser = argparse.ArgumentParser(prog="make sandbox", description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--account", default="111122223333", help="the 12 digits of the sandbox account")
    parser.add_argument("--regions", default="eu-west-1,us-east-1", help="home region first")
    parser.add_argument("--email", help="who receives alerts; left out, none are made")
    parser.add_argument("--environment", choices=ENVIRONMENTS, action="append", help="left out, all")
    parser.add_argument("--keep", action="store_true", help="stop before anything is destroyed, and say what is left")
    parser.add_argument("--confirm", metavar="ACCOUNT", help="the account's digits again: do it")
    asked = parser.parse_args(arguments)
    print(TERMS)
    if asked.confirm is None:
        for environment in asked.environment or ENVIRONMENTS:
            print(f"{environment}: would run")
            for step in steps(WORK / environment):
                print("  " + " ".join(step))
        print("\nNothing was done. To do it: make sandbox ARGS='--account ID --confirm ID', signed in to that account.")
        return 0
    if asked.confirm != asked.account:
        print(f"--confirm {asked.confirm} is not the account {asked.account}: nothing was done", file=sys.stderr)
        return 2
    if (caller := _caller()) != asked.account:
        print(f"you are signed in to {caller}, not to {asked.account}: nothing was done", file=sys.stderr)
        return 2
    for environment in asked.environment or ENVIRONMENTS:
        spec = spec_of(environment, asked.account, asked.regions.split(","), asked.email)
        if not run(environment, spec, keep=asked.keep):
            return 1
    return 0


def run(environment: str, spec: Mapping[str, Any], *, keep: bool = False) -> bool:
    """Do the steps of one environment; what was applied is destroyed even where a step in between failed, unless it is
    to be kept."""
    folder = WORK / environment
    folder.mkdir(parents=True, exist_ok=True)
    for file in (ROOT / "environments" / environment).glob("*.txt"):
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "guardline.yaml").write_text(yaml.safe_dump(dict(spec), sort_keys=False), encoding="utf-8")
    failed = False
    for step in steps(folder):
        if keep and (step[0] == "EMPTY" or "destroy" in step):
            print("kept; to do later: " + " ".join(step))
            continue
        if failed and step[0] != "EMPTY" and "destroy" not in step:
            continue
        print("+ " + " ".join(step), flush=True)
        why = _do(step, folder)
        if why is not None:
            print(f"failed: {' '.join(step)}: {why}", file=sys.stderr)
            failed = True
    return not failed


def _do(step: Sequence[str], folder: Path) -> str | None:
    """Do one step; why it failed, or None. Whatever breaks, the steps that clean up still come."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        if step[0] == "EMPTY":
            _empty(folder)
        else:
            subprocess.run(step, check=True, timeout=7200)
    except (subprocess.SubprocessError, OSError, ValueError, BotoCoreError, ClientError) as error:
        return str(error)
    return None


def _caller() -> str:
    import boto3

    account: str = boto3.client("sts", region_name="us-east-1").get_caller_identity()["Account"]
    return account


def _empty(folder: Path) -> None:
    """Delete what logs and findings were written meanwhile: AWS deletes no bucket that holds something."""
    import boto3

    shown = subprocess.run(
        ("terraform", f"-chdir={folder}", "show", "-json"),
        capture_output=True,
        check=True,
        timeout=600,
    )
    s3: Any = boto3.resource("s3")
    for name in sorted(buckets(json.loads(shown.stdout).get("values", {}).get("root_module", {}))):
        s3.Bucket(name).object_versions.delete()


def buckets(module: Mapping[str, Any]) -> Iterator[str]:
    """The names of the buckets in a module of a state, and in those below it."""
    for each in module.get("resources", ()):
        if each["type"] == "aws_s3_bucket" and each["mode"] == "managed":
            yield each["values"]["bucket"]
    for inner in module.get("child_modules", ()):
        yield from buckets(inner)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
