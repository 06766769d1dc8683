"""Specs that between them set every leaf, and for each leaf the same spec with another legal value there."""

from __future__ import annotations

import copy
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from guardline.spec import catalogue
from guardline.spec.leaves import leaves
from guardline.spec.load import SpecError, load
from guardline.spec.model import Spec
from guardline.spec.values import LOG_GROUP_DAYS

FOLDER = Path(__file__).parents[1] / "data" / "leaves"
BASES = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))

Steps = tuple[str | int, ...]


@dataclass(frozen=True)
class Change:
    """One leaf of a spec with another value.

    Attributes:
        base: the spec that is changed.
        leaf: as `guardline.spec.leaves` names it.
        what: what is done to it, for people.
        data: the changed spec.
    """

    base: str
    leaf: str
    what: str
    data: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.leaf}: {self.what} ({self.base})"


def spec_data(name: str, style: str) -> dict[str, Any]:
    """A spec in one of the two region styles."""
    data: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    if style == "alias":
        data["terraform"] |= {"aws_provider": 5, "region_style": "alias"}
        for key in ("ai_protection", "ai_analyst"):  # AWS provider 5 knows neither
            data.get("guardduty", {}).get("features", {}).pop(key, None)
    return data


def write(data: Mapping[str, Any], folder: Path, name: str = "guardline.yaml") -> Path:
    """Write a spec, with the files that it names beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in FOLDER.iterdir():
        if path.suffix != ".yaml" and not (folder / path.name).exists():
            shutil.copy(path, folder / path.name)
    path = folder / name
    path.write_text(yaml.safe_dump(dict(data), sort_keys=False, allow_unicode=True), "utf-8")
    return path


def places(data: Any, leaf: str) -> Iterator[Steps]:
    """Where a spec sets a leaf."""
    tokens = [token for part in leaf.split(".") for token in _tokens(part)]
    yield from _places(data, tokens, ())


def _tokens(part: str) -> tuple[str, ...]:
    return (part.removesuffix("[]"), "[]") if part.endswith("[]") else (part,)


def _places(value: Any, tokens: list[str], steps: Steps) -> Iterator[Steps]:
    if not tokens:
        if not isinstance(value, dict | list):
            yield steps
        return
    token, *rest = tokens
    if token == "[]" and isinstance(value, list):  # noqa: S105 - no secret
        for index, each in enumerate(value):
            yield from _places(each, rest, (*steps, index))
    elif token == "KEY" and isinstance(value, dict):  # noqa: S105 - no secret
        for key, each in value.items():
            yield from _places(each, rest, (*steps, key))
    elif isinstance(value, dict) and token in value:
        yield from _places(value[token], rest, (*steps, token))


def changes(name: str, data: Mapping[str, Any], leaf: str, folder: Path) -> Iterator[Change]:
    """The legal changes of a leaf in a spec, at the first place where it stands.

    Args:
        name: the spec's.
        data: the spec.
        leaf: the leaf.
        folder: where a spec can be written to be tried, beside the files that it names.
    """
    seen: set[str] = set()
    asked = load(write(data, folder))
    for steps in places(data, leaf):
        for kind, edits in _edits(leaf, _value(data, steps)).items():
            if kind in seen:
                continue
            for what, edit in edits:
                changed = copy.deepcopy(dict(data))
                edit(_value(changed, steps[:-1]), steps[-1])
                if _asks_other(changed, asked, folder):
                    seen.add(kind)
                    yield Change(name, leaf, what, changed)
                    break


def _value(data: Any, steps: Steps) -> Any:
    for step in steps:
        data = data[step]
    return data


Edit = Callable[[Any, Any], None]


def _edits(leaf: str, value: Any) -> dict[str, list[tuple[str, Edit]]]:
    """By kind of change, the edits to try until one is legal."""
    if leaf in _WHOLE:
        return {"other": [("as a whole otherwise", _WHOLE[leaf])]}
    others = list(dict.fromkeys(_others(leaf, value)))
    found: dict[str, list[tuple[str, Edit]]] = {}
    if isinstance(value, int) and not isinstance(value, bool):
        found["more"] = [
            (f"{value} -> {each}", _set(each)) for each in others if isinstance(each, int) and each > value
        ]
        found["less"] = [
            (f"{value} -> {each}", _set(each)) for each in others if isinstance(each, int) and each < value
        ]
    else:
        found["other"] = [(f"{value} -> {each}", _set(each)) for each in others]
    if leaf.endswith("[]"):
        found["one more"] = [(f"{each} added", _add(each)) for each in others]
        found["one less"] = [(f"{value} dropped", _drop)]
    else:
        found["left out"] = [(f"{value} left out", _drop)]
    return found


def _set(other: Any) -> Edit:
    def edit(parent: Any, step: Any) -> None:
        parent[step] = other

    return edit


def _add(other: Any) -> Edit:
    def edit(parent: Any, _step: Any) -> None:
        parent.append(other)

    return edit


def _drop(parent: Any, step: Any) -> None:
    del parent[step]


def _off(parent: Any, step: Any) -> None:
    reason = {"reason": "not wanted any more"} if parent.get("mode") != "off" else {"reason": "for another reason"}
    parent.clear()
    parent.update({step: "off", **reason})


def _elsewhere(*kept: str, **more: Any) -> Edit:
    """Logs that go to a log group instead."""

    def edit(parent: Any, step: Any) -> None:
        for key in [key for key in parent if key not in (*kept, step)]:
            del parent[key]
        parent.update({step: "cloudwatch-logs" if parent[step] != "cloudwatch-logs" else "s3", **more})

    return edit


def _govcloud(parent: Any, _step: Any) -> None:
    name, account = parent["name"], parent.get("account", {"id": "111122223333"})  # an organization has none
    parent.clear()
    parent.update(version=1, name=name, partition="aws-us-gov", home_region="us-gov-west-1", account=account)


def _all_opted_in(parent: Any, step: Any) -> None:
    parent["opted_in"] = [region.name for region in catalogue.regions("aws") if not region.default_enabled]
    del parent[step]


# Values that other fields hang on: what becomes of the block, or of the whole spec.
_WHOLE: Mapping[str, Edit] = {
    "partition": _govcloud,
    "regions.not_opted_in": _all_opted_in,
    "flow_logs.destination": _elsewhere("retention_days"),
    "dns_logs.destination": _elsewhere("retention_days"),
    "access.kind": lambda parent, step: (
        parent.update(
            {step: "identity-center"}
            | {name: ["1b2c3d4e-0000-4000-8000-a1b2c3d4e5f6"] for name in ("readers", "responders", "administrators")}
            | {"mfa": False, "identity_center": {"instance_arn": "arn:aws:sso:::instance/ssoins-1234567890abcdef"}}
        )
        or parent.pop("permissions_boundary", None)
    ),
    "guardduty.features.runtime_monitoring.enabled": lambda parent, step: (
        parent.clear() or parent.update({step: False})
    ),
    **dict.fromkeys(
        (
            "guardduty.export.mode",
            "flow_logs.mode",
            "dns_logs.mode",
            "trail.mode",
            "access.mode",
            "security_hub.mode",
            "config.mode",
            "response.mode",
            "tamper.mode",
        ),
        _off,
    ),
}

# What a value of a kind may be instead, where the schema's own words and a changed letter do not do.
_INSTEAD: Mapping[str, tuple[Any, ...]] = {
    "partition": ("aws-us-gov",),
    "home_region": ("us-east-1",),
    "fan_out.repository": ("..",),
    "terraform.required_version": (">= 1.7",),
    "organization.members_file": ("accounts-later.json",),
    "trusted_ips.file": ("trusted-later.txt",),
    "threat_ips[].file": ("threats-later.txt",),
    "inventory": ("later.json",),
    "inventory[]": ("later.json",),
    "flow_logs.format": ("${version} ${vpc-id} ${srcaddr} ${dstaddr}",),
    "dns_logs.deny_other_resolvers.allow[]": ("172.16.0.0/12",),
    "response.remediate.never[]": ("user/other-*",),
    "response.remediate.playbooks[].types[]": ("Backdoor:EC2/*", "Backdoor:EC2/Spambot"),
    "response.alerts.email[]": ("other@example.com",),
    "suppression[].match.KEY": ("Recon:EC2/PortProbeUnprotectedPort", "198.51.100.9", "222222222222"),
    "organization.id": ("o-exampleorgie",),
    "fan_out.github_actions.drift": ("18 5 * * *",),
    "access.identity_center.instance_arn": ("arn:aws:sso:::instance/ssoins-1234567890abcdee",),
    "tamper.targets[]": ("ou-ab12-11111111",),
    "suppression[].until": ("2098-12-31",),
    "regions.exclude[].until": ("2098-12-31",),
}


def _others(leaf: str, value: Any) -> Iterator[Any]:
    yield from _INSTEAD.get(leaf, ())
    if leaf.startswith("suppression[].match"):
        yield from (*_INSTEAD["suppression[].match.KEY"], 3, 6)
    for node in leaves()[leaf]:
        yield from (each for each in node.get("enum", ()) if each != value)
        if node.get("type") == "boolean":
            yield not value if isinstance(value, bool) else True
    if isinstance(value, bool):
        return
    if isinstance(value, int):
        yield from (each for each in (value + 1, value - 1) if each > 0)
        yield from LOG_GROUP_DAYS
        yield 600
    text = str(value)
    if re.fullmatch(r"[0-9]{12}", text):
        yield "777777777777"
    yield text.replace("111122223333", "777777777777")
    yield re.sub(r"([A-Za-z0-9*])$", "z", text)
    yield re.sub(r"[0-9a-f]$", "7", text)
    yield re.sub(r"([a-z0-9])([.]|$)", r"\1z\2", text, count=1)


def _asks_other(data: Mapping[str, Any], asked: Spec, folder: Path) -> bool:
    """Whether a changed spec is legal, and means something else than the one that was there."""
    try:
        return load(write(data, folder, "tried.yaml")) != asked
    except SpecError:
        return False
