"""What an earlier Guardline generated, kept as an archive for the tests of an upgrade.

`python -m tests.support.earlier COMMIT` records that commit's environments with that commit's own generator, into
`tests/data/earlier/`. The archive is committed: a shallow clone has no earlier commit. Do it at each release, from the
release's commit, and keep the older archives as long as roots of that age may be about.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from guardline.generator import fan_out
from guardline.generator.changes import read
from guardline.generator.manifest import MANIFEST, sha256
from guardline.spec import catalogue

ARCHIVES = Path(__file__).parents[1] / "data" / "earlier"
ENVIRONMENTS = ("everything", "organization")
ACCOUNT = "123456789012"
# Home, one that must be opted in, and the one in which AWS records the calls of its global services.
REGIONS = ("eu-south-1", "eu-west-1", "us-east-1")
_GENERATE = (
    "from guardline.generator.baseline import Baseline; from pathlib import Path; Baseline.of(Path({!r})).write()"
)


def archives() -> tuple[Path, ...]:
    """The archives there are, the oldest first."""
    return tuple(sorted(ARCHIVES.glob("*.tar.xz")))


def unpack(archive: Path, environment: str, folder: Path, names: Mapping[str, str] | None = None) -> Path:
    """Write an environment as it was generated into a folder; its spec's path.

    Args:
        archive: of `archives`.
        environment: of ENVIRONMENTS.
        folder: where it goes.
        names: text -> what stands in its place, in every file: ids that AWS gave.
    """
    with tarfile.open(archive, "r:xz") as held:
        for entry in held:
            place, _, path = entry.name.partition("/")
            content = held.extractfile(entry)
            if place != environment or content is None:
                continue
            text = content.read().decode("utf-8", "surrogateescape")  # one is an archive
            for old, new in (names or {}).items():
                text = text.replace(old, new)
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode("utf-8", "surrogateescape"))
    if names:
        _sign(folder)
    return folder / "guardline.yaml"


def _sign(folder: Path) -> None:
    """Let each manifest say what its files hold now."""
    engines = folder.glob(fan_out.manifest("*").name)
    for path in (*folder.rglob(MANIFEST.name), *engines):
        content = json.loads(path.read_text(encoding="utf-8"))
        texts = {name: read(path.parent / name) for name in content["files"]}  # the modules' tests are not there
        content["files"] = {name: sha256(text) for name, text in texts.items() if text is not None}
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def record(commit: str) -> Path:
    """Make the archive of a commit's environments."""
    root = Path(__file__).parents[2]
    form = ("--format=%cd-%h", "--date=format-local:%Y-%m-%dT%H%M")
    dated = _git(root, "show", "--no-patch", *form, commit).decode().strip()
    with tempfile.TemporaryDirectory() as scratch:
        old = Path(scratch)
        with tarfile.open(fileobj=io.BytesIO(_git(root, "archive", commit))) as tree:
            tree.extractall(old, filter="data")
        for environment in ENVIRONMENTS:
            _generated(old, environment)
        ARCHIVES.mkdir(parents=True, exist_ok=True)
        path = ARCHIVES / f"{dated}.tar.xz"
        with tarfile.open(path, "w:xz") as held:
            for file in sorted((old / "made").rglob("*")):
                if file.is_file() and "tests" not in file.parts:  # the modules' own: nothing is applied of them
                    entry = tarfile.TarInfo(file.relative_to(old / "made").as_posix())
                    entry.size = file.stat().st_size
                    with file.open("rb") as content:
                        held.addfile(entry, content)
    return path


def _generated(old: Path, environment: str) -> None:
    """Generate an environment of an earlier tree with that tree's own code: alias style, own modules, three regions."""
    source = old / "environments" / environment
    folder = old / "made" / environment
    folder.mkdir(parents=True)
    for path in source.glob("*.txt"):
        (folder / path.name).write_bytes(path.read_bytes())
    content: dict[str, Any] = yaml.safe_load((source / "guardline.yaml").read_text(encoding="utf-8"))
    tags = content["terraform"]["provider"]["default_tags"]
    content["terraform"] = {"aws_provider": 5, "provider": {"default_tags": tags}}
    excuse = {"reason": "not looked at here", "approved_by": "the tests", "until": "2999-12-31"}
    known = catalogue.regions("aws")
    content["regions"] = {
        "opted_in": [each.name for each in known if each.name in REGIONS and not each.default_enabled],
        "not_opted_in": "rest",
        "exclude": [
            {"region": each.name, **excuse} for each in known if each.default_enabled and each.name not in REGIONS
        ],
    }
    if "account" in content:
        content["account"] = {"id": ACCOUNT}
    else:
        content["organization"] |= {"canary_region": "us-east-1", "members": content["organization"]["members"][:1]}
    spec = folder / "guardline.yaml"
    # A file's own folder would be looked through for the packages first: `-P`, and the earlier tree by PYTHONPATH.
    spec.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    packages = os.pathsep.join(str(old / part) for part in ("generator", "validator"))
    command = [sys.executable, "-P", "-c", _GENERATE.format(str(spec))]
    subprocess.run(command, cwd=old, env={**os.environ, "PYTHONPATH": packages}, check=True, timeout=120)


def _git(root: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, timeout=60).stdout


if __name__ == "__main__":
    print(record(sys.argv[1]))
