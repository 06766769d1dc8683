"""The response function on a local AWS."""

from __future__ import annotations

import pytest

from guardline.localaws import LocalAws
from tests.support.responding import Responding


@pytest.fixture
def responding(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> Responding:
    """The function with every action, as if its Terraform had been applied."""
    return Responding(aws, monkeypatch)
