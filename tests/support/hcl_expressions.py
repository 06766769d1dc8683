"""Random expressions of the Terraform language, typed so that most of them have a value."""

from __future__ import annotations

import random
from collections.abc import Callable

WORDS = ("a", "b", "eu-west-1", "x.y", "Hello World", "", "10", "true", "é", "a,b", "$${v}", 'q\\"t', "l1\\nl2", "%")


class Expressions:
    """Generates expressions.

    Args:
        seed: the same seed gives the same expressions.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - cases for a test, not secrets
        self.kinds: dict[str, Callable[[int], str]] = {
            "number": self.number, "text": self.text, "truth": self.truth, "texts": self.texts,
            "numbers": self.numbers, "map": self.map, "any": self.any,
        }  # fmt: skip

    def any(self, depth: int) -> str:
        """An expression of any kind."""
        return self.random.choice([self.number, self.text, self.truth, self.texts, self.numbers, self.map])(depth)

    def number(self, depth: int) -> str:
        """A number."""
        if depth <= 0:
            return self.random.choice(["0", "1", "2", "3", "7", "10", "1.5", "0.25", "-4", "100"])
        return self._one_of(
            depth,
            "({number} + {number})", "({number} - {number})", "({number} * {number})", "({number} / 4)",
            "({number} % 7)",
            "-({number})", "length({texts})", "length({map})", "length({text})", "max({number}, {number})",
            "min({numbers}...)", "abs({number})", "ceil({number})", "floor({number})", "signum({number})",
            "sum({numbers})", "({truth} ? {number} : {number})", "tonumber({number})", "{numbers}[0]",
            "try({numbers}[9], {number})", "index({texts}, {text})", "one([{number}])", 'parseint("17", 8)',
        )  # fmt: skip

    def text(self, depth: int) -> str:
        """A string."""
        if depth <= 0:
            return f'"{self.random.choice(WORDS)}"'
        return self._one_of(
            depth,
            '"${{{text}}}-${{{number}}}"', '"${{{text}}}"', "upper({text})", "lower({text})", "title({text})",
            "trimspace({text})", 'trim({text}, "ab")', 'trimprefix({text}, "a")', 'trimsuffix({text}, "b")',
            'replace({text}, "a", "b")', 'replace({text}, "/[a-e]+/", "<$0>")', "substr({text}, 0, 3)",
            "substr({text}, -2, 2)", 'join(",", {texts})', 'join("-", {numbers})',
            'format("%s/%d", {text}, length({texts}))',
            'format("%v|%5s|%-5s", {number}, {text}, {text})', "jsonencode({any})", "base64encode({text})",
            "md5({text})", "sha256({text})", "element({texts}, {number})", 'lookup({{a = {text}}}, "a", {text})',
            "({truth} ? {text} : {text})", "coalesce({text}, {text})", "try({texts}[5], {text})", "tostring({number})",
            'cidrsubnet("10.0.0.0/16", 8, 3)', "strrev({text})", "chomp({text})", "indent(2, {text})",
            '"%{{ if {truth} }}y${{{text}}}%{{ else }}n%{{ endif }}"',
            '"%{{ for w in {texts} ~}} ${{w}}, %{{ endfor }}"',
            "urlencode({text})", '"a ${{~ {text} ~}} b"', "yamldecode(yamlencode({text}))",
        )  # fmt: skip

    def truth(self, depth: int) -> str:
        """True or false."""
        if depth <= 0:
            return self.random.choice(["true", "false"])
        return self._one_of(
            depth,
            "!{truth}", "({truth} && {truth})", "({truth} || {truth})", "({number} < {number})",
            "({number} >= {number})", "({text} == {text})", "({number} != {number})", "({texts} == {texts})",
            "contains({texts}, {text})", "can({texts}[3])", "alltrue([{truth}, {truth}])", "anytrue([{truth}])",
            'startswith({text}, "a")', 'strcontains({text}, "e")', "({map} == {map})", 'can(regex("[0-9]+", {text}))',
        )  # fmt: skip

    def texts(self, depth: int) -> str:
        """A list of strings."""
        if depth <= 0:
            return '["b", "a", "c"]'
        return self._one_of(
            depth,
            "[{text}, {text}]", "[{text}, {text}, {text}]", "concat({texts}, {texts})", "distinct({texts})",
            "tolist(toset({texts}))", "compact({texts})", "flatten([{texts}, [{texts}]])", "keys({map})",
            "values({map})", "reverse({texts})", "sort({texts})", "slice({texts}, 0, 1)", 'split(",", {text})',
            "[for w in {texts} : upper(w)]", "[for i, w in {texts} : \"${{i}}${{w}}\" if w != {text}]",
            "[for k, v in {map} : \"${{k}}=${{v}}\"]", "[for w in toset({texts}) : w]", 'formatlist("%s-x", {texts})',
            "({truth} ? {texts} : {texts})", "setunion({texts}, {texts})", "setintersection({texts}, {texts})",
            "setsubtract({texts}, {texts})", "[{{a = {text}}}, {{a = {text}}}][*].a", "chunklist({texts}, 2)[0]",
            'regexall("[a-z]", {text})', "coalescelist([], {texts})", "[for p in setproduct({texts}, {texts}) : p[0]]",
        )  # fmt: skip

    def numbers(self, depth: int) -> str:
        """A list of numbers."""
        if depth <= 0:
            return "[3, 1, 2]"
        return self._one_of(
            depth,
            "[{number}, {number}]", "range(3)", "range(1, 4)", "[for n in {numbers} : n * 2]", "concat({numbers}, [1])",
            "[for w in {texts} : length(w)]", "distinct({numbers})", "reverse({numbers})",
        )  # fmt: skip

    def map(self, depth: int) -> str:
        """A map of strings."""
        if depth <= 0:
            return '{a = "1", b = "2"}'
        return self._one_of(
            depth,
            "{{a = {text}, c = {text}}}", "merge({map}, {map})", '{{"k-${{{number}}}" = {text}}}',
            "{{for i, w in {texts} : \"k${{i}}\" => w}}", "{{for k, v in {map} : v => k...}}",
            "zipmap([\"a\", \"b\"], [{text}, {text}])",
            "{{for k, v in {map} : upper(k) => v if v != {text}}}", "tomap({map})", "jsondecode(jsonencode({map}))",
            "({truth} ? {map} : {map})", "transpose({{a = {texts}}})",
        )  # fmt: skip

    def _one_of(self, depth: int, *templates: str) -> str:
        template = self.random.choice(templates)
        parts: list[str] = []
        at = 0
        while at < len(template):  # by hand, because each place gets an expression of its own
            if template.startswith(("{{", "}}"), at):
                parts.append(template[at])
                at += 2
            elif template[at] == "{":
                end = template.index("}", at)
                parts.append(self.kinds[template[at + 1 : end]](depth - self.random.randint(1, 2)))
                at = end + 1
            else:
                parts.append(template[at])
                at += 1
        return "".join(parts)
