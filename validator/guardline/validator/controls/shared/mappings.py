"""Which framework requirements a control supports, as others map them; Guardline claims no mapping of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

FRAMEWORKS: Mapping[str, str] = {
    "aws-fsbp": "AWS Foundational Security Best Practices (Security Hub)",
    "cis-aws-5.0": "CIS AWS Foundations Benchmark 5.0",
    "cis-aws-7.0": "CIS AWS Foundations Benchmark 7.0",
    "nist-800-53-r5": "NIST SP 800-53 Rev. 5",
    "nist-csf-2.0": "NIST Cybersecurity Framework 2.0",
    "pci-dss-4.0": "PCI DSS 4.0 (4.0.1 adds and deletes no requirement)",
    "hipaa": "HIPAA Security Rule, 45 CFR",
    "soc2": "SOC 2, Trust Services Criteria",
    "iso-27001-2022": "ISO/IEC 27001:2022, Annex A",
}
"""The frameworks by the names of their publishers, in the order in which reports show them."""

_CIS = "The CIS benchmark has no recommendation on GuardDuty itself; what is mapped is about the trail and flow logs."

NOTES: Mapping[str, str] = {
    "cis-aws-5.0": _CIS,
    "cis-aws-7.0": _CIS,
    "nist-csf-2.0": (
        "Cited as the source spells them. It lists PR.IP, PR.PT and DE.DP under 2.0, which are categories of version "
        "1.1 alone, and numbers without the leading zero that 2.0 has."
    ),
    # https://blog.pcisecuritystandards.org/just-published-pci-dss-v4-0-1 and, for 11.5.1,
    # https://docs.aws.amazon.com/securityhub/latest/userguide/guardduty-controls.html
    "pci-dss-4.0": (
        "The source maps version 4.0. PCI DSS 4.0.1 is a limited revision without additional or deleted requirements "
        "(PCI Security Standards Council, June 2024); AWS Security Hub maps GuardDuty to the same 11.5.1 of 4.0.1."
    ),
}
"""What a reader of a framework's mapping has to know beside it."""

# The function that a category of NIST's framework belongs to; IP, PT and DP are categories of version 1.1 alone.
# https://doi.org/10.6028/NIST.CSWP.29
_CSF = {
    **dict.fromkeys(("OC", "RM", "RR", "PO", "OV", "SC"), "GV"),
    **dict.fromkeys(("AM", "RA", "IM", "BE"), "ID"),
    **dict.fromkeys(("AA", "AC", "AT", "DS", "PS", "IR", "IP", "PT", "MA"), "PR"),
    **dict.fromkeys(("CM", "AE", "DP"), "DE"),
}


def citation(framework: str, requirement: str) -> str:
    """A requirement as its publisher cites it: ``AC-4(26)``, ``GV.PO-4``, ``§164.308(a)(1)(ii)(D)``, ``CC7.2``.

    Args:
        framework: a key of `FRAMEWORKS`.
        requirement: its id as the source of the mapping spells it; one of another shape is returned as it is.
    """
    parts = requirement.split("_")
    if framework == "nist-800-53-r5" and len(parts) > 1:
        return _control_of_nist(parts)
    if framework == "nist-csf-2.0" and parts[0].upper() in _CSF:
        return f"{_CSF[parts[0].upper()]}.{parts[0].upper()}-{'-'.join(parts[1:])}"
    if framework == "hipaa" and len(parts) > 2:
        inner = [part.upper() if level == 3 else part for level, part in enumerate(parts[2:])]
        return f"§{parts[0]}.{parts[1]}" + "".join(f"({part})" for part in inner)
    if framework == "soc2" and len(parts) > 1:
        series, *numbers = parts[1:] if re.fullmatch("[a-z]", parts[1]) else parts  # cc_a_1_1 is A1.1
        return series.upper() + ".".join(numbers)
    return requirement


def _control_of_nist(parts: list[str]) -> str:
    """``AC-2(12)(a)``: an enhancement is a number in brackets; without one, the part of a control is a bare letter."""
    family, number, *rest = parts
    text = f"{family.upper()}-{number}"
    if rest and rest[0].isdigit():
        return text + "".join(f"({part})" for part in rest)
    return text + "".join(f".{part}" if part.isdigit() else part for part in rest)


@cache
def _read() -> Mapping[str, Any]:
    data: Mapping[str, Any] = json.loads(Path(__file__).with_name("mappings.json").read_text(encoding="utf-8"))
    return data


def mapped(control: str) -> Mapping[str, tuple[str, ...]]:
    """Return framework -> requirement ids for a control's id; empty where the source maps nothing."""
    return {framework: tuple(ids) for framework, ids in _read()["controls"].get(control, {}).items()}


def mapped_by() -> str:
    """Name whose mapping it is, for "supports requirement X, as mapped by Y"."""
    return str(_read()["source"])
