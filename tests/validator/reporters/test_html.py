"""The HTML page: whole, safe whatever a plan holds, readable in both themes."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

import guardline.validator.reporters as package
from guardline.validator.control import Status
from guardline.validator.controls import by_id
from guardline.validator.reporters import html, vocabulary
from guardline.validator.reporters.html import render
from tests.support.realistic_report import many_vpcs, report, row, sample


class Page(HTMLParser):
    """What a browser would find on a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: Counter[str] = Counter()
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.links += [found["href"] or ""] if "href" in found else []
        self.ids.update([found["id"] or ""] if "id" in found else [])
        if tag not in {"meta", "br", "input"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_every_square_leads_to_its_evidence() -> None:
    page = Page(render(sample()))
    assert page.open == []
    assert len(page.links) > 100
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert set(page.ids.values()) == {1}


def test_the_policy_allows_the_style_sheet_and_the_script_and_nothing_else() -> None:
    text = render(sample())
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy
    directives = policy[1].replace("&#39;", "'").split("; ")
    assert directives[0] == "default-src 'none'"
    for place, name in enumerate(("style", "script"), start=1):
        (inside,) = re.findall(f"<{name}>(.*?)</{name}>", text, flags=re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert directives[place] == f"{name}-src 'sha256-{digest}'"
        assert text.index("Content-Security-Policy") < text.index(f"<{name}>")
    assert not re.search(r"url\(|@import|https?:|\son[a-z]+=|javascript:", text)


def test_every_cell_is_there_with_its_evidence() -> None:
    whole = sample()
    page = Page(render(whole))
    assert {name for name in page.ids if name.startswith("r-")} == {f"r-{each.id}" for each in whole.rows}
    for said in (
        "regions.tf:84",
        'aws_flow_log.vpc["vpc-00"].vpc_id → module.eu_west_1.data.aws_vpcs.own.ids',
        "before: pass",
        "below the waiver: fail",
    ):
        assert said in page.text, said
    for region in whole.scope.regions:
        assert region.name in page.text
    assert "Security Hub is another team's (TICKET-3)" in page.text
    assert "it was covered before this change" in page.text
    assert "as mapped by" in page.text


def test_a_verdict_is_never_told_by_colour_alone() -> None:
    squares = re.findall(r'<td class="([a-z-]+)[^"]*"><a .*?</a></td>', render(sample()), flags=re.DOTALL)
    assert {"pass", "fail", "undetermined", "waived", "not-applicable"} <= set(squares)
    for match in re.finditer(r'<td class="([a-z-]+)[^"]*"><a .*?</a></td>', render(sample()), flags=re.DOTALL):
        assert vocabulary.SYMBOLS[Status(match[1])] in match[0]
        assert f'<span class="hidden">{match[1]}' in match[0] or f'aria-label="{match[1]}"' in match[0]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (#rrggbb), as WCAG 2 defines it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_both_themes_have_enough_contrast() -> None:
    css = (Path(package.__file__).parent / "report.css").read_text(encoding="utf-8")
    themes = [
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))
        for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    ]
    assert len(themes) == 2
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    for theme in themes:
        pairs = [(f"{status}-fg", f"{status}-bg") for status in Status]
        pairs += [(ink, ground) for ink in ("ink", "soft", "link") for ground in ("page", "panel")]
        for ink, ground in pairs:
            assert contrast(theme[ink], theme[ground]) >= 4.5, (ink, ground)


def test_five_thousand_rows() -> None:
    report = many_vpcs(5_000)
    page = Page(render(report))
    assert sum(name.startswith("r-") for name in page.ids) == len(report.rows) > 5_000
    assert page.open == []


def test_regions_have_the_names_that_people_know() -> None:
    text = Page(render(sample())).text
    assert "eu-west-3 Paris" in text
    assert "us-east-1 N. Virginia" in text


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("GuardDuty is suspended in eu-west-1 (account 3)", ["eu-west-1"]),
        (
            "excluded: us-gov-west-1; ap-northeast-1/2/3, af-south-1",
            ["us-gov-west-1", "ap-northeast-1/2/3", "af-south-1"],
        ),
        ("`module.eu-west-1` and s3-protection in x-eu-west-12", []),
        ("an odd ` before me-south-1", ["me-south-1"]),
    ],
)
def test_the_name_of_a_region_is_not_broken_at_its_hyphens(text: str, names: list[str]) -> None:
    parts = html._regions_in(text)
    assert "".join(part for part, _ in parts) == text
    assert [part for part, is_region in parts if is_region] == names


def test_each_control_says_what_it_cannot_see() -> None:
    text = render(sample())
    assert text.count("What it cannot see.") == len({row.control for row in sample().rows if by_id(row.control)})


def test_an_auditor_finds_the_controls_of_a_requirement() -> None:
    text = render(sample())
    index = text[text.index("<h2>Index by requirement</h2>") : text.index("<h2>Scope and method")]
    assert "as mapped by" in index
    row = re.search(r'<tr><th scope="row">11\.5\.1</th><td>(.*?)</td></tr>', index, flags=re.DOTALL)
    assert row
    assert "detector-enabled" in row[1]
    assert "§164.308(a)(1)(ii)(D)" in index
    assert "no recommendation on GuardDuty itself" in index
    assert not re.search(r"\b(compliant|fully covered|proved)\b", text)


def test_a_loss_is_said_once() -> None:
    """By the reason, or by a line of its own where the reason does not say it."""
    said = "Covered before this change, not after it."
    assert said not in Page(render(sample())).text
    lost = row("trail-encrypted", Status.FAIL, "the trail has no key", regression=True)
    assert Page(render(report(lost))).text.count(said) == 1


def test_what_is_hidden_does_not_widen_the_page() -> None:
    """Text for screen readers is positioned; outside its scroller it made a narrow page pan (390 px became 626)."""
    css = (Path(package.__file__).parent / "report.css").read_text(encoding="utf-8")
    assert re.search(r"\.scroll \{[^}]*position: relative", css)
