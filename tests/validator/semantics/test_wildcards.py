"""IAM's wildcards."""

from __future__ import annotations

import pytest

from guardline.validator.semantics.wildcards import rests


@pytest.mark.parametrize(
    ("pattern", "start", "expected"),
    [
        ("role/deploy", "role/", ("deploy",)),
        ("*deploy*", "role/", ("*deploy*",)),
        ("*/deploy*", "role/", ("*/deploy*", "deploy*")),
        ("????*", "role/", ("*",)),
        ("ro*le/x", "role/", ("*le/x", "x")),
        ("user/*", "role/", ()),
        ("role", "role/", ()),
    ],
)
def test_what_is_left_of_a_pattern(pattern: str, start: str, expected: tuple[str, ...]) -> None:
    assert rests(pattern, start) == expected
