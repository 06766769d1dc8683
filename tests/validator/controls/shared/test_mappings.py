"""Requirements as their publishers cite them."""

from __future__ import annotations

import pytest

from guardline.validator.controls import CATALOGUE
from guardline.validator.controls.shared.mappings import FRAMEWORKS, NOTES, citation, mapped


def test_what_is_mapped_to_another_version_says_so() -> None:
    """Only where it is so: the note names categories that are mapped, and no framework beside these has one."""
    mapped_ids = {one for each in CATALOGUE for one in each.mappings.get("nist-csf-2.0", ())}
    for category in ("ip", "pt", "dp"):
        assert any(one.startswith(f"{category}_") for one in mapped_ids)
        assert f".{category.upper()}" in NOTES["nist-csf-2.0"]
    assert "4.0.1" in FRAMEWORKS["pci-dss-4.0"]
    assert "11.5.1" in mapped("detector-enabled")["pci-dss-4.0"]
    assert "4.0.1" in NOTES["pci-dss-4.0"]
    assert set(NOTES) == {"cis-aws-5.0", "cis-aws-7.0", "nist-csf-2.0", "pci-dss-4.0"}


@pytest.mark.parametrize(
    ("framework", "requirement", "cited"),
    [
        ("nist-800-53-r5", "ac_4_26", "AC-4(26)"),
        ("nist-800-53-r5", "ac_2_12_a", "AC-2(12)(a)"),
        ("nist-800-53-r5", "ca_7", "CA-7"),
        ("nist-800-53-r5", "ca_7_b", "CA-7b"),
        ("nist-800-53-r5", "pm_14_a_1", "PM-14a.1"),
        ("nist-csf-2.0", "po_4", "GV.PO-4"),
        ("nist-csf-2.0", "cm_1", "DE.CM-1"),
        ("hipaa", "164_308_a_1_ii_d", "§164.308(a)(1)(ii)(D)"),
        ("hipaa", "164_312_b", "§164.312(b)"),
        ("soc2", "cc_7_2", "CC7.2"),
        ("soc2", "cc_a_1_1", "A1.1"),
        ("soc2", "pi_1_2", "PI1.2"),
        ("iso-27001-2022", "A.8.15", "A.8.15"),
        ("pci-dss-4.0", "11.5.1", "11.5.1"),
        ("aws-fsbp", "GuardDuty.1", "GuardDuty.1"),
        ("another", "a_b", "a_b"),
    ],
)
def test_a_requirement_is_cited_as_its_publisher_does(framework: str, requirement: str, cited: str) -> None:
    assert citation(framework, requirement) == cited


def test_no_internal_id_is_left_in_any_citation() -> None:
    found = [(f, citation(f, one)) for each in CATALOGUE for f, ids in each.mappings.items() for one in ids]
    assert {framework for framework, _ in found} <= set(FRAMEWORKS)
    assert [cited for _, cited in found if "_" in cited] == []
