"""Members in folders, then in one root for all: states stay, plans are empty, verdicts are the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from guardline.localaws import LocalAws
from tests.support.layouts import Members, check
from tests.support.stubprovider.server import Attached
from tests.support.terraform_runs import terraform

pytestmark = pytest.mark.terraform


@pytest.mark.environments
@pytest.mark.parametrize(("style", "provider"), [("argument", 6), ("alias", 5)])
def test_from_folders_to_one_root(
    style: str, provider: int, tmp_path: Path, aws: LocalAws, request: pytest.FixtureRequest
) -> None:
    stub: Attached = request.getfixturevalue(style)
    (tmp_path / ".git").mkdir()
    modules = tmp_path / "modules"

    def with_stub(folder: Path, *arguments: str, variables: Mapping[str, str]) -> str:
        stub.serve(folder, modules, tmp_path / "members", tmp_path / "member")
        return terraform(folder, *arguments, variables={**variables, **stub.variables})

    check(Members(tmp_path / "guardline.yaml", provider, ("us-west-2",), aws, with_stub))
