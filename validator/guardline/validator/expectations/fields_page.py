"""The page ``docs/spec-fields.md``: ``python -m guardline.validator.expectations.fields_page [--check]``."""

from __future__ import annotations

import sys

from guardline.spec.publish import DOCS, publish
from guardline.validator.expectations.fields import EVERY, fields

PATH = DOCS / "spec-fields.md"

_INTRODUCTION = """\
# Which controls ask for which field of the spec

Each field of [`guardline.yaml`](spec.md) that holds a value, and the controls that judge a source by it: with another
value in the spec and the Terraform unchanged, one of their cells changes. Where no control asks, the table says why.
This page is generated (`python -m guardline.validator.expectations.fields_page`), and a test tries every field.

`[]` stands for an entry of a list, `KEY` for a key of your own.

| field | controls |
|---|---|
"""


def text() -> str:
    """The page."""
    rows = []
    for leaf, field in fields().items():
        links = ", ".join(f"[{control}](controls/{control}.md)" for control in field.controls)
        said = "all of them" if field.controls == EVERY else links or f"none: {field.why}"
        rows.append(f"| `{leaf}` | {said} |\n")
    return f"{_INTRODUCTION}{''.join(rows)}"


if __name__ == "__main__":
    sys.exit(publish(PATH, text(), "guardline.validator.expectations.fields_page", sys.argv[1:]))
