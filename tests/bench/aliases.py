"""The alias style beside the barest root there is: what the generated Terraform itself costs when it is planned.

Every aliased provider is a process of its own, whoever writes the root. What can be held to account is that the
generated one starts no more of them than it configures, and that its modules cost next to nothing on top.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from guardline.generator.baseline import Baseline
from guardline.localaws import serve
from guardline.validator.demo import environment as demo
from guardline.validator.demo import override, plugins
from guardline.validator.demo.terraform import clean, command
from tests.bench.measure import Failed, Run
from tests.bench.table import Bar

PROVIDER = "terraform-provider-aws"
PLAN = "plan.json"
"""The generated root's plan as JSON: it is the demo's."""


@dataclass(frozen=True)
class Planned(Run):
    """A root that was planned; the memory is not measured, for it is the providers' own.

    Attributes:
        configured: provider configurations.
        processes: the most provider processes at one time.
    """

    configured: int
    processes: int


def bars(generated: Run, barest: Run) -> list[Bar]:
    """What the generated root is held to."""
    held = [Bar("alias style's plan, of the barest root's", generated.seconds / barest.seconds, 1.2, "×")]
    if isinstance(generated, Planned):
        allowed = generated.configured + 1
        held.append(Bar("provider processes at once, of those configured + 1", generated.processes / allowed, 1.0, "×"))
    return held


def take(work: Path, rounds: int = 3) -> tuple[Planned, Planned]:
    """Plan the generated root and the barest one in turn; the generated one first.

    Args:
        work: an empty or missing folder.
        rounds: how often each.

    Raises:
        Failed: Terraform does not end well.
    """
    shutil.rmtree(work, ignore_errors=True)
    generated, barest = work / "generated", work / "barest"
    with serve() as aws:
        Baseline.of(demo.prepare(generated, demo.choose("default"), aws.account)).write()
        override.write(generated)
        aliases: list[str] = re.findall(r'alias += "(\w+)"', (generated / "providers.tf").read_text(encoding="utf-8"))
        variables = aws.environment("us-east-1")
        run(generated, variables, "init", "-input=false")
        taken = [planned(generated, variables)]
        counts = dict.fromkeys(["", *aliases], 0)
        for provider in providers(generated):
            counts[provider] = counts.get(provider, 0) + 1
        barest.mkdir()
        (barest / "main.tf.json").write_text(json.dumps(flat(generated, counts)), encoding="utf-8")
        override.write(barest)
        run(barest, variables, "init", "-input=false")
        bare = [planned(barest, variables)]
        for _ in range(rounds - 1):
            taken.append(planned(generated, variables))
            bare.append(planned(barest, variables))
    return _fastest(taken, len(counts)), _fastest(bare, len(counts))


def _fastest(taken: list[tuple[float, int]], configured: int) -> Planned:
    seconds, processes = (list(each) for each in zip(*taken, strict=True))
    return Planned(min(seconds), 0, len(taken), configured, max(processes))


def providers(root: Path) -> Iterator[str]:
    """The provider alias of each resource and data source of the plan that was just made; "" for the unaliased one. The
    plan as JSON stays in the root's folder."""
    shown = subprocess.run(
        [*command(os.environ), "show", "-json", "p"],
        cwd=root,
        env=variables_for(root, {}),
        capture_output=True,
        check=True,
    )
    (root / PLAN).write_bytes(shown.stdout)
    plan = json.loads(shown.stdout)
    labels = set(plan["configuration"]["provider_config"])
    known = {key.partition(".")[2] for key in labels if key.startswith("aws.")}
    for change in plan["resource_changes"]:
        module = re.match(r"module\.(\w+)", change["address"])
        yield module[1] if module is not None and module[1] in known else ""


def flat(generated: Path, counts: Mapping[str, int]) -> dict[str, object]:
    """As many resources on as many providers, side by side in one file, each as small as can be."""
    blocks = re.findall(r'provider "aws" \{(.*?)\n\}', (generated / "providers.tf").read_text(), re.DOTALL)
    configured = [dict(re.findall(r'^  (alias|region) += "([\w-]+)"', block, re.MULTILINE)) for block in blocks]
    topics = {
        f"t{alias}_{number}": {"name": f"t{number}", **({"provider": f"aws.{alias}"} if alias else {})}
        for alias, count in counts.items()
        for number in range(count)
    }
    return {
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": ">= 5.100, < 6.0"}}},
        "provider": {"aws": configured},
        "resource": {"aws_sns_topic": topics},
    }


def planned(root: Path, variables: Mapping[str, str]) -> tuple[float, int]:
    """Plan once: seconds, and the most provider processes at one time."""
    began = time.perf_counter()
    most = run(root, variables, "plan", "-input=false", "-out=p")
    return time.perf_counter() - began, most


def run(root: Path, variables: Mapping[str, str], *arguments: str) -> int:
    """Run Terraform; the most provider processes below it at one time.

    Raises:
        Failed: it ends with an error.
    """
    log = root / "output.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command(os.environ), *arguments, "-no-color"],
            cwd=root,
            env=variables_for(root, variables),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        ended = threading.Event()
        most = [0]

        def watch() -> None:
            while not ended.wait(0.05):
                most[0] = max(most[0], children(process.pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        code = process.wait()
        ended.set()
        watcher.join()
    if code != 0:
        raise Failed(
            f"terraform {arguments[0]} in {root}:\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}"
        )
    return most[0]


def children(parent: int) -> int:
    """How many AWS provider processes a process has started and not seen end (Linux)."""
    count = 0
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = status.read_text()
        except OSError:
            continue
        name, rest = text[text.index("(") + 1 : text.rindex(")")], text[text.rindex(")") + 2 :].split()
        # The kernel cuts names to 15 characters.
        count += int(rest[1]) == parent and rest[0] != "Z" and PROVIDER.startswith(name)
    return count


def variables_for(root: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """What Terraform may see: the local AWS, and the provider from where this machine keeps it."""
    scratch = root / ".terraform"
    scratch.mkdir(exist_ok=True)
    return {
        **clean(os.environ),
        **plugins.environment(os.environ, Path.home(), scratch),
        "CHECKPOINT_DISABLE": "1",
        **variables,
    }
