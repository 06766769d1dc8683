"""What a changed spec no longer names, and the root on disk still has: led to `retiring` and `leaving`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from guardline.cli import app
from guardline.generator.baseline import Baseline
from guardline.generator.manifest import RefusedError

from .conftest import spec_text

Make = Callable[..., Path]
EXCUSE = "reason: denied by SCP, approved_by: CISO, until: 2999-12-31"


def without_us_east_1(provider: int) -> str:
    return spec_text(provider).replace("  exclude:\n", f"  exclude:\n    - {{region: us-east-1, {EXCUSE}}}\n")


def retiring_us_east_1(provider: int) -> str:
    return spec_text(provider).replace("retiring: [", "retiring: [{region: us-east-1, mode: destroy}, ")


def test_an_applied_region_does_not_take_its_provider_along(environment: Make) -> None:
    Baseline.of(environment()).write()
    before = {path: path.read_bytes() for path in environment().parent.rglob("*.tf")}
    spec = environment(without_us_east_1(5))
    with pytest.raises(RefusedError, match=r"us-east-1: covered by .*regions\.retiring"):
        Baseline.of(spec).write()
    assert {path: path.read_bytes() for path in spec.parent.rglob("*.tf")} == before
    Baseline.of(spec).write(force=True)
    assert "us_east_1" not in (spec.parent / "providers.tf").read_text()


def test_by_way_of_retiring_it_leaves(environment: Make) -> None:
    Baseline.of(environment()).write()
    Baseline.of(environment(retiring_us_east_1(5))).write()
    spec = environment(without_us_east_1(5))
    Baseline.of(spec).write()
    assert "us_east_1" not in (spec.parent / "providers.tf").read_text()


def test_with_one_provider_for_all_regions_the_loss_is_said(environment: Make) -> None:
    Baseline.of(environment(provider=6)).write()
    baseline = Baseline.of(environment(without_us_east_1(6)))
    baseline.write()
    (sentence,) = baseline.losses
    assert sentence.startswith("us-east-1 is no longer covered: the next apply destroys")


def test_a_practice_that_is_dropped_names_leaving(environment: Make) -> None:
    assert Baseline.of(environment()).losses == ()
    Baseline.of(environment()).write()
    text = spec_text().replace("trusted_ips: {file: trusted-ips.txt}\n", "")
    spec = environment(text)
    answer = CliRunner().invoke(app, ["generate", str(spec)])
    assert answer.exit_code == 0
    assert "trusted_ips is no longer created: the next apply destroys the trusted IP list" in answer.stderr
    assert "`leaving: {trusted_ips: forget}`" in answer.stderr
    assert "no longer created" not in CliRunner().invoke(app, ["generate", str(spec)]).stderr


def test_a_practice_that_leaves_on_purpose_is_no_surprise(environment: Make) -> None:
    Baseline.of(environment()).write()
    text = spec_text().replace("trusted_ips: {file: trusted-ips.txt}\n", "leaving: {trusted_ips: forget}\n")
    assert Baseline.of(environment(text)).losses == ()
