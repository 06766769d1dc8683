"""Hold two versions of guardline to the same results: `python -m tests.compare_results save DIR`, then `compare DIR`.

`save` judges every example environment, every plan of tests/data and, with --cases, every row of a folder's
expect.json, and keeps the JSON results. `compare` judges them again and prints each cell that differs. Used whenever
code moves and no verdict should: with --words only what people read may differ (reason, title, fix and messages).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
GUARDLINE = Path(sys.executable).parent / "guardline"
ALWAYS = {"generated_at", "tool", "catalogue"}
"""Fields that differ between any two versions or runs."""
WORDS = {"reason", "title", "fix", "message", "note"}
"""Fields that only people read."""


def runs(cases: Path | None) -> Iterator[tuple[str, list[str]]]:
    """The name and the arguments of each run, without --format."""
    for spec in sorted((ROOT / "environments").glob("*/guardline.yaml")):
        home = spec.parent
        roots = sorted({file.parent for file in home.rglob("versions.tf") if file.parent.name != "suppression"})
        names = [root.relative_to(ROOT).as_posix() for root in roots]
        with_spec = ["--spec", spec.relative_to(ROOT).as_posix()]
        yield f"{home.name}-spec", [*names, *with_spec]
        yield f"{home.name}-bare", names
    for plan in sorted((ROOT / "tests" / "data").glob("*/*.json")):
        name = plan.relative_to(ROOT).as_posix()
        yield f"{plan.parent.name}-{plan.stem}-bare", [name]
        beside = plan.parent / "guardline.yaml"
        if beside.exists():
            yield f"{plan.parent.name}-{plan.stem}-spec", [name, "--spec", beside.relative_to(ROOT).as_posix()]
    rows = json.loads((cases / "expect.json").read_text(encoding="utf-8")) if cases is not None else []
    for number, row in enumerate(rows):
        args = [
            arg.replace("{case}", f"{cases}/{row['case']}") for arg in row["args"] if arg not in ("--format", "json")
        ]
        yield f"case-{number:03}-{row['case']}", args[1:]


def judge(args: list[str]) -> dict[str, Any]:
    """The result of one run as plain data; the message, where there is no result."""
    command = [str(GUARDLINE), "validate", *args, "--format", "json", "--as-of", "2026-11-30"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False, env={**os.environ, "NO_COLOR": "1"}
    )
    try:
        result: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        result = {"message": done.stderr}
    return {**result, "exit": done.returncode}


def without(value: Any, fields: set[str]) -> Any:
    """The data without those fields, at any depth."""
    if isinstance(value, dict):
        return {key: without(each, fields) for key, each in value.items() if key not in fields}
    return [without(each, fields) for each in value] if isinstance(value, list) else value


def differences(name: str, old: Mapping[str, Any], new: Mapping[str, Any], fields: set[str]) -> Iterator[str]:
    """A line for each cell and each other field that differs."""
    old, new = without(old, fields), without(new, fields)
    then = {cell["id"]: cell for cell in old.get("cells", ())}
    now = {cell["id"]: cell for cell in new.get("cells", ())}
    for key in sorted(then.keys() | now.keys()):
        before, after = then.get(key), now.get(key)
        if before != after:
            cell = after or before or {}
            where = " ".join(str(cell[field]) for field in ("control", "account", "region", "subject") if cell[field])
            changed = (
                {field: (before.get(field), after.get(field)) for field in after if before.get(field) != after[field]}
                if before and after
                else {"verdict": (before and before["verdict"], after and after["verdict"])}
            )
            yield f"{name}: {where}: {changed}"
    if [cell["id"] for cell in old.get("cells", ())] != [cell["id"] for cell in new.get("cells", ())] and (
        then.keys() == now.keys()
    ):
        yield f"{name}: the cells are in another order"
    for field in sorted((old.keys() | new.keys()) - {"cells"}):
        if old.get(field) != new.get(field):
            yield f"{name}: {field}: {old.get(field)} is now {new.get(field)}"


def main() -> int:
    """Save or compare; 1 where something differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.compare_results", description=__doc__)
    parser.add_argument("action", choices=["save", "compare"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cases", type=Path, help="a folder with an expect.json of further runs")
    parser.add_argument("--words", action="store_true", help="what people read may differ")
    options = parser.parse_args()
    named = list(runs(options.cases))
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(judge, [args for _, args in named]))
    options.folder.mkdir(parents=True, exist_ok=True)
    found: list[str] = []
    for (name, _), result in zip(named, results, strict=True):
        file = options.folder / f"{name}.json"
        if options.action == "save":
            file.write_text(json.dumps(result), encoding="utf-8")
        else:
            old = json.loads(file.read_text(encoding="utf-8"))
            found += differences(name, old, result, ALWAYS | (WORDS if options.words else set()))
    print("\n".join([*found, f"{len(named)} results, {len(found)} differences"]))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
