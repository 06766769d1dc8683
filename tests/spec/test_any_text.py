"""Whatever a file holds, loading it gives a spec or a `SpecError`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from guardline.spec.load import Mistake, SpecError, load
from guardline.spec.wording import fields

from .conftest import MINIMAL

LINES = st.sampled_from(
    [
        *MINIMAL.splitlines(),
        *("regions: {", "- x", "a: &a [*a]", "trail:", "  mode: off", "? ", "!!set {a}", "<<: *a", "[", "'"),
        "terraform: {provider: {default_tags: {a: b}}}",
        "terraform: {modules: ~}",
        "trusted_ips: {file: guardline.yaml}",
        "home_region: [1]",
        "regions: [{}]",
        "regions: {exclude: [1, {region: [x]}], retiring: x, opted_in: [{}]}",
    ]
)
WORDS = (
    "off",
    "create",
    "reference",
    "eu-west-1",
    "ap-east-1",
    "rest",
    "111122223333",
    "none",
    "/",
    "..",
    ".",
    "\0",
    "a\n",
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(WORDS)
KEYS = st.sampled_from(
    [*fields(()), *fields(("regions",)), *fields(("regions", "exclude", 0)), *fields(("terraform",)),
     *fields(("terraform", "provider")), *fields(("guardduty",)), *fields(("trail",)), *fields(("trusted_ips",)),
     "id", "s3", "runtime_monitoring"]
)  # fmt: skip
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=4), inner, max_size=5)
)


@given(text=st.one_of(st.text(), st.lists(LINES | st.text(max_size=20)).map("\n".join)))
@example('version: "\\U00110000"')
@example("trusted_ips: {file: " + "x" * 5000 + "}")
def test_nothing_but_a_spec_error_whatever_the_text(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "guardline.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    found = _mistakes(path)
    assert all(mistake.message and "\n" not in mistake.message for mistake in found)


@settings(deadline=None)
@given(blocks=st.dictionaries(KEYS, TREES, max_size=6))
def test_nothing_but_a_spec_error_whatever_the_shape(
    tmp_path_factory: pytest.TempPathFactory, blocks: dict[str, Any]
) -> None:
    path = tmp_path_factory.getbasetemp() / "shape.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(MINIMAL) | blocks), encoding="utf-8")
    _mistakes(path)


def _mistakes(path: Path) -> tuple[Mistake, ...]:
    try:
        load(path)
    except SpecError as error:
        return error.mistakes
    return ()
