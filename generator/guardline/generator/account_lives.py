"""What becomes of accounts: those that leave the spec, and those whose state would be looked for elsewhere.

The tree on disk shows which accounts an earlier spec covered. A root that is gone takes nothing out of AWS: its state
stays behind, and nobody plans with it any more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from guardline.generator import account_roles, accounts_file
from guardline.generator.changes import read
from guardline.generator.manifest import MANIFEST, Manifest, RefusedError
from guardline.generator.root import Root
from guardline.spec.accounts import closed, retiring

_ACCOUNT = re.compile(r'^  account_id = "(\d{12})"$', re.MULTILINE)
_KEY = re.compile(r'^    key +(?:= )"(.*)"$', re.MULTILINE)


@dataclass(frozen=True)
class Standing:
    """An account's root on disk.

    Attributes:
        account: its 12 digits.
        folder: the root's folder, seen from the spec's.
        key: of its state in the backend's bucket; None where the user keeps the backend.
    """

    account: str
    folder: PurePosixPath
    key: str | None

    def __str__(self) -> str:
        state = f"state {self.key}" if self.key is not None else "the state that its own backend has"
        return f"account {self.account}: root {self.folder}, {state}"


def standing(top: Path) -> tuple[Standing, ...]:
    """The accounts that an organization's tree covers, each by the root that holds what is its own.

    A root from which all has been taken away already, because its account was retiring, is not among them.

    Args:
        top: the folder that holds the roots.

    Raises:
        RefusedError: a manifest is damaged.
        OSError: a file cannot be read.
    """
    shared = sorted(top.glob(f"{account_roles.MEMBER}*/{accounts_file.NAME}"))
    folders = [top / "management", top / "security", *(file.parent for file in shared)]
    folders += sorted((top / "members").glob("*"))
    return tuple(found for folder in folders for found in _standing(top, folder))


def _standing(top: Path, folder: Path) -> Iterator[Standing]:
    manifest = Manifest.read(folder, read(folder / MANIFEST))
    if not manifest.files or (manifest.templates is not None and not manifest.holds):
        return
    place = PurePosixPath(folder.relative_to(top).as_posix())
    if accounts_file.NAME in manifest.files:
        yield from (Standing(each.id, place, each.key) for each in accounts_file.entries(folder))
        return
    account = _ACCOUNT.search(read(folder / "main.tf") or "")
    key = _KEY.search(read(folder / "versions.tf") or "")
    if account is not None:
        yield Standing(account[1], place, key[1] if key is not None else None)


def keep(roots: Sequence[Root], top: Path) -> None:
    """Refuse to leave an account's state behind.

    Args:
        roots: those that are to be written.
        top: the folder that holds them.

    Raises:
        RefusedError: an account has left the spec without a word, or its state would be looked for elsewhere.
        OSError: a file cannot be read.
    """
    spec, path = roots[0].spec, roots[0].spec_path
    there = standing(top)
    known = {root.account_id for root in roots} | {each.id for each in retiring(spec)} | set(closed(spec, path))
    gone = [each for each in there if each.account not in known]
    if gone:
        raise RefusedError(
            f"no longer in the spec, and orphaned without their roots:\n{_listed(gone)}\nWhat the baseline made there "
            "would stay in AWS, in a state that nobody plans with. Name each account under `organization.retiring` "
            "({id, name, mode: destroy, reason, approved_by}), apply, and take the line out then; mode forget leaves "
            "AWS as it is. If a root was never applied, use --force"
        )
    own = {root.account_id: root for root in reversed(roots) if root.regional or root.duty == "retiring"}
    moved = [(each, own[each.account]) for each in there if each.account in own and _moves(each, own[each.account])]
    if moved:
        lines = "\n".join(f"  {each} -> {_place(root)}" for each, root in moved)
        raise RefusedError(
            f"a state would be looked for elsewhere, and found empty:\n{lines}\nKeep the account's name, or move each "
            "state first (docs/organizations.md says how) and use --force"
        )


def _moves(there: Standing, root: Root) -> bool:
    """Whether Terraform would look elsewhere for the state; one without a backend of the spec's lies by its folder."""
    if there.key is None or root.state_key is None:
        return there.folder != root.folder
    return there.key != root.state_key


def _place(root: Root) -> str:
    return f"root {root.folder}" + (f", state {root.state_key}" if root.state_key is not None else "")


def leaving(roots: Sequence[Root], top: Path) -> Iterator[str]:
    """A sentence for each account of the tree that leaves: what becomes of what is there.

    Raises:
        RefusedError: a manifest is damaged.
        OSError: a file cannot be read.
    """
    spec, path = roots[0].spec, roots[0].spec_path
    if spec.organization is None:
        return
    modes = {each.id: each.mode for each in spec.organization.retiring}
    states = closed(spec, path)
    for each in standing(top):
        if modes.get(each.account) == "destroy":
            yield f"{each}: retiring, the next apply destroys what the baseline made there"
        elif each.account in modes:
            yield f"{each}: retiring, its root goes, and AWS keeps what there is; its state serves nobody any more"
        elif each.account in states:
            yield f"{each}: {states[each.account]} in AWS, its root goes; its state serves nobody any more"


def _listed(there: Sequence[Standing]) -> str:
    return "\n".join(f"  {each}" for each in there)
