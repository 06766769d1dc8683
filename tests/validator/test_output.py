"""Reports go where they are asked to, whole, and nothing else is lost for it."""

from __future__ import annotations

import pytest

from guardline.validator.output import Destination, UsageError, check


def test_two_formats_on_standard_output_are_refused() -> None:
    with pytest.raises(UsageError, match="cannot both"):
        check([Destination.parse("json"), Destination.parse("html")], is_terminal=False)
