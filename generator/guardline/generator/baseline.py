"""A spec and the folders that its Terraform belongs in: the root, and the modules it uses."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from guardline.generator import account_lives, account_roles, dropped, fan_out, role_templates
from guardline.generator.accounts_file import accounts_file
from guardline.generator.assumed_absent import assumed_absent
from guardline.generator.changes import Change, Folder, compare, read
from guardline.generator.context import folders_of, parts_of, root_context, roots_of
from guardline.generator.dropped import holds
from guardline.generator.lock import locked
from guardline.generator.manifest import MANIFEST, Manifest, RefusedError
from guardline.generator.practices.lists import ROLE_POLICY, role_policy
from guardline.generator.render import render_modules, render_root, render_top
from guardline.generator.root import Duty, Root
from guardline.generator.upgrades import TEMPLATES, upgrade_line
from guardline.generator.write import write
from guardline.spec.load import load
from guardline.spec.model import Spec
from guardline.spec.regions import REST
from guardline.spec.terraform import Terraform

Context = dict[str, Any]

_OWN = "the modules of this root"
_PURPOSE: Mapping[Duty, str] = {
    "account": "the root",
    "management": "the root of the management account",
    "security": "the root of the security account",
    "organization": "the root of the organization's settings",
    "member": "the root of a member account",
    "retiring": "the root of a member account",
    "hub-members": "the root of Security Hub's members",
    "trail-bucket": "the root of the trail's bucket",
}
_SINGLE: tuple[Duty, ...] = ("management", "security", "organization", "hub-members", "trail-bucket")
"""The roots that stand once, in a folder of that name."""


@dataclass(frozen=True)
class Baseline:
    """What a spec becomes.

    Attributes:
        spec: the spec.
        spec_path: its file.
        root: the root's folder; under an organization, the folder that holds the roots.
        roots: the roots.
        folders: each folder with its files: the modules first, the engines' last.
        losses: sentences about what the next apply destroys because the spec no longer names it.
        upgrade: a sentence about what the next apply changes because newer templates write the roots.
    """

    spec: Spec
    spec_path: Path
    root: Path
    roots: tuple[Root, ...]
    folders: tuple[Folder, ...]
    losses: tuple[str, ...] = ()
    upgrade: str | None = None

    @staticmethod
    def of(spec_path: Path, out: Path | None = None) -> Baseline:
        """Render a spec.

        Args:
            spec_path: the spec's file.
            out: the root's folder; None is the spec's own.

        Raises:
            SpecError: the spec has mistakes.
            ListError: a list changed while it was read.
            RefusedError: the folders cannot be what the spec says.
        """
        spec = load(spec_path)
        root = out if out is not None else spec_path.parent
        shared = spec.terraform.modules
        modules = root / "modules" if shared is None else spec_path.parent / shared
        if modules.resolve() == root.resolve():
            raise RefusedError(f"{modules} is the root's own folder: terraform.modules needs another one")
        roots = tuple(roots_of(spec, spec_path, lambda place: _source(root / place, modules)))
        codes = folders_of(roots)
        contexts = [root_context(each) for each in codes]
        files = [
            render_root(context) | accounts_file(each, roots) for each, context in zip(codes, contexts, strict=True)
        ]
        folders = [_modules(modules, spec.terraform, contexts)]
        if spec.organization is not None:
            folders.append(
                Folder(root, "what belongs to no single root", render_top(roots) | role_templates.files(roots))
            )
        folders += [
            Folder(root / each.folder, _PURPOSE[each.duty], texts, holds=holds(each), templates=TEMPLATES)
            for each, texts in zip(codes, files, strict=True)
        ]
        losses = (*dropped.losses(codes, folders[-len(codes) :]), *account_lives.leaving(roots, root))
        upgrade = upgrade_line(codes, folders[-len(codes) :])
        engines = fan_out.folder(roots, root)
        if engines is not None:
            folders.append(engines)
        return Baseline(spec, spec_path, root, roots, tuple(folders), losses, upgrade)

    def compare(self) -> tuple[Change, ...]:
        """What `write` would change; the errors are those of `guardline.generator.changes.compare`."""
        return compare(self._with_left_behind())

    def write(self, *, force: bool = False, tell: Callable[[str], None] = lambda _: None) -> tuple[Change, ...]:
        """Bring the folders in step, one run at a time.

        Args:
            force: overwrite generated files that were edited by hand.
            tell: is given a sentence where another run has to be waited for.

        Raises:
            RefusedError: something of the user's would be lost, or another run does not end; nothing was written.
            OSError: a file cannot be written; what was changed before it was changed back.
        """
        # Every other folder is below one of these.
        with locked((self.root, self.folders[0].path, self.folders[-1].path), tell):
            if not force:
                account_lives.keep(self.roots, self.root)
                self._same_provider()
                self._keep_providers()
                self._keep_trail_bucket()
                self._keep_role_policy()
            return write(self._with_left_behind(), force=force)

    def _with_left_behind(self) -> tuple[Folder, ...]:
        """The folders, and those of an earlier spec: which there are is seen when it counts, not before."""
        engines = next((folder for folder in self.folders if folder.purpose == fan_out.PURPOSE), None)
        folders = [*self.folders, *fan_out.left_behind(self.spec, self.spec_path, engines)]
        return (*folders, *_left_behind(self.root, {folder.path.resolve() for folder in folders}))

    def expired(self, today: date) -> Iterator[str]:
        """A sentence for each exclusion and suppression rule whose date has passed. It is still generated: dropping it
        is a decision."""
        for exclusion in self.spec.regions.exclude:
            if exclusion.until < today:
                left_out = "the rest" if exclusion.region == REST else exclusion.region
                yield f"regions.exclude: {left_out} was to be looked at again by {exclusion.until}"
        for rule in self.spec.suppression:
            if rule.until < today:
                yield f"suppression: {rule.name} was to hold until {rule.until}; `guardline validate` fails it"

    def absent(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each account, and what must not exist there yet; the first member stands for all.

        Raises:
            ListError: a list cannot be read.
        """
        spoken: set[Duty] = set()
        for root in self.roots:
            found = assumed_absent(root, parts_of(root).values()) if root.duty not in spoken else ()
            spoken.add(root.duty)
            if found:
                yield ("each member" if root.duty == "member" else root.account_id), found

    def _keep_role_policy(self) -> None:
        """Refuse lists that GuardDuty's role could not read: its policy would be too long."""
        for root in self._with_lists():
            least, _ = role_policy(root)
            if least > ROLE_POLICY:
                raise RefusedError(
                    f"trusted_ips and threat_ips: {_many_lists(root)} make the policy of GuardDuty's service-linked "
                    f"role at least {least:,} characters long, and IAM takes {ROLE_POLICY:,}: put the addresses into "
                    "fewer lists, under shorter names (or use --force)"
                )

    def long_role_policies(self) -> Iterator[str]:
        """A sentence where the policy of GuardDuty's service-linked role may become too long for the lists."""
        for root in self._with_lists():
            least, most = role_policy(root)
            if least <= ROLE_POLICY < most:
                yield (
                    f"trusted_ips and threat_ips: {_many_lists(root)} make the policy of GuardDuty's service-linked "
                    f"role {least:,} to {most:,} characters long, and IAM takes {ROLE_POLICY:,}; fewer lists are safer"
                )

    def _with_lists(self) -> Iterator[Root]:
        return (root for root in self.roots if root.duty in account_roles.PARTS["lists"])

    def _keep_providers(self) -> None:
        """Refuse to take a provider away whose resources are still in the state: no plan would run."""
        gone = sorted(
            {name for root in folders_of(self.roots) for name in dropped.stranded(root, self.root / root.folder)}
        )
        if gone:
            names = ", ".join(gone)
            raise RefusedError(
                f"{names}: covered by the root that is there, and no longer in the spec. Terraform cannot plan without "
                "the provider of resources that are in its state. Name each under `regions.retiring` first (mode "
                "forget keeps its resources in AWS, mode destroy deletes them), apply, and exclude it then. If the "
                "root was never applied, use --force"
            )

    def _keep_trail_bucket(self) -> None:
        """Refuse to move the trail to another account's bucket while the old one is in the trail's own state."""
        if any(dropped.leaves_its_bucket(root, self.root / root.folder) for root in self._of("management")):
            raise RefusedError(
                "trail.bucket_in: the trail of the management account has its bucket there, and the next apply would "
                "delete that bucket's key (after 30 days nothing it encrypted can be read). Leave `bucket_in` out. To "
                "move, take both out of the state first, so that AWS keeps them: `terraform state rm "
                "module.trail.module.bucket module.trail.aws_kms_key.this`; then, or if the root was never applied, "
                "use --force"
            )

    def _of(self, duty: Duty) -> Iterator[Root]:
        return (root for root in self.roots if root.duty == duty)

    def _same_provider(self) -> None:
        """Refuse to turn modules that other roots share into those of another provider version."""
        shared = self.folders[0]
        there = Manifest.read(shared.path, read(shared.path / MANIFEST)).purpose
        if there not in ("", _OWN, shared.purpose):
            raise RefusedError(
                f"{shared.path} holds {there}, and the spec needs {shared.purpose}: name another folder in "
                "terraform.modules, or turn them over with --force"
            )


