"""`guardline lists`: what AWS would refuse, what could be fewer, and what touches an address."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from guardline.cli import app
from guardline.spec.list_formats import format_of
from guardline.spec.lists_command import merged

FORMATS = {
    "TXT": "# ours\n198.51.100.7\n",
    "STIX": '<?xml version="1.0"?>\n<stix:STIX_Package xmlns:stix="http://stix.mitre.org/stix-1">',
    "OTX_CSV": "Indicator type, Indicator, Description\nIPv4, 198.51.100.7, x\n",
    "FIRE_EYE": "reportId, title, threatScape, audience, intelligenceType\n",
    "PROOF_POINT": "ip, category, score, first_seen, last_seen, ports (|)\n",
    "ALIEN_VAULT": "198.51.100.4#4#2#Malicious Host#US##0.0,0.0#3\n",
}


@pytest.mark.parametrize("name", FORMATS)
def test_formats_are_told_apart(name: str) -> None:
    assert format_of(FORMATS[name]) == name
    assert format_of(f"\ufeff\n{FORMATS[name]}") == name


@pytest.mark.parametrize("text", ["", "<html>", "ip, score", "198.51.100.4 # 4 # 2"])
def test_anything_else_is_plain_text(text: str) -> None:
    assert format_of(text) == "TXT"


def check(tmp_path: Path, text: str, *options: str) -> tuple[int, str]:
    file = tmp_path / "list.txt"
    file.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(app, ["lists", "check", str(file), *options])
    return result.exit_code, result.output.replace(f"{tmp_path}/", "")


def test_a_good_list_is_counted(tmp_path: Path) -> None:
    assert check(tmp_path, "198.51.100.7\n203.0.113.0/28 # office\n") == (0, "list.txt: 2 entries\n")


def test_mistakes_stand_at_their_lines(tmp_path: Path) -> None:
    code, text = check(tmp_path, "198.51.100.7\n10.0.0.1\n198.51.100.7\n\x1b[2Jx\n")
    assert code == 1
    assert "list.txt:2: 10.0.0.1 is in 10.0.0.0/8" in text
    assert "list.txt:3: 198.51.100.7 is on line 1 already" in text
    assert "list.txt:4: " in text
    assert "\x1b" not in text


def test_ranges_that_could_be_fewer_are_named(tmp_path: Path) -> None:
    code, text = check(tmp_path, "198.51.100.0/25\n198.51.100.128/25\n198.51.100.7\n")
    assert (code, "list.txt: 1 would do: 198.51.100.0/24" in text) == (0, True)
    assert [str(each) for each in merged("198.51.100.7\n198.51.100.9\nnonsense\n")] == [
        "198.51.100.7/32",
        "198.51.100.9/32",
    ]


def test_other_formats_are_passed_through(tmp_path: Path) -> None:
    assert check(tmp_path, FORMATS["STIX"], "--kind", "threat") == (
        0, "list.txt: STIX, which AWS reads itself; Guardline looks into TXT alone\n",
    )  # fmt: skip


def test_a_list_too_large_for_the_terraform_is_named(tmp_path: Path) -> None:
    code, text = check(tmp_path, FORMATS["OTX_CSV"] + "IPv4, 198.51.100.7, x\n" * 60_000, "--kind", "threat")
    assert (code, "a list in another format than plain text may have 1,048,576" in text) == (1, True)


def test_bad_usage_is_refused(tmp_path: Path) -> None:
    assert check(tmp_path, "198.51.100.7", "--kind", "both")[0] == 2
    assert CliRunner().invoke(app, ["lists", "check", str(tmp_path / "none")]).exit_code == 2


SPEC = """\
version: 1
name: small
home_region: eu-west-1
regions: {not_opted_in: rest}
account: {id: "111122223333"}
trusted_ips: {file: trusted.txt}
threat_ips: [{name: feed, file: feed.txt}]
suppression:
  - name: office
    reason: sign-ins from the office
    until: 2099-12-31
    match:
      type: [UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B]
      service.action.awsApiCallAction.remoteIpDetails.ipAddressV4: [198.51.100.0/24]
"""


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        (
            "198.51.100.7",
            [
                "trusted.txt:2 (198.51.100.7/32) trusts 198.51.100.7: GuardDuty makes no findings for it",
                (
                    "feed.txt:1 (198.51.100.0/28) (threat list feed) suspects 198.51.100.7: GuardDuty makes findings "
                    "for it; the trusted list goes first, so there are none"
                ),
                (
                    "the suppression rule office asks for 198.51.100.7 in "
                    "service.action.awsApiCallAction.remoteIpDetails.ipAddressV4, until 2099-12-31"
                ),
            ],
        ),
        (
            "198.51.100.9",
            [
                (
                    "feed.txt:1 (198.51.100.0/28) (threat list feed) suspects 198.51.100.9: GuardDuty makes findings "
                    "for it"
                ),
                (
                    "the suppression rule office asks for 198.51.100.9 in "
                    "service.action.awsApiCallAction.remoteIpDetails.ipAddressV4, until 2099-12-31"
                ),
            ],
        ),
        ("198.51.101.7", ["no list and no suppression rule of the spec touches 198.51.101.7"]),
    ],
)
def test_what_touches_an_address_is_explained(tmp_path: Path, address: str, lines: list[str]) -> None:
    (tmp_path / "guardline.yaml").write_text(SPEC, encoding="utf-8")
    (tmp_path / "trusted.txt").write_text("# ours\n198.51.100.7\n", encoding="utf-8")
    (tmp_path / "feed.txt").write_text("198.51.100.0/28\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["lists", "explain", address, "--spec", str(tmp_path / "guardline.yaml")])
    assert (result.exit_code, result.output.splitlines()) == (0, lines)


@pytest.mark.parametrize("address", ["300.1.1.1", "2001:db8::1", "10.0.0.0/8"])
def test_what_is_no_address_is_refused(tmp_path: Path, address: str) -> None:
    (tmp_path / "guardline.yaml").write_text(SPEC, encoding="utf-8")
    result = CliRunner().invoke(app, ["lists", "explain", address, "--spec", str(tmp_path / "guardline.yaml")])
    assert result.exit_code == 2
