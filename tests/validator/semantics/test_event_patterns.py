"""Event patterns: AWS's documented operators one by one, what EventBridge refuses, and properties of all patterns."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardline.validator.semantics.event_patterns import matches, parse

EVENT: dict[str, Any] = {
    "version": "0",
    "detail-type": "EC2 Instance State-change Notification",
    "source": "aws.ec2",
    "account": "111122223333",
    "time": "2017-10-02T16:24:49Z",
    "region": "us-east-1",
    "resources": ["arn:aws:ec2:us-east-1:111122223333:instance/i-1", "arn:aws:ec2:us-east-1:111122223333:volume/v-1"],
    "detail": {
        "c-count": 5,
        "x-limit": 301.8,
        "state": "running",
        "source-ip": "10.0.0.33",
        "source-ip6": "2001:db8::1",
        "file": "dir/lib/logo.PNG",
        "name": "",
        "nothing": None,
        "flag": True,
        "none": [],
        "star": r"a*b\c",
        "employees": [
            {"first": "Anna", "last": "Smith"},
            [{"first": "Peter", "last": "Jones", "age": 7}],
        ],
    },
}


def detail(field: str, *alternatives: object) -> dict[str, Any]:
    return {"detail": {field: list(alternatives)}}


YES: dict[str, dict[str, Any]] = {
    "exact": {"source": ["aws.ec2"]},
    "one of several": {"source": ["aws.fargate", "aws.ec2"]},
    "and": {"source": ["aws.ec2"], **detail("state", "running")},
    "an element of an array": {"resources": ["arn:aws:ec2:us-east-1:111122223333:volume/v-1"]},
    "null": detail("nothing", None),
    "empty": detail("name", ""),
    "boolean": detail("flag", True),
    "number": detail("c-count", 5),
    "a number written otherwise": detail("c-count", 5.0),
    "prefix": {"time": [{"prefix": "2017-10-02"}]},
    "prefix of everything": {"source": [{"prefix": ""}]},
    "prefix ignoring case": {"source": [{"prefix": {"equals-ignore-case": "AWS."}}]},
    "suffix": {"source": [{"suffix": "ec2"}]},
    "suffix ignoring case": detail("file", {"suffix": {"equals-ignore-case": ".png"}}),
    "equals ignoring case": detail("state", {"equals-ignore-case": "RUNNING"}),
    "anything but": detail("state", {"anything-but": "stopped"}),
    "anything but a list": detail("state", {"anything-but": ["stopped", "overloaded"]}),
    "anything but numbers": detail("x-limit", {"anything-but": [100, 200, 300]}),
    "anything but a number, of text": detail("state", {"anything-but": 5}),
    "anything but a text, of null": detail("nothing", {"anything-but": "x"}),
    "anything but a prefix": detail("state", {"anything-but": {"prefix": "init"}}),
    "anything but a suffix": detail("file", {"anything-but": {"suffix": ".txt"}}),
    "anything but several suffixes": detail("file", {"anything-but": {"suffix": [".txt", ".rtf"]}}),
    "anything but ignoring case": detail("state", {"anything-but": {"equals-ignore-case": ["initializing", "X"]}}),
    "anything but a wildcard": detail("file", {"anything-but": {"wildcard": "*/bin/*"}}),
    "numeric range": detail("c-count", {"numeric": [">", 0, "<=", 5]}),
    "numeric below": detail("c-count", {"numeric": ["<", 10]}),
    "numeric equals": detail("x-limit", {"numeric": ["=", 3.018e2]}),
    "cidr": detail("source-ip", {"cidr": "10.0.0.0/24"}),
    "cidr with host bits": detail("source-ip", {"cidr": "10.0.0.7/24"}),
    "cidr of IPv6": detail("source-ip6", {"cidr": "2001:db8::/32"}),
    "exists": detail("c-count", {"exists": True}),
    "exists not": detail("d-count", {"exists": False}),
    "exists not, in an object that is not there": {"detail": {"other": {"x": [{"exists": False}]}}},
    "exists not, of what is no leaf": detail("employees", {"exists": False}),
    "exists not, of an empty array": detail("none", {"exists": False}),
    "exists or not": detail("d-count", "x", {"exists": False}),
    "wildcard": detail("file", {"wildcard": "dir/*.PNG"}),
    "wildcard of nothing": detail("state", {"wildcard": "run*ning"}),
    "wildcard, several": detail("file", {"wildcard": "*/lib/*"}),
    "wildcard, escaped": detail("star", {"wildcard": r"a\*b\\*"}),
    "or": {"source": ["aws.ec2"], "$or": [{"region": ["x"]}, {"account": ["111122223333"]}]},
    "or inside": {"detail": {"$or": [{"state": ["x"]}, {"c-count": [{"numeric": [">", 4]}]}]}},
    "or of ands": {"$or": [{"region": ["x"]}, {"source": ["aws.ec2"], "$or": [{"id": ["x"]}, {"version": ["0"]}]}]},
    "a dot is a level": {"detail.state": ["running"]},
    "objects in an array": {"detail": {"employees": {"first": ["Anna"]}}},
    "one object in an array": {"detail": {"employees": {"first": ["Peter"], "last": ["Jones"]}}},
    "one of them lacks it": {"detail": {"employees": {"first": ["Anna"], "age": [{"exists": False}]}}},
}
NO: dict[str, dict[str, Any]] = {
    "other text": {"source": ["aws.ec"]},
    "one of two fields": {"source": ["aws.ec2"], **detail("state", "stopped")},
    "a field that is not there": detail("missing", {"anything-but": "x"}),
    "null is not absent": detail("missing", None),
    "absent is not empty": detail("missing", ""),
    "true is not 1": detail("flag", 1),
    "text is not a number": detail("c-count", "5"),
    "a number is not text": {"version": [0]},
    "case": detail("state", "RUNNING"),
    "prefix": detail("state", {"prefix": "unning"}),
    "prefix of a number": detail("c-count", {"prefix": "5"}),
    "prefix, other case": {"source": [{"prefix": "AWS."}]},
    "suffix": detail("file", {"suffix": ".png"}),
    "anything but": detail("state", {"anything-but": ["running", "x"]}),
    "anything but a prefix": detail("state", {"anything-but": {"prefix": "run"}}),
    "anything but several prefixes": detail("state", {"anything-but": {"prefix": ["x", "run"]}}),
    "anything but a suffix": detail("state", {"anything-but": {"suffix": "ning"}}),
    "anything but ignoring case": detail("state", {"anything-but": {"equals-ignore-case": "RUNNING"}}),
    "anything but a wildcard": detail("file", {"anything-but": {"wildcard": "*/lib/*"}}),
    "numeric above": detail("c-count", {"numeric": [">", 5]}),
    "numeric below": detail("c-count", {"numeric": ["<", 5]}),
    "suffix ignoring case, of a number": detail("c-count", {"suffix": {"equals-ignore-case": ""}}),
    "cidr of a number": detail("c-count", {"cidr": "0.0.0.0/0"}),
    "numeric of text": {"version": [{"numeric": ["<", 5]}]},
    "numeric of true": detail("flag", {"numeric": ["<", 5]}),
    "cidr": detail("source-ip", {"cidr": "10.0.1.0/24"}),
    "cidr of no address": detail("state", {"cidr": "0.0.0.0/0"}),
    "cidr of the other family": detail("source-ip6", {"cidr": "0.0.0.0/0"}),
    "exists": detail("d-count", {"exists": True}),
    "exists, of what is no leaf": detail("employees", {"exists": True}),
    "exists not": detail("nothing", {"exists": False}),
    "exists not, though one element has it": {"detail": {"employees": {"age": [{"exists": False}]}}},
    "wildcard": detail("file", {"wildcard": "dir/*.png"}),
    "wildcard may not overlap": detail("state", {"wildcard": "running*g"}),
    "wildcard in order": detail("file", {"wildcard": "*lib*dir*"}),
    "or": {"$or": [{"region": ["x"]}, {"account": ["x"]}]},
    "or is joined by and": {"source": ["x"], "$or": [{"region": ["us-east-1"]}, {"account": ["x"]}]},
    "two objects in an array": {"detail": {"employees": {"first": ["Anna"], "last": ["Jones"]}}},
    "a level too few": {"state": ["running"]},
    "an object is no leaf": {"detail": ["running"]},
}
REFUSED = {
    "not JSON": ("{", "not JSON"),
    "NaN": ('{"a": [NaN]}', "NaN"),
    "a list": ("[]", "JSON object"),
    "empty": ("{}", "at least one field"),
    "an empty object": ('{"detail": {}}', "detail: "),
    "a bare value": ('{"source": "aws.guardduty"}', r'\["aws.guardduty"\]'),
    "no alternatives": ('{"source": []}', "empty"),
    "a list in a list": ('{"source": [["x"]]}', "another list"),
    "an unknown operator": ('{"source": [{"contains": "x"}]}', "unknown operator 'contains'"),
    "two operators": ('{"source": [{"prefix": "x", "suffix": "y"}]}', "exactly one operator"),
    "exists": ('{"source": [{"exists": "true"}]}', "true or false"),
    "prefix": ('{"source": [{"prefix": 1}]}', "a string"),
    "prefix of an operator": ('{"source": [{"prefix": {"wildcard": "x"}}]}', "equals-ignore-case"),
    "cidr": ('{"source": [{"cidr": "10.0.0.0/33"}]}', "address range"),
    "numeric": ('{"a": [{"numeric": [">="]}]}', "one or two comparisons"),
    "numeric sign": ('{"a": [{"numeric": ["=>", 7]}]}', "=>"),
    "numeric text": ('{"a": [{"numeric": [">=", "7"]}]}', "number between"),
    "numeric too large": ('{"a": [{"numeric": [">=", 6e9]}]}', "number between"),
    "numeric the wrong way round": ('{"a": [{"numeric": ["<", 5, ">", 1]}]}', "lower bound"),
    "numeric with two lower bounds": ('{"a": [{"numeric": [">", 1, ">", 5]}]}', "lower bound"),
    "numeric with two upper bounds": ('{"a": [{"numeric": ["<", 1, "<", 5]}]}', "lower bound"),
    "the place": ('{"detail": {"a": [{"exists": 1}]}}', "^detail.a: "),
    "or of operators": ('{"$or": [{"numeric": [1], "x": [1]}, {"y": [2]}]}', "exactly one operator"),
    "or of an object and a value": ('{"$or": [{"x": [1]}, {"y": [2]}, 3]}', "unknown operator 'x'"),
    "numeric without room": ('{"a": [{"numeric": [">", 5, "<", 5]}]}', "ends above"),
    "wildcards in a row": ('{"a": [{"wildcard": "x**y"}]}', "in a row"),
    "wildcard escape": (r'{"a": [{"wildcard": "x\\y"}]}', "backslash"),
    "wildcard ends in an escape": (r'{"a": [{"wildcard": "x\\"}]}', "backslash"),
    "anything but nothing": ('{"a": [{"anything-but": []}]}', "empty list"),
    "anything but a mixture": ('{"a": [{"anything-but": ["x", 1]}]}', "only"),
    "anything but null": ('{"a": [{"anything-but": null}]}', "only"),
    "anything but a range": ('{"a": [{"anything-but": {"numeric": [">", 1]}}]}', "anything-but takes"),
    "or of one": ('{"$or": [{"source": ["x"]}]}', "unknown operator 'source'"),
}


@pytest.mark.parametrize("pattern", YES.values(), ids=YES)
def test_matches(pattern: dict[str, Any]) -> None:
    assert matches(pattern, EVENT)


@pytest.mark.parametrize("pattern", NO.values(), ids=NO)
def test_matches_not(pattern: dict[str, Any]) -> None:
    assert not matches(pattern, EVENT)


@pytest.mark.parametrize(("text", "why"), REFUSED.values(), ids=REFUSED)
def test_what_eventbridge_refuses_is_refused_with_the_place(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse(text)


def test_a_bomb_of_nesting_is_refused() -> None:
    with pytest.raises(ValueError, match="too deeply"):
        parse('{"a":' * 100_000 + "1" + "}" * 100_000)


@pytest.mark.parametrize(
    "nested",
    [
        lambda levels: '{"a":' * levels + "[1]" + "}" * levels,
        lambda levels: json.dumps({".".join(["a"] * levels): [1]}),
        lambda levels: '{"$or":[{"b":[1]},' * (levels - 1) + '{"a":[1]}' + "]}" * (levels - 1),
    ],
    ids=["objects", "dots", "alternatives"],
)
def test_a_pattern_has_so_many_levels_at_most(nested: Callable[[int], str]) -> None:
    parse(nested(100)).matches({"a": 1})
    for levels in (101, 400):
        with pytest.raises(ValueError, match="too deeply"):
            parse(nested(levels))


def test_a_wildcard_of_many_stars_takes_no_time() -> None:
    assert not matches({"a": [{"wildcard": "*".join("a" * 60) + "*b"}]}, {"a": "a" * 20_000})


def test_an_or_that_is_a_field_is_one() -> None:
    assert matches({"$or": {"x": [1]}}, {"$or": {"x": 1}})
    assert not matches({"$or": {"x": [1]}}, {"x": 1})


def test_paths_name_what_can_change_the_answer() -> None:
    pattern = parse('{"source": ["x"], "detail": {"a.b": [1], "$or": [{"c": [1]}, {"d": {"e": [2]}}]}}')
    assert pattern.paths() == {("source",), ("detail", "a", "b"), ("detail", "c"), ("detail", "d", "e")}


# --- properties -------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["a", "b", "c"])
LEAVES = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "x", "xy", "XY", "10.0.0.1"])
EVENTS = st.recursive(
    st.dictionaries(NAMES, LEAVES, max_size=3),
    lambda inner: st.dictionaries(NAMES, LEAVES | inner | st.lists(LEAVES | inner, max_size=3), max_size=3),
    max_leaves=8,
)
MATCHERS = st.one_of(
    LEAVES,
    st.sampled_from(["x", "y", ""]).flatmap(
        lambda text: st.sampled_from(
            [{"prefix": text}, {"suffix": text}, {"equals-ignore-case": text}, {"wildcard": f"{text}*"}]
        )
    ),
    st.integers(-3, 3).map(lambda bound: {"numeric": [">=", bound]}),
    st.booleans().map(lambda there: {"exists": there}),
    st.sampled_from([{"anything-but": "x"}, {"anything-but": [1, 2]}, {"cidr": "10.0.0.0/8"}]),
)
PATTERNS = st.recursive(
    st.dictionaries(NAMES, st.lists(MATCHERS, min_size=1, max_size=3), min_size=1, max_size=2),
    lambda inner: st.dictionaries(NAMES, st.lists(MATCHERS, min_size=1, max_size=3) | inner, min_size=1, max_size=2),
    max_leaves=4,
)


def widened(pattern: dict[str, Any], matcher: Any) -> dict[str, Any]:
    """The pattern with one more alternative for each leaf."""
    return {
        name: widened(wanted, matcher) if isinstance(wanted, dict) else [*wanted, matcher]
        for name, wanted in pattern.items()
    }


@given(PATTERNS, EVENTS, MATCHERS.filter(lambda matcher: matcher != {"exists": False}))
def test_one_more_alternative_never_matches_less(pattern: dict[str, Any], event: dict[str, Any], more: Any) -> None:
    if matches(pattern, event):
        assert matches(widened(pattern, more), event)


@given(PATTERNS, EVENTS, NAMES, st.lists(MATCHERS, min_size=1, max_size=2))
def test_one_more_field_never_matches_more(
    pattern: dict[str, Any], event: dict[str, Any], name: str, wanted: list[Any]
) -> None:
    if name not in pattern and matches({**pattern, name: wanted}, event):
        assert matches(pattern, event)


@given(PATTERNS, EVENTS, NAMES)
def test_without_a_field_never_matches_less(pattern: dict[str, Any], event: dict[str, Any], name: str) -> None:
    compiled = parse(json.dumps(pattern))
    less = compiled.without(lambda path: path[-1] == name)
    assert less.matches(event) or not compiled.matches(event)
    assert less.paths() >= {path for path in compiled.paths() if path[-1] != name}
    same = compiled.without(lambda _path: False)
    assert (same.paths(), same.matches(event)) == (compiled.paths(), compiled.matches(event))


@given(PATTERNS, PATTERNS, EVENTS)
def test_or_is_or(one: dict[str, Any], other: dict[str, Any], event: dict[str, Any]) -> None:
    assert matches({"$or": [one, other]}, event) == (matches(one, event) or matches(other, event))


@given(PATTERNS, EVENTS, NAMES)
def test_only_a_named_path_changes_the_answer(pattern: dict[str, Any], event: dict[str, Any], name: str) -> None:
    if all(path[0] != name for path in parse(json.dumps(pattern)).paths()):
        assert matches(pattern, event) == matches(pattern, {key: event[key] for key in event if key != name})


@given(EVENTS.filter(lambda event: any(isinstance(value, str) for value in event.values())))
def test_an_event_matches_the_pattern_of_its_own_texts(event: dict[str, Any]) -> None:
    assert matches({name: [value] for name, value in event.items() if isinstance(value, str)}, event)


PLAIN = st.recursive(
    st.dictionaries(NAMES, LEAVES, max_size=3), lambda inner: st.dictionaries(NAMES, LEAVES | inner), max_leaves=8
)


@given(PATTERNS, st.none() | st.tuples(PATTERNS, PATTERNS), PLAIN, NAMES)
def test_the_parts_of_a_pattern_match_together_what_it_does(
    pattern: dict[str, Any], either: tuple[dict[str, Any], ...] | None, event: dict[str, Any], name: str
) -> None:
    whole = parse(json.dumps({**pattern, "$or": list(either)} if either else pattern))
    parts = whole.parted(lambda path: path[-1] == name)
    if parts is None:
        assert either
    else:
        of_name, others = parts
        assert all(path[-1] == name for path in of_name.paths())
        assert all(path[-1] != name for path in others.paths())
        assert whole.matches(event) == (of_name.matches(event) and others.matches(event))


def test_a_pattern_whose_or_joins_both_kinds_has_no_parts() -> None:
    mixed = parse('{"detail": {"$or": [{"who": ["x"]}, {"what": [1]}]}}')
    assert mixed.parted(lambda path: path == ("detail", "who")) is None
    one_kind = parse('{"detail": {"$or": [{"who": ["x"]}, {"who": ["y"]}], "what": [1]}}')
    parts = one_kind.parted(lambda path: path == ("detail", "who"))
    assert parts is not None
    assert [part.paths() for part in parts] == [{("detail", "who")}, {("detail", "what")}]
