"""Members in folders, then in one root for all, with the real provider in three regions."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from guardline.localaws import LocalAws
from guardline.validator.demo import override
from tests.support.layouts import Members, check
from tests.support.terraform_runs import terraform


@pytest.mark.long
def test_states_stay_where_the_roots_become_one(tmp_path: Path, aws: LocalAws) -> None:
    (tmp_path / ".git").mkdir()

    def real(folder: Path, *arguments: str, variables: Mapping[str, str]) -> str:
        if arguments[0] == "init":
            override.write(folder)
            lock = tmp_path / ".terraform.lock.hcl"  # the provider's checksums take long to make
            if lock.exists():
                shutil.copy(lock, folder)
        done = terraform(folder, *arguments, variables=variables)
        if arguments[0] == "init":
            shutil.copy(folder / ".terraform.lock.hcl", tmp_path)
        return done

    check(Members(tmp_path / "guardline.yaml", 5, ("ap-east-1", "us-west-2"), aws, real))
