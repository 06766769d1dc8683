"""Files for the engine that runs Terraform: every root a job of its own, in the order of the waves."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from guardline.generator import account_roles
from guardline.generator.changes import MARK, Folder, read
from guardline.generator.manifest import Manifest, RefusedError
from guardline.generator.root import Duty, Root

if TYPE_CHECKING:
    from guardline.spec.model import Spec

CHUNK = 256
"""Jobs that one matrix may have: https://docs.github.com/en/actions/reference/limits."""

CANARY = "canary"
"""The wave of the members that come before the others."""

APPROVAL = "approval"
"""The job that people approve before anything is applied."""

# https://github.com/aws-actions/configure-aws-credentials: the audience of China is another one.
AUDIENCES = {"aws-cn": "sts.amazonaws.com.cn"}

# By commit, for a tag can be moved: https://docs.github.com/en/actions/reference/security/secure-use
ACTIONS = {
    "checkout": "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2",
    "python": "actions/setup-python@a26af69be951a213d495a4c3e4e4022e16d87065 # v5.6.0",
    "upload": "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2",
    "download": "actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093 # v4.3.0",
    "terraform": "hashicorp/setup-terraform@b9cd54a3c349d3f38e8881555d616ced269862dd # v3.1.2",
    "credentials": "aws-actions/configure-aws-credentials@e3dd6a429d7300a6a4c196c26e071d42e0343502 # v4.0.2",
}

PURPOSE = "what runs Terraform"


@dataclass(frozen=True)
class Wave:
    """Roots that wait for nothing but the waves before, as far as one matrix takes them.

    Attributes:
        name: of the job in the workflow.
        step: its place in the order, from 1; the parts of a large wave have the same.
        after: the jobs that must have succeeded before.
        roots: the roots.
    """

    name: str
    step: int
    after: tuple[str, ...]
    roots: tuple[Root, ...]


def waves(roots: Sequence[Root]) -> tuple[Wave, ...]:
    """The roots by wave, in order. What a matrix of GitHub does not take is cut: the first part keeps the wave's name,
    so that a check which a branch asks for stays when the organization grows."""
    asked = roots[0].spec.fan_out
    workflow = asked.github_actions if asked is not None else None
    canaries = workflow.canaries if workflow is not None else ()
    first = tuple(root for root in roots if root.duty == "member" and root.account_id in canaries)
    order: tuple[Duty, ...] = ("account", *account_roles.WAVES)
    groups = [(str(duty), tuple(root for root in roots if root.duty == duty and root not in first)) for duty in order]
    groups.insert(order.index("member"), (CANARY, first))
    after: tuple[str, ...] = (APPROVAL,) if workflow is not None and workflow.approval is not None else ()
    found: list[Wave] = []
    for step, (name, members) in enumerate(((name, members) for name, members in groups if members), 1):
        parts = [members[start : start + CHUNK] for start in range(0, len(members), CHUNK)]
        names = [name, *(f"{name}-{part}" for part in range(2, len(parts) + 1))]
        found += [Wave(each, step, after, part) for each, part in zip(names, parts, strict=True)]
        after = (*after, *names)
    return tuple(found)


def job(root: Root) -> str:
    """A root's name among jobs, artifacts and projects."""
    return root.title if root.shared else root.folder.name or root.duty


def manifest(name: str) -> PurePosixPath:
    """The manifest of an environment's files: several environments may write into one repository's root."""
    return PurePosixPath(f".guardline-fan-out-{name}.json")


