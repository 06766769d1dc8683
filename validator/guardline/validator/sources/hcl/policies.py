"""`aws_iam_policy_document`: the text that the provider makes of it, where all of it is known.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

import json
from typing import Any

from guardline.validator.sources.hcl.values import (
    EvaluationError,
    Unknown,
    drafted,
    is_sensitive,
    plain,
    to_text,
    unknown_in,
)

_LISTS = (
    ("actions", "Action"),
    ("not_actions", "NotAction"),
    ("resources", "Resource"),
    ("not_resources", "NotResource"),
)
_WHO = (("principals", "Principal"), ("not_principals", "NotPrincipal"))


def document(values: dict[str, Any], *, minified: bool = False) -> Any:
    """The policy's JSON text, or an unknown that names what it depends on.

    Args:
        values: the data source's values, as `content` gives them.
        minified: whether it is the text without blanks, `minified_json`.
    """
    found = unknown_in(values)
    if found is not None:
        draft = None if is_sensitive(values) else _text(drafted(values), minified)
        why = f"the policy document depends on what is unknown: {found.reason}"
        return Unknown(why, found.of, draft=draft if isinstance(draft, str) else None)
    return _text(values, minified)


def _text(values: dict[str, Any], minified: bool) -> str | Unknown:
    form: dict[str, Any] = {"separators": (",", ":")} if minified else {"indent": 2}
    try:
        return json.dumps(_document(plain(values)), ensure_ascii=False, **form)
    except (EvaluationError, TypeError, ValueError, KeyError, AttributeError) as error:
        return Unknown(f"the policy document cannot be put together: {error}")


def _document(values: dict[str, Any]) -> dict[str, Any]:
    statements: list[dict[str, Any]] = []
    for text in values.get("source_policy_documents") or []:
        statements = _over(statements, _statements(text))
    statements = _over(statements, [_statement(each) for each in values.get("statement") or []])
    for text in values.get("override_policy_documents") or []:
        statements = _over(statements, _statements(text))
    made: dict[str, Any] = {"Version": values.get("version") or "2012-10-17"}
    if values.get("policy_id"):
        made["Id"] = values["policy_id"]
    return {**made, "Statement": statements}


def _statements(text: str) -> list[dict[str, Any]]:
    found = json.loads(text).get("Statement", []) if text else []
    return found if isinstance(found, list) else [found]


def _over(statements: list[dict[str, Any]], more: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Later statements take the place of those with the same Sid; the others follow."""
    found = list(statements)
    for each in more:
        sid = each.get("Sid")
        at = next((index for index, other in enumerate(found) if sid and other.get("Sid") == sid), None)
        if at is None:
            found.append(each)
        else:
            found[at] = each
    return found


def _statement(values: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if values.get("sid"):
        made["Sid"] = values["sid"]
    made["Effect"] = values.get("effect") or "Allow"
    for name, written in _LISTS:
        if values.get(name):
            made[written] = _one_or_sorted(values[name])
    for name, written in _WHO:
        if values.get(name):
            made[written] = _principals(values[name])
    if values.get("condition"):
        made["Condition"] = _conditions(values["condition"])
    return made


def _one_or_sorted(items: list[Any]) -> str | list[str]:
    texts = sorted({_policy_variable(to_text(item)) for item in items}, reverse=True)
    return texts[0] if len(texts) == 1 else texts


def _policy_variable(text: str) -> str:
    """The provider writes ``&{aws:username}`` as ``${aws:username}``."""
    return text.replace("&{", "${")


def _principals(blocks: list[dict[str, Any]]) -> Any:
    made: dict[str, list[str]] = {}
    for block in blocks:
        made.setdefault(to_text(block["type"]), []).extend(map(to_text, block["identifiers"]))
    if made == {"*": ["*"]}:
        return "*"
    return {kind: _one_or_sorted(list(names)) for kind, names in sorted(made.items())}


def _conditions(blocks: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, list[str]]] = {}
    for block in blocks:
        test = made.setdefault(to_text(block["test"]), {})
        test.setdefault(to_text(block["variable"]), []).extend(_policy_variable(to_text(v)) for v in block["values"])
    return {
        test: {name: values[0] if len(values) == 1 else values for name, values in sorted(each.items())}
        for test, each in sorted(made.items())
    }
