"""A target that names a role: EventBridge may reach it as that role, whatever the target's own policy says."""

from __future__ import annotations

from guardline.validator.controls.shared.conditions import Condition, broken, unsure
from guardline.validator.controls.shared.identities import document, policies_of, why_adrift
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import EventTarget
from guardline.validator.model.iam import Identity, IdentityPolicy
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.iam_documents import Document
from guardline.validator.semantics.iam_evaluation import may


def or_as_role(estate: Estate, target: EventTarget, action: str, resource: str, condition: Condition) -> Condition:
    """The leg of a target's own policy, or, where it does not hold, that of the role that the target names.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html

    Args:
        estate: what there is.
        target: the target.
        action: what EventBridge does there, e.g. ``sns:Publish``.
        resource: the ARN of what it does it to, with ``*`` for what is not known of it.
        condition: what the target's own policy comes to.
    """
    if condition.holds or target.acting is None:
        return condition
    name = target.origin.address
    if not target.acting.is_known:
        return unsure(f"as which role {name} acts is not told: {target.acting.reason}", target.origin)
    role = estate.find(Identity, target.acting.get())
    if role is None:
        return unsure(f"{name} acts as a role that is not in the source, so what it may do is not told", target.origin)
    documents, reason = list[Document](), why_adrift(estate, role.location.account)
    for one in policies_of(estate, role):
        try:
            if not isinstance(one, IdentityPolicy):
                raise UnknownValue(f"a policy of {role.origin.address} is not in the source")  # noqa: TRY301 - told below
            documents.append(document(one))
        except UnknownValue as unknown_value:
            reason = unknown_value.reason
    answer = may(documents, action, resource)
    if answer:
        return Condition(True, "", (target.origin, role.origin))
    if answer is None or reason:
        why = reason or "its policies narrow it"
        return unsure(f"whether {role.origin.address} may {action} is not told: {why}", target.origin, role.origin)
    return broken(
        f"{condition.reason}, and {role.origin.address} may not {action} either", *condition.origins, role.origin
    )
