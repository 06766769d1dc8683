"""A stub for each of the two styles, beside the local AWS that all tests of a worker share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from guardline.localaws import LocalAws
from tests.support.stubprovider.server import Attached, attached


@pytest.fixture(scope="session")
def _argument(_served: LocalAws) -> Iterator[Attached]:
    with attached("argument", _served) as stub:
        yield stub


@pytest.fixture(scope="session")
def _alias(_served: LocalAws) -> Iterator[Attached]:
    with attached("alias", _served) as stub:
        yield stub


@pytest.fixture
def argument(_argument: Attached, aws: LocalAws) -> Attached:
    """A stub with provider 6's schema, and nothing made yet in its AWS."""
    del aws
    return _argument


@pytest.fixture
def alias(_alias: Attached, aws: LocalAws) -> Attached:
    """A stub with provider 5.100's own schema, and the same AWS."""
    del aws
    return _alias
