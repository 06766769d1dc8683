"""Every control's metadata is complete: it is the documentation, and people's scripts rely on the ids."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from guardline.spec.features import FEATURES
from guardline.validator import controls
from guardline.validator.control import Control
from guardline.validator.controls import CATALOGUE, by_id
from guardline.validator.controls.shared.mappings import _read

PUBLIC = [
    "vpc-flow-logs", "vpc-inventory", "flow-logs-settings", "flow-logs-kept", "new-vpc-alert", "dns-query-logs",
    "dns-resolver", "dns-logs-settings", "dns-logs-kept", "other-resolvers-denied", "trail-multi-region",
    "trail-validation", "trail-encrypted", "trail-bucket-protected", "trail-settings", "trail-kept", "s3-protection",
    "trail-s3-data-events", "public-buckets-blocked", "coverage-kept", "detector-enabled", "eks-audit-logs",
    "ebs-malware-protection",
    "rds-login-events", "lambda-network-logs", "runtime-monitoring", "plans-on-request", "feature-pinned",
    "region-consistency", "ignored-changes", "regional-siblings", "module-providers", "region-denied",
    "access-separated", "org-delegated-admin", "org-auto-enable", "access-least-privilege", "tamper-trail",
    "tamper-alarm", "records-alarm", "tamper-queries", "tamper-prevention", "finding-publishing-frequency",
    "findings-export", "findings-kept", "finding-alert", "finding-response", "response-acts", "alerts-protected",
    "alerts-watched", "security-hub-enabled", "security-hub-aggregation", "security-hub-integrations",
    "security-hub-standards", "config-recorder", "config-kept", "suppression-scoped", "suppression-documented",
    "filter-ranks", "trusted-ip-list", "threat-ip-list",
]  # fmt: skip
TEXTS = ("why", "passes", "fails", "unsure", "fix", "limits")
SITES = ("https://docs.aws.amazon.com/", "https://registry.terraform.io/", "https://developer.hashicorp.com/terraform/")


def test_the_ids_are_public_and_never_renamed() -> None:
    assert [control.id for control in CATALOGUE] == PUBLIC


def test_the_order_is_by_practice() -> None:
    practices = [control.practice for control in CATALOGUE]
    assert practices == sorted(practices)


def test_a_control_stands_in_a_file_of_its_name() -> None:
    """Whoever knows the id knows the file; a family's controls share one, which is listed here once."""
    families = {
        "protection_plans": {"eks-audit-logs", "ebs-malware-protection", "rds-login-events", "lambda-network-logs"},
        "trail_protection": {"trail-validation", "trail-encrypted"},
    }
    for control in CATALOGUE:
        folder = Path(controls.__file__).parent / control.practice_name.replace("-", "_")
        file = next((name for name, ids in families.items() if control.id in ids), control.id.replace("-", "_"))
        assert (folder / f"{file}.py").is_file(), control.id


def test_by_id() -> None:
    assert all(by_id(control.id) is control for control in CATALOGUE)
    assert by_id("no-such-control") is None


def test_every_protection_plan_has_its_control() -> None:
    assert {plan.control for plan in FEATURES} <= set(PUBLIC)


def test_mappings_name_controls_that_exist() -> None:
    assert set(_read()["controls"]) <= set(PUBLIC)


@pytest.mark.parametrize("control", CATALOGUE, ids=lambda control: control.id)
class TestMetadata:
    """One lint for all, so that a new control cannot leave something out."""

    def test_id_and_title(self, control: Control) -> None:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", control.id)
        assert control.title[0].isupper()
        assert not control.title.endswith(".")
        assert 1 <= control.practice <= 10

    @pytest.mark.parametrize("field", TEXTS)
    def test_texts_are_sentences(self, control: Control, field: str) -> None:
        text: str = getattr(control, field)
        assert text[0].isupper() or text[0] in "`\"'"
        assert text.endswith((".", "`."))
        assert "  " not in text
        assert not re.search(r"[a-z]\.[A-Z][a-z]", text), "a space is missing between two sentences"
        assert text.count("`") % 2 == 0

    def test_the_fix_names_what_to_write(self, control: Control) -> None:
        assert "`" in control.fix or control.id == "region-consistency"

    def test_links_are_primary_sources(self, control: Control) -> None:
        assert control.links
        assert all(link.startswith(SITES) for link in control.links)

    def test_sources(self, control: Control) -> None:
        assert control.sources
        assert control.sources <= {"hcl", "plan", "state", "live"}

    def test_never_claims_compliance(self, control: Control) -> None:
        text = " ".join([control.title, *(getattr(control, field) for field in TEXTS)]).lower()
        assert "complian" not in text

    def test_mappings_hold_ids(self, control: Control) -> None:
        for framework, ids in control.mappings.items():
            assert re.fullmatch(r"[a-z0-9.-]+", framework)
            assert ids
            assert len(set(ids)) == len(ids)
