"""The demo's own environment: its folder, and the spec for the regions asked for."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from guardline.spec import catalogue
from guardline.spec.catalogue import Region

MARK = "# What `guardline demo` runs on a local AWS."
SPEC = "guardline.yaml"
LIST = "trusted-ips.txt"
# Addresses of public resolvers: a list must hold public ones, and these belong to nobody's office.
TRUSTED = "1.1.1.1\n9.9.9.9\n"
THREE = "us-east-1,eu-west-1,ap-east-1"
"""The home of global services, one more that is enabled by default, and one that is opted into."""
LEFT_OUT = 'reason: "not part of this demo", approved_by: demo, until: 2099-12-31'


class DemoError(Exception):
    """The demo cannot be run as asked; the message says what to change."""


def choose(asked: str) -> tuple[Region, ...]:
    """The regions to cover.

    Args:
        asked: `three` of them, `default` (those AWS enables by default), `all` (those the local AWS knows), or names
            with commas.

    Raises:
        DemoError: there is no such region, or none that can be the home region.
    """
    # Where botocore lists no service at all the local AWS, which lives by botocore's data, has nothing to answer with.
    served = [region for region in catalogue.regions("aws") if region.services.get("guardduty")]
    if asked == "all":
        return tuple(served)
    if asked == "three":
        asked = THREE
    if asked == "default":
        return tuple(region for region in served if region.default_enabled)
    names = [name.strip() for name in asked.split(",") if name.strip()]
    known = [region.name for region in served]
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else "; `guardline regions` lists them"
            raise DemoError(f"--regions: the demo cannot use {name!r}{hint}")
    chosen = tuple(region for region in served if region.name in names)
    if not any(region.default_enabled for region in chosen):
        raise DemoError(
            "--regions: one region at least must be enabled by default (us-east-1, eu-west-1, ...): the home"
        )
    return chosen


def home(chosen: Sequence[Region]) -> str:
    """The home region among those chosen: us-east-1 where it is one."""
    names = [region.name for region in chosen if region.default_enabled]
    return "us-east-1" if "us-east-1" in names else names[0]


def spec_text(chosen: Sequence[Region], account: str) -> str:
    """The spec, as a person would write it."""
    names = {region.name for region in chosen}
    opted_in = [region.name for region in chosen if not region.default_enabled]
    excluded = [r.name for r in catalogue.regions("aws") if r.default_enabled and r.name not in names]
    lines = [
        MARK,
        "version: 1",
        "name: demo",
        f"home_region: {home(chosen)}",
        "contacts: {owner: security@example.com}",
        "terraform:",
        "  aws_provider: 5",
        "  provider:",
        "    default_tags: {environment: demo, managed-by: terraform}",
        "regions:",
        *([f"  opted_in: [{', '.join(opted_in)}]"] if opted_in else []),
        "  not_opted_in: rest",
        *(["  exclude:"] if excluded else []),
        *(f"    - {{region: {name}, {LEFT_OUT}}}" for name in excluded),
        f'account: {{id: "{account}"}}',
        f"trusted_ips: {{file: {LIST}}}",
        "response:",
        "  alerts: {email: [soc@example.com]}",
        "  remediate: {mode: act, actions: [stop-instance]}",
        "",
    ]
    return "\n".join(lines)


def prepare(folder: Path, chosen: Sequence[Region], account: str) -> Path:
    """Make the demo's folder anew, with its spec and list.

    Returns:
        The spec's file.

    Raises:
        DemoError: the folder holds something else.
    """
    spec = folder / SPEC
    if folder.is_dir() and any(folder.iterdir()):
        if not spec.is_file() or not spec.read_text(encoding="utf-8", errors="replace").startswith(MARK):
            raise DemoError(f"{folder} is not empty, and not a folder of the demo; name another: guardline demo DIR")
        shutil.rmtree(folder)
    elif folder.exists() and not folder.is_dir():
        raise DemoError(f"{folder} is not a folder")
    folder.mkdir(parents=True, exist_ok=True)
    spec.write_text(spec_text(chosen, account), encoding="utf-8")
    (folder / LIST).write_text(TRUSTED, encoding="utf-8")
    return spec
