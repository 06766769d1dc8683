"""The modules' own tests, with real Terraform and the real provider; none of them needs an account."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardline.generator.render import render_modules
from tests.support.terraform_runs import terraform

FILES = render_modules(5, "alias")
TESTED = sorted({path.parts[0] for path in FILES if path.name.endswith(".tftest.hcl")})


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The modules of the alias style, which is the provider at hand."""
    folder = tmp_path_factory.mktemp("modules")
    for path, text in FILES.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode("utf-8", "surrogateescape"))
    return folder


@pytest.mark.modules
@pytest.mark.parametrize("module", TESTED)
def test_a_module_keeps_what_its_tests_say(modules: Path, module: str) -> None:
    terraform(modules / module, "init", "-input=false", "-no-color")
    said = terraform(modules / module, "test", "-no-color")
    assert "Success!" in said
    assert " 0 passed" not in said


def test_there_is_something_to_run() -> None:
    assert len(TESTED) >= 6
