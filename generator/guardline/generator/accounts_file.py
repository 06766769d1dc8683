"""`accounts.json` of a root that several accounts share: whom it is run for, and where each state lies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from guardline.generator.changes import MARK, read
from guardline.generator.manifest import RefusedError
from guardline.generator.root import Root

NAME = PurePosixPath("accounts.json")


@dataclass(frozen=True)
class Entry:
    """One account of the file.

    Attributes:
        id: its 12 digits.
        key: of its state in the backend's bucket.
    """

    id: str
    key: str


def accounts_file(root: Root, roots: Sequence[Root]) -> dict[PurePosixPath, str]:
    """The file of a shared root, one account a line; nothing for a root of one account.

    Args:
        root: the root.
        roots: all of them, each for its account.
    """
    if not root.shared:
        return {}
    lines = [
        json.dumps(
            {
                "id": each.account_id,
                "name": each.title,
                "key": each.state_key,
                "variables": {"account_id": each.account_id},
            },
            ensure_ascii=False,
        )
        for each in roots
        if each.folder == root.folder
    ]
    comment = f"{MARK} Do not edit: change the spec and run `guardline generate`."
    inner = ",\n".join(f"  {line}" for line in lines)
    return {NAME: f'{{"comment": {json.dumps(comment)},\n "accounts": [\n{inner}\n]}}\n'}


def entries(folder: Path) -> Iterator[Entry]:
    """The accounts of a shared root on disk; none where it is none.

    Raises:
        RefusedError: the file is damaged.
        OSError: it cannot be read.
    """
    text = read(folder / NAME)
    if text is None:
        return
    try:
        for each in json.loads(text)["accounts"]:
            yield Entry(str(each["id"]), str(each["key"]))
    except (ValueError, LookupError, TypeError):
        raise RefusedError(f"{folder / NAME} is damaged: restore it, or delete it and run again") from None
