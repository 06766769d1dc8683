"""A root that is run for several accounts: its `accounts.json` says for which, and with which values.

Guardline's generator writes the file for `organization.layout: shared`.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from guardline.spec import regular
from guardline.validator.sources.hcl.bounds import Bounds
from guardline.validator.sources.hcl.parse import BYTES_PER_FILE

NAME = "accounts.json"


class Run(msgspec.Struct, frozen=True):
    """One account that the root is run for.

    Attributes:
        id: its 12 digits.
        variables: the values of variables that are its own.
        name: what people call it.
    """

    id: str
    variables: dict[str, str]
    name: str = ""


class _File(msgspec.Struct):
    accounts: tuple[Run, ...]


def runs(folder: Path, tree: Path | None = None) -> tuple[Run, ...]:
    """The accounts that a root is run for; none where it is a root of one account, or the file is something else.

    Args:
        folder: the root.
        tree: the folder outside of which nothing is read, where it is not the folder's git tree.
    """
    path = folder / NAME
    try:
        if not Bounds.around(folder, tree).admits(path):
            return ()
        return msgspec.json.decode(regular.read(path, BYTES_PER_FILE), type=_File).accounts
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return ()
