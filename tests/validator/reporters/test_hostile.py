"""Whatever a plan holds, no report does more than show it: no escape reaches a terminal, no markup a page or forge."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from guardline.spec.saying import printable
from guardline.validator.control import Status
from guardline.validator.expectations.scope import NotAsked, RegionState, Scope, ScopeRegion
from guardline.validator.model.resource import Account, Origin
from guardline.validator.report import Report, Source, SourceError
from guardline.validator.reporters import render
from tests.support.realistic_report import report, row

HOSTILE = {
    "title": "\x1b]0;owned\x07",
    "clear": "\x1b[2J\x1b[H all green",
    "c1": "\x9b31mred",
    "overwrite": "fail\rpass",
    "line": "a\n\n# Heading\n\n- [x] approved",
    "rtl": "abc\u202efed",
    "invisible": "a\u200b\ufeffb\u2066",
    "script": "<script>alert(1)</script>",
    "attribute": '" onmouseover="alert(1)" x="',
    "image": "<img src=https://example.com/x.png onerror=alert(1)>",
    "comment": "--><script>alert(1)</script><!--",
    "style": "</style><style>*{display:none}</style>",
    "template": "{{ 7 * 7 }}{% raw %}",
    "details": "</details></details>",
    "link": "[click](https://example.com)",
    "picture": "![x](https://example.com/p.png)",
    "reference": "[a]: https://example.com",
    "autolink": "see https://example.com or www.example.com or <https://example.com> or a@example.com",
    "mention": "@everyone and @acme/owners, #1, acme/repo#2",
    "ticks": "``` ` `` `a` ``",
    "odd": "an `unclosed tick",
    "bars": "a | b || c \\| d \\",
    "emphasis": "__a__ *b* ~~c~~ $x$ :tada: &amp; &#64;x",
    "codebars": "`a|b` `c",
    "surrogate": "a\ud800b",
    "annotation": "a\n::error file=main.tf,line=1::owned\r\n##[error]owned%0A::stop-commands::x",
    "long": f"module.{10_000 * 'x'}.aws_vpc.y",
}


def poisoned(text: str) -> Report:
    """A report with `text` wherever a plan, a spec or the command line could put it."""
    where = (Origin(text, text, 1, (text, text)), Origin(text))
    place = {"region": text, "account": text, "subject": text, "subject_id": text}
    verdicts = (Status.FAIL, Status.UNDETERMINED, Status.WAIVED, Status.NOT_APPLICABLE, Status.PASS)
    rows = [row("s3-protection", verdict, text, **place, evidence=where, fix=text) for verdict in verdicts]
    whole = row("trail-encrypted", Status.FAIL, text, regression=True, before=Status.PASS, mappings={text: (text,)})
    return report(
        *rows,
        whole,
        version=text,
        as_of=text,
        sources=(Source("plan", text, text, text, False, "design", text),),
        scope=Scope(
            text,
            (Account(text, text, text), Account(None, text)),
            (ScopeRegion(text, RegionState.EXPECTED), ScopeRegion(text, RegionState.EXCLUDED, text)),
            spec=text,
            not_asked=(NotAsked(8, text),),
        ),
        errors=(SourceError(text, text, text, 1),),
    )


def drawn(text: str, name: str, **options: object) -> str:
    rendered = render(poisoned(text), name, **options)
    assert isinstance(rendered, str)
    return rendered


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("colour", [True, False])
def test_a_terminal_gets_printable_lines_and_our_colours_only(text: str, colour: bool, ascii_only: bool) -> None:
    shown = drawn(text, "terminal", width=80, colour=colour, ascii_only=ascii_only)
    if colour:
        shown = re.sub(r"\x1b\[(1|2|3[0-9]|1;31|0)m", "", shown)
    assert all(line.isprintable() for line in shown.split("\n"))
    assert shown.isascii() or not ascii_only
    shown.encode()


class Page(HTMLParser):
    """What a browser finds in a page: tags, attributes, and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.scripts = 0
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self.scripts += tag == "script"
        if tag not in {"meta", "br", "input"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, "tags close in order"

    def handle_data(self, data: str) -> None:
        self.text += data if self.open and self.open[-1] not in {"style", "script"} else ""


TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section", "article", "h1", "h2",
    "h3", "p", "ul", "li", "b", "strong", "small", "span", "code", "a", "br", "div", "dl", "dt", "dd", "details",
    "summary", "table", "caption", "thead", "tbody", "tr", "th", "td", "nav", "form", "label", "input", "fieldset",
    "legend", "button", "output", "script",
}  # fmt: skip
ATTRIBUTES = {
    "lang",
    "charset",
    "http-equiv",
    "content",
    "name",
    "class",
    "href",
    "title",
    "scope",
    "id",
    "aria-hidden",
    "aria-label",
    "aria-live",
    "aria-pressed",
    "role",
    "tabindex",
    "hidden",
    "type",
    "value",
    "checked",
    "autocomplete",
    "spellcheck",
    "placeholder",
    "data-verdict",
    "data-cells",
    "data-group",
    "data-derived",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_page_shows_it_as_text(text: str) -> None:
    page = Page(drawn(text, "html"))
    assert page.open == []
    assert page.tags <= TAGS
    assert page.scripts == 1
    assert {name for name, _ in page.attributes} <= ATTRIBUTES
    assert all(value.startswith("#") for name, value in page.attributes if name == "href")
    assert all(line.isprintable() for line in page.text.split("\n"))
    said = re.sub(r"\s+", " ", printable(text).replace("`", "")).strip()
    assert said in re.sub(r"\s+", " ", page.text.replace("`", ""))


def test_a_page_asks_for_nothing_and_allows_nothing_but_its_own_style_and_script() -> None:
    text = render(report(row("trail-encrypted", Status.PASS, "it holds")), "html")
    assert isinstance(text, str)
    page = Page(text)
    policies = [value for name, value in page.attributes if name == "content" and "default-src" in value]
    assert len(policies) == 1
    assert policies[0].startswith("default-src 'none'; style-src 'sha256-")
    assert "; script-src 'sha256-" in policies[0]
    assert "unsafe" not in policies[0]
    assert not {"style", "src"} & {name for name, _ in page.attributes}
    assert not re.search(r"url\(|@import|https?:", text)


# What a comment of ours may hold beside Markdown; anything else would be a plan's.
OURS = re.compile(r"</?(details|summary|code|sub|br)>|<!-- (guardline )?-->")


def tokens(markdown: str) -> Iterator[tuple[str, str]]:
    """The kinds and contents of all that a forge's parser makes of a text."""
    for block in MarkdownIt("commonmark").enable("table").parse(markdown):
        yield block.type, block.content if not block.children else ""
        for inline in block.children or ():
            yield inline.type, inline.content


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_forge_sees_text_only(text: str) -> None:
    comment = drawn(text, "markdown")
    assert all(line.isprintable() for line in comment.split("\n"))
    found = list(tokens(comment))
    markup = "".join(content for kind, content in found if kind.startswith("html"))
    assert markup.count("<details>") == markup.count("</details>") > 0
    kinds = {kind for kind, _ in found}
    assert not {kind for kind in kinds if kind.startswith(("link", "image", "em_", "s_", "fence", "code_block", "hr"))}
    for kind, content in found:
        if kind.startswith("html"):
            assert OURS.sub("", content).strip() in {"", re.sub(r"<.*?>", "", content).strip()}, content
            assert not re.search(r"<(?!/?(details|summary|code|sub|br)>|!-- )", content), content
        if kind == "text":  # where a forge looks for what it links by itself
            assert not re.search(r"@\w|#\d|https?://|www\.\w", content), content


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_breaks_a_table_of_a_comment(text: str) -> None:
    comment = drawn(text, "markdown")
    for block in re.findall(r"(?:^\|.*\n)+", comment, flags=re.MULTILINE):
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(cells) == 1, block
