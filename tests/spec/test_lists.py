"""Trusted IP lists."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from guardline.spec import lists


@pytest.mark.parametrize("entry", ["198.51.100.7", "8.8.8.0/24", "203.0.113.0/24", "11.0.0.0/8", "1.1.1.1/32"])
def test_good_entries(entry: str) -> None:
    assert lists.check_trusted(entry) == ()


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("0.0.0.0/0", "trusts 4,294,967,296 addresses"),
        ("128.0.0.0/1", "trusts 2,147,483,648 addresses"),
        ("10.1.2.3", "is in 10.0.0.0/8, which is not publicly routable"),
        ("192.168.0.0/24", "is in 192.168.0.0/16"),
        ("172.0.0.0/8", "172.16.0.0/12"),
        ("100.64.0.1", "not publicly routable"),
        ("127.0.0.1", "not publicly routable"),
        ("224.0.0.1", "not publicly routable"),
        ("2001:db8::1", "is IPv6"),
        ("::/0", "is IPv6"),
        ("example.com", "is not an IPv4 address or CIDR range"),
        ("198.51.100.300", "is not an IPv4 address or CIDR range"),
        ("198.51.100.0/33", "is not an IPv4 address or CIDR range"),
        ("198.51.100.0/255.255.255.0", "is not an IPv4 address or CIDR range"),
        ("198.51.100.1, 198.51.100.2", "is not an IPv4 address or CIDR range"),
        ("010.051.100.001", "is not an IPv4 address or CIDR range"),
        ("198.51.100.7/24", "write 198.51.100.0/24 for the range"),
        ("x" * 5000, "..."),
    ],
)
def test_bad_entries_are_named_with_their_line(entry: str, words: str) -> None:
    problems = lists.check_trusted(f"# ours\n198.51.100.7\n{entry}\n")
    assert [problem.line for problem in problems] == [3]
    assert words in problems[0].message
    assert len(problems[0].message) < 200


def test_comments_blank_lines_and_carriage_returns_are_not_entries() -> None:
    text = "# offices\r\n\r\n198.51.100.7  # Berlin\r\n  203.0.113.0/24\r\n"
    assert lists.check_trusted(text) == ()
    assert lists.entries(text) == ("198.51.100.7", "203.0.113.0/24")


def test_a_list_of_nothing_and_one_of_too_much() -> None:
    assert [problem.line for problem in lists.check_trusted("# nothing yet\n")] == [0]
    addresses = [f"8.{block}.{address}.1" for block in range(10) for address in range(200)]
    assert lists.check_trusted("\n".join(addresses)) == ()
    [problem] = lists.check_trusted("\n".join([*addresses, "9.9.9.9"]))
    assert (problem.line, "2001 entries" in problem.message) == (0, True)


def test_read_leaves_out_the_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "ips.txt").write_bytes(b"\xef\xbb\xbf198.51.100.7\n")
    assert lists.read(tmp_path, "ips.txt") == "198.51.100.7\n"


def test_read_stays_in_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "spec"
    (folder / "lists").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("198.51.100.7")
    (folder / "lists" / "ips.txt").write_text("198.51.100.8")
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "in.txt").symlink_to("lists/ips.txt")
    (folder / "loop.txt").symlink_to("loop.txt")
    assert lists.read(folder, "in.txt") == "198.51.100.8"
    for file in ("out.txt", "../secret.txt", str(tmp_path / "secret.txt")):
        with pytest.raises(lists.ListError, match="outside the spec's own folder"):
            lists.read(folder, file)
    with pytest.raises(lists.ListError, match=r"itself|cannot be read"):
        lists.read(folder, "loop.txt")


def test_read_says_why_it_cannot(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    os.mkfifo(tmp_path / "pipe")
    for file, words in (
        ("none", "does not exist"),
        (".", "not a regular"),
        ("pipe", "not a regular"),
        ("binary", "UTF-8"),
    ):
        with pytest.raises(lists.ListError, match=words):
            lists.read(tmp_path, file)


def test_a_threat_list_holds_more_and_is_checked_as_well() -> None:
    many = "\n".join(f"198.51.{n // 250}.{n % 250}" for n in range(3000))
    assert lists.check_threat(many) == ()
    assert [problem.message for problem in lists.check_trusted(many)] == [
        "holds 3000 entries; AWS takes at most 2000 in a trusted list"
    ]
    assert "suspects 4,294,967,296 addresses" in lists.check_threat("0.0.0.0/0")[0].message
    assert "trusts 4,294,967,296 addresses" in lists.check_trusted("0.0.0.0/0")[0].message


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("198.51.100.7\n203.0.113.0/28\n", []),
        ("198.51.100.7\n# one\n198.51.100.7 # again\n", [(3, "198.51.100.7 is on line 1 already")]),
        ("198.51.100.7\n198.51.100.7/32\n", [(2, "198.51.100.7/32 is on line 1 already")]),
        ("198.51.100.7\n" * 3, [(2, "198.51.100.7 is on line 1 already"), (3, "198.51.100.7 is on line 1 already")]),
    ],
)
def test_what_stands_twice_is_named_with_both_lines(text: str, problems: list[tuple[int, str]]) -> None:
    assert [(problem.line, problem.message) for problem in lists.check_doubles(text)] == problems


def test_a_private_address_comes_with_advice() -> None:
    (problem,) = lists.check_trusted("10.0.0.7")
    assert problem.message.endswith("list the public address that it leaves by, or write a suppression rule")


def test_the_order_of_a_file_means_nothing() -> None:
    assert lists.sorted_entries("203.0.113.0/28\n\n9.9.9.9 # DNS\n198.51.100.7\n") == (
        "9.9.9.9",
        "198.51.100.7",
        "203.0.113.0/28",
    )


def test_a_threat_list_of_the_most_entries_and_one_more() -> None:
    most = "\n".join(f"{11 + n // 65536}.{n // 256 % 256}.{n % 256}.1" for n in range(lists.MAX_THREAT))
    assert lists.check_threat(most) == ()
    assert lists.check_doubles(most) == ()
    (problem,) = lists.check_threat(most + "\n99.0.0.1")
    assert problem.message == "holds 250001 entries; AWS takes at most 250000 in a threat list"


def test_a_file_over_35_mb(tmp_path: Path) -> None:
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(lists.MAX_BYTES + 1)
    with pytest.raises(lists.ListError, match=r"huge\.txt is larger than 35 MiB"):
        lists.read(tmp_path, "huge.txt")


def test_a_file_that_is_no_list_is_not_read_out_line_by_line() -> None:
    found = lists.check_trusted("x\n" * 1500)
    assert len(found) == lists.MAX_SHOWN + 1
    assert found[-1] == lists.Problem(0, "1,400 more lines are wrong like that")
    assert len(lists.check_trusted("x\n" * lists.MAX_SHOWN)) == lists.MAX_SHOWN
    assert len(lists.check_doubles("198.51.100.7\n" * 1500)) == lists.MAX_SHOWN + 1


def test_more_lines_or_entries_than_any_list_has_are_one_problem() -> None:
    assert [each.message for each in lists.check_threat("x\n" * (lists.MAX_THREAT + 1))] == [
        f"holds {lists.MAX_THREAT + 1} entries; AWS takes at most {lists.MAX_THREAT} in a threat list"
    ]
    assert [each.message for each in lists.check_threat("#\n" * (lists.MAX_LINES + 1))] == [
        "has more than 1,000,000 lines"
    ]
