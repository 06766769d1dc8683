"""Parsed files, kept by content in the user's cache folder: the second run need not parse again.

An entry is msgpack of the typed syntax tree, named by the hash of the file's bytes and of what reads them. Source may
hold passwords, and a tree that is judged may bring entries of its own: so entries are sealed with a key that only the
user can read, and there is no cache inside a tree that is judged.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
import sys
import time
from contextlib import suppress
from functools import cached_property
from pathlib import Path

import msgspec

from guardline.spec import atomic, regular
from guardline.spec.installed import version
from guardline.validator.sources.hcl.syntax import Body

SHAPE = 3
"""Raise it when the syntax tree changes, or what is read into it."""

DAYS = 30
"""Entries older than this are removed."""

ENTRY_BYTES = 64 << 20
"""A tree is some eight times its file."""

_KEY, _TAG = 32, 32

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
    """The user's cache folder for this, or None where there is no home, or what names it is relative."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        folder = Path(base or "").expanduser()
    except RuntimeError:
        return None
    return folder / "guardline" / "hcl" if folder.is_absolute() else None


class Cache:
    """Trees by file content. A folder that cannot be used costs only time.

    Args:
        folder: where entries are; None for no cache.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.written = False

    @staticmethod
    def outside(*trees: Path | None) -> Cache:
        """The user's cache, or none where it lies in a tree that is judged, whatever links lead there."""
        folder = default_folder()
        try:
            inside = folder is None or any(tree and folder.resolve().is_relative_to(tree.resolve()) for tree in trees)
        except (OSError, RuntimeError):
            inside = True
        return Cache(None if inside else folder)

    @cached_property
    def _readers(self) -> bytes:
        return f"{SHAPE} {version('python-hcl2')} {version('guardline')}".encode()

    @cached_property
    def _key(self) -> bytes | None:
        """The key of this folder, made with it; None where anybody else could read it, or write into the folder."""
        if self.folder is None:
            return None
        file = self.folder / "key"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with suppress(FileExistsError):
                descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
                with os.fdopen(descriptor, "wb") as made:
                    made.write(secrets.token_bytes(_KEY))
            if not (_is_private(self.folder, 0o022) and _is_private(file, 0o077)):
                return None
            key = regular.read(file, _KEY)
        except OSError:
            return None
        return key if len(key) == _KEY else None  # another run is just writing it

    def _entry(self, data: bytes, *, is_json: bool) -> str | None:
        if self._key is None:
            return None
        digest = hashlib.sha256(b"%s %d " % (self._readers, is_json) + data).hexdigest()
        return f"{self.folder}{os.sep}{digest[:2]}{os.sep}{digest[2:]}"

    def get(self, data: bytes, *, is_json: bool) -> Body | None:
        """The tree of a file with these bytes."""
        entry = self._entry(data, is_json=is_json)
        if entry is None:
            return None
        try:
            sealed = regular.read(entry, ENTRY_BYTES)
        except OSError:
            return None
        encoded = self._opened(entry, sealed)
        return decode(encoded) if encoded is not None else None

    def put(self, data: bytes, encoded: bytes, *, is_json: bool) -> None:
        """Keep a tree (already encoded), whole or not at all."""
        entry = self._entry(data, is_json=is_json)
        if entry is None:
            return
        path = Path(entry)
        with suppress(OSError):
            path.parent.mkdir(exist_ok=True, mode=0o700)
            if path.is_symlink() or (path.exists() and not path.is_file()):
                return  # no entry of ours; to write into a pipe would wait for its reader
            atomic.write(path, self._sealed(entry, encoded))
            self.written = True

    # An entry's name is the hash of its content, so no two contents share a stream.

    def _stream(self, entry: str, data: bytes) -> bytes:
        stream = hashlib.shake_256(b"stream" + (self._key or b"") + entry[-63:].encode()).digest(len(data))
        return (int.from_bytes(data, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(data), "big")

    def _tag(self, entry: str, hidden: bytes) -> bytes:
        return hashlib.blake2b(entry[-63:].encode() + hidden, key=self._key or b"", digest_size=_TAG).digest()

    def _sealed(self, entry: str, encoded: bytes) -> bytes:
        hidden = self._stream(entry, encoded)
        return self._tag(entry, hidden) + hidden

    def _opened(self, entry: str, sealed: bytes) -> bytes | None:
        hidden = sealed[_TAG:]
        return self._stream(entry, hidden) if hmac.compare_digest(self._tag(entry, hidden), sealed[:_TAG]) else None

    def prune(self) -> None:
        """Remove what is old; only after something was written, so that a warm run does nothing."""
        if self.folder is None or not self.written:
            return
        limit = time.time() - DAYS * 86400
        for entry in self.folder.glob("*/*"):
            with suppress(OSError):
                if entry.stat().st_mtime < limit:
                    entry.unlink()


def _is_private(path: Path, forbidden: int) -> bool:
    """Whether a file or folder is the user's own, and no link, with none of these permissions for others."""
    status = path.lstat()
    own = not hasattr(os, "geteuid") or status.st_uid == os.geteuid()
    return own and not stat.S_ISLNK(status.st_mode) and not status.st_mode & forbidden
