"""Policies whose text is known only after apply, read from the `aws_iam_policy_document` that makes it.

In a first plan a document mostly waits for the ARN of a bucket or key that it names as a resource. All else of it, who
may do what under which condition, is known.
Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from guardline.validator.sources.adapt.common import ByType
from guardline.validator.sources.blocks import Block, Wanted
from guardline.validator.sources.tree import Tree
from guardline.validator.value import Untold, Value, known, unknown

DOCUMENT = "aws_iam_policy_document"
PENDING = "(known only after apply)"
"""Stands for the resources of a statement where they are not known."""

_WANTED = Wanted(frozenset({DOCUMENT}), attributes=frozenset({"json", "minified_json"}))
_MERGED = ("source_policy_documents", "override_policy_documents", "source_json", "override_json")


class Documents:
    """The policy documents of a source, by address."""

    def __init__(self, by_type: ByType) -> None:
        self._found: Mapping[str, Block] = {f"{block.root}{block.address}": block for block in by_type.data(DOCUMENT)}

    def text(self, block: Block, attribute: str) -> Value[str]:
        """The JSON text of a policy attribute; the resources in it are `PENDING` where they are not known.

        Args:
            block: the resource that carries the policy.
            attribute: where.
        """
        text = block.tree.text(attribute)
        if text.is_known:
            return known(text.get() or "")
        ref = block.link(attribute, wanted=_WANTED)
        document = self._found.get(ref.get().address or "") if ref.is_known else None
        if document is None:
            return unknown(text.reason or "")
        try:
            return known(json.dumps({"Statement": list(_statements(document.tree))}))
        except Untold as untold:
            return unknown(f"{document.address}: {untold.reason}")


def _statements(tree: Tree) -> Iterator[dict[str, Any]]:
    for name in _MERGED:
        if tree.at(name).is_set:
            raise Untold(f"it takes in other documents ({name})")
    for statement in tree.blocks("statement").get():
        yield dict(_statement(statement))


def _statement(tree: Tree) -> Iterator[tuple[str, Any]]:
    yield "Effect", tree.text("effect").get() or "Allow"
    for name, written in (("actions", "Action"), ("not_actions", "NotAction")):
        if actions := tree.texts(name).get():
            yield written, list(actions)
    for name, written in (("resources", "Resource"), ("not_resources", "NotResource")):
        if resources := tree.texts(name).known_or((PENDING,)):
            yield written, list(resources)
    for name, written in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        if blocks := tree.blocks(name).get():
            yield written, _principals(blocks)
    if conditions := tree.blocks("condition").get():
        yield "Condition", _conditions(conditions)


def _principals(blocks: tuple[Tree, ...]) -> dict[str, list[str]]:
    made: dict[str, list[str]] = {}
    for block in blocks:
        kind = block.text("type").get() or ""
        made.setdefault("AWS" if kind == "*" else kind, []).extend(block.texts("identifiers").get())
    return made


def _conditions(blocks: tuple[Tree, ...]) -> dict[str, dict[str, list[str]]]:
    made: dict[str, dict[str, list[str]]] = {}
    for block in blocks:
        tests = made.setdefault(block.text("test").get() or "", {})
        tests.setdefault(block.text("variable").get() or "", []).extend(block.texts("values").get())
    return made
