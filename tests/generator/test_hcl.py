"""Values come out of Terraform as the text they were, whatever they hold."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import hcl2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardline.generator.hcl import Plain, arguments, entries, hcl, literal, quote
from tests.support.terraform_runs import terraform

HOSTILE = (
    '${file("/etc/passwd")}',
    "%{ for x in y }",
    "$${x}",
    "$$${x}",
    "%%{x}",
    '"',
    '\\"',
    "\\",
    "\\${x}",
    "a\nb",
    "\r\n",
    "\t",
    "$",
    "%",
    "{",
    "$%{",
    "${not closed",
    "%{# if x",
    '\\${"',
    "${closed} ${not",
    "%${",
    "~}",
    "# not a comment",
    "/* nor this */",
    "<<EOT",
    "\u2028\u0085\x7f\x01",
    "\ufeff",
    "é ü 中 \U0001f6e1",
    "\\u0041",
    "",
)


@pytest.mark.terraform
def test_terraform_reads_the_text_that_was_written(tmp_path: Path) -> None:
    """As a value and as the key of a map, asked of the real Terraform."""
    values: dict[str, str] = {text: text[::-1] for text in HOSTILE}
    lines = "\n".join(f"    {quote(key)} = {quote(value)}" for key, value in values.items())
    (tmp_path / "main.tf").write_text(
        f"locals {{\n  map = {{\n{lines}\n  }}\n}}\n"
        f'output "values" {{\n  value = {hcl(list(HOSTILE))}\n}}\noutput "map" {{\n  value = local.map\n}}\n',
        encoding="utf-8",
    )
    terraform(tmp_path, "apply", "-auto-approve", "-no-color")
    found = json.loads(terraform(tmp_path, "output", "-json"))
    # Terraform keeps strings in Unicode's normal form C.
    assert found["values"]["value"] == [unicodedata.normalize("NFC", text) for text in HOSTILE]
    assert found["map"]["value"] == values


@given(
    st.text(st.characters(exclude_categories=["Cs"]))
    | st.lists(st.sampled_from(("${", "%{", "}", "$", "%", "{", '"', "\\", "#", "\n", "u0024"))).map("".join)
)
def test_any_text_survives_the_parser_of_the_validator(text: str) -> None:
    read = hcl2.loads(f"x = {quote(text)}\n")["x"]
    assert "${" not in quote(text).replace("$${", "_")
    assert "%{" not in quote(text).replace("%%{", "_")
    assert "\n" not in quote(text)
    assert quote(text).isprintable()
    assert _meant(read) == text


def _meant(read: str) -> str:
    """The text a quoted string stands for, as python-hcl2 hands it on: still escaped, in its quotes."""
    inner = read[1:-1] if read.startswith('"') else read
    escapes = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
    found: list[str] = []
    position = 0
    while position < len(inner):
        char = inner[position]
        if char == "\\":
            mark = inner[position + 1]
            size = {"u": 4, "U": 8}.get(mark, 0)
            found.append(chr(int(inner[position + 2 : position + 2 + size], 16)) if size else escapes[mark])
            position += 2 + size
        elif inner.startswith(("$${", "%%{"), position):
            found.append(inner[position + 1 : position + 3])
            position += 3
        else:
            found.append(char)
            position += 1
    return "".join(found)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (365, "365"),
        ([], "[]"),
        (["a", 1], '["a", 1]'),
        ({}, "{}"),
        ({"a b": [True]}, '{ "a b" = [true] }'),
    ],
)
def test_plain_values(value: object, written: str) -> None:
    assert hcl(value) == written  # type: ignore[arg-type]  # the table holds every kind at once


def test_lines_are_aligned_as_terraform_fmt_aligns_them() -> None:
    assert arguments({"a": 1, "long": "x"}, 2) == ["  a    = 1", '  long = "x"']
    assert entries({"a": 1, "é${}": 2}, 0) == ['"a"     = 1', '"é$${}" = 2']
    assert entries({}, 0) == []
    # Of what is beyond Latin letters, several may be one character to a reader: nothing is aligned with these.
    found = entries({"a": 1, "bb": 2, "\u0e0a\u0e33": 3, "\u1100\u1161": 4, "c": 5}, 0)
    assert found == ['"a"  = 1', '"bb" = 2', "", '"\u0e0a\u0e33" = 3', "", '"\u1100\u1161" = 4', "", '"c" = 5']


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", '"a"'),
        ({}, "{}"),
        ([], "[]"),
        ({"a": 1, "longer": True}, "{\n  a      = 1\n  longer = true\n}"),
        ({"a b": "${x}"}, '{\n  "a b" = "$${x}"\n}'),
        # What takes several lines is aligned with nothing, and parts what stands above from what stands below.
        ({"long": 1, "x": {"y": 2}, "z": 3}, "{\n  long = 1\n  x = {\n    y = 2\n  }\n  z = 3\n}"),
        (["x" * 60, "y" * 60], f'[\n  "{"x" * 60}",\n  "{"y" * 60}",\n]'),
        ({"list": ["x"]}, '{\n  list = ["x"]\n}'),
    ],
)
def test_a_value_over_several_lines(value: Plain, expected: str) -> None:
    assert literal(value, 0) == expected


def test_terraform_fmt_finds_nothing_to_change_in_it(tmp_path: Path) -> None:
    value: Plain = {"a": {"b": ["c" * 50, "d" * 50], "eee": [{"f": [">=", 4]}]}, "gg": 1, "h": False, "i": {}, "jj": []}
    anyone: dict[str, Plain] = {"a": 1, "größe": 2, "\u0e0a\u0e33": 3, "\u1100\u1161": 4, "b": 5}
    lines = "\n".join(entries(anyone, 4))
    text = f"locals {{\n  x = {literal(value, 2)}\n\n  y = {{\n{lines}\n  }}\n}}\n"
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    assert terraform(tmp_path, "fmt", "-check", "-diff") == ""
