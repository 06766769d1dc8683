"""IP lists at scale: each list of each region makes the policy of GuardDuty's one service-linked role longer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from guardline.generator.baseline import Baseline
from guardline.generator.manifest import RefusedError
from guardline.generator.practices.lists import ROLE_POLICY, role_policy

Make = Callable[..., Path]
Lists = Callable[..., Baseline]
SPEC = """\
version: 1
name: lists
home_region: eu-west-1
regions: {not_opted_in: rest}
account: {id: "111122223333"}
trusted_ips: {file: trusted-ips.txt}
"""


@pytest.fixture
def lists(environment: Make) -> Callable[..., Baseline]:
    """A baseline with a trusted list and so many threat lists."""

    def make(threats: int, name: str = "lists") -> Baseline:
        names = [f"partner-{number}" for number in range(threats)]
        entries = ", ".join(f"{{name: {each}, file: {each}.txt}}" for each in names)
        text = SPEC.replace("name: lists", f"name: {name}")
        spec = environment(f"{text}threat_ips: [{entries}]\n" if threats else text)
        for number, each in enumerate(names):
            (spec.parent / f"{each}.txt").write_text(f"192.0.2.{number}\n", encoding="utf-8")
        return Baseline.of(spec)

    return make


def test_one_list_in_every_region_fits_without_a_word(lists: Lists) -> None:
    baseline = lists(0)
    assert role_policy(baseline.roots[0])[1] < ROLE_POLICY
    assert list(baseline.long_role_policies()) == []
    assert baseline.write()


def test_a_few_lists_are_warned_about(lists: Lists) -> None:
    baseline = lists(5)
    (sentence,) = baseline.long_role_policies()
    assert "6 lists in 17 regions" in sentence
    assert baseline.write()


def test_what_is_surely_too_long_is_refused_and_nothing_written(lists: Lists) -> None:
    baseline = lists(6, "a-name-of-some-length")
    assert role_policy(baseline.roots[0])[0] > ROLE_POLICY
    with pytest.raises(RefusedError, match=r"7 lists in 17 regions .* IAM takes 10,240"):
        baseline.write()
    assert baseline.write(force=True)


def test_another_format_stands_there_as_it_is(environment: Make) -> None:
    otx = 'Indicator type,Indicator,Description\nIPv4,198.51.100.9,"seen ""${x}"""\n'
    spec = environment(f"{SPEC}threat_ips: [{{name: feed, file: feed.csv}}]\n")
    (spec.parent / "feed.csv").write_text(otx, encoding="utf-8")
    Baseline.of(spec).write()
    text = (spec.parent / "lists.tf").read_text(encoding="utf-8")
    assert 'format  = "OTX_CSV"' in text
    assert r'''IPv4,198.51.100.9,\"seen \"\"$${x}\"\"\"\n"''' in text
    assert '"lists-feed" = module.ip_lists.formats["threat-feed"]' in text
    assert 'lists = {\n    "trusted" = <<-EOT' in text
    assert "threat_ip_formats" in (spec.parent / "regions.tf").read_text(encoding="utf-8")
