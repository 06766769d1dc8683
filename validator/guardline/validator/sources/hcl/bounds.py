"""A folder tree that may be read, and how its paths are shown.

Everything read from Terraform source (module sources, ``file()``) goes through `Bounds`, which follows symbolic links
first and refuses what then lies outside.
"""

from __future__ import annotations

from pathlib import Path

import msgspec


def git_root(folder: Path) -> Path | None:
    """The nearest folder at or above `folder` that holds ``.git``."""
    return next((above for above in (folder, *folder.parents) if (above / ".git").exists()), None)


class Bounds(msgspec.Struct, frozen=True):
    """What may be read, and what shown paths are relative to.

    Attributes:
        limit: the folder outside of which nothing is read; symbolic links resolved.
        base: shown paths are relative to it where they lie in it, else absolute.
        copy: the folder below which a copy of the source lies, each file under its original absolute path, or None for
            the source itself. A copy holds the Terraform files and nothing else.
    """

    limit: Path
    base: Path
    copy: Path | None = None

    @classmethod
    def around(cls, root: Path, limit: Path | None = None) -> Bounds:
        """The bounds for a root module's folder: its git tree, else the working folder if it holds the root, else it.

        Args:
            root: the root module's folder.
            limit: a wider or narrower limit.
        """
        root = root.resolve()
        here = Path.cwd().resolve()
        tree = git_root(root) or (here if root.is_relative_to(here) else None)
        return cls((limit or tree or root).resolve(), tree or here)

    def admits(self, path: Path) -> bool:
        """Whether a path, symbolic links followed, lies inside."""
        try:
            return path.resolve().is_relative_to(self.limit)
        except (OSError, RuntimeError, ValueError):  # a loop of links, or a name that no file can have
            return False

    def shown(self, path: Path) -> str:
        """A path as shown to people, POSIX. The path itself, not what a symbolic link leads to."""
        absolute = path if path.is_absolute() else Path.cwd() / path
        if self.copy is not None and absolute.is_relative_to(self.copy):
            absolute = Path("/") / absolute.relative_to(self.copy)
        try:
            return absolute.relative_to(self.base).as_posix()
        except ValueError:
            return absolute.as_posix()
