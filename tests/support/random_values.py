"""Values for random specs: texts that would break out of a quoted string, names, lists, files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from guardline.spec.catalogue import Region

ABSENT = object()
CANARY = "canary"
"""Stands in every hostile text, so that it can be found again in what is rendered."""

HOSTILE = (
    "${%s}", "%%{if %s}", "$${%s}", "%%%%{%s}", '" %s = true\n', "\\%s", "a\n%s = 1", "<<EOT\n%s\nEOT", "#%s", "/*%s*/",
    "%s'\"`", "${\"%s\"}\\${x}", "|%s|", "<b>%s</b>", "\t%s\t", "é%s\u2028", "{{ %s }}", "{%% %s %%}", "@%s", "=%s()",
)  # fmt: skip
ACCOUNTS = ("111122223333", "444455556666", "777788889999", "123456789012", "222233334444")


@dataclass(frozen=True)
class Place:
    """What the blocks of one spec have in common.

    Attributes:
        partition: of the spec.
        home: the home region.
        covered: the covered regions, the home region among them.
        organization: whether the spec is of an organization rather than of one account.
        made: what other blocks have drawn already, by key, for those that must go with it.
        files: files beside the spec by name, which blocks may add to.
    """

    partition: str
    home: str
    covered: tuple[Region, ...]
    organization: bool
    made: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def arn(self, service: str, resource: str, region: str = "", account: str = ACCOUNTS[1]) -> str:
        return f"arn:{self.partition}:{service}:{region}:{account}:{resource}"


Draw = st.DrawFn
Block = Callable[[Draw, Place], Any]
"""Draws the value of one key of the spec; `ABSENT` leaves it out."""


def texts() -> st.SearchStrategy[str]:
    """Texts of people, and texts that would break out of a quoted string."""
    plain = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=30)
    hostile = st.sampled_from(HOSTILE).map(lambda form: form % CANARY)
    return st.one_of(plain, hostile, st.tuples(plain, hostile).map("".join)).filter(lambda text: text.strip() != "")


def slugs(most: int = 20) -> st.SearchStrategy[str]:
    """Names of lower-case letters, digits and single hyphens."""
    return st.from_regex(rf"[a-z]([a-z0-9]|-[a-z0-9]){{2,{most // 2 - 1}}}", fullmatch=True)


def buckets(purpose: str) -> st.SearchStrategy[str]:
    """A bucket's name; the purpose keeps two of a spec apart."""
    return st.from_regex(r"[a-z][a-z0-9-]{2,20}[a-z0-9]", fullmatch=True).map(lambda name: f"{purpose}.{name}")


def dates() -> st.SearchStrategy[str]:
    return st.dates().filter(lambda day: day.year >= 1000).map(str)


def maybe(draw: Draw, name: str, strategy: st.SearchStrategy[Any]) -> dict[str, Any]:
    """An optional key: there or not."""
    return {name: draw(strategy)} if draw(st.booleans()) else {}


def some(strategy: st.SearchStrategy[Any], most: int = 4, least: int = 0) -> st.SearchStrategy[list[Any]]:
    """A list of different values."""
    return st.lists(strategy, min_size=least, max_size=most, unique=True)


def addresses() -> st.SearchStrategy[list[str]]:
    """Public addresses and ranges, none twice."""
    single = st.integers(0, 255).map(lambda last: f"198.51.100.{last}")
    ranges = st.integers(0, 31).map(lambda part: f"203.0.113.{part * 8}/29")
    return st.lists(st.one_of(single, ranges), min_size=1, max_size=12, unique=True)


def list_file(draw: Draw, place: Place, name: str) -> str:
    """A list file beside the spec, with comments and blank lines; its name."""
    lines = [f"{entry}{draw(st.sampled_from(('', '  # ours', '   ')))}" for entry in draw(addresses())]
    place.files[name] = "\n".join([draw(st.sampled_from(("# list", "", "#"))), *lines]) + "\n"
    return name
