"""Lambda: functions, and who may call them."""

from __future__ import annotations

import msgspec

from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import Value, known

UNRESERVED = -1
"""Concurrency of a function that takes what the account has left."""


class Function(Resource, frozen=True):
    """A Lambda function.

    Attributes:
        name: its name.
        settings: its variable ``SETTINGS``, which says what Guardline's function does; None where it has none.
        concurrency: how many may run at once; 0 lets none run, -1 reserves nothing.
        role: its variable ``ROLE``: the role in which Guardline's function acts; None where it has none.
        execution: the role that it runs as; None where it names none.
        dead_letters: whether it has a queue or topic for events that it could not answer.
        key: the key that encrypts its variables, by address, id, ARN or alias; None for AWS's own.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html
    """

    name: Value[str]
    settings: Value[str | None]
    concurrency: Value[int] = msgspec.field(default_factory=lambda: known(UNRESERVED))
    role: Value[str | None] = msgspec.field(default_factory=lambda: known(None))
    execution: Value[Ref] | None = None
    dead_letters: Value[bool] = msgspec.field(default_factory=lambda: known(False))
    key: Value[Ref] | None = None


class FunctionRetries(Resource, frozen=True):
    """How often Lambda tries an event again that a function failed to answer.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html

    Attributes:
        function: the function.
        times: how often; 2 unless somebody says otherwise.
    """

    function: Value[Ref]
    times: Value[int]


class FunctionPermission(Resource, frozen=True):
    """One statement of a function's resource policy.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html

    Attributes:
        function: the function, by address, name or ARN.
        principal: the service (or account) that may call it.
        action: e.g. ``lambda:InvokeFunction``.
        qualifier: the version or alias that it holds for; "" for the function itself.
        limited: whether a source ARN is set (its value may be pending).
        source: the one source that may call it, by address or ARN; unknown where none is set.
        account: the one account whose sources may call it; "" for any.
        free: true where no other condition limits the call; unknown where one does.
    """

    function: Value[Ref]
    principal: Value[str]
    action: Value[str]
    qualifier: Value[str]
    limited: Value[bool]
    source: Value[Ref]
    account: Value[str]
    free: Value[bool] = msgspec.field(default_factory=lambda: known(True))
