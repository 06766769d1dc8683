"""Whom a resource's policy lets in who is nobody in particular, and whether it is closed to plain HTTP."""

from __future__ import annotations

from guardline.validator.semantics.iam_documents import Document, Statement


def open_to(document: Document) -> str | None:
    """Who may do something without any condition: everybody, or a service on anybody's behalf; None for nobody.

    A service acts for whoever asks it to, unless a condition says for whom:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    for one in document.statements:
        if not one.allows or one.conditions:
            continue
        who = dict(one.principals or ())
        if one.all_but_principals or "*" in who.get("*", ()) or "*" in who.get("AWS", ()):
            return "everybody"
        if services := who.get("Service", ()):
            return f"{services[0]} for anybody"
    return None


def closed_to_plain_http(document: Document, action: str) -> bool:
    """Whether everybody is denied an action that does not come over TLS."""
    return any(_denies_plain_http(one) and (action in one.actions or "*" in one.actions) for one in document.statements)


def _denies_plain_http(one: Statement) -> bool:
    who = dict(one.principals or ())
    everyone = "*" in who.get("*", ()) or "*" in who.get("AWS", ())
    plain = any(
        test.operator.startswith("Bool") and test.key.lower() == "aws:securetransport" and test.values == ("false",)
        for test in one.conditions
    )
    return not one.allows and everyone and plain and len(one.conditions) == 1
