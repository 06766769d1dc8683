"""The spec's rules for regions: each one known, named once, and every one of the partition in exactly one state."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.spec import catalogue
from guardline.spec.mistakes import did_you_mean
from guardline.spec.raw import Raw
from guardline.spec.regions import REST
from guardline.spec.tree import Path
from guardline.spec.values import PARTITIONS

Finding = tuple[Path, str]


def check(raw: Raw) -> Iterator[Finding]:
    """The mistakes about regions, each with its path. Says nothing about a partition that is itself a mistake."""
    yield from _backend(raw)
    partition = raw.at("partition") or "aws"
    if partition not in PARTITIONS:
        return
    known = {region.name: region for region in catalogue.regions(partition)}
    named = list(_named(raw))
    home = raw.text("home_region")
    for path, name in [(("home_region",), home), *named] if home else named:
        if name not in known and not _is_rest(path, name):
            yield path, _unknown(name, partition, known)
    yield from _once(named)
    for path, name in named:
        if path[1] == "opted_in" and name in known and known[name].default_enabled and not excludes_rest(raw):
            yield path, f"{name} is enabled by default, so it is covered already; leave it out here"
    if home in known:
        yield from _home(known[home], named)
    yield from _canary(raw, known)
    yield from _unassigned(raw, known, named)


def _named(raw: Raw) -> Iterator[tuple[Path, str]]:
    for path, item in raw.items("regions", "opted_in"):
        if isinstance(item, str):
            yield path, item
    for key in ("exclude", "retiring"):
        for path, _ in raw.items("regions", key):
            name = raw.text(*path, "region")
            if name is not None:
                yield (*path, "region"), name


def excludes_rest(raw: Raw) -> bool:
    """Whether one line leaves out every region that the account has enabled and that no other line names."""
    return any(raw.text(*path, "region") == REST for path, _ in raw.items("regions", "exclude"))


def covers(raw: Raw, name: str) -> bool:
    """Whether the spec covers a region; False for a name that no region has."""
    known = catalogue.region(name)
    left_out = {raw.text(*path, "region") for key in ("exclude", "retiring") for path, _ in raw.items("regions", key)}
    if known is None or name in left_out:
        return False
    opted_in = name in {item for _, item in raw.items("regions", "opted_in")}
    by_default = known.default_enabled and not excludes_rest(raw)
    return opted_in or by_default or name == raw.text("home_region")


def _is_rest(path: Path, name: str) -> bool:
    return name == REST and path[1:2] == ("exclude",)


def _unknown(name: str, partition: str, known: dict[str, catalogue.Region]) -> str:
    elsewhere = catalogue.region(name)
    if elsewhere is not None:
        return f"{name} is in partition {elsewhere.partition}, not in {partition}"
    return f"{name!r} is not a region of partition {partition}{did_you_mean(name, known)}"


def _backend(raw: Raw) -> Iterator[Finding]:
    """The state may live in another partition, but not nowhere."""
    path = ("terraform", "backend", "s3", "region")
    name = raw.text(*path)
    if name is not None and catalogue.region(name) is None:
        every = [region.name for partition in catalogue.partitions() for region in catalogue.regions(partition)]
        yield path, f"{name!r} is not an AWS region{did_you_mean(name, every)}"


def _once(named: list[tuple[Path, str]]) -> Iterator[Finding]:
    first: dict[str, Path] = {}
    for path, name in named:
        if name in first and name == REST:
            yield path, "`rest` is already under regions.exclude; one line names all the other regions"
        elif name in first:
            yield path, f"{name} is already under regions.{first[name][1]}; a region has exactly one state"
        first.setdefault(name, path)


def _home(home: catalogue.Region, named: list[tuple[Path, str]]) -> Iterator[Finding]:
    if not home.default_enabled:
        message = f"{home.name} is an opt-in region, and findings of default regions cannot be exported to one"
        yield ("home_region",), f"{message}; choose a region that AWS enables by default"
    for path, name in named:
        if name == home.name and path[1] in ("exclude", "retiring"):
            yield path, f"{name} is the home region, which must be covered"


def _canary(raw: Raw, known: dict[str, catalogue.Region]) -> Iterator[Finding]:
    path = ("organization", "canary_region")
    name = raw.text(*path)
    if name is None:
        return
    if name not in known:
        yield path, _unknown(name, raw.at("partition") or "aws", known)
        return
    if not covers(raw, name):
        yield path, f"{name} is not covered, so nothing can be tried there; choose a covered region"


def _unassigned(raw: Raw, known: dict[str, catalogue.Region], named: list[tuple[Path, str]]) -> Iterator[Finding]:
    """Opt-in regions that the spec is silent about. Waits until the names it does give are right."""
    if raw.at("regions", "not_opted_in") is not None or any(name not in known and name != REST for _, name in named):
        return
    assigned = {name for _, name in named}
    silent = [name for name, region in known.items() if not region.default_enabled and name not in assigned]
    if silent:
        advice = "list those the account has enabled under opted_in, and say `not_opted_in: rest` for the others"
        yield ("regions",), f"these opt-in regions have no state: {', '.join(silent)}; {advice}"
