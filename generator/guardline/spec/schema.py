"""JSON Schemas of the spec and the inventory, for editors: ``python -m guardline.spec.schema [--check]``."""

from __future__ import annotations

import json
import sys
from typing import Any

from guardline.spec.publish import DOCS, publish

DRAFT = "https://json-schema.org/draft/2020-12/schema"
PATH = DOCS / "schemas" / "guardline.schema.json"
INVENTORY_PATH = DOCS / "schemas" / "inventory.schema.json"


def schema() -> dict[str, Any]:
    """The schema (draft 2020-12), made from the model. What only `checks` can tell is not in it."""
    from guardline.spec.model import Spec

    return {"$schema": DRAFT} | Spec.model_json_schema() | {"title": "guardline.yaml"}


def inventory_schema() -> dict[str, Any]:
    """The inventory's schema (draft 2020-12), made from its model."""
    from guardline.spec.inventory import Inventory

    return {"$schema": DRAFT} | Inventory.model_json_schema() | {"title": "guardline/inventory/v1"}


def text(of: dict[str, Any]) -> str:
    """A published schema's text."""
    return json.dumps(of, indent=2) + "\n"


if __name__ == "__main__":
    both = ((PATH, schema()), (INVENTORY_PATH, inventory_schema()))
    sys.exit(max(publish(path, text(of), "guardline.spec.schema", sys.argv[1:]) for path, of in both))
