"""The stub stays what it says it is: a part of the tests, and named as such in every result."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

from tests.bench.table import WORDS
from tests.support.plan_differences import unlike

ROOT = Path(__file__).parents[2]


def test_the_product_knows_nothing_of_it() -> None:
    """Neither its code nor what it generates, nor the dependencies of an installation."""
    folders = ("generator", "validator", "modules", "environments")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".j2", ".tf")]
    assert len(files) > 100
    knowing = re.compile(r"stubprovider|\b(import|from) (grpc|msgpack|tests)\b|TF_REATTACH")
    assert [path for path in files if knowing.search(path.read_text(encoding="utf-8"))] == []
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    installed = project[project.index("dependencies = [") : project.index("dev = [")]
    assert not re.search("grpcio|msgpack", installed)


def test_its_results_say_so() -> None:
    assert {name: "stub" in words for name, words in WORDS.items() if "stub" in name or "argument" in words} == {
        "stub one": True,
        "stub default": True,
        "stub all": True,
    }
    page = (ROOT / "docs" / "provider-6.md").read_text(encoding="utf-8")
    assert "It is **not provider 6**." in page


def test_any_difference_from_the_real_plan_would_be_seen() -> None:
    """The comparison that is the stub's proof must be able to fail."""
    after = {"id": None, "name": "x", "rule": [{"days": 7}]}
    change = {"actions": ["create"], "before": None, "after": after, "after_unknown": {"id": True}}
    theirs: dict[str, Any] = {"type": "aws_x", "name": "x", "provider_name": "aws", "change": change}
    assert list(unlike(copy.deepcopy(theirs), theirs)) == []
    for path, value in [
        (("type",), "aws_y"),
        (("index",), "k"),
        (("change", "actions"), ["update"]),
        (("change", "after_unknown"), {}),
        (("change", "replace_paths"), [["name"]]),
        (("change", "after", "name"), "y"),
        (("change", "after", "rule"), [{"days": 8}]),
        (("change", "after", "more"), 1),
    ]:
        ours = copy.deepcopy(theirs)
        place = ours
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        assert len(list(unlike(ours, theirs))) == 1, path
