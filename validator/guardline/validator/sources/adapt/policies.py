"""Policies whose text is known only after apply, read from the `aws_iam_policy_document` that makes it.

In a first plan a document mostly waits for the ARN of a bucket or key that it names as a resource. All else of it, who
may do what under which condition, is known.
Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from guardline.validator.model.value import UnknownValue, Value, known, unknown
from guardline.validator.sources.adapt.common import ByType
from guardline.validator.sources.blocks import Block, Wanted
from guardline.validator.sources.tree import Tree

DOCUMENT = "aws_iam_policy_document"
PENDING = "(known only after apply)"
"""Stands for the resources of a statement where they are not known."""

RULE = "guardline:rule:"
"""Stands, before its address (percent-encoded), for the ARN of a rule that is known only after apply."""

_WANTED = Wanted(frozenset({DOCUMENT}), attributes=frozenset({"json", "minified_json"}))
_MERGED = ("source_policy_documents", "override_policy_documents", "source_json", "override_json")


class Documents:
    """The policy documents of a source, by address."""

    def __init__(self, by_type: ByType) -> None:
        self._found: Mapping[str, Block] = {f"{block.root}{block.address}": block for block in by_type.data(DOCUMENT)}

    def text(self, block: Block, attribute: str, *, rules: bool = False) -> Value[str]:
        """The JSON text of a policy attribute; the resources in it are `PENDING` where they are not known.

        Args:
            block: the resource that carries the policy.
            attribute: where.
            rules: whether a condition may wait for the ARN of an EventBridge rule, and then names it (`RULE`).
        """
        text = block.tree.text(attribute)
        if text.is_known:
            return known(text.get() or "")
        ref = block.link(attribute, wanted=_WANTED)
        document = self._found.get(ref.get().address or "") if ref.is_known else None
        if document is None:
            return unknown(text.reason or "")
        try:
            return known(json.dumps({"Statement": list(_statements(document, rules=rules))}))
        except UnknownValue as unknown_value:
            return unknown(f"{document.address}: {unknown_value.reason}")


def _statements(document: Block, *, rules: bool) -> Iterator[dict[str, Any]]:
    for name in _MERGED:
        if document.tree.at(name).is_set:
            raise UnknownValue(f"it takes in other documents ({name})")
    for number, tree in enumerate(document.tree.blocks("statement").get()):
        made = dict(_statement(tree))
        conditions = tree.blocks("condition").get()
        # The blocks of a condition are a set: of several, nobody knows which one the configuration means.
        if rules and len(conditions) == 1 and not conditions[0].texts("values").is_known:
            made["Condition"] = _of_rule(document, number, conditions[0])
        elif conditions:
            made["Condition"] = _conditions(conditions)
        yield made


def _of_rule(document: Block, number: int, condition: Tree) -> dict[str, dict[str, list[str]]]:
    """A condition whose values are the ARNs of rules that are still to be made."""
    wanted = Wanted(frozenset({"aws_cloudwatch_event_rule"}), attributes=frozenset({"arn"}))
    path: tuple[str | int, ...] = ("statement", number, "condition", 0, "values")
    values = condition.at("values").after or [None]
    # The source has each of the values; a plan refers to all of them together.
    links = [document.link(*path, at, wanted=wanted) for at in range(len(values))]
    if len(links) == 1 and not links[0].is_known:
        links = [document.link(*path, wanted=wanted)]
    addresses = [link.get().address for link in links if link.is_known]
    told = [f"{RULE}{quote(address, safe='')}" for address in addresses if address is not None]
    if len(told) < len(links):
        condition.texts("values").get()  # says why one is not known
    return {condition.text("test").get() or "": {condition.text("variable").get() or "": told}}


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
