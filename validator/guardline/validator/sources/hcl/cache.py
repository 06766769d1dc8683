"""Parsed files, kept by content in the user's cache folder: the second run need not parse again.

An entry is msgpack of the typed syntax tree, named by the hash of the file's bytes and of what reads them. It is data,
never code: an entry that was tampered with can at worst be one that does not decode, and is then made anew.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from tempfile import NamedTemporaryFile

import msgspec

from guardline.spec.installed import version
from guardline.validator.sources.hcl.syntax import Body

SHAPE = 2
"""Raise it when the syntax tree changes, or what is read into it."""

DAYS = 30
"""Entries older than this are removed."""

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Body)


def encode(body: Body) -> bytes:
    """Write a tree as bytes."""
    return _ENCODER.encode(body)


def decode(data: bytes) -> Body | None:
    """Read a tree, or None when the bytes are not one."""
    try:
        return _DECODER.decode(data)
    except (msgspec.DecodeError, RecursionError):
        return None


def default_folder() -> Path | None:
    """The user's cache folder for this, or None where there is no home."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        return Path(base).expanduser() / "guardline" / "hcl" if base else None
    except RuntimeError:
        return None


class Cache:
    """Trees by file content. A folder that cannot be used costs only time.

    Args:
        folder: where entries are; None for no cache.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.written = False

    @cached_property
    def _readers(self) -> bytes:
        return f"{SHAPE} {version('python-hcl2')} {version('guardline')}".encode()

    def _entry(self, data: bytes, *, is_json: bool) -> str | None:
        if self.folder is None:
            return None
        digest = hashlib.sha256(b"%s %d " % (self._readers, is_json) + data).hexdigest()
        return f"{self.folder}{os.sep}{digest[:2]}{os.sep}{digest[2:]}"

    def get(self, data: bytes, *, is_json: bool) -> Body | None:
        """The tree of a file with these bytes."""
        entry = self._entry(data, is_json=is_json)
        if entry is None:
            return None
        try:
            with open(entry, "rb", buffering=0) as file:  # noqa: PTH123 - a Path for each takes longer than to read it
                return decode(file.read())
        except OSError:
            return None

    def put(self, data: bytes, encoded: bytes, *, is_json: bool) -> None:
        """Keep a tree (already encoded), whole or not at all."""
        name = self._entry(data, is_json=is_json)
        if name is None:
            return
        entry = Path(name)
        with suppress(OSError):
            entry.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with NamedTemporaryFile(dir=entry.parent, delete=False) as file:
                file.write(encoded)
            Path(file.name).replace(entry)
            self.written = True

    def prune(self) -> None:
        """Remove what is old; only after something was written, so that a warm run does nothing."""
        if self.folder is None or not self.written:
            return
        limit = time.time() - DAYS * 86400
        for entry in self.folder.glob("*/*"):
            with suppress(OSError):
                if entry.stat().st_mtime < limit:
                    entry.unlink()
