"""The versions of installed packages."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import cache


@cache
def version(name: str) -> str:
    """The version of an installed package, as the name of its record says it.

    `importlib.metadata` would read the record as an e-mail, and what reads e-mails takes long to load. It is asked only
    where no folder of `sys.path` holds the record.
    Source: https://packaging.python.org/en/latest/specifications/recording-installed-packages/#the-dist-info-directory
    """
    begins, ends = f"{name.replace('-', '_').lower()}-", ".dist-info"
    for folder in sys.path:
        with suppress(OSError):
            for found in os.listdir(folder or "."):  # noqa: PTH208 - names are enough
                if found.endswith(ends) and found.lower().startswith(begins):
                    return found[len(begins) : -len(ends)]
    from importlib import metadata

    return metadata.version(name)
