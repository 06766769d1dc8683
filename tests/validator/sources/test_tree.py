"""Three states: known, unknown, absent. The marks are those Terraform really writes."""

from __future__ import annotations

from typing import Any

import pytest

from guardline.validator.model.value import UnknownValue, known
from guardline.validator.sources.tree import Hidden, Tree


@pytest.mark.parametrize(
    ("after", "mark", "expected"),
    [
        ({"a": "x"}, {}, "x"),
        ({"a": None}, {}, None),
        ({}, {}, None),
        ({"a": "x"}, {"a": False}, "x"),
        ({}, {"a": True}, "unknown"),
        ({}, True, "unknown"),
        ({"a": 3}, {}, "unknown"),  # a wrong type is never an answer
        ({"a": ["x"]}, {"a": [False]}, "unknown"),
        ("junk", {}, None),
    ],
)
def test_text(after: Any, mark: Any, expected: str | None) -> None:
    value = Tree(after, mark).text("a")
    if expected == "unknown":
        with pytest.raises(UnknownValue):
            value.get()
    else:
        assert value == known(expected)


def test_a_mark_of_false_in_a_list_is_not_unknown() -> None:
    tree = Tree({"values": ["x"]}, {"values": [False]})
    assert tree.texts("values") == known(("x",))


def test_a_list_with_one_unknown_element_is_unknown() -> None:
    assert not Tree({}, {"values": True}).texts("values").is_known
    assert not Tree({"values": ["x", None]}, {"values": [False, True]}).texts("values").is_known


def test_a_number_is_no_flag_and_a_flag_no_number() -> None:
    tree = Tree({"flag": True, "number": 1})
    assert tree.flag("flag") == known(True)
    assert not tree.flag("number").is_known
    assert not tree.number("flag").is_known


def test_blocks() -> None:
    tree = Tree({"b": [{"x": 1}, {"x": 2}]}, {"b": [{}, {"y": True}]})
    first, second = tree.blocks("b").get()
    assert first.number("x") == known(1)
    assert not second.text("y").is_known
    assert not Tree({}, {"b": True}).blocks("b").is_known
    assert Tree({}, {}).blocks("b") == known(())
    assert len(Tree({"b": {"x": 1}}).blocks("b").get()) == 1


def test_the_reason_names_the_path() -> None:
    value = Tree({}, {"b": [{"x": True}]}, "is known only after apply").text("b", 0, "x")
    assert value.reason == "b[0].x is known only after apply"


def test_is_set() -> None:
    tree = Tree({"a": "x", "n": None, "e": []}, {"u": True})
    assert [tree.at(name).is_set for name in "anue"] == [True, False, True, False]


def test_sensitive_values_show_themselves_nowhere() -> None:
    value = Tree({"a": "MARK"}, {}, "", {"a": True}).text("a").get()
    assert isinstance(value, Hidden)
    assert value == "MARK"
    assert "MARK" not in f"{value} {value!r} {value:>20}"


def test_a_source_that_writes_everything_down_leaves_no_gap() -> None:
    tree = Tree({"a": None, "b": [{}], "c": []}, {"u": True}, gap="is not in the plan")
    assert tree.text("a") == known(None)
    assert tree.text("missing").reason == "missing is not in the plan"
    assert tree.blocks("missing").reason == "missing is not in the plan"
    assert tree.texts("missing").reason == "missing is not in the plan"
    assert tree.text("b", 0, "x").reason == "b[0].x is not in the plan"
    assert tree.flag("a", 0, "x") == known(None)  # below a null there is nothing to tell
    assert tree.flag("c", 0, "x") == known(None)
    assert not tree.at("missing").is_set
    assert tree.at("u").is_pending
    assert not tree.at("missing").is_pending
