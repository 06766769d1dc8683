"""The table of functions as a page: ``python -m guardline.validator.sources.hcl.functions.page [--check]``."""

from __future__ import annotations

import sys

from guardline.spec.publish import DOCS, publish
from guardline.validator.sources.hcl.functions import FUNCTIONS, NEVER, Function

MODULE = "guardline.validator.sources.hcl.functions.page"

_HEAD = f"""\
# Terraform functions that Guardline evaluates

What `guardline validate DIR` works out itself, without Terraform. *Partly*: the rest is unknown, with that reason.
*Unknown*: only a run of Terraform can tell, so what depends on it is undetermined, never guessed. A provider's own
functions (`provider::aws::...`) are unknown too, as is any function of a later Terraform.

Generated from the evaluator (`python -m {MODULE}`); do not edit.

| function | evaluated |
|---|---|
"""


def page() -> str:
    """The page, in Markdown."""
    rows = {name: _evaluated(function) for name, function in FUNCTIONS.items()}
    rows |= {name: f"unknown: it {why}" for name, why in NEVER.items()}
    return _HEAD + "".join(f"| `{name}` | {rows[name]} |\n" for name in sorted(rows))


def _evaluated(function: object) -> str:
    partly = function.partly if isinstance(function, Function) else ""
    return f"partly: {partly}" if partly else "supported"


if __name__ == "__main__":
    sys.exit(publish(DOCS / "hcl-functions.md", page(), MODULE, sys.argv[1:]))
