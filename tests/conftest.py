"""Fixtures that several parts of the tests share."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

from guardline.localaws import LocalAws, serve

# How long an example takes depends on what else the machine does.
settings.register_profile("guardline", deadline=None)
settings.load_profile("guardline")


def pytest_configure() -> None:
    """A shell that starts the tests in the background makes them ignore Ctrl-C, and `nohup` a terminal that goes, and
    so all that they start: what is tried of these is tried as at a terminal."""
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes minutes begins first, each on a worker of its own, so that the rest is done beside it."""
    minutes = {item: _minutes(item) for item in items}
    if any(minutes.values()):
        items.sort(key=lambda item: -minutes[item])
        # Workers begin with equal runs of the list, so it is dealt out as cards are.
        workers = getattr(config, "workerinput", {}).get("workercount", 1)
        items[:] = [item for first in range(workers) for item in items[first::workers]]


def _minutes(item: pytest.Item) -> int:
    """How long a test says that it takes, beside others: `@pytest.mark.environments(minutes=5)`."""
    return max((mark.kwargs.get("minutes", 0) for mark in item.iter_markers()), default=0)


def pytest_collection_finish() -> None:
    """What is collected stays to the end: to look for garbage in it again and again would take a good part of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def _served() -> Iterator[LocalAws]:
    """moto keeps one state for each process, so there is one local AWS for the whole run (of this worker)."""
    with serve() as aws:
        yield aws


@pytest.fixture
def aws(_served: LocalAws) -> LocalAws:
    """A local AWS in which nothing has been made yet."""
    _served.reset()
    return _served
