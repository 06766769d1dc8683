"""What service control policies deny to the people and roles of an account.

Evaluation: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.finding_samples import partition
from guardline.validator.semantics.iam_conditions import Context, all_of, any_of, hold
from guardline.validator.semantics.iam_documents import Condition, Document, Statement
from guardline.validator.semantics.iam_evaluation import covers_action, statements_of
from guardline.validator.semantics.wildcards import covers, overlaps

_CALLERS = (("AssumedRole", "role/guardline-sample"), ("User", "user/guardline-sample"), ("Account", "root"))


def not_denied(
    documents: Iterable[Document],
    actions: Iterable[str],
    account: str | None,
    region: str,
    resource: str | None = None,
) -> tuple[str, ...]:
    """The actions that service control policies leave open to an ordinary role, user or root of an account.

    A named role that is exempt does not make an action open; all roles being exempt does. Only a Deny is looked for,
    not an allow list that leaves the action out.

    Args:
        documents: all policies that reach the account.
        actions: exact names, e.g. ``guardduty:DeleteDetector``.
        account: its id, None if unknown.
        region: where the call is made.
        resource: the one resource that is asked about, by ARN; None for all of the service.

    Raises:
        UnknownValue: none is certainly open, and some may be.
    """
    denials = [statement for statement in statements_of(documents) if not statement.allows]
    answers = {action: _deny(denials, action, account or "*", region, resource) for action in actions}
    left_open = tuple(action for action, answer in answers.items() if answer is False)
    unsure = [action for action, answer in answers.items() if answer is None]
    if unsure and not left_open:
        raise UnknownValue(
            f"whether {', '.join(unsure)} is denied depends on conditions or resources that the policy narrows to"
        )
    return left_open


def _deny(denials: Iterable[Statement], action: str, account: str, region: str, resource: str | None) -> bool | None:
    about = [
        (all_of((named, _whole(statement, action.partition(":")[0], account, region, resource))), statement)
        for statement in denials
        if (named := covers_action(statement, action)) is not False
    ]
    reaching = [(reach, _applies(each.conditions, account, region)) for reach, each in about if reach is not False]
    return all_of(
        any_of(all_of((reach, applies[number])) for reach, applies in reaching) for number in range(len(_CALLERS))
    )


@lru_cache(maxsize=4096)
def _applies(conditions: tuple[Condition, ...], account: str, region: str) -> tuple[bool | None, ...]:
    """Whether the conditions hold for each of the callers: a statement has the same for all its actions."""
    return tuple(hold(conditions, context) for context in _callers(account, region))


def _whole(statement: Statement, service: str, account: str, region: str, resource: str | None) -> bool | None:
    """Whether the statement reaches all resources here, or the one that is asked about; one on some of them settles
    nothing about the others."""
    if resource is not None:
        return any(covers(each, resource) for each in statement.resources) != statement.all_but_resources
    if statement.all_but_resources:
        return None
    here = f"arn:{partition(region)}:{service}:{region}:"
    if any(covers(each, f"{here}{account}:*") for each in statement.resources):
        return True
    return None if any(overlaps(each, f"{here}*") for each in statement.resources) else False


def _callers(account: str, region: str) -> Iterator[Context]:
    """An ordinary role, an ordinary user and the root user, each calling directly and without tags of its own."""
    for kind, name in _CALLERS:
        yield {
            "aws:principalarn": (f"arn:{partition(region)}:iam::{account}:{name}",),
            "aws:principalaccount": (account,),
            "aws:principaltype": (kind,),
            "aws:principaltag/": (),
            "aws:principalisawsservice": ("false",),
            "aws:viaawsservice": ("false",),
            "aws:requestedregion": (region,),
            "aws:securetransport": ("true",),
            "aws:sourceaccount": (),
            "aws:sourcearn": (),
        }
