"""Whatever a valid spec says: it renders, in Terraform's own format, and no word of it becomes an expression."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import hcl2
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from guardline.generator.context import root_context, roots_of
from guardline.generator.render import render_root, render_top
from guardline.spec.load import load
from tests.support.random_specs import ORDERED, RandomSpec, shuffled, specs
from tests.support.random_values import CANARY
from tests.support.terraform_runs import terraform

EXAMPLES = 7
# A failing spec is shown as it is: to shrink it takes minutes, and says little more.
MANY = settings(
    deadline=None,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much),
    max_examples=EXAMPLES,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
# What Terraform evaluates: a dollar or percent sign that no other one stands before.
EVALUATED = re.compile(r"(?<!\$)\$\{[^}]*" + CANARY + r"|(?<!%)%\{[^}]*" + CANARY)


def rendered(spec: Path) -> dict[PurePosixPath, str]:
    """Every file of a spec's roots, without the modules, in which no value of a spec stands (see `test_uses`)."""
    roots = tuple(roots_of(load(spec), spec, lambda _place: "./modules"))
    files = {root.folder / path: text for root in roots for path, text in render_root(root_context(root)).items()}
    return files | (render_top(roots) if len(roots) > 1 else {})


def written(spec: RandomSpec, order: int | None = None) -> dict[PurePosixPath, str]:
    with tempfile.TemporaryDirectory() as folder:
        return rendered(spec.write(Path(folder) / "env", order))


def keys(value: Any) -> Iterator[str]:
    """Every name in parsed HCL: of blocks, arguments and objects' keys."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def check_no_expression(files: dict[PurePosixPath, str]) -> None:
    for path, text in files.items():
        if path.suffix == ".tf":
            assert not EVALUATED.search(text), path
            names = [key for key in keys(hcl2.loads(text)) if CANARY in key and not key.startswith('"')]
            assert names == [], path


def check_formatted(trees: list[dict[PurePosixPath, str]], folder: Path) -> None:
    """All trees at once: `terraform fmt` starts slowly."""
    for number, files in enumerate(trees):
        for path, text in files.items():
            if path.suffix == ".tf":
                target = folder / str(number) / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
    assert terraform(folder, "fmt", "-check", "-recursive", "-diff", check=False) == ""


def test_whatever_a_spec_says_stays_text_and_is_formatted(tmp_path: Path) -> None:
    trees: list[dict[PurePosixPath, str]] = []

    @MANY
    @given(specs())
    def every(spec: RandomSpec) -> None:
        files = written(spec)
        check_no_expression(files)
        trees.append(files)

    every()
    assert len(trees) >= EXAMPLES
    check_formatted(trees, tmp_path)


@MANY
@given(specs())
def test_the_same_spec_gives_the_same_bytes_in_any_order(spec: RandomSpec) -> None:
    files = written(spec)
    assert written(spec) == files
    for order in (1, 2):
        assert written(spec, order) == files


@pytest.mark.long
def test_a_thousand_specs(tmp_path: Path) -> None:
    trees: list[dict[PurePosixPath, str]] = []

    @settings(MANY, max_examples=1000)
    @given(specs())
    def every(spec: RandomSpec) -> None:
        files = written(spec)
        check_no_expression(files)
        assert written(spec, 1) == files
        trees.append(files)

    every()
    check_formatted(trees, tmp_path)


def test_the_order_of_rules_is_kept_and_that_of_other_lists_is_not() -> None:
    import random

    spec: dict[str, Any] = {
        "suppression": [{"name": str(each)} for each in range(9)],
        "regions": {"opted_in": list("abcdefghi")},
    }
    found = shuffled(spec, random.Random(1))  # noqa: S311 - no secret
    assert found["suppression"] == spec["suppression"]
    assert found["regions"]["opted_in"] != spec["regions"]["opted_in"]
    assert ("suppression",) in ORDERED


@pytest.mark.parametrize(
    "text", ['a = "${canary}"', 'a = "%{if canary}x%{endif}"', "canary = 1", 'a { canary = "x" }', "a = { canary = 1 }"]
)
def test_an_expression_would_be_seen(text: str) -> None:
    with pytest.raises(AssertionError):
        check_no_expression({PurePosixPath("x.tf"): text + "\n"})


@pytest.mark.parametrize("text", ['a = "$${canary}"', 'a = { "canary" = 1 }', "# canary = 1"])
def test_text_is_no_expression(text: str) -> None:
    check_no_expression({PurePosixPath("x.tf"): text + "\n"})


def test_what_is_not_formatted_would_be_seen(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        check_formatted([{PurePosixPath("x.tf"): "a  = 1\n"}], tmp_path)
