"""The JSON Schema and the reference page: current, and of one mind with the loader."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from guardline.spec import reference, schema
from guardline.spec.publish import publish

from .conftest import MINIMAL


def test_the_published_files_are_current() -> None:
    assert publish(schema.PATH, schema.text(schema.schema()), "guardline.spec.schema", ["--check"]) == 0
    inventory = schema.text(schema.inventory_schema())
    assert publish(schema.INVENTORY_PATH, inventory, "guardline.spec.schema", ["--check"]) == 0
    assert publish(reference.PATH, reference.text(), "guardline.spec.reference", ["--check"]) == 0


def test_publish_checks_without_writing_and_then_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "docs" / "page.md"
    assert publish(path, "text\n", "some.module", ["--check"]) == 1
    assert not path.parent.exists()
    assert capsys.readouterr().err == "page.md is stale; write it anew with: python -m some.module\n"
    assert publish(path, "text\n", "some.module", []) == 0
    assert path.read_text() == "text\n"
    assert publish(path, "text\n", "some.module", ["--check"]) == 0
    assert publish(path, "text\n", "some.module", ["--force"]) == 2


@pytest.fixture(scope="module")
def invalid() -> Callable[[str], list[str]]:
    validator = jsonschema.Draft202012Validator(schema.schema())
    jsonschema.Draft202012Validator.check_schema(validator.schema)

    def invalid(text: str) -> list[str]:
        data: Any = yaml.safe_load(text)
        return [error.json_path for error in validator.iter_errors(data)]

    return invalid


@pytest.mark.parametrize(
    "more",
    [
        "",
        "terraform: {backend: none, aws_provider: 5}",
        "terraform: {backend: {s3: {bucket: abc, key: k, region: eu-west-1}}}",
        "guardduty: {features: {runtime_monitoring: false}}",
        "guardduty: {features: {runtime_monitoring: {ec2_agent: false}}}",
        "flow_logs: {mode: 'off', reason: x}",
    ],
)
def test_the_schema_accepts_what_the_loader_accepts(invalid: Callable[[str], list[str]], more: str) -> None:
    assert invalid(f"{MINIMAL}{more}\n") == []


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ("zebra: 1", "$"),
        ("flow_logs: {mode: 'off'}", "$.flow_logs"),
        ("trail: {mode: reference, owner: x}", "$.trail"),
        ("regions: {opted_in: [eu-wst-1]}", "$.regions.opted_in[0]"),
        ("trail: {bucket: Aa}", "$.trail.bucket"),
        ("terraform: {aws_provider: 4}", "$.terraform.aws_provider"),
        ("guardduty: {features: {runtime_monitoring: maybe}}", "$.guardduty.features.runtime_monitoring"),
    ],
)
def test_the_schema_refuses_what_it_can_tell(invalid: Callable[[str], list[str]], more: str, path: str) -> None:
    found = invalid(f"{MINIMAL}{more}\n")
    assert found
    assert all(each.startswith(path) for each in found)


def test_every_block_and_field_is_described() -> None:
    for name, block in schema.schema()["$defs"].items():
        assert block["description"], name
        for field, entry in block["properties"].items():
            assert entry.get("description"), f"{name}.{field}"
