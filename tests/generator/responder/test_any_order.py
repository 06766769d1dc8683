"""No order of findings, duplicates, faults, retries and undoing acts twice, or touches what is excluded."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guardline.generator.responder import handler
from guardline.generator.responder.actions import stop_instance
from guardline.generator.responder.records import BusyError, NoRecordError
from guardline.localaws import LocalAws
from tests.support.responding import Responding, about_instance, faults

# Which instance, which finding, and the call to fail, if any.
DELIVERY = st.tuples(st.integers(0, 2), st.integers(0, 2), st.one_of(st.none(), st.integers(0, 12)))
UNDO = st.integers(0, 2)
STEPS = st.lists(st.one_of(DELIVERY, DELIVERY, DELIVERY, UNDO), min_size=1, max_size=7)
FREE = {"guardline-response": "on"}
EXCLUDED = {"guardline-response": "off"}


def walk(aws: LocalAws, monkeypatch: pytest.MonkeyPatch, steps: list[Any]) -> None:
    with monkeypatch.context() as patch:
        aws.reset()
        responding = Responding(aws, patch, actions=["stop-instance"])
        instances = [responding.instance(**tags) for tags in (FREE, FREE, EXCLUDED)]
        stopped: Counter[str] = Counter()
        undone: Counter[str] = Counter()
        act = stop_instance.StopInstance.act

        def counting(self: Any, clients: Any, target: Any, before: Any) -> str:
            done = act(self, clients, target, before)
            stopped[target.name] += 1  # only what AWS confirmed
            return done

        patch.setattr(stop_instance.StopInstance, "act", counting)
        answered = set()
        for step in steps:
            if isinstance(step, int):
                with suppress(NoRecordError, BusyError):
                    responding.undo(f"stop-instance/123456789012/eu-west-1/instance/{instances[step]}")
                    undone[instances[step]] += 1
                continue
            which, finding, at = step
            event = about_instance(instances[which], id=f"{which * 10 + finding:032x}")
            answered.add((instances[which], finding))
            with faults(patch, -1 if at is None else at, after=True), suppress(handler.ResponseError, ConnectionError):
                responding.handle(event)
        for instance in instances[:2]:
            findings = sum(1 for each, _ in answered if each == instance)
            assert stopped[instance] <= min(1 + undone[instance], findings)
        assert stopped[instances[2]] == 0
        assert responding.state(instances[2]) == "running"
        assert not any(instances[2] in record for record in responding.records())


def examples(number: int) -> settings:
    quiet = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(max_examples=number, deadline=None, suppress_health_check=quiet, derandomize=True)


@given(STEPS)
@examples(5)
def test_nothing_is_done_twice(aws: LocalAws, monkeypatch: pytest.MonkeyPatch, steps: list[Any]) -> None:
    walk(aws, monkeypatch, steps)


@pytest.mark.long
@given(STEPS)
@examples(150)
def test_nothing_is_done_twice_in_many_orders(aws: LocalAws, monkeypatch: pytest.MonkeyPatch, steps: list[Any]) -> None:
    walk(aws, monkeypatch, steps)
