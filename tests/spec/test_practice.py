"""The table of practices: what the folders, pages and reports are named by."""

from __future__ import annotations

from guardline.spec.practice import PRACTICES, RECOMMENDATIONS, TERRAFORM


def test_every_practice_serves_a_recommendation_and_has_a_name_that_python_takes() -> None:
    for practice in (*PRACTICES.values(), TERRAFORM):
        assert practice.number in RECOMMENDATIONS
        assert practice.package.isidentifier()
        assert practice.package.replace("_", "-") == practice.id


def test_the_names_are_the_eleven_that_the_public_ids_use() -> None:
    assert list(PRACTICES) == [
        "detection",
        "organization",
        "flow-logs",
        "dns-logs",
        "trail",
        "access",
        "tamper",
        "response",
        "security-hub",
        "suppression",
        "lists",
    ]
