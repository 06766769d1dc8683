"""The pull-request comment: the verdict first, the rest folded, and short enough to be taken."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt
from msgspec.structs import replace

from guardline.validator.control import Status
from guardline.validator.reporters.markdown import LIMIT, MARKER, code, escape, prose, render
from tests.support.realistic_report import many_vpcs, report, row, sample


class Rendered(HTMLParser):
    """The tags and the text that a forge makes of Markdown."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert attrs == []

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    "bad",
    [
        "<script>alert(1)</script>",
        "[click](javascript:alert(1)) ![x](x.png)",
        "**a** _b_ ~~c~~ `d` ``e",
        "@everyone #1 a/b#2 https://evil.example www.evil.example",
        "</details><!-- -->",
        "&lt;b&gt; &#64;x",
        "a | b || c",
        "trailing \\",
        "x",
    ],
)
@pytest.mark.parametrize("how", [escape, code, prose])
@pytest.mark.parametrize("around", ["before {} after", "| head |\n| --- |\n| {} |", "- item {}"])
def test_text_is_shown_as_it_is(bad: str, how: Callable[[str], str], around: str) -> None:
    found = Rendered(around.format(how(bad)))
    assert found.tags <= {"p", "ul", "li", "code", "table", "thead", "tbody", "tr", "th", "td"}
    shown = bad.replace("`", "") if how is prose else bad  # there they make code
    text = found.text.replace("\u200b", "")  # which keeps a forge from seeing mentions
    assert shown in (text.replace("`", "") if how is prose else text)


def test_the_account_comes_first_and_the_exit_code_last() -> None:
    text = render(sample())
    lines = text.splitlines()
    assert lines[0] == MARKER
    assert lines[2].startswith("### ✗ GuardDuty coverage 8")
    assert lines[4].startswith("**eu-west-3 loses GuardDuty; ")
    assert "\nexit 1: 9 cells and 1 derived cell of severity medium or above fail." in text
    assert "6 cells covered before this change will not be after it" in text
    assert "`regions.tf:84`: no detector in eu-west-3" in text
    assert text.index("`regions.tf:84`") < text.index("<details>") < text.index("me-south-1")
    assert text.count("<details>") == text.count("</details>") == 3


def test_no_cell_that_does_not_pass_is_missing() -> None:
    wanting = [r for r in sample().rows if r.verdict in {Status.FAIL, Status.UNDETERMINED, Status.WAIVED}]
    text = render(sample())
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| \d{12} \| ([a-z0-9-]+) \| ([a-z]+) \|", text, flags=re.MULTILINE)
    assert rows == [(r.control, r.region or "account-wide", r.verdict) for r in wanting]


@pytest.mark.parametrize("number", [5_000, 50_000])
def test_a_comment_is_never_too_long(number: int) -> None:
    assert len(render(many_vpcs(number))) < 65_536


def test_what_is_left_out_for_length_is_said() -> None:
    given = many_vpcs(5_000)
    rows = tuple(replace(each, verdict=Status.FAIL, reason="why " * 20) for each in given.rows)
    text = render(replace(given, rows=rows))
    assert LIMIT / 2 < len(text) < 65_536
    assert re.search(r"\d+ parts left out, too long for a comment: see the HTML report\.\n$", text)
    assert text.count("<details>") == text.count("</details>") > 0


def test_one_endless_text_does_not_crowd_out_the_rest() -> None:
    first, *rest = sample().rows
    endless = replace(first, verdict=Status.FAIL, reason="x" * 1_000_000, evidence=(), fix="y" * 1_000_000)
    text = render(replace(sample(), rows=(endless, *rest)))
    assert "`regions.tf:84`: no detector in eu-west-3" in text
    assert "left out" not in text


@pytest.mark.parametrize(
    "text",
    [
        "GH-1",
        "see gh-12.",
        "a" * 40,
        "at 0123456789abcdef0123456789abcdef01234567, or",
        "(0123456789ABCDEF0123456789ABCDEF01234567)",
    ],
)
def test_what_a_forge_links_by_itself_is_broken_up(text: str) -> None:
    shown = html.unescape(escape(text))
    assert shown.replace("\u200b", "") == text
    assert re.search(r"gh-\d|[0-9a-f]{40}", shown, re.IGNORECASE) is None


@pytest.mark.parametrize("text", ["HIGH-1", "GH-x", "a" * 39, "a" * 41, "g" + "a" * 40, "vpc-0a1b2c3d4e5f60718"])
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert escape(text) == text


def test_where_all_is_well_one_line_says_so_and_the_rest_is_folded() -> None:
    text = render(report(row("detector-enabled", Status.PASS, "one", region="eu-west-1")))
    shown = re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL).split()
    coverage = "100 % of what the spec asks"
    assert (
        " ".join(shown) == f"{MARKER} ### ✓ GuardDuty coverage {coverage}: All that is asked holds: 1 of 1 cell pass."
    )
    assert "| eu-west-1 | ✓ |" in text


@pytest.mark.parametrize("verdict", [Status.FAIL, Status.UNDETERMINED, Status.WAIVED])
def test_what_is_not_well_is_never_folded_away(verdict: Status) -> None:
    text = render(report(row("detector-enabled", verdict, "so it is", region="eu-west-1")))
    assert "o it is" in text[: text.index("<details>")]
