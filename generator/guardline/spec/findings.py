"""GuardDuty's finding types and the fields of findings that a filter may test. Standard library only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_DATA = Path(__file__).parent / "data"
FIELDS = _DATA / "filter_fields.json"
TYPES = _DATA / "finding_types.json"


@cache
def fields() -> frozenset[str]:
    """Every field that a filter may name, e.g. ``resource.instanceDetails.instanceId``.

    Source: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateFilter.html, as botocore documents it.
    """
    return frozenset(json.loads(FIELDS.read_text(encoding="utf-8"))["fields"])


@cache
def families() -> Mapping[str, str]:
    """Every active finding type -> its family, e.g. ``Recon:EC2/Portscan`` -> ``EC2``. AWS adds types now and then."""
    known: dict[str, dict[str, list[str]]] = json.loads(TYPES.read_text(encoding="utf-8"))
    return {kind: family for family, kinds in sorted(known["active"].items()) for kind in kinds}
