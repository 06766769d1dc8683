"""Measure, print the table, and with --write put it into docs/benchmarks.md.

Run as `make bench`. Figures of one run on one machine compare with each other and with nothing else.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.bench import aliases, organization, source, styles
from tests.bench.measure import Failed, Run, measure
from tests.bench.plan import write
from tests.bench.table import Bar, figures, render
from tests.bench.workloads import Parts, application, network

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
MARKED = re.compile(r"(<!-- figures -->\n).*(<!-- end of figures -->)", flags=re.DOTALL)
GUARDLINE = Path(sys.executable).parent / "guardline"
BAREST, SMALL, MIDDLE, LARGE = 160, 3_000, 30_000, 100_000
"""Resources of the plans; the barest holds the baseline and one stack, so that most of its time is start-up."""
BARE_JSON = "import json, sys; json.load(open(sys.argv[1], 'rb'))"
BARE_TYPER = """\
import typer

app = typer.Typer()


@app.command()
def one(name: str) -> None:
    "The first command."


@app.command()
def two(name: str) -> None:
    "The second command."


app()
"""


def main() -> int:
    """Measure everything and report it."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--checkov", type=Path, help="checkov's executable; without it checkov is not measured")
    parser.add_argument("--c7n-left", type=Path, help="c7n-left's executable; without it c7n-left is not measured")
    parser.add_argument("--work", type=Path, default=ROOT / ".work" / "bench", help="folder for plans and output")
    parser.add_argument("--write", action="store_true", help="update docs/benchmarks.md")
    options = parser.parse_args()
    if options.write and options.checkov is None:
        parser.error("--write needs --checkov: the page compares with it")
    options.work.mkdir(parents=True, exist_ok=True)
    try:
        runs, sizes = take(options.work, options.checkov, options.c7n_left)
    except Failed as failed:
        print(f"bench: {failed}", file=sys.stderr)
        return 1
    text = conditions(options.checkov) + "\n\n" + render(figures(runs, sizes), bars(runs, sizes))
    print(text)
    if options.write:
        page, found = MARKED.subn(lambda marks: f"{marks[1]}{text}\n{marks[2]}", PAGE.read_text(encoding="utf-8"))
        if found != 1:
            print(f"bench: {PAGE} has lost its figures marks", file=sys.stderr)
            return 1
        PAGE.write_text(page, encoding="utf-8")
    return 0


def take(work: Path, checkov: Path | None, c7n_left: Path | None) -> tuple[dict[str, Run], dict[int, int]]:
    """Take all measurements; also the plans' sizes in bytes, by number of resources."""
    log = work / "output.txt"
    bare = work / "bare.py"
    bare.write_text(BARE_TYPER, encoding="utf-8")
    compile_all()
    plans = {
        count: written(work / f"plan-{count}.json", count, application) for count in (BAREST, SMALL, MIDDLE, LARGE)
    }
    networks = written(work / f"networks-{SMALL}.json", SMALL, network)

    runs = {}
    note("start-up")
    runs["bare typer"] = measure([sys.executable, bare, "--help"], log, rounds=9)
    runs["help"] = measure([GUARDLINE, "--help"], log, rounds=9)
    runs[f"validate {BAREST}"] = measure([GUARDLINE, "validate", plans[BAREST]], log, rounds=9)
    for count, rounds in ((SMALL, 7), (MIDDLE, 3), (LARGE, 3)):
        note(f"{count:,} resources")
        runs[f"json {count}"] = measure([sys.executable, "-c", BARE_JSON, plans[count]], log, rounds=rounds)
        runs[f"validate {count}"] = measure([GUARDLINE, "validate", plans[count]], log, rounds=rounds)
    note("generate")
    spec, out = work / "guardline.yaml", work / "root"
    shutil.copytree(Path(__file__).parent / "environment", work, dirs_exist_ok=True)
    runs["generate"] = measure(
        [GUARDLINE, "generate", spec, "--out", out], log, before=lambda: shutil.rmtree(out, ignore_errors=True)
    )
    note("terraform plan, a provider for each region")
    runs["plan generated"], runs["plan barest"] = aliases.take(work / "aliases")
    note("the demo's plan")
    runs["demo"] = measure(demo_command(work / "aliases" / "generated"), log, rounds=9)
    note("terraform plan, from one region to all, in both styles")
    runs |= styles.take(work / "styles")
    runs["validate networks"] = measure([GUARDLINE, "validate", networks], log, rounds=7)
    note("trees of source (python-hcl2 alone takes half a minute)")
    runs |= source.take(work / "source", checkov, c7n_left)
    note("an organization of 203 accounts, and of 1,003 (some minutes)")
    runs |= organization.take(work / "organization", GUARDLINE)
    if checkov is not None:
        for name, plan in (("checkov", plans[SMALL]), ("checkov networks", networks)):
            note(f"{name} (a minute or two)")
            # As people run it, every framework and every check, but for its guides, which it would fetch.
            scan: list[str | Path] = [checkov, "--file", plan, "--compact", "--quiet", "--skip-download"]
            runs[name] = measure(scan, log, rounds=1, ends_with=(0, 1))
    return runs, {count: plan.stat().st_size for count, plan in plans.items()}