def _modules(folder: Path, terraform: Terraform, contexts: Sequence[Context]) -> Folder:
    """The modules: what the roots, which are rendered, use of them, or all where other specs share them."""
    provider, style = terraform.aws_provider, terraform.style
    if terraform.modules is None:
        used = frozenset[str]().union(*(context["uses"] for context in contexts))
        called = set[str]().union(*(context["source"].names for context in contexts))
        return Folder(folder, _OWN, render_modules(provider, style, used, called))
    usual = style == ("argument" if provider == 6 else "alias")
    kind = f"AWS provider {provider}" if usual else f"AWS provider {provider}, {style} style"
    return Folder(folder, f"modules for {kind}", render_modules(provider, style))


def _many_lists(root: Root) -> str:
    lists = len(root.spec.threat_ips) + (root.spec.trusted_ips is not None)
    return f"{lists} lists in {len(root.regions)} regions"


def _source(root: Path, modules: Path) -> str:
    """The modules' folder as a ``source`` in the root names it."""
    source = PurePosixPath(Path(os.path.relpath(modules.resolve(), root.resolve())).as_posix())
    return str(source) if source.parts[0] == ".." else f"./{source}"


def _left_behind(root: Path, kept: Collection[Path]) -> Iterator[Folder]:
    """What an earlier spec had written and this one does not want: its own modules, accounts that have left."""
    places = [("modules", _OWN), *((duty, _PURPOSE[duty]) for duty in _SINGLE)]
    there = [(root / name, purpose) for name, purpose in places]
    there.append((root / account_roles.RETIRING, _PURPOSE["member"]))
    there += [(folder, _PURPOSE["member"]) for folder in sorted(root.glob(f"{account_roles.MEMBER}*"))]
    there += [(folder, _PURPOSE["member"]) for folder in sorted((root / "members").glob("*"))]
    for folder, purpose in there:
        if folder.resolve() not in kept and Manifest.read(folder, read(folder / MANIFEST)).purpose == purpose:
            yield Folder(folder, purpose, {})
