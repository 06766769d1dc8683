"""Reading single files: what parsers get wrong, where an error is, and that nothing hangs."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from guardline.validator.sources.hcl.parse import parse
from guardline.validator.sources.hcl.syntax import Body, HclError, Literal

SNIPPETS: dict[str, str] = json.loads(
    (Path(__file__).parents[3] / "data" / "hcl-snippets.json").read_text(encoding="utf-8")
)


def body(text: str, file: str = "x.tf") -> Body:
    return parse(text.encode(), file)


@pytest.mark.parametrize("name", SNIPPETS)
def test_every_snippet_loads(name: str) -> None:
    assert body(SNIPPETS[name]).attributes or body(SNIPPETS[name]).blocks


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("a = 1\n\nb == 3\n", 3, 3, "unexpected '== 3'"),
        ('a = "é" b = ]\n', 1, 13, "unexpected ']'"),
        ("a = [\n1,\n", 2, None, "ends too early"),
        ("a = <<EOF\n\nfoo ${ x + }\nEOF\n", 3, None, "not a valid template"),
        ("a = <<EOF\n\nfoo ${ x \nEOF\n", 3, None, "not closed"),
        ("a=1\na=2\n", 2, None, "set twice"),
        ('b {\n  a = "\\q"\n}\n', 2, None, "not an escape"),
        ('resource "a" "${b}" {\n}\n', 1, None, "label"),
        ("a = <<EOT\n%{ if x }\nEOT\n", 2, None, "not ended"),
        ("a = " + "(" * 5000 + "1" + ")" * 5000, None, None, "nested too deeply"),
    ],
)
def test_errors_say_where(text: str, line: int | None, column: int | None, message: str) -> None:
    with pytest.raises(HclError, match=message) as caught:
        body(text)
    assert (caught.value.file, caught.value.line, caught.value.column) == ("x.tf", line, column)


def test_not_utf8_names_the_line() -> None:
    with pytest.raises(HclError, match="UTF-8") as caught:
        parse(b'a = 1\nb = "\xff"\n', "x.tf")
    assert caught.value.line == 2


def test_an_endless_parse_is_cut_off() -> None:
    hostile = "a = <<A\n" + "\n" * 200_000 + "x"  # backtracks over every blank line, for an end that never comes
    began = time.monotonic()
    with pytest.raises(HclError, match=r"not parsed within 0\.5 s"):
        parse(hostile.encode(), "x.tf", seconds=0.5)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\ufeffa = 1\n", 1),
        ("# é\n\né = 1\n", 3),
        ("/* x\n*/ a = /* y */ 1\n", 2),
        ('b = "$${"\n# }\na = 1\n', 3),
        ("b = <<-EOT\r\n  x\r\n  EOT\r\na = 1\r\n", 4),
        ("b = (x\n  .y\n  .z\n)\na = 1\n", 5),
        ("b = !!x\na = 1\n", 2),
        ("b = { for c in x :\n  (c)\n\n  => c\n}\na = 1\n", 6),
    ],
)
def test_lines_are_the_files_own(text: str, line: int) -> None:
    assert list(body(text).attributes.values())[-1].line == line


@pytest.mark.parametrize(
    ("heredoc", "expected"),
    [
        ("<<-E\n    a\n  b\n\n      c\n    E\n", "  a\nb\n\n    c\n"),
        ("<<-E\n  a\nb\n  E\n", "  a\nb\n"),
        ("<<E\n  a\n  E\n", "  a\n"),
        ("<<E\n  a\nE  \n", "  a\n"),
        ('<<-E\n  é\\n"\n  E\n', 'é\\n"\n'),
    ],
)
def test_indented_heredocs_lose_the_smallest_indentation(heredoc: str, expected: str) -> None:
    assert body(f"a = {heredoc}").attributes["a"].value == Literal(expected)


def test_json_syntax_has_lines_and_templates() -> None:
    read = body(
        '{\n "//": "a comment",\n "resource": {"aws_vpc": {\n  "x": {\n   "cidr_block": "10.0.0.0/16",\n'
        '   "tags": {"a": "${var.b}-c", "d": "$${e}"}\n  }}},\n "locals": [{"n": 1.50}, {"m": null}]\n}\n',
        "x.tf.json",
    )
    vpc, first, second = read.blocks
    assert (vpc.type, vpc.labels, vpc.line) == ("resource", ["aws_vpc", "x"], 4)
    assert vpc.body.attributes["cidr_block"].line == 5
    assert vpc.body.attributes["cidr_block"].value == Literal("10.0.0.0/16")
    assert "Template(parts=[Attr(on=Name(name='var'), name='b'), Literal(value='-c')])" in repr(vpc.body)
    assert "Literal(value='${e}')" in repr(vpc.body)
    assert "1.50" in repr(first.body)
    assert second.body.attributes["m"].value == Literal(None)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('{\n "resource": {"a": {"b": 1}}\n}', 2, "expected an object"),
        ('{\n "a": {},\n}', 3, "after the comma"),
        ('{"a": {}, \n"a": {}}', 2, "only once"),
        ('{"locals": {\n"a": "${b"}}', 2, "not closed"),
        ('{"locals": {\n"a": "${b +}"}}', 2, "not a valid template"),
    ],
)
def test_json_errors_say_where(text: str, line: int, message: str) -> None:
    with pytest.raises(HclError, match=message) as caught:
        body(text, "x.tf.json")
    assert caught.value.line == line
