"""Random valid specs, as plain data and list files.

To add a block, write a function ``(draw, place) -> value`` in `random_blocks` and name it in `BLOCKS` there; `ABSENT`
leaves the key out. A list whose order means something is named in `ORDERED`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from guardline.spec import catalogue
from guardline.spec.catalogue import Region
from guardline.spec.guarded_calls import GLOBAL_REGIONS
from tests.support.random_blocks import BLOCKS
from tests.support.random_values import ABSENT, ACCOUNTS, Draw, Place, dates, maybe, slugs, some, texts

ORDERED = {("suppression",)}
"""Paths of lists whose order means something, without the places in lists."""


@dataclass(frozen=True)
class RandomSpec:
    """A spec and the files beside it."""

    data: Mapping[str, Any]
    files: Mapping[str, str]

    def write(self, folder: Path, order: int | None = None) -> Path:
        """Write it as a spec file, and give its path.

        Args:
            folder: an empty or new folder.
            order: shuffles the keys of mappings and those lists whose order means nothing; None leaves them.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in self.files.items():
            (folder / name).write_text(text, encoding="utf-8")
        data = self.data if order is None else shuffled(self.data, random.Random(order))  # noqa: S311 - no secret
        path = folder / "guardline.yaml"
        path.write_text(yaml.dump(data, Dumper=_Quoting, sort_keys=False, allow_unicode=True, width=10**6), "utf-8")
        return path

    @staticmethod
    def read(spec: Path) -> dict[str, Any]:
        """The content of a spec that was written."""
        data: dict[str, Any] = yaml.safe_load(spec.read_text(encoding="utf-8"))
        return data


class _Quoting(yaml.SafeDumper):
    """Writes every text in quotes: PyYAML would leave them off what is a number to other readers, such as -.9."""

    def represent_str(self, data: str) -> yaml.ScalarNode:
        """A text, quoted."""
        return self.represent_scalar("tag:yaml.org,2002:str", data, style='"')


_Quoting.add_representer(str, _Quoting.represent_str)


def shuffled(value: Any, chance: random.Random, path: tuple[str, ...] = ()) -> Any:
    """The same value in another order."""
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance, (*path, key)) for key in keys}
    if isinstance(value, list):
        items = [shuffled(item, chance, path) for item in value]
        if path not in ORDERED:
            chance.shuffle(items)
        return items
    return value


@st.composite
def specs(draw: Draw) -> RandomSpec:
    """A valid spec: whatever it says, `load` takes it."""
    partition = draw(st.sampled_from(("aws", "aws", "aws", "aws-us-gov", "aws-cn")))
    known = catalogue.regions(partition)
    home = draw(st.sampled_from([region for region in known if region.default_enabled]))
    others = draw(some(st.sampled_from([region.name for region in known if region != home]), most=3))
    covered = tuple(region for region in known if region == home or region.name in others)
    place = Place(partition, home.name, covered, organization=draw(st.booleans()))
    data: dict[str, Any] = {"version": 1, "name": draw(slugs(10)), "partition": partition, "home_region": home.name}
    data |= {"organization": _organization(draw)} if place.organization else {"account": {"id": ACCOUNTS[0]}}
    data["regions"] = _regions(draw, known, covered, home.name)
    for name, block in BLOCKS.items():
        value = block(draw, place)
        if value is not ABSENT:
            place.made[name] = value
    if place.organization and "log_archive" not in (trail := place.made.get("trail", {})):
        archive = data["organization"].get("log_archive_account")
        if archive is not None and trail.get("mode", "create") == "create":
            place.made["trail"] = trail | maybe(draw, "bucket_in", st.sampled_from(("management", "log-archive")))
    data |= place.made
    return RandomSpec(data, place.files)


def _regions(draw: Draw, known: Sequence[Region], covered: Sequence[Region], home: str) -> dict[str, Any]:
    left = [region for region in known if region not in covered and region.default_enabled]
    retiring = draw(some(st.sampled_from([region.name for region in left]), most=1)) if left else []
    modes = st.sampled_from(("forget", "destroy"))
    excluded = [region.name for region in left if region.name not in retiring]
    rest = bool(excluded) and draw(st.booleans())  # one line for all of them
    return {
        "opted_in": [each.name for each in covered if not each.default_enabled or (rest and each.name != home)],
        "not_opted_in": "rest",
        "exclude": [
            {"region": name, "reason": draw(texts()), "approved_by": draw(texts()), "until": draw(dates())}
            | ({"deny_global_region": True} if name in ("rest", *GLOBAL_REGIONS.values()) else {})
            for name in (["rest"] if rest else excluded)
        ],
        "retiring": [
            {"region": name, "mode": draw(modes)} | maybe(draw, "reason", texts()) | maybe(draw, "approved_by", texts())
            for name in retiring
        ],
    }


def _organization(draw: Draw) -> dict[str, Any]:
    members = [{"id": account} for account in ACCOUNTS[2:4]]
    made = {"id": "o-exampleorgid", "management_account": ACCOUNTS[0], "admin_account": ACCOUNTS[1]}
    made |= maybe(draw, "log_archive_account", st.just(ACCOUNTS[4]))
    roles = {"deploy_role": "path/deploy"}
    if draw(st.booleans()):
        roles |= {"plan_role": "path/plan"} | maybe(draw, "roles", st.just({"account": ACCOUNTS[1]}))
    return made | maybe(draw, "members", st.just(members)) | draw(st.sampled_from(({}, roles)))
