"""Small plans for tests, written as Terraform 1.11.4 writes them, without the parts that nothing reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PLANS = Path(__file__).parent.parent / "data" / "plans"
"""Plans that Terraform 1.11.4 made with AWS provider 5.100.0."""

Json = dict[str, Any]

WRITTEN: dict[str, Json] = {
    "aws_guardduty_detector": {"enable": True, "finding_publishing_frequency": "SIX_HOURS", "datasources": []},
    "aws_guardduty_detector_feature": {"additional_configuration": []},
    "aws_vpc": {"owner_id": None},
    "aws_flow_log": {
        "traffic_type": None, "vpc_id": None, "subnet_id": None, "eni_id": None,
        "transit_gateway_id": None, "transit_gateway_attachment_id": None,
    },
    "aws_vpcs": {"filter": None, "tags": None},
    "aws_cloudtrail": {
        "enable_logging": True, "is_multi_region_trail": False, "include_global_service_events": True,
        "is_organization_trail": False, "enable_log_file_validation": False, "kms_key_id": None,
        "s3_bucket_name": "logs", "event_selector": [], "advanced_event_selector": [],
    },
}  # fmt: skip
"""Attributes that Terraform always writes, with the values they have when nobody sets them."""


def written(kind: str, values: Json | None, unknown: Json | bool | None) -> Json | None:
    """Values with all that Terraform would write beside them, but for what is unknown."""
    if values is None:
        return None
    marked = unknown if isinstance(unknown, dict) else {}
    return {**{key: value for key, value in WRITTEN.get(kind, {}).items() if marked.get(key) is not True}, **values}


def provider(region: object = "us-east-1", **expressions: object) -> Json:
    """An AWS provider configuration. A text is a constant; a dict is an expression as it is."""
    given = {"region": region, **expressions}
    return {
        "name": "aws",
        "expressions": {name: expression(value) for name, value in given.items() if value is not None},
    }


def expression(value: object) -> Any:
    """A constant, unless it is an expression already."""
    return value if isinstance(value, dict | list) else {"constant_value": value}


def refers(*references: str) -> Json:
    """An expression with references."""
    return {"references": list(references)}


def resource(
    kind: str, name: str, provider_key: str = "aws", repetition: Json | None = None, **expressions: object
) -> Json:
    """A configured resource; `repetition` is its for_each or count, e.g. ``{"for_each_expression": {...}}``."""
    mode, _, bare = kind.rpartition(".")
    return {
        "mode": "data" if mode == "data" else "managed",
        "type": bare,
        "name": name,
        "provider_config_key": provider_key,
        "expressions": {key: expression(value) for key, value in expressions.items()},
        **(repetition or {}),
    }


def change(
    address: str,
    after: Json | None = None,
    unknown: Json | bool | None = None,
    before: Json | None = None,
    actions: tuple[str, ...] | None = None,
    **more: object,
) -> Json:
    """A resource change; its type, name and module are read off the address."""
    from guardline.validator.sources.address import join, parse

    found = parse(address)
    if actions is None:
        actions = ("create",) if before is None else ("delete",) if after is None else ("update",)
    return {
        "address": address,
        "mode": found.mode,
        "type": found.type,
        "name": found.name,
        **({"module_address": join(found.modules, "")} if found.modules else {}),
        **({"index": found.key} if found.key is not None else {}),
        "change": {
            "actions": list(actions),
            "before": written(found.type, before, None),
            "after": written(found.type, after, unknown),
            "after_unknown": unknown or {},
        },
        **more,
    }


def plan(
    changes: list[Json] | None,
    resources: list[Json] | None = None,
    providers: Json | None = None,
    calls: Json | None = None,
    **more: object,
) -> bytes:
    """A plan as bytes."""
    document: Json = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {}},
        "configuration": {
            "provider_config": providers if providers is not None else {"aws": provider()},
            "root_module": {"resources": resources or [], "module_calls": calls or {}},
        },
        "complete": True,
        "errored": False,
        **more,
    }
    if changes is not None:
        document["resource_changes"] = changes
    return json.dumps(document).encode()


def prior(*resources: Json) -> Json:
    """A prior state of root resources."""
    return {"format_version": "1.0", "values": {"root_module": {"resources": list(resources)}}}


def looked_at(address: str, **values: object) -> Json:
    """A data source in the prior state."""
    from guardline.validator.sources.address import parse

    found = parse(address)
    return {
        "address": address,
        "mode": found.mode,
        "type": found.type,
        "name": found.name,
        "values": written(found.type, values, None),
    }
