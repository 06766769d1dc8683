"""Scope and method, for an auditor: what was looked at, whose spec it was, and with which options."""

from __future__ import annotations

from msgspec.structs import replace

from guardline.validator.control import Severity
from guardline.validator.model.resource import Account
from guardline.validator.report import Environment, Options
from guardline.validator.reporters.method import method
from tests.support.realistic_report import errors_only, report, sample


def test_the_sample_says_how_it_came_about() -> None:
    said = dict(method(sample()))
    assert list(said) == ["Evidence", "Population", "Environment", "Options", "Version"]
    assert said["Evidence"] == ("design: what the configuration will build, not what runs",)
    assert said["Population"] == (
        "Account 111122223333, known from allowed_account_ids.",
        "Regions: 17 of the 21 regions of partition aws are expected, the regions that the spec covers.",
        "VPCs: the sources show in 15 of 17 regions that all of them were listed.",
    )
    assert said["Environment"] == (
        "production, owner security@example.com",
        f"spec `environments/production/guardline.yaml`, SHA-256 `{64 * '5'}`",
        f"last changed by commit `{40 * 'b'}`; written by Jo Doe, A. Owner, as git says",
        "the spec that was read is not as it was committed",
    )


def test_what_git_does_not_know_is_said() -> None:
    found = replace(sample(), environment=Environment("lab", None, 64 * "5"))
    assert dict(method(found))["Environment"][0] == "lab, owner nobody"
    assert dict(method(found))["Environment"][-1] == "git knows no commit of the spec, so nobody is named who wrote it"


def test_without_a_spec_and_without_a_source() -> None:
    said = dict(method(replace(errors_only(), environment=None)))
    assert said["Evidence"] == ("none: nothing was read",)
    assert said["Environment"] == ("no spec: the controls' own rules hold",)


def test_the_options_that_chose_what_is_asked() -> None:
    asked = ("--regions touched", "--practice 3", "--whole")
    options = Options(Severity.HIGH, allow_undetermined=True, only_new=True, asked=asked)
    said = dict(method(replace(sample(), options=options)))
    assert "as --regions says" in said["Population"][1]
    assert said["Options"][:3] == (
        "fails count from severity high up",
        "what could not be determined is allowed",
        "only what is new decides the exit code",
    )
    assert said["Options"][3:6] == tuple(f"`{option}`" for option in asked)


def test_many_accounts_are_counted() -> None:
    many = tuple(Account(f"{n:012}", f"{n:012}", None) for n in range(23))
    found = report()
    said = dict(method(replace(found, scope=replace(found.scope, accounts=many))))["Population"]
    assert (said[0], said[20]) == ("Account 000000000000.", "And 3 more accounts.")
