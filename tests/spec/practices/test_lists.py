"""Threat lists in a spec: each mistake at its file and line, before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from guardline.spec.load import SpecError, load

from ..conftest import MINIMAL

Write = Callable[[str], Path]
Mistakes = Callable[[str], list[tuple[int, int, str]]]


PRIVATE = (
    "is in 10.0.0.0/8, which is not publicly routable: GuardDuty ignores it; "
    "list the public address that it leaves by, or write a suppression rule"
)


def listed(path: Path, **files: str) -> Path:
    for name, text in files.items():
        (path.parent / f"{name}.txt").write_text(text, encoding="utf-8")
    return path


def test_two_lists(write: Write) -> None:
    text = f"{MINIMAL}threat_ips: [{{name: feed, file: feed.txt}}, {{name: own, file: own.txt}}]\n"
    spec = load(listed(write(text), feed="192.0.2.1\n", own="192.0.2.2\n"))
    assert [(each.name, each.file) for each in spec.threat_ips] == [("feed", "feed.txt"), ("own", "own.txt")]


def test_every_line_of_every_list_is_reported_in_its_file(write: Write) -> None:
    text = f"{MINIMAL}trusted_ips: {{file: ours.txt}}\nthreat_ips: [{{name: feed, file: feed.txt}}]\n"
    path = listed(write(text), ours="198.51.100.7\n10.0.0.1\n", feed="0.0.0.0/0\n\nnonsense\n192.0.2.1\n192.0.2.1\n")
    with pytest.raises(SpecError) as raised:
        load(path)
    folder = path.parent.as_posix()
    assert str(raised.value).splitlines() == [
        f"{folder}/feed.txt:1:1: 0.0.0.0/0 suspects 4,294,967,296 addresses; the widest range accepted is a /8",
        f"{folder}/feed.txt:3:1: 'nonsense' is not an IPv4 address or CIDR range like 198.51.100.7 or 198.51.100.0/24",
        f"{folder}/feed.txt:5:1: 192.0.2.1 is on line 4 already",
        f"{folder}/ours.txt:2:1: 10.0.0.1 {PRIVATE}",
        "4 mistakes",
    ]


def test_another_format_is_not_looked_into(write: Write) -> None:
    text = f"{MINIMAL}threat_ips: [{{name: feed, file: feed.txt}}]\n"
    assert load(listed(write(text), feed="Indicator type,Indicator,Description\nIPv4,10.0.0.1,x\n")).threat_ips
    with pytest.raises(SpecError, match=r"'IPv4,10\.0\.0\.1,x' is not an IPv4 address"):
        load(listed(write(text), feed="IPv4,10.0.0.1,x\n"))


def test_a_list_that_is_not_there(mistakes: Mistakes) -> None:
    found = mistakes(f"{MINIMAL}threat_ips:\n  - {{name: feed, file: none.txt}}\n  - {{name: own, file: ../up.txt}}\n")
    assert [(line, column) for line, column, _ in found] == [(7, 24), (8, 23)]
    assert "threat_ips[0].file: none.txt does not exist" in found[0][2]
    assert "must stay inside the spec's own folder" in found[1][2]


def test_one_file_for_two_lists(write: Write, mistakes: Mistakes) -> None:
    text = f"{MINIMAL}trusted_ips: {{file: ips.txt}}\nthreat_ips: [{{name: feed, file: ips.txt}}]\n"
    listed(write(text), ips="198.51.100.7\n")
    assert [(line, message.partition(": ")[2]) for line, _, message in mistakes(text)] == [
        (7, "ips.txt is another list's")
    ]


def test_names_and_how_many(mistakes: Mistakes, write: Write) -> None:
    names = ["one", "two", "three", "four", "five", "six", "seven"]
    lists = "".join(f"  - {{name: {name}, file: {name}.txt}}\n" for name in names)
    listed(write(MINIMAL), **{name: f"192.0.2.{number}\n" for number, name in enumerate(names)})
    ((line, _, message),) = mistakes(f"{MINIMAL}threat_ips:\n{lists}")
    assert (line, message) == (6, "threat_ips: names 7 lists; AWS takes at most 6 in a region")
    twice = lists.replace("seven,", "one,").replace("  - {name: two, file: two.txt}\n", "")
    ((line, _, message),) = mistakes(f"{MINIMAL}threat_ips:\n{twice}")
    assert (line, message) == (12, "threat_ips[5].name: one is the name of another threat list; each needs its own")
    ((line, _, message),) = mistakes(f"{MINIMAL}threat_ips: [{{name: 'Partner feed', file: one.txt}}]\n")
    assert "must be 2 to 39 lower-case letters, digits and single hyphens" in message
