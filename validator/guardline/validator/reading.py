"""From what the user names on the command line to estates: each source is recognised by its content.

The command line alone reads files; everything behind this module works on bytes and estates.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from guardline.validator.estate import Estate, Thing
from guardline.validator.paths import shown
from guardline.validator.report import Source, SourceError
from guardline.validator.sources.plan import Hints, Positions, Reading, load
from guardline.validator.sources.planjson import PlanError, json_kind

_ZIP = b"PK\x03\x04"

_OTHER_KINDS = {
    "state": "is a state (`terraform show -json` without a plan); this version of guardline reads plans",
    "tfstate": "is a raw state file; this version of guardline reads plans",
    "result": "is a guardline result, not a plan",
    "other": "is JSON, but neither a plan nor a state; make it with `terraform show -json PLAN > plan.json`",
}


@dataclass(frozen=True)
class Read:
    """All that was read.

    Attributes:
        after, before: the estates of all sources, united; None when nothing could be read.
        sources: what was read.
        errors: what could not be.
    """

    after: Estate | None
    before: Estate | None
    sources: tuple[Source, ...]
    errors: tuple[SourceError, ...]


class UnreadableError(Exception):
    """A source cannot be read; the message says why and what to do, without naming the source."""


def read(names: Sequence[str], hints: Hints, source: Positions | None, terraform_dir: Path | None) -> Read:
    """Read every source; those that cannot be read are listed, and the rest is still read.

    Args:
        names: files, or ``-`` for standard input.
        hints: accounts and regions that the user gives.
        source: the HCL of the plan, if given.
        terraform_dir: where `terraform show` may be run for a saved plan.
    """
    readings: list[Reading] = []
    sources: list[Source] = []
    errors: list[SourceError] = []
    for name in names:
        label = shown(name)
        try:
            data = _bytes(name)
            data, path_hash = _plan_json(data, name, terraform_dir), hashlib.sha256(data).hexdigest()
            reading = load(data, hints, source, f"{label}: " if len(names) > 1 else "")
        except (UnreadableError, PlanError) as error:
            errors.append(SourceError(label, str(error), label if name != "-" else None))
            continue
        readings.append(reading)
        sources.append(
            Source(
                kind="plan",
                path=label,
                sha256=path_hash,
                terraform_version=reading.terraform_version,
                complete=reading.incomplete is None,
                evidence_class="design",
                note=reading.incomplete,
            )
        )
    if not readings:
        return Read(None, None, (), tuple(errors))
    unread = f"{errors[0].source} could not be read" if errors else None
    after = _united([reading.after for reading in readings], unread)
    pasts = [reading.before for reading in readings if reading.before is not None]
    before = _united(pasts, unread) if pasts else None
    return Read(after, before, tuple(sources), tuple(errors))


def _bytes(name: str) -> bytes:
    try:
        if name == "-":
            data = sys.stdin.buffer.read()
        elif Path(name).is_dir():
            raise UnreadableError(_folder(Path(name)))
        else:
            data = Path(name).read_bytes()
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror or error}") from None
    if len(data) < 4096 and not data.strip():  # a plan may be huge, and stripping copies it
        raise UnreadableError("is empty; make it with `terraform show -json PLAN > plan.json`")
    return data


def _folder(folder: Path) -> str:
    if any(folder.glob("*.tf")) or any(folder.glob("*.tf.json")) or any(folder.glob("*.tofu")):
        return (
            "is a folder of Terraform; this version of guardline reads plans: "
            "`terraform plan -out=plan && terraform show -json plan > plan.json`"
        )
    return "is a folder without Terraform files (.tf, .tf.json, .tofu)"


def _plan_json(data: bytes, name: str, terraform_dir: Path | None) -> bytes:
    """The plan's JSON: as given, or as `terraform show` prints a saved plan.

    Raises:
        UnreadableError: it is something else.
        PlanError: it is not JSON.
    """
    if data.startswith(_ZIP):
        if name == "-" or terraform_dir is None:
            raise UnreadableError(
                "is a saved plan, which only `terraform show` can read, by running the providers of its folder; "
                "give that folder with --terraform-dir if you trust it, or make JSON: "
                "`terraform show -json PLAN > plan.json`"
            )
        from guardline.validator.sources.savedplan import show

        data = show(Path(name), terraform_dir)
    if b"\x00" in data[:4096]:
        raise UnreadableError("is binary, and not a saved Terraform plan")
    kind = json_kind(data)
    if kind != "plan":
        raise UnreadableError(_OTHER_KINDS[kind])
    return data


def _united(estates: Sequence[Estate], unread: str | None) -> Estate:
    """One estate of several roots. What could not be read makes absence undetermined everywhere."""
    first = estates[0]
    missing: dict[type[Thing], str] = {}
    for estate in reversed(estates):
        missing.update(estate.missing)
    accounts = {account.key: account for estate in estates for account in estate.accounts}
    return replace(
        first,
        things=tuple(thing for estate in estates for thing in estate.things),
        accounts=tuple(accounts[key] for key in sorted(accounts)),
        incomplete=next((estate.incomplete for estate in estates if estate.incomplete), unread),
        missing=missing,
        regions=frozenset().union(*(estate.regions for estate in estates)),
    )