def demo_command(root: Path) -> list[str | Path]:
    """Judge the plan that the demo makes in 17 regions, by its spec, as the demo does."""
    return [GUARDLINE, "validate", root / aliases.PLAN, "--spec", root / "guardline.yaml"]


def compile_all() -> None:
    """Compile the modules, as installing a wheel does: a checkout may lack it where Python may not write."""
    folders = [ROOT / "generator", ROOT / "validator"]
    subprocess.run([sys.executable, "-m", "compileall", "-q", *folders], cwd=ROOT, check=True)


def written(path: Path, count: int, parts: Parts) -> Path:
    """A plan of so many resources."""
    note(f"writing {path.name}")
    write(path, count, parts)
    return path


def bars(runs: dict[str, Run], sizes: dict[int, int]) -> list[Bar]:
    """What the project holds itself to, beside what was measured."""
    barest, small, large = (runs[f"validate {count}"] for count in (BAREST, SMALL, LARGE))
    growth = (large.seconds - barest.seconds) / (small.seconds - barest.seconds)
    held = [
        Bar(f"validate {SMALL:,} resources", small.seconds, 1.0, "s"),
        Bar(f"growth to {LARGE:,} resources", growth, 1.3 * (LARGE - BAREST) / (SMALL - BAREST), "×"),
        Bar(f"peak memory at {sizes[LARGE] / 1e6:.0f} MB, of the file", large.peak / sizes[LARGE], 2.0, "×"),
        Bar("guardline --help, of a bare Typer program", runs["help"].seconds / runs["bare typer"].seconds, 1.5, "×"),
        Bar("generate, all regions", runs["generate"].seconds, 1.0, "s"),
        Bar("validate the demo's plan, from cold start to verdict", runs["demo"].seconds, 0.3, "s"),
    ]
    held += aliases.bars(runs["plan generated"], runs["plan barest"])
    held += styles.bars(runs)
    held += source.bars(runs)
    held += organization.bars(runs)
    for plan in ("", " networks") if "checkov" in runs else ():
        mine = runs["validate networks"] if plan else small
        faster = runs[f"checkov{plan}"].seconds / mine.seconds
        what = f"checkov's time, of validate's, {SMALL:,} resources{plan and ' of networks'}"
        held.append(Bar(what, faster, 100.0, "×", at_least=True))
    return held


def conditions(checkov: Path | None) -> str:
    """The machine, the versions and the day."""
    tools = [f"guardline {version('guardline')}", f"Python {platform.python_version()}"]
    if checkov is not None:
        answer = subprocess.run([checkov, "--version"], capture_output=True, text=True, check=True, timeout=120)
        tools.append(f"checkov {answer.stdout.strip()}")
    return f"Measured on {datetime.now(UTC).date()}: {os.cpu_count()} cores, {platform.machine()}; {', '.join(tools)}."


def note(what: str) -> None:
    """Say on stderr what is going on."""
    print(f"bench: {what} ...", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
