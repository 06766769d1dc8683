"""`guardline generate`, killed at random points, and two runs at once: the tree is one spec's, whole."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from guardline.generator.write import STAGING

Tree = dict[str, bytes]

# Two specs for one folder: other practices, so other files and modules, and other texts in most of the rest.
HEAD = """\
version: 1
name: survives
home_region: eu-west-1
terraform: {aws_provider: 5}
regions: {not_opted_in: rest}
account: {id: "111122223333"}
"""
SPECS = {
    "one": HEAD + 'trail: {bucket: survives-trail}\nflow_logs: {mode: "off", reason: a test}\n',
    "two": HEAD + 'trail: {mode: "off", reason: a test}\nflow_logs: {bucket: survives-flow-logs}\n',
}


def start(spec: Path, out: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "guardline.cli", "generate", str(spec), "--out", str(out)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", start_new_session=True
    )


def finish(run: subprocess.Popen[str]) -> str:
    """Wait for a run that must go well; what it said on standard error."""
    _, said = run.communicate(timeout=120)
    assert run.returncode == 0, said
    return said


def tree(out: Path, *, with_leftovers: bool = True) -> Tree:
    """Every file below a folder; without what a killed run had not renamed yet, which is no part of the tree."""
    files = [each for each in out.rglob("*") if each.is_file() and (with_leftovers or STAGING not in each.parts)]
    return {each.relative_to(out).as_posix(): each.read_bytes() for each in files}


class Place:
    """One folder, the two specs for it, and the two trees that it may be."""

    def __init__(self, folder: Path) -> None:
        self.out = folder / "out"
        self.specs: dict[str, Path] = {}
        self.trees: dict[str, Tree] = {}
        for name, text in SPECS.items():
            self.specs[name] = folder / name / "guardline.yaml"
            self.specs[name].parent.mkdir()
            self.specs[name].write_text(text, encoding="utf-8")
            finish(start(self.specs[name], folder / f"{name}-alone"))
            self.trees[name] = tree(folder / f"{name}-alone")
        assert len(self.trees["one"].keys() ^ self.trees["two"].keys()) > 10

    def kill_one(self, number: int, chance: random.Random) -> None:
        """Turn the folder over to the other spec, kill that, look, and run again: mostly the same, or another one."""
        there, other = ("one", "two") if number % 2 else ("two", "one")
        finish(start(self.specs[there], self.out))
        run = start(self.specs[other], self.out)
        if chance.random() < 0.75:  # where files are written, which is a small part of a run
            while run.poll() is None and not any((self.out / place / STAGING).exists() for place in (".", "modules")):
                time.sleep(0.0005)
            time.sleep(chance.random() * 0.05)
        else:
            time.sleep(chance.random() * 0.6)
        run.kill()
        run.communicate(timeout=60)
        assert run.returncode in (0, -signal.SIGKILL)
        time.sleep(0.05)  # the renames that had begun are through long before
        assert tree(self.out, with_leftovers=False) in (self.trees[there], self.trees[other]), "mixed"
        again = other if chance.random() < 0.75 else there
        finish(start(self.specs[again], self.out))
        assert tree(self.out) == self.trees[again]
        assert not list(self.out.rglob(STAGING))

    def run_both(self) -> None:
        """Two runs at once: both go well, and the tree is that of one of them."""
        for run in [start(spec, self.out) for spec in self.specs.values()]:
            finish(run)
        assert tree(self.out) in self.trees.values(), "mixed"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("survives"))


def test_killed_at_random_points(place: Place) -> None:
    chance = random.Random(1)  # noqa: S311 - where to kill, the same every time
    for number in range(2):
        place.kill_one(number, chance)


def test_two_at_once(place: Place) -> None:
    place.run_both()


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_500_kills(place: Place, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - where to kill
    for number in range(50):
        place.kill_one(number, chance)


@pytest.mark.long
def test_100_pairs(place: Place) -> None:
    for _ in range(100):
        place.run_both()