def folder(roots: Sequence[Root], root_folder: Path) -> Folder | None:
    """The repository's root with the engines' files; None where the spec asks for none.

    Args:
        roots: all of them.
        root_folder: the folder that they are in, or that is the one root.

    Raises:
        RefusedError: another environment already writes the file that there is only one of.
    """
    from guardline.generator.render import render_folder

    spec, spec_path = roots[0].spec, roots[0].spec_path
    asked = spec.fan_out
    if asked is None:
        return None
    repository = spec_path.parent / asked.repository
    where = _seen_from(repository, root_folder)
    modules = _seen_from(repository, root_folder / roots[0].folder / roots[0].modules)
    context: dict[str, Any] = {
        "spec": spec,
        "waves": waves(roots),
        "where": where,
        "shared": _is_shared(spec),
        "paths": [*_below(where), *(_below(modules) if ".." not in modules.parts else ())],
        "spec_file": _seen_from(repository, spec_path).as_posix(),
        "matrix": where / "roots.json",
        "job": job,
        "uses": ACTIONS,
        "audience": AUDIENCES.get(spec.partition, "sts.amazonaws.com"),
        "expression": lambda text: "${{ " + text + " }}",
    }
    rendered = render_folder("fan_out", context)
    files: dict[PurePosixPath, str] = {}
    if asked.github_actions is not None:
        workflows = PurePosixPath(".github/workflows")
        files[workflows / f"guardline-{spec.name}.yml"] = rendered[PurePosixPath("workflow.yml")]
        files[workflows / f"guardline-{spec.name}-root.yml"] = rendered[PurePosixPath("root.yml")]
        files[where / "roots.json"] = _matrix(roots, where)
    if asked.atlantis:
        _refuse_second(repository, spec.name)
        files[PurePosixPath("atlantis.yaml")] = rendered[PurePosixPath("atlantis.yaml")]
    return Folder(repository, PURPOSE, files, manifest(spec.name))


def left_behind(spec: Spec, spec_path: Path, kept: Folder | None) -> Iterator[Folder]:
    """What an earlier spec of this name wrote for engines at another place, from its own folder to the tree's root."""
    here = spec_path.parent.resolve()
    for parent in (here, *here.parents):
        there = read(parent / manifest(spec.name))
        if there is not None and (kept is None or kept.path.resolve() != parent):
            yield Folder(parent, PURPOSE, {}, manifest(spec.name))
        if (parent / ".git").exists() or parent == here.parent.parent:
            return


def _matrix(roots: Sequence[Root], where: PurePosixPath) -> str:
    """Wave -> the jobs of its matrix, one a line."""
    lines = [f'{{"comment": {json.dumps(f"{MARK} Do not edit: change the spec and run `guardline generate`.")},']
    lines.append(' "waves": {')
    found = waves(roots)
    for index, wave in enumerate(found):
        lines.append(f"  {json.dumps(wave.name)}: [")
        jobs = [json.dumps(_job(root, where)) for root in wave.roots]
        lines += [f"    {each}{',' if number < len(jobs) else ''}" for number, each in enumerate(jobs, 1)]
        lines.append("  ]" + ("," if index < len(found) - 1 else ""))
    return "\n".join([*lines, " }}"]) + "\n"


def _job(root: Root, where: PurePosixPath) -> dict[str, str | None]:
    found: dict[str, str | None] = {"name": job(root), "root": str(where / root.folder), "account": root.account_id}
    return found | ({"key": root.state_key} if _is_shared(root.spec) else {})


def _is_shared(spec: Spec) -> bool:
    return spec.organization is not None and spec.organization.layout == "shared"


def _below(folder: PurePosixPath) -> tuple[str, ...]:
    """What a workflow's path filter calls all that is in a folder of the repository."""
    return (str(folder / "**"),)


def _seen_from(repository: Path, path: Path) -> PurePosixPath:
    return PurePosixPath(Path(os.path.relpath(path.resolve(), repository.resolve())).as_posix())


def _refuse_second(repository: Path, name: str) -> None:
    """There is one atlantis.yaml in a repository: environments must not take turns in it."""
    for other in sorted(repository.glob(str(manifest("*")))):
        if other.name == str(manifest(name)):
            continue
        if PurePosixPath("atlantis.yaml") in Manifest.read(repository, read(other), PurePosixPath(other.name)).files:
            raise RefusedError(
                f"{repository / 'atlantis.yaml'} is that of another environment ({other.name}), and a repository has "
                "one: leave fan_out.atlantis out of one of the two specs"
            )
