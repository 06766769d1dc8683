"""Never green when blind: a damaged plan is refused or leaves cells undetermined; it never passes what the whole one
would not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from guardline.validator.control import Status
from guardline.validator.run import Request, run
from tests.support.plans import PLANS

NAMES = sorted(path.name for path in PLANS.glob("*.json"))
READ = ("resource_changes", "prior_state", "complete", "errored", "format_version", "configuration")
JUNK: tuple[Any, ...] = (None, 0, -1, True, "", "x", [], {}, [None], {"x": 1}, 1e400, "\u202e\x1b[31m")

Location = tuple[str | int, ...]


@cache
def document(name: str) -> str:
    return (PLANS / name).read_text(encoding="utf-8")


@cache
def places(name: str) -> tuple[Location, ...]:
    """Every place in the parts of a plan that are read."""

    def below(value: Any, place: Location) -> Iterator[Location]:
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, inner in items:
            yield (*place, key)
            yield from below(inner, (*place, key))

    whole = json.loads(document(name))
    return tuple(place for key in READ if key in whole for place in [(key,), *below(whole[key], (key,))])


def passes(path: Path) -> set[tuple[str, str | None, str | None]] | None:
    """The cells that pass; None when the plan is refused."""
    report = run(
        Request((str(path),), date(2026, 11, 25), regions="us-east-1,eu-west-1,ap-south-1"),
        datetime(2026, 11, 25, tzinfo=UTC),
    )
    if not report.sources:
        assert report.errors
        assert report.exit_code == 2
        return None
    # A derived control compares regions with each other: knowing less of one may clear another.
    passed = [row for row in report.rows if row.verdict is Status.PASS and row.in_coverage]
    # A VPC is the same VPC where its region is no longer told.
    return {(row.control, None if row.subject else row.region, row.subject) for row in passed}


@cache
def whole_passes(name: str) -> frozenset[tuple[str, str | None, str | None]]:
    found = passes(PLANS / name)
    assert found is not None
    return frozenset(found)


def held(name: str, place: Location) -> Any:
    """What a plan holds at a place."""
    holder: Any = json.loads(document(name))
    for step in place:
        holder = holder[step]
    return holder


def damaged(name: str, place: Location, how: str, junk: Any) -> str:
    whole = json.loads(document(name))
    holder: Any = whole
    for step in place[:-1]:
        holder = holder[step]
    last = place[-1]
    if how == "drop" and isinstance(holder, dict):
        del holder[last]
    elif how == "add" and isinstance(holder, dict):
        holder[f"{last}_of_the_future"] = {"new": [1, {"x": None}]}
    else:
        holder[last] = junk
    return json.dumps(whole)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_never_makes_a_cell_pass(name: str, tmp_path: Path, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(places(name)))
    how = data.draw(st.sampled_from(["drop", "junk", "add"]))
    junk = data.draw(st.sampled_from(JUNK))
    assume(how != "junk" or not (isinstance(junk, bool) and isinstance(held(name, place), bool)))  # a plan of another
    path = tmp_path / "plan.json"
    path.write_text(damaged(name, place, how, junk), encoding="utf-8")
    found = passes(path)
    assert found is None or found <= whole_passes(name), (place, how)


def test_a_null_where_the_provider_fills_in_a_value_is_no_default(tmp_path: Path) -> None:
    """The suspended detector of the plan: `enable` left out in HCL means true, and a null in a plan means damage."""
    name = "regressions-plan.json"
    (place,) = [
        place for place in places(name) if place[0] == "resource_changes" and place[2:] == ("change", "after", "enable")
        and held(name, place) is False
    ]  # fmt: skip
    path = tmp_path / "plan.json"
    path.write_text(damaged(name, place, "junk", None), encoding="utf-8")
    assert (passes(path) or set()) <= whole_passes(name)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.long
def test_every_key_dropped_in_turn(name: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    for place in places(name):
        if isinstance(place[-1], str):
            path.write_text(damaged(name, place, "drop", None), encoding="utf-8")
            found = passes(path)
            assert found is None or found <= whole_passes(name), place


@pytest.mark.parametrize("action", ["teleport", "", "CREATE"])
def test_an_unknown_action_makes_nothing_pass(action: str, tmp_path: Path) -> None:
    whole = json.loads(document("references-plan.json"))
    for change in whole["resource_changes"]:
        change["change"]["actions"] = [action]
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(whole), encoding="utf-8")
    assert passes(path) == set()
