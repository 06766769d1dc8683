"""Bytes to a typed plan, or a clear error."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardline.validator.sources.plan.decode import (
    PlanError,
    ResourceChange,
    decode_entry,
    decode_plan,
    decode_raw,
    needed,
)


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"format_version": "1.2", "planned_values": {}}, "plan"),
        ({"format_version": "1.2", "resource_changes": []}, "plan"),
        ({"format_version": "1.2", "configuration": {}, "errored": True}, "plan"),
        ({"format_version": "1.0", "values": {}}, "state"),
        ({"version": 4, "lineage": "x", "resources": []}, "tfstate"),
        ({"schema": "guardline/result/v1", "cells": []}, "result"),
        ({"hello": 1}, "other"),
    ],
)
def test_kind(document: object, kind: str) -> None:
    assert needed(json.dumps(document).encode())[0] == kind


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"{", "not valid JSON"),
        (b'{"format_version": "1.2", "resource_ch', "not valid JSON"),
        (b"[]", "not the shape"),
        (b"\xff\xfe\x00", "not valid JSON"),
        (b'{"format_version": "2.0"}', "2.0"),
        (b'{"format_version": 1}', "not the shape"),
        (b'{"format_version": "1.2", "resource_changes": {}}', "not the shape"),
        (b'{"format_version":"1.2","prior_state":{"values":{"root_module":' + b'{"child_modules":[' * 5000, "plan"),
    ],
)
def test_bad_input(data: bytes, says: str) -> None:
    with pytest.raises(PlanError, match=says):
        decode_plan(data)


def test_later_minor_versions_and_fields_are_read() -> None:
    plan = decode_plan(b'{"format_version": "1.99", "novelty": {"a": 1}, "resource_changes": []}')
    assert plan.resource_changes == []


def test_a_raw_value_nested_too_deeply_is_an_error() -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    change = b'{"address":"a.b","type":"a","name":"b","change":{"actions":["create"],"after":' + deep + b"}}"
    data = b'{"format_version":"1.2","resource_changes":[' + change + b"]}"
    with pytest.raises(PlanError):
        decode_raw(decode_entry((decode_plan(data).resource_changes or [])[0], ResourceChange).change.after)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_plan_or_a_plan_error(data: bytes) -> None:
    with suppress(PlanError):
        needed(data)
    with suppress(PlanError):
        decode_plan(data)


def test_what_is_needed_of_a_plan_is_decoded_the_same_and_the_rest_is_let_go() -> None:
    data = json.dumps(
        {
            "format_version": "1.2",
            "planned_values": {"root_module": {"resources": [{"address": "MARKED"}]}},
            "resource_changes": [{"address": "a.b", "type": "a", "name": "b", "mode": "managed", "change": {}}],
            "variables": {"v": {"value": None}},
            "complete": False,
        }
    ).encode()
    kind, slim = needed(data)
    assert kind == "plan"
    assert b"MARKED" not in slim
    assert decode_plan(slim) == decode_plan(data)
    assert needed(slim) == (kind, slim)
