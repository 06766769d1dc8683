"""Two plans of one root, compared value by value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.support.stub_roots import planned

Plan = Mapping[str, Any]
Change = Mapping[str, Any]


def differences(here: Plan, there: Plan) -> Iterator[str]:
    """Whatever one plan says otherwise than another, each in a sentence."""
    ours, theirs = planned(here), planned(there)
    yield from (f"{address} is planned by one of them only" for address in sorted(ours.keys() ^ theirs.keys()))
    for address in sorted(ours.keys() & theirs.keys()):
        yield from (f"{address}: {each}" for each in unlike(ours[address], theirs[address]))
    mine, its = data(here), data(there)
    yield from (f"{address}: {mine.get(address)} read, not {its.get(address)}"
                for address in sorted(mine.keys() | its.keys()) if mine.get(address) != its.get(address))  # fmt: skip


def unlike(ours: Change, theirs: Change) -> Iterator[str]:
    """Differences of one resource: what it is, what is done, each value, and what is left unknown or hidden."""
    for name in ("type", "name", "index", "provider_name", "module_address"):
        if ours.get(name) != theirs.get(name):
            yield f"{name} is {ours.get(name)!r}, not {theirs.get(name)!r}"
    for name in ("actions", "before", "after_unknown", "after_sensitive", "replace_paths"):
        if ours["change"].get(name) != theirs["change"].get(name):
            yield f"{name} is {ours['change'].get(name)!r}, not {theirs['change'].get(name)!r}"
    mine, its = ours["change"]["after"], theirs["change"]["after"]
    for name in sorted(mine.keys() | its.keys()):
        if name not in mine or name not in its or mine[name] != its[name]:
            yield f"{name} is {mine.get(name)!r}, not {its.get(name)!r}"


def data(plan: Mapping[str, Any]) -> dict[str, Any]:
    """What was read from data sources, by address."""

    def within(module: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        for each in module.get("resources", ()):
            yield each["address"], each["values"]
        for inner in module.get("child_modules", ()):
            yield from within(inner)

    return dict(within(plan.get("prior_state", {}).get("values", {}).get("root_module", {})))
