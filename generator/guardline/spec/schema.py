"""The spec's JSON Schema, for editors: ``python -m guardline.spec.schema [--check]``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ID = "https://json-schema.org/draft/2020-12/schema"
PATH = Path(__file__).parents[3] / "docs" / "schemas" / "guardline.schema.json"


def schema() -> dict[str, Any]:
    """The schema (draft 2020-12), made from the model. What only `checks` can tell is not in it."""
    from guardline.spec.model import Spec

    return {"$schema": ID} | Spec.model_json_schema() | {"title": "guardline.yaml"}


def text() -> str:
    """The published file's text."""
    return json.dumps(schema(), indent=2) + "\n"


def main(arguments: list[str]) -> int:
    """Write the file; with ``--check`` only compare it: 1 if it is stale, 0 if it is current, 2 for bad usage."""
    if arguments not in ([], ["--check"]):
        print("usage: python -m guardline.spec.schema [--check]", file=sys.stderr)
        return 2
    current = PATH.read_text(encoding="utf-8") if PATH.exists() else ""
    if current == text():
        return 0
    if arguments:
        print(f"{PATH.name} is stale; write it anew with: python -m guardline.spec.schema", file=sys.stderr)
        return 1
    PATH.parent.mkdir(parents=True, exist_ok=True)
    PATH.write_text(text(), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
