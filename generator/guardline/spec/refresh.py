"""Rebuild the catalogue's ``regions.json`` from the installed botocore, and say what changed.

Only what botocore is the authority for is written: which regions exist, their titles and partitions, and which
services have an endpoint there. Opt-in status, feature availability and provider limits are kept by hand elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from guardline.spec.atomic import write
from guardline.spec.catalogue import FACTS, REGIONS

# Endpoint prefixes as botocore's endpoints.json spells them. Global services (IAM, Organizations) are not regional.
SERVICES = (
    "access-analyzer", "athena", "cloudtrail", "config", "ec2", "events", "fms", "glue", "guardduty", "inspector2",
    "kms", "lambda", "logs", "macie2", "route53resolver", "s3", "securityhub", "sns", "sqs",
)  # fmt: skip


def from_botocore() -> dict[str, Any]:
    """The catalogue as the installed botocore knows it, in the shape of ``regions.json``.

    ``partitions.json`` says which regions exist; ``endpoints.json`` which services each has. A region that only the
    first knows (AWS's newest) has unknown services: null, not false.
    """
    from botocore.loaders import create_loader

    loader = create_loader()
    endpoints = {entry["partition"]: entry for entry in loader.load_data("endpoints")["partitions"]}
    regions: dict[str, Any] = {}
    for partition in loader.load_data("partitions")["partitions"]:
        listed = endpoints.get(partition["id"], {"regions": {}, "services": {}})
        for name, entry in partition["regions"].items():
            if name.endswith("-global"):  # botocore's stand-in for services without a region
                continue
            regions[name] = {
                "partition": partition["id"],
                "title": listed["regions"].get(name, {}).get("description") or entry.get("description", name),
                "services": {service: _present(listed, service, name) for service in SERVICES},
            }
    return {
        "source": f"{installed()}: data/partitions.json, data/endpoints.json",
        "regions": dict(sorted(regions.items())),
    }


def installed() -> str:
    """What the catalogue would be built from, e.g. ``botocore 1.44.8``."""
    import botocore

    return f"botocore {botocore.__version__}"


def _present(listed: Mapping[str, Any], service: str, name: str) -> bool | None:
    if name not in listed["regions"]:
        return None
    endpoint = listed["services"].get(service, {}).get("endpoints", {}).get(name)
    return endpoint is not None and not endpoint.get("deprecated", False)


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """One line per region added, removed, or changed in a field; nothing when they agree."""
    before, after = old.get("regions", {}), new["regions"]
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            yield f"added    {name} ({after[name]['title']}, partition {after[name]['partition']})"
        elif name not in after:
            yield f"removed  {name} ({before[name]['title']}, partition {before[name]['partition']})"
        else:
            was, now = _fields(before[name]), _fields(after[name])
            for key in sorted(was.keys() | now.keys()):
                if was.get(key, "absent") != now.get(key, "absent"):
                    yield f"changed  {name} {key}: {_word(was.get(key, 'absent'))} -> {_word(now.get(key, 'absent'))}"


def _fields(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != "services"} | {
        f"services.{service}": value for service, value in entry.get("services", {}).items()
    }


def _word(value: object) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def text(catalogue: Mapping[str, Any]) -> str:
    """The file's text: one region a line, so that a change reads as one line in a diff."""
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(entry)}" for name, entry in catalogue["regions"].items())
    return f'{{\n "source": {json.dumps(catalogue["source"])},\n "regions": {{\n{lines}\n }}\n}}\n'


def refresh(path: Path = REGIONS) -> tuple[str, ...]:
    """Rewrite `path` from botocore if anything differs, atomically; return the lines that say what changed.

    Raises:
        OSError: the file cannot be read or written (an installed copy may be read-only).
    """
    try:
        old: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        old = {}
    new = from_botocore()
    lines = tuple(changes(old, new))
    if old != new:
        write(path, text(new).encode())
    return lines


def undocumented(names: Iterable[str]) -> tuple[str, ...]:
    """Those regions that the hand-kept facts do not speak of: their features are unknown until a person looks."""
    documented = json.loads(FACTS.read_text(encoding="utf-8"))["features"]["documented"]
    return tuple(name for name in names if name not in documented)
