"""Roots of earlier versions, applied, and planned with what is generated today: nothing is lost but by the table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from guardline.generator.account_roles import WAVES
from guardline.generator.alert_rules import course
from guardline.generator.baseline import Baseline
from guardline.generator.changes import read
from guardline.generator.manifest import MANIFEST, Manifest
from guardline.generator.root import Root
from guardline.generator.upgrades import Does, justified, revision
from guardline.localaws import LocalAws
from guardline.validator.demo import override
from guardline.validator.demo.terraform import Terraform
from tests.support import earlier
from tests.support.environment_runs import PARALLEL
from tests.support.organization_runs import MANAGEMENT, found_organization

HOME = "eu-west-1"
# Roots that earlier versions did not write: all that they do is new.
NEW = {"hub-members"}
DOES: dict[tuple[str, ...], Does] = {("create",): "creates", ("update",): "changes", ("delete",): "destroys"}


@pytest.mark.long
@pytest.mark.parametrize("environment", earlier.ENVIRONMENTS)
@pytest.mark.parametrize("archive", earlier.archives(), ids=lambda path: path.name.removesuffix(".tar.xz"))
def test_an_upgrade_loses_nothing_but_by_the_table(
    tmp_path: Path, aws: LocalAws, monkeypatch: pytest.MonkeyPatch, archive: Path, environment: str
) -> None:
    names = _founded(archive, environment, tmp_path, aws)
    spec = earlier.unpack(archive, environment, tmp_path / environment, names)
    order = ("account", *WAVES)
    roots = sorted(Baseline.of(spec).roots, key=lambda root: order.index(root.duty))
    there = [root for root in roots if (spec.parent / root.folder / "main.tf").exists()]
    assert {root.duty for root in roots if root not in there} <= NEW
    texts = {root.folder: read(spec.parent / root.folder / MANIFEST) for root in there}
    revisions = {folder: revision(Manifest.read(tmp_path, text)) for folder, text in texts.items()}
    with monkeypatch.context() as lenient:
        # The bus policy of the first revision, and the key's of a trail, may have been enough for AWS, so that such
        # roots may be applied.
        lenient.setattr("guardline.localaws.events._check", lambda *_: None)
        lenient.setattr("guardline.localaws.cloudtrail._refusals", lambda _trail: ())
        for root in there:
            terraform, saved = _terraform(spec, root, aws)
            terraform.init()
            assert terraform.plan(saved, PARALLEL).add
            terraform.apply(saved, PARALLEL)

    Baseline.of(spec).write()
    unjustified = {}
    for root in roots:
        terraform, saved = _terraform(spec, root, aws)
        terraform.init()
        terraform.plan(saved, PARALLEL)
        for address, does in _changes(terraform.show(saved)):
            if root not in there:
                assert does == "creates", address
            elif not justified(revisions[root.folder], address, does, len(root.regions), course(root)):
                unjustified[f"{root.folder}: {address}"] = does
        terraform.apply(saved, PARALLEL)
        assert terraform.plan(saved, PARALLEL).empty, root.folder
    assert unjustified == {}


def _founded(archive: Path, environment: str, folder: Path, aws: LocalAws) -> dict[str, str]:
    """Make the organization of an environment: an id in the archive -> the one that the local AWS gave."""
    if environment != "organization":
        return {}
    spec = earlier.unpack(archive, environment, folder / "asked")
    asked = yaml.safe_load(spec.read_text(encoding="utf-8"))["organization"]
    found_organization(aws, spec)
    given = json.loads(spec.read_text(encoding="utf-8"))["organization"]
    names = {asked[key]: given[key] for key in ("id", "management_account")}
    # What is generated is sorted by account, so that the accounts keep their order.
    earlier_ids, ids = (
        sorted((one["admin_account"], one["log_archive_account"], *(each["id"] for each in one["members"])))
        for one in (asked, given)
    )
    return names | dict(zip(earlier_ids, ids, strict=True))


def _terraform(spec: Path, root: Root, aws: LocalAws) -> tuple[Terraform, Path]:
    folder = spec.parent / root.folder
    override.write(folder)
    scratch = folder / ".terraform"
    scratch.mkdir(exist_ok=True)
    signs_in_as = root.account_id if root.role is None else MANAGEMENT
    return Terraform(folder, scratch, aws.environment(HOME, signs_in_as)), folder / "saved.tfplan"


def _changes(shown: bytes) -> list[tuple[str, Does]]:
    changes = json.loads(shown)["resource_changes"]
    done = [(each["address"], tuple(each["change"]["actions"])) for each in changes if each["mode"] == "managed"]
    return [(address, DOES.get(does, "replaces")) for address, does in done if does != ("no-op",)]
