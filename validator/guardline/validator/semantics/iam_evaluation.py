"""What policy documents grant, deny and let services do.

Evaluation: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html. What
depends on a condition that the text does not settle is marked conditional, or raised as `UnknownValue`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec

from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.iam_actions import READING, changes, expand, hands_out, services
from guardline.validator.semantics.iam_conditions import Context, all_of, any_of, hold, opposite
from guardline.validator.semantics.iam_documents import Document, Statement
from guardline.validator.semantics.iam_principals import account_as_a_whole
from guardline.validator.semantics.unknown_parts import SOMETHING, begins_as_one, has_marks, widened
from guardline.validator.semantics.wildcards import covers, like, overlaps

_EVERY = r"\?*\*[*?]*"  # no name is so short that a question mark before an asterisk spares it


class Grant(msgspec.Struct, frozen=True, order=True):
    """An action that may be done.

    Attributes:
        action: e.g. ``guardduty:CreateFilter``.
        resource: the pattern it is allowed on; ``*`` also for "all but" the entries of a NotResource.
        conditional: only under a condition (of the Allow, or of a Deny that may take it away).
    """

    action: str
    resource: str
    conditional: bool


class WideGrant(msgspec.Struct, frozen=True):
    """Actions granted by a wildcard, or by "all but these", on every resource.

    Attributes:
        sid: the statement's name, "" without one.
        entry: what grants it, e.g. ``guardduty:*`` or ``NotAction``.
        actions: what it comes to, without what is denied everywhere.
        changing: those of `actions` that change anything.
        conditional: only under a condition.
    """

    sid: str
    entry: str
    actions: frozenset[str]
    changing: frozenset[str]
    conditional: bool


def granted(documents: Iterable[Document], service: str) -> frozenset[Grant]:
    """What all documents of one identity together grant in a service, wildcards expanded; a Deny takes away.

    Raises:
        UnknownValue: the service's actions are not known, so wildcards cannot be expanded.
    """
    if service not in services():
        raise UnknownValue(f"the actions of {service} are not known to this version")
    statements = statements_of(documents)
    found = {
        Grant(action, resource, bool(statement.conditions) or denied is None)
        for statement in statements
        if statement.allows
        for action in _actions(statement, service)
        for resource in _resources(statement)
        if (denied := _denied(statements, action, resource)) is not True
    }
    # What is granted without a condition needs no mention under one.
    return frozenset(
        each for each in found if not each.conditional or Grant(each.action, each.resource, False) not in found
    )


def changing(documents: Iterable[Document]) -> frozenset[Grant]:
    """The grants that change anything, in every service: what a reader must not have.

    Raises:
        UnknownValue: nothing that changes is seen, but actions are granted that this version does not know.
    """
    documents = tuple(documents)
    found = {grant for service in sorted(services()) for grant in granted(documents, service) if changes(grant.action)}
    if not found and (strange := sorted(_strange(documents))):
        raise UnknownValue(
            f"{', '.join(strange)} {'is' if len(strange) == 1 else 'are'} granted, and not known to this version"
        )
    return frozenset(found)


def wide_grants(documents: Iterable[Document], service: str) -> tuple[WideGrant, ...]:
    """Wildcard grants on every resource of a service, in the order of the statements."""
    statements = statements_of(documents)
    return tuple(
        wide
        for statement in statements
        if statement.allows
        and (whole := any_of(_is_everywhere(resource, service) for resource in _resources(statement))) is not False
        for wide in _wide(statement, statements, service)
        if wide.actions
        for wide in (wide if whole else msgspec.structs.replace(wide, conditional=True),)
    )


def _is_everywhere(resource: str, service: str) -> bool | None:
    """As `everywhere`; None where it may be, for all that is known of it."""
    if has_marks(resource) and widened(resource).startswith("*") and not begins_as_one(resource):
        return None
    return everywhere(resource, service)


def everywhere(resource: str, service: str) -> bool:
    """Whether a resource pattern means every resource, or every one of a kind, of a service (in an account or region).

    Examples: ``*``, ``?*``, ``arn:aws:guardduty:*``, ``arn:aws:guardduty:eu-west-1:111122223333:detector/*``.
    """
    parts = resource.split(":", 5)
    if parts[-1].endswith("*"):  # an asterisk reaches over the colons that follow
        parts += ["*"] * (6 - len(parts))
    if len(parts) < 6 or not (covers(parts[0], "arn") and covers(parts[2], service)):
        return False
    # A bucket's name stands where other services have the kind of resource.
    kind = _EVERY if service == "s3" else rf"([\w-]+[/:])?{_EVERY}([/:]{_EVERY})*"
    return bool(re.fullmatch(kind, parts[5]))


def allows_service(
    document: Document,
    service: str,
    action: str,
    resource: str | None = None,
    source_account: str | None = None,
    source_arn: str | None = None,
    more: Context | None = None,
) -> bool:
    """Whether a resource policy (of a topic, queue, bucket, key, function or bus) lets an AWS service do an action.

    Args:
        document: the resource's policy.
        service: the service principal, e.g. ``events.amazonaws.com``.
        action: e.g. ``sns:Publish``.
        resource: the resource's ARN, with ``*`` for unknown parts; None if unknown.
        source_account, source_arn: on whose behalf the service calls (e.g. the rule's ARN); ``*`` stands for unknown
            parts, None for unknown.
        more: further condition keys, as `iam_conditions.Context` has them.

    Raises:
        UnknownValue: it depends on something that is not known.
    """
    context: dict[str, tuple[str, ...] | None] = {
        "aws:sourceaccount": None if source_account is None else (source_account,),
        "aws:sourcearn": None if source_arn is None else (source_arn,),
        "aws:securetransport": ("true",),
        "aws:principalisawsservice": ("true",),
        "aws:principalservicename": (service,),
        # A service principal is no principal of an account, so these are not in its requests.
        **dict.fromkeys(("aws:principalorgid", "aws:principalarn", "aws:principalaccount", "aws:principaltag/"), ()),
        **dict.fromkeys(("aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce", "aws:userid"), ()),
        **(more or {}),
    }
    answers: dict[bool, list[bool | None]] = {True: [], False: []}
    for statement in document.statements:
        asked = (
            _names_service(statement, service),
            covers_action(statement, action),
            _covers_resource(statement, resource or "*"),
            hold(statement.conditions, context),
        )
        answers[statement.allows].append(all_of(asked))
    allowed, denied = any_of(answers[True]), any_of(answers[False])
    if denied is True or allowed is False:
        return False
    if allowed is None or denied is None:
        what = "an Allow" if allowed is None else "a Deny"
        raise UnknownValue(
            f"whether {service} may {action} depends on {what} under a condition or resource that is not known"
        )
    return True


def may(documents: Iterable[Document], action: str, resource: str) -> bool | None:
    """Whether an identity's policies allow an action on a resource; None where that hangs on something unknown.

    Args:
        documents: all policies of the identity.
        action: an exact name, e.g. ``sns:Publish``.
        resource: its ARN, with a mark or ``*`` for what is unknown in it.
    """
    answers: dict[bool, list[bool | None]] = {True: [], False: []}
    for statement in statements_of(documents):
        asked = (covers_action(statement, action), _covers_resource(statement, resource))
        answers[statement.allows].append(all_of((*asked, None if statement.conditions else True)))
    denied = any_of(answers[False])
    return all_of((any_of(answers[True]), None if denied is None else not denied))


def allows_account(
    document: Document,
    account: str,
    action: str,
    resource: str = "*",
    *,
    role: str | None = None,
    by_role: bool = False,
    more: Context | None = None,
) -> tuple[bool | None, bool | None]:
    """Whether a resource policy lets an account as a whole do an action, and whether it denies it to a role of it.

    Args:
        document: the resource's policy.
        account: the caller's account id; ``*`` where it is not known.
        action: e.g. ``events:PutEvents``.
        resource: the resource's ARN, with a mark or ``*`` for what is unknown in it.
        role: the ARN of the role that calls, None where it is not known.
        by_role: whether it is the role alone that must be allowed, and not the account as a whole.
        more: what else is known of the request, as `iam_conditions.Context` has it.

    Returns:
        Whether it is allowed (None also where only some of the account's identities are), and whether it is denied; an
        account's own identities need no Allow here, if their own policies have it.
    """
    context: dict[str, tuple[str, ...] | None] = {
        "aws:principalaccount": (account,),
        "aws:securetransport": ("true",),
        **(more or {}),
    }
    answers: dict[bool, list[bool | None]] = {True: [], False: []}
    for statement in document.statements:
        # What is allowed has to hold for whoever makes the target; what is denied, for the role that sends.
        acting = None if statement.allows and not by_role else role
        named = _names_account(statement, account, acting)
        its = context if acting is None else {**context, "aws:principalarn": (acting,)}
        asked = (named, covers_action(statement, action), _covers_resource(statement, resource))
        answers[statement.allows].append(all_of((*asked, hold(statement.conditions, its))))
    return any_of(answers[True]), any_of(answers[False])


def _names_account(statement: Statement, account: str, role: str | None) -> bool | None:
    """Whether the statement names an account as a whole, or (of a Deny) a role of it; None for some identity of it."""
    if statement.principals is None or statement.all_but_principals:
        return None
    names = [who for kind, several in statement.principals if kind in ("*", "AWS") for who in several]
    if any(who == role or account_as_a_whole(who) in ("*", account) for who in names):
        return True
    its = (account, f"arn:*:iam::{account}:root", *([role] if role is not None else []))
    if any(has_marks(who) and like(who, one) is not False for who in names for one in its):
        return None
    if account == "*":
        return None if names else False
    part = any(re.match(rf"arn:aws[\w-]*:(iam|sts)::{re.escape(account)}:", who) for who in names)
    return None if part and role is None else False


def _names_service(statement: Statement, service: str) -> bool | None:
    """Whether the statement is about this service. An Allow with NotPrincipal is not judged: AWS advises against it."""
    if statement.principals is None:
        return False
    named = any_of(_is_service(kind, who, service) for kind, several in statement.principals for who in several)
    if not statement.all_but_principals:
        return named
    return None if statement.allows else opposite(named)


def _is_service(kind: str, who: str, service: str) -> bool | None:
    """Whether one principal is this service, or everybody."""
    if who == "*" and kind in ("*", "AWS", "Service"):
        return True
    if kind == "Service":
        return like(who, service) if has_marks(who) else who == service
    return None if kind in ("*", "AWS") and who == SOMETHING else False


def statements_of(documents: Iterable[Document]) -> tuple[Statement, ...]:
    """All statements of the documents."""
    return tuple(statement for document in documents for statement in document.statements)


def _actions(statement: Statement, service: str) -> frozenset[str]:
    """The actions of a service that a statement is about."""
    named = frozenset[str]().union(*map(expand, statement.actions))
    every = expand(f"{service}:*")
    return every - named if statement.all_but_actions else every & named


def _reaches(entry: str, resource: str) -> bool | None:
    """Whether an entry is about all of a resource pattern."""
    if not has_marks(entry):
        return covers(entry, resource)
    return None if overlaps(widened(entry), widened(resource)) else False


def _resources(statement: Statement) -> tuple[str, ...]:
    return ("*",) if statement.all_but_resources else statement.resources


def covers_action(statement: Statement, action: str) -> bool | None:
    """Whether a statement is about an action; None where a part of its actions is unknown."""
    named = _names_action(statement.actions, action)
    return opposite(named) if statement.all_but_actions else named


@lru_cache(maxsize=16384)  # the same few statements stand in every account
def _names_action(entries: tuple[str, ...], action: str) -> bool | None:
    return any_of(like(entry.lower(), action.lower()) for entry in entries)


def _covers_resource(statement: Statement, resource: str) -> bool | None:
    named = any_of(like(entry, resource) for entry in statement.resources)
    return opposite(named) if statement.all_but_resources else named


def _denied(statements: Iterable[Statement], action: str, resource: str) -> bool | None:
    """Whether all of a resource pattern is denied: True, False, or None under a condition."""
    answers: list[bool | None] = []
    for statement in statements:
        if not statement.allows and (named := covers_action(statement, action)) is not False:
            if statement.all_but_resources:
                whole: bool | None = not any(overlaps(widened(entry), resource) for entry in statement.resources)
            else:
                whole = any_of(_reaches(entry, resource) for entry in statement.resources)
            answers.append(all_of((named, whole, None if statement.conditions else True)))
    return any_of(answers)


def _wide(statement: Statement, statements: tuple[Statement, ...], service: str) -> Iterator[WideGrant]:
    every = _actions(statement, service)
    entries = (
        {"NotAction": every}
        if statement.all_but_actions
        else {entry: expand(entry) & every for entry in statement.actions if "*" in entry or "?" in entry}
    )
    for entry, actions in entries.items():
        answers = {action: _denied(statements, action, "*") for action in actions}
        left = frozenset(action for action, denied in answers.items() if denied is not True)
        conditional = bool(statement.conditions) or any(answers[action] is None for action in left)
        yield WideGrant(statement.sid, entry, left, frozenset(filter(changes, left)), conditional)


def _strange(documents: Iterable[Document]) -> Iterator[str]:
    """Entries of an Allow that may grant changes not known here."""
    for statement in statements_of(documents):
        for entry in statement.actions if statement.allows else ():
            service, _, name = entry.partition(":")
            known = service.lower() in services() and expand(entry)
            if entry.strip("*") and not known and (not READING.match(name) or hands_out(entry)):
                yield entry
