"""The spec's JSON Schema, for editors: ``python -m guardline.spec.schema [--check]``."""

from __future__ import annotations

import json
import sys
from typing import Any

from guardline.spec.publish import DOCS, publish

DRAFT = "https://json-schema.org/draft/2020-12/schema"
PATH = DOCS / "schemas" / "guardline.schema.json"


def schema() -> dict[str, Any]:
    """The schema (draft 2020-12), made from the model. What only `checks` can tell is not in it."""
    from guardline.spec.model import Spec

    return {"$schema": DRAFT} | Spec.model_json_schema() | {"title": "guardline.yaml"}


def text() -> str:
    """The published file's text."""
    return json.dumps(schema(), indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(publish(PATH, text(), "guardline.spec.schema", sys.argv[1:]))
