"""A stub for each of the two styles, beside the local AWS that all tests of a worker share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from guardline.localaws import LocalAws
from tests.support.stubprovider.server import Attached, attached


@pytest.fixture(scope="session", name="local")
def local_aws(_served: LocalAws) -> LocalAws:
    """The local AWS as other tests left it: what these tests make themselves is made by the stub, not there."""
    return _served


@pytest.fixture(scope="session")
def argument(local: LocalAws) -> Iterator[Attached]:
    """A stub with provider 6's schema."""
    with attached("argument", local) as stub:
        yield stub


@pytest.fixture(scope="session")
def alias(local: LocalAws) -> Iterator[Attached]:
    """A stub with provider 5.100's own schema."""
    with attached("alias", local) as stub:
        yield stub
