"""The JSON result: its schema is the contract, and what it says is what the report holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError
from msgspec.structs import replace

from guardline.validator.control import Status
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.resource import Account, Origin
from guardline.validator.report import Report
from guardline.validator.reporters import render
from tests.support.realistic_report import errors_only, report, row, sample

_SCHEMAS = Path(__file__).parents[3] / "docs" / "schemas"
SCHEMA = json.loads((_SCHEMAS / "result.schema.json").read_text())
CONTRACT = Draft202012Validator(SCHEMA)
COMPACT = Draft202012Validator(json.loads((_SCHEMAS / "result-compact.schema.json").read_text()))


def read(given: Report) -> dict[str, Any]:
    text = render(given, "json")
    assert isinstance(text, str)
    found: dict[str, Any] = json.loads(text)
    return found


def reports() -> Iterator[Any]:
    yield pytest.param(sample(), id="sample")
    yield pytest.param(report(), id="no rows")
    yield pytest.param(errors_only(), id="errors only")
    nobody = Scope("aws", (Account(None, "aws.a"), Account(None, "aws.b")), ())
    unknown = row("detector-enabled", Status.FAIL, "no detector", account=None, region="us-east-1")
    yield pytest.param(report(unknown, scope=nobody), id="unknown accounts")


@pytest.mark.parametrize("given", list(reports()))
def test_the_contract_holds(given: Report) -> None:
    CONTRACT.validate(read(given))


@pytest.mark.parametrize("given", list(reports()))
def test_the_compact_contract_holds(given: Report) -> None:
    COMPACT.validate(json.loads(render(given, "json", compact=True)))


def test_a_compact_result_says_once_what_the_cells_of_a_control_share() -> None:
    usual = [
        row("detector-enabled", Status.FAIL, "no detector", region=region) for region in ("us-east-1", "us-east-2")
    ]
    other = replace(row("detector-enabled", Status.FAIL, "suspended", region="us-west-1"), fix="Set `enable = true`.")
    whole = json.loads(render(report(*usual, other), "json", compact=True))
    assert [cell.get("fix") for cell in whole["cells"]] == [None, None, "Set `enable = true`."]
    assert not any({"title", "mappings"} & set(cell) for cell in whole["cells"])
    (control,) = whole["catalogue"]["controls"]
    assert (control["id"], control["title"], control["fix"]) == (usual[0].control, usual[0].title, usual[0].fix)
    assert whole["catalogue"]["sha256"] == read(report(*usual, other))["catalogue"]


def test_all_else_of_a_compact_result_is_that_of_the_result() -> None:
    compact, whole = json.loads(render(sample(), "json", compact=True)), read(sample())
    others = set(whole) - {"schema", "catalogue", "cells", "comparison"}
    assert {name: compact[name] for name in others} == {name: whole[name] for name in others}
    assert [cell["id"] for cell in compact["cells"]] == [cell["id"] for cell in whole["cells"]]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), "guardline/result/v2"),
        (("cells", 0, "verdict"), "green"),
        (("cells", 0, "id"), "short"),
        (("cells", 0, "account"), "acme"),
        (("scope", "regions", 0, "state"), "forgotten"),
        (("summary", "coverage"), 1.1),
        (("sources", 0, "sha256"), ""),
    ],
    ids=lambda part: str(part[-1]) if isinstance(part, tuple) else "",
)
def test_the_contract_forbids(path: tuple[str | int, ...], value: object) -> None:
    found: Any = read(sample())
    at = found
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    with pytest.raises(ValidationError):
        CONTRACT.validate(found)


def _strict(schema: Any) -> Any:
    """The schema, refusing properties that it does not describe."""
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {key: _strict(each) for key, each in schema.items()}
    if isinstance(schema.get("properties"), dict):
        assert sorted(schema["required"]) == sorted(schema["properties"])
        strict["additionalProperties"] = False
    return strict


def test_every_field_is_described_and_always_there() -> None:
    Draft202012Validator(_strict(SCHEMA)).validate(read(sample()))


def test_keys_stand_in_the_order_of_the_contract() -> None:
    found = read(sample())
    assert list(found) == list(SCHEMA["properties"])
    assert list(found["summary"]) == list(SCHEMA["properties"]["summary"]["properties"])
    assert list(found["cells"][0]) == list(SCHEMA["$defs"]["cell"]["properties"])


def test_the_figures_are_those_of_the_cells() -> None:
    found = read(sample())
    counted = [cell for cell in found["cells"] if cell["in_coverage"]]
    for status in Status:
        assert found["summary"][status] == sum(cell["verdict"] == status for cell in counted), status
    asked = sum(found["summary"][status] for status in ("pass", "fail", "undetermined", "waived"))
    assert found["summary"]["coverage"] == found["summary"]["pass"] / asked
    assert found["summary"]["regressions"] == sum(cell["regression"] for cell in found["cells"]) == 6
    assert found["exit_code"] == 1


def test_a_cause_is_a_cell_of_the_result() -> None:
    cells = {cell["id"]: cell for cell in read(sample())["cells"]}
    causes = {cell["cause"] for cell in cells.values()} - {None}
    assert [cells[cause]["control"] for cause in causes] == ["detector-enabled"]


def test_nothing_to_cover_is_no_coverage() -> None:
    assert read(report())["summary"]["coverage"] is None
    assert read(errors_only())["exit_code"] == 2


def test_it_is_the_same_text_every_time_and_a_line_to_a_cell() -> None:
    text = render(sample(), "json")
    assert isinstance(text, str)
    assert text == render(sample(), "json")
    lines = [line for line in text.splitlines() if '"control"' in line]
    assert len(lines) == len(sample().rows)


@pytest.mark.parametrize("hostile", ["\x1b]0;owned\x07", "a\u202eb", '"}', "line\nbreak", "\x7f", "\x9b31m", "\ud800"])
def test_hostile_text_comes_back_as_it_was_and_prints_harmlessly(hostile: str) -> None:
    cell = row("detector-enabled", Status.FAIL, hostile, region="us-east-1", evidence=(Origin(hostile, hostile, 1),))
    text = render(report(replace(cell, subject=hostile)), "json")
    assert isinstance(text, str)
    assert all(" " <= sign < "\x7f" or sign == "\n" for sign in text)
    found = json.loads(text)["cells"][0]
    assert (found["reason"], found["subject"], found["evidence"][0]["address"]) == (hostile, hostile, hostile)
