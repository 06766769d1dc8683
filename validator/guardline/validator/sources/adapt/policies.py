"""Policies whose text is known only after apply: what of it is known all the same.

Before the first apply a policy mostly waits for the ARN of a bucket or key that it names as a resource. All else of it,
who may do what under which condition, is known: from the source, or from the `aws_iam_policy_document` that makes it.
Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from guardline.validator.model.value import UnknownValue, Value, known, unknown
from guardline.validator.semantics.unknown_parts import SOMETHING, filled, has_marks
from guardline.validator.sources.adapt.common import ByType, default
from guardline.validator.sources.adapt.meanings import Meanings
from guardline.validator.sources.blocks import Block, Wanted
from guardline.validator.sources.tree import Tree

DOCUMENT = "aws_iam_policy_document"
PENDING = "(known only after apply)"
"""Stands for the resources of a statement where they are not known."""

RULE = "guardline:rule:"
"""Stands, before its address (percent-encoded), for the ARN of a rule that is known only after apply."""

_WANTED = Wanted(frozenset({DOCUMENT}), attributes=frozenset({"json", "minified_json"}))
_ELEMENTS = (
    ("actions", "Action"),
    ("not_actions", "NotAction"),
    ("resources", "Resource"),
    ("not_resources", "NotResource"),
)
_SOURCES = "source_policy_documents"
_MERGED = (_SOURCES, "override_policy_documents", "source_json", "override_json")


class Documents:
    """The policy documents of a source, by address."""

    def __init__(self, by_type: ByType) -> None:
        self._found: Mapping[str, Block] = {f"{block.root}{block.address}": block for block in by_type.data(DOCUMENT)}
        self._meanings = Meanings(by_type)

    def draft(self, block: Block, *path: str | int) -> Value[str]:
        """The JSON text of a policy attribute, with marks for what is unknown in it (`unknown_parts`).

        Args:
            block: the resource that carries the policy.
            path: where.
        """
        text = block.tree.text(*path)
        if text.is_known:
            return text.map(lambda found: found or "")
        draft = block.draft(*path)
        if draft is None:
            ref = block.link(*path, wanted=_WANTED)
            document = self._found.get(ref.get().address or "") if ref.is_known else None
            if document is None:
                return unknown(text.reason or "", text.at)
            try:
                draft = self._written(document)
            except UnknownValue as unknown_value:
                return unknown(f"{document.address}: {unknown_value.reason}", text.at)
        return known(self.meant(block, draft), text.at)

    def _written(self, document: Block) -> str:
        """The text of a document, with the statements of the one document that it is made of.

        Raises:
            UnknownValue: more is unknown than marks can stand for.
        """
        sources = document.tree.at(_SOURCES)
        if not sources.is_set or not sources.is_pending:
            return _written(document.tree)
        ref = document.link(_SOURCES, wanted=_WANTED)
        source = self._found.get(ref.get().address or "") if ref.is_known else None
        if source is None or source.tree.at(_SOURCES).is_set:
            return _written(document.tree)
        first = json.loads(_written(source.tree))["Statement"]
        own = json.loads(_written(document.tree, _SOURCES))["Statement"]
        return json.dumps({"Statement": [*first, *own]}, ensure_ascii=False)

    def meant(self, block: Block, draft: str) -> str:
        """A draft whose marks say the same as those of every other text."""
        return self._meanings.fill(draft, block.root)

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
        draft = block.draft(attribute)
        made = _with_pending(self.meant(block, draft), rules=rules) if draft is not None else None
        if made is not None:
            return known(made)
        ref = block.link(attribute, wanted=_WANTED)
        document = self._found.get(ref.get().address or "") if ref.is_known else None
        if document is None:
            return unknown(text.reason or "")
        try:
            return known(json.dumps({"Statement": list(_statements(document, rules=rules))}))
        except UnknownValue as unknown_value:
            return unknown(f"{document.address}: {unknown_value.reason}")


def _with_pending(draft: str, *, rules: bool) -> str | None:
    """The text of a draft with `PENDING` for resources that are unknown; None where it is no policy."""
    try:
        policy = json.loads(draft)
    except ValueError:
        return None
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    for statement in statements if isinstance(statements, list) else [statements]:
        for name in ("Resource", "NotResource"):
            if isinstance(statement, dict) and has_marks(json.dumps(statement.get(name), ensure_ascii=False)):
                statement[name] = [PENDING]
    text = json.dumps(policy, ensure_ascii=False)
    if rules:
        text = filled(text, lambda name, attribute: _rule(name) if attribute == "arn" else None)
    return text


def _rule(address: str) -> str | None:
    return f"{RULE}{quote(address, safe='')}" if "aws_cloudwatch_event_rule." in address else None


def _written(document: Tree, *known: str) -> str:
    """The text of a document, with marks for what is unknown in it; `known` are the other documents that it is made of
    and that are known otherwise.

    Raises:
        UnknownValue: more is unknown than a mark can stand for, such as an effect or whole statements.
    """
    _assert_whole(document, *known)
    made: list[dict[str, Any]] = []
    for tree in document.blocks("statement").get():
        each: dict[str, Any] = {"Effect": default(tree.text("effect"), "Allow").get()}
        for name, element in _ELEMENTS:
            if values := _drafts(tree, name):
                each[element] = values
        for name, element in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
            for block in tree.blocks(name).get():
                kind = block.text("type").get() or ""
                who = each.setdefault(element, {}).setdefault("AWS" if kind == "*" else kind, [])
                who.extend(_drafts(block, "identifiers"))
        for block in tree.blocks("condition").get():
            tests = each.setdefault("Condition", {}).setdefault(block.text("test").get() or "", {})
            tests.setdefault(block.text("variable").get() or "", []).extend(_drafts(block, "values"))
        made.append(each)
    return json.dumps({"Statement": made}, ensure_ascii=False)


def _assert_whole(document: Tree, *known: str) -> None:
    for name in _MERGED:
        if name not in known and document.at(name).is_set:
            raise UnknownValue(f"it is made of other documents ({name})")


def _drafts(tree: Tree, name: str) -> list[str]:
    """The texts of a list, each that is unknown as a mark."""
    values = tree.texts(name)
    if values.is_known:
        return list(values.get())
    found = tree.at(name).after
    texts = [tree.text(name, place) for place in range(len(found))] if isinstance(found, list) else []
    return [text.known_or("") or SOMETHING for text in texts] or [SOMETHING]


def _statements(document: Block, *, rules: bool) -> Iterator[dict[str, Any]]:
    _assert_whole(document.tree)
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
    found = [f"{RULE}{quote(address, safe='')}" for address in addresses if address is not None]
    if len(found) < len(links):
        condition.texts("values").get()  # says why one is not known
    return {condition.text("test").get() or "": {condition.text("variable").get() or "": found}}


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
