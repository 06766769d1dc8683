"""What carries an account's alerts: the topics, queues, buses and functions that its rules lead to."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from guardline.validator.control import Cell
from guardline.validator.controls.shared.when_applicable import is_asked
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import AnyResource, Estate
from guardline.validator.model.events import EventBus, EventTarget
from guardline.validator.model.functions import Function
from guardline.validator.model.resource import Account, Ref
from guardline.validator.model.sns import Topic
from guardline.validator.model.sqs import Queue
from guardline.validator.model.value import Value


class Carriers(msgspec.Struct, frozen=True):
    """What the targets of an account's rules lead to; of each kind once.

    `ending` has the own names of the queues beside targets that lead to a topic or function, and not on to a bus.
    """

    topics: tuple[Topic, ...]
    queues: tuple[Queue, ...]
    buses: tuple[EventBus, ...]
    functions: tuple[Function, ...]
    ending: frozenset[str]
    unknown: str | None


def cells(control: str, scope: Scope) -> Iterator[Cell]:
    """One cell for each account whose own rules carry alerts: of an organization, the administrator."""
    asked = is_asked(scope, control)
    return (Cell(one) for one in scope.accounts if asked and scope.administrator_of(one) is None)


def carriers(estate: Estate, account: Account) -> Carriers:
    """What carries an account's alerts."""
    targets = estate.select(EventTarget, account).here
    ends = [target.target for target in targets]
    queues = [target.queue for target in targets if target.queue is not None]
    unknown = next((value.reason for value in (*ends, *queues) if not value.is_known), None)
    return Carriers(
        _found(estate, Topic, ends),
        _found(estate, Queue, queues),
        _found(estate, EventBus, ends),
        _found(estate, Function, ends),
        frozenset(one.own_name for one in _found(estate, Queue, list(_ending(estate, targets)))),
        unknown,
    )


def _ending(estate: Estate, targets: tuple[EventTarget, ...]) -> Iterator[Value[Ref]]:
    for target in targets:
        if target.queue is None or not target.target.is_known:
            continue
        ref = target.target.get()
        if estate.find(Topic, ref) is not None or estate.find(Function, ref) is not None:
            yield target.queue


def _found(estate: Estate, kind: type[AnyResource], refs: list[Value[Ref]]) -> tuple[AnyResource, ...]:
    several = (estate.find(kind, ref.get()) for ref in refs if ref.is_known)
    return tuple({one.own_name: one for one in several if one is not None and one.managed}.values())
