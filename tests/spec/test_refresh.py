"""The refresh from botocore: what it says, what it writes, and what it must leave alone."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from guardline.spec import catalogue, refresh


@pytest.fixture
def stored() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(catalogue.REGIONS.read_text(encoding="utf-8"))
    return data


def test_the_committed_file_is_in_the_writer_s_own_format(stored: dict[str, Any]) -> None:
    assert catalogue.REGIONS.read_text(encoding="utf-8") == refresh.text(stored)


def test_the_installed_botocore_knows_every_region_that_the_catalogue_lists(stored: dict[str, Any]) -> None:
    removed = [line for line in refresh.changes(stored, refresh.from_botocore()) if line.startswith("removed")]
    assert removed == []


def test_a_region_that_only_partitions_json_knows_has_unknown_services(monkeypatch: pytest.MonkeyPatch) -> None:
    class Loader:
        """Botocore's loader with two regions, one of them without endpoints."""

        def load_data(self, name: str) -> dict[str, Any]:
            known = {"endpoints": {}, "regions": {"eu-old-1": {"description": "Old"}}, "partition": "aws"}
            known["services"] = {"guardduty": {"endpoints": {"eu-old-1": {}}}, "sqs": {"endpoints": {}}}
            new = {"eu-old-1": {"description": "Old"}, "eu-new-1": {"description": "New"}, "aws-global": {}}
            return {"partitions": [known if name == "endpoints" else {"id": "aws", "regions": new}]}

    monkeypatch.setattr("botocore.loaders.create_loader", Loader)
    regions = refresh.from_botocore()["regions"]
    assert list(regions) == ["eu-new-1", "eu-old-1"]
    assert set(regions["eu-new-1"]["services"].values()) == {None}
    assert (regions["eu-old-1"]["services"]["guardduty"], regions["eu-old-1"]["services"]["sqs"]) == (True, False)
    assert regions["eu-new-1"]["title"] == "New"


def test_changes_say_added_removed_and_each_changed_field(stored: dict[str, Any]) -> None:
    new = copy.deepcopy(stored)
    new["regions"]["eu-north-2"] = {"partition": "aws", "title": "Europe (Oslo)", "services": {"guardduty": True}}
    del new["regions"]["us-west-1"]
    new["regions"]["eu-west-1"]["title"] = "Europe (Dublin)"
    new["regions"]["sa-west-1"]["services"]["guardduty"] = True
    new["regions"]["ca-west-1"]["services"]["macie2"] = None
    del new["regions"]["ca-west-1"]["services"]["sqs"]
    assert list(refresh.changes(stored, new)) == [
        "changed  ca-west-1 services.macie2: no -> unknown",
        "changed  ca-west-1 services.sqs: yes -> absent",
        "added    eu-north-2 (Europe (Oslo), partition aws)",
        "changed  eu-west-1 title: Europe (Ireland) -> Europe (Dublin)",
        "changed  sa-west-1 services.guardduty: unknown -> yes",
        "removed  us-west-1 (US West (N. California), partition aws)",
    ]


def test_refresh_rewrites_what_differs_and_then_nothing(tmp_path: Path, stored: dict[str, Any]) -> None:
    path = tmp_path / "regions.json"
    stored["regions"]["eu-west-1"]["title"] = "Europe (Atlantis)"
    path.write_text(refresh.text(stored), encoding="utf-8")
    facts = catalogue.FACTS.read_bytes()
    lines = refresh.refresh(path)
    assert "changed  eu-west-1 title: Europe (Atlantis) -> Europe (Ireland)" in lines
    assert json.loads(path.read_text(encoding="utf-8")) == refresh.from_botocore()
    written = path.stat()
    assert refresh.refresh(path) == ()
    assert path.stat().st_ino == written.st_ino, "an unchanged file is left alone"
    assert [entry.name for entry in tmp_path.iterdir()] == ["regions.json"]
    assert catalogue.FACTS.read_bytes() == facts


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, stored: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "regions.json"
    stored["regions"].pop("eu-west-1")
    before = refresh.text(stored)
    path.write_text(before, encoding="utf-8")

    def refuse(*_: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="No space left"):
        refresh.refresh(path)
    assert path.read_text(encoding="utf-8") == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["regions.json"]


def test_a_new_region_is_named_for_a_person_to_look_up() -> None:
    assert refresh.undocumented(["eu-west-1", "eu-north-2"]) == ("eu-north-2",)


def test_a_new_region_is_opt_in_unknown_and_refused_by_provider_5(
    tmp_path: Path, stored: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    stored["regions"]["eu-north-2"] = {"partition": "aws", "title": "Europe (Oslo)", "services": {"guardduty": True}}
    path = tmp_path / "regions.json"
    path.write_text(refresh.text(stored), encoding="utf-8")
    monkeypatch.setattr(catalogue, "REGIONS", path)
    monkeypatch.setattr(catalogue, "_all", catalogue._all.__wrapped__)
    region = catalogue.region("eu-north-2")
    assert region is not None
    assert (region.default_enabled, region.offers("S3_DATA_EVENTS"), region.skip_region_validation) == (
        False,
        None,
        True,
    )
