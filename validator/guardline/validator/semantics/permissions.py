"""A Lambda function's permissions, as statements of its resource policy: a `Document` of them answers `allows_service`.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html: a source ARN is matched like `ArnLike`.
"""

from __future__ import annotations

from guardline.validator.semantics.iam_documents import Condition, Statement


def permission(principal: str, action: str, source_arn: str = "", source_account: str = "", sid: str = "") -> Statement:
    """One permission on a function.

    Args:
        principal: a service such as ``events.amazonaws.com``, an account id, an IAM ARN, or ``*``.
        action: e.g. ``lambda:InvokeFunction``.
        source_arn, source_account: on whose behalf a service may call; "" where not set.
        sid: its statement id.
    """
    conditions = []
    if source_arn:
        conditions.append(Condition("ArnLike", "aws:SourceArn", (source_arn,)))
    if source_account:
        conditions.append(Condition("StringEquals", "aws:SourceAccount", (source_account,)))
    kind = (
        "*" if principal == "*" else "Service" if principal.endswith((".amazonaws.com", ".amazonaws.com.cn")) else "AWS"
    )
    return Statement(sid, True, (action,), conditions=tuple(conditions), principals=((kind, (principal,)),))
