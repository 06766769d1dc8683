"""Control response-acts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, not_applicable
from guardline.validator.controls.shared.acting_roles import acts_as
from guardline.validator.controls.shared.as_asked import Tests
from guardline.validator.controls.shared.buckets import Fault
from guardline.validator.controls.shared.cells import account_cells
from guardline.validator.controls.shared.conditions import policy_of
from guardline.validator.controls.shared.function_calls import function_arn
from guardline.validator.controls.shared.identities import document, policies_of
from guardline.validator.controls.shared.when_applicable import is_asked
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.functions import Function
from guardline.validator.model.iam import Identity, IdentityPolicy
from guardline.validator.model.value import UnknownValue, Value
from guardline.validator.semantics.iam_documents import Document
from guardline.validator.semantics.iam_evaluation import allows_account, covers_action
from guardline.validator.semantics.iam_trust import lets_in
from guardline.validator.semantics.place_texts import account_text
from guardline.validator.semantics.unknown_parts import filled

ID = "response-acts"
_CALLS: Mapping[str, tuple[str, ...]] = {
    "isolate-instance": ("ec2:CreateSecurityGroup", "ec2:ModifyNetworkInterfaceAttribute", "ec2:CreateSnapshots"),
    "stop-instance": ("ec2:StopInstances",),
    "disable-access-key": ("iam:UpdateAccessKey",),
    "revoke-role-sessions": ("iam:PutRolePolicy",),
    "block-public-bucket": ("s3:PutBucketPublicAccessBlock",),
}
"""What each action of Guardline's function calls to change something."""


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    return account_cells(estate, scope) if is_asked(scope, ID) else iter(())


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    functions = [one for one in estate.all(Function) if one.role.known_or("?") is not None]
    if not functions:
        return not_applicable("no function here acts in a role (finding-response asks for one)")
    names = {one.role.get() for one in functions}
    roles = [one for one in estate.select(Identity, cell.account) if one.kind == "role" and one.name.get() in names]
    if not roles:
        estate.select(Identity, cell.account).assert_complete()
        lost = ", ".join(sorted(name for name in names if name))
        return failed(f"the account has no role {lost}, in which the function acts", missing=Identity)
    tests = Tests()
    for role in roles:
        tests.ask(_may_act(estate, scope, role))
        tests.ask(_is_closed(role))
        for function in functions:
            tests.ask(_may_be_taken(estate, role, function))
    acts = scope.asked is not None and scope.asked.response_mode == "act"
    said = "may do what the spec asks" if acts else "exists, and only reads"
    return tests.verdict("the role of the function", f"the role of the function {said}", *(one.origin for one in roles))


def _may_act(estate: Estate, scope: Scope, role: Identity) -> Iterator[Fault]:
    if scope.asked is None or scope.asked.response_mode != "act":
        return
    documents: list[Document] = []
    for policy in policies_of(estate, role):
        if not isinstance(policy, IdentityPolicy):
            if isinstance(policy, Value):
                raise UnknownValue(policy.reason or "")
            raise UnknownValue(f"{role.origin.address} has a policy that is not here")
        documents.append(document(policy))
    allowing = [one for each in documents for one in each.statements if one.allows]
    for action in sorted({name for actions in scope.asked.answers.values() for name in actions}):
        lost = [call for call in _CALLS[action] if not any(covers_action(one, call) for one in allowing)]
        if lost:
            yield Fault(f"may not {action}: {', '.join(lost)} is not allowed", role.origin)


def _may_be_taken(estate: Estate, role: Identity, function: Function) -> Iterator[Fault]:
    """Whether the function runs at all, and may take the role."""
    if function.role.get() != role.name.get() or function.execution is None:
        return
    own = estate.find(Identity, function.execution.get(), function.location.account)
    if own is None:
        raise UnknownValue(f"{function.origin.address} runs as a role that is not in the source")
    taken, source = _role_arn(estate, role), function_arn(estate, function)
    condition = acts_as(estate, own, "lambda.amazonaws.com", "sts:AssumeRole", taken, source)
    if condition.holds is False:
        yield Fault(f"may not be taken by the function: {condition.reason}", own.origin)
        return
    yield from _lets_in(estate, role, own)
    if condition.holds is None:
        raise UnknownValue(condition.reason)


def _lets_in(estate: Estate, role: Identity, own: Identity) -> Iterator[Fault]:
    """Whether the trust policy of the role lets the function's own role in."""
    if role.trust is None:
        return
    arn = _role_arn(estate, own)
    text = filled(role.trust.get(), lambda name, _: arn if name == own.origin.address else None)
    document = policy_of(text, f"the trust policy of {role.origin.address}")
    account = account_text(own.location.account)
    allowed, denied = allows_account(document, account, "sts:AssumeRole", role=arn, by_role=True)
    if allowed is False or denied:
        yield Fault(
            "may not be taken by the function: its trust policy does not let the function's role in", role.origin
        )
    elif allowed is None or denied is None:
        raise UnknownValue(f"whether {role.origin.address} lets the function's role in cannot be determined")


def _role_arn(estate: Estate, role: Identity) -> str:
    given = next((name for name in sorted(role.names) if name.startswith("arn:")), None)
    return given or f"arn:{estate.partition}:iam::{account_text(role.location.account)}:role/{role.name.get()}"


def _is_closed(role: Identity) -> Iterator[Fault]:
    """Whether only the function's role may take it: here a whole account is a stranger, the role's own too."""
    if role.trust is None:
        return
    sure, perhaps = lets_in(policy_of(role.trust.get(), f"the trust policy of {role.origin.address}"), own=())
    if sure is not None:
        yield Fault(f"may be taken by {sure}, and not by the function alone", role.origin)
    elif perhaps is not None:
        raise UnknownValue(f"{role.origin.address} may be taken by {perhaps} under conditions that are not known to do")


CONTROL = Control(
    id=ID,
    title="The function may do what it is to do",
    practice=7,
    severity=Severity.MEDIUM,
    why=(
        "A function that is started and may not act answers nothing: the call is refused when it matters. And whoever "
        "else may take its role has the power to stop instances and keys."
    ),
    passes=(
        "Each account has the role in which the function acts (its variable `ROLE`). Under mode act its policies allow "
        "what each of the spec's actions calls, only named roles may take it, and the function's own role may."
    ),
    fails=(
        "The role is missing, a call of an asked action is not allowed, a whole account may take the role, or the "
        "function may not: Lambda may not assume its own role, that role may not sts:AssumeRole, or the trust policy "
        "does not let it in."
    ),
    unsure="A name, policy or trust is known only after apply or not in the source, or the source is incomplete.",
    fix="Declare the role with the calls of each action, trusted for the function's role alone (`aws:PrincipalArn`).",
    limits="Asked under a spec with `response.remediate`. On which resources the role may act is not judged.",
    cells=_cells,
    check=_check,
    links=("https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html",),
)
