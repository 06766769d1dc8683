"""The file that points a root at a local AWS."""

from __future__ import annotations

from pathlib import Path

from guardline.validator.demo import override
from guardline.validator.sources.hcl.config import load

ROOT = """
provider "aws" {
  region = "us-east-1"
}

provider "aws" {
  alias  = "west"
  region = "us-west-2"
}

provider "random" {}
"""


def test_every_aws_provider_is_overridden_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(ROOT, encoding="utf-8")
    text = override.write(tmp_path).read_text(encoding="utf-8")
    assert text.count('provider "aws"') == 2
    assert text.count("skip_credentials_validation") == 2
    assert 'alias = "west"' in text
    assert "random" not in text
    # Provider 5.100.0 is several times slower with one, and without the account id nothing is checked against it.
    assert "endpoints" not in text
    assert "skip_requesting_account_id" not in text
    # Terraform merges it by alias: it adds no provider of its own.
    assert set(load(tmp_path).modules[()].providers) == {("aws", None), ("aws", "west"), ("random", None)}


def test_a_second_time_writes_the_same(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(ROOT, encoding="utf-8")
    first = override.write(tmp_path).read_text(encoding="utf-8")
    assert override.write(tmp_path).read_text(encoding="utf-8") == first
