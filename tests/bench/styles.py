"""The two region styles, from one region to all: what a plan takes, and how many provider processes it needs.

The argument style is planned with the stub provider: its figures are the stub's and Terraform's own, not provider 6's.
The alias style is planned with the real provider 5.100.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from guardline.localaws import serve
from guardline.spec import catalogue
from guardline.validator.demo import override
from tests.bench.aliases import Planned, planned, run
from tests.bench.measure import Run
from tests.bench.table import Bar
from tests.support.stub_roots import ENVIRONMENTS, roots, written
from tests.support.stubprovider import managed
from tests.support.stubprovider.server import attached

SERVED = [each for each in catalogue.regions("aws") if each.services.get("guardduty")]
REGIONS: Mapping[str, frozenset[str]] = {
    "one": frozenset(),  # the home region
    "default": frozenset(each.name for each in SERVED if each.default_enabled),
    "all": frozenset(each.name for each in SERVED),
}


def take(work: Path, rounds: int = 3) -> dict[str, Run]:
    """Plan the demo's environment in both styles.

    Args:
        work: an empty or missing folder.
        rounds: how often each.

    Raises:
        Failed: Terraform does not end well.
    """
    shutil.rmtree(work, ignore_errors=True)
    [environment] = [each for each in ENVIRONMENTS if each.name == "demo"]
    runs: dict[str, Run] = {}
    with serve() as aws, attached("argument", aws) as stub:
        for name, regions in REGIONS.items():
            [root] = roots(written(environment, work / name, 6, regions), stub)
            root.init()
            processes = started(root.folder, work / f"{name}-mirror", aws.environment())
            taken = [planned(root.folder, {**aws.environment(), **stub.variables}) for _ in range(rounds)]
            runs[f"stub {name}"] = Planned(min(each for each, _ in taken), 0, rounds, 1, processes)
        folder = written(environment, work / "alias", 5, REGIONS["one"]).root
        override.write(folder)
        run(folder, aws.environment(), "init", "-input=false")
        taken = [planned(folder, aws.environment()) for _ in range(rounds)]
        runs["alias one"] = Planned(min(each for each, _ in taken), 0, rounds, 1, max(most for _, most in taken))
    return runs


def started(root: Path, mirror: Path, variables: Mapping[str, str]) -> int:
    """The most processes of the stub at one time, when Terraform starts it itself."""
    copy = mirror.with_suffix(".root")
    shutil.copytree(root, copy, ignore=shutil.ignore_patterns(".terraform"))
    run(copy, variables, "init", "-input=false", f"-plugin-dir={managed.install(mirror)}")
    return run(copy, variables, "plan", "-input=false", "-out=p")


def bars(runs: Mapping[str, Run]) -> Iterable[Bar]:
    """What the argument style is held to."""
    one, every = runs["stub one"], runs["stub all"]
    yield Bar(
        f"argument style's plan (stub), {len(SERVED)} regions, of one", every.seconds / one.seconds, len(SERVED), "×"
    )
    if isinstance(every, Planned):
        yield Bar("argument style, provider processes at once, of one", every.processes, 1.0, "×")
