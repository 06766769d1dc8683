"""The functions of the Terraform language that guardline evaluates.

Source: https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

from collections.abc import Mapping

from guardline.validator.sources.hcl.functions import (
    collections,
    conversion,
    encoding,
    network,
    numbers,
    patterns,
    strings,
    times,
    types,
)
from guardline.validator.sources.hcl.functions.base import Function, Special, call

__all__ = ["FILES", "FUNCTIONS", "NEVER", "Function", "Special", "call"]

_READS = "files inside the source, up to 4 MiB"

FILES = (
    "file", "filebase64", "fileexists", "filemd5", "filesha1", "filesha256", "filesha512",
    "filebase64sha256", "filebase64sha512", "fileset", "templatefile", "templatestring",
)  # fmt: skip

NEVER: Mapping[str, str] = {
    "abspath": "depends on where Terraform runs",
    "base64gzip": "depends on the compressor",
    "bcrypt": "is another text each time",
    "pathexpand": "depends on whose machine it is",
    "plantimestamp": "is the time of the plan",
    "rsadecrypt": "needs a private key",
    "timestamp": "is the time of the apply",
    "type": "is for the console only",
    "uuid": "is another text each time",
}
"""Functions that only a run of Terraform can answer, each with why."""

_FILE_NOTES = {
    "fileset": "`*`, `**` and `?`; up to 20,000 files",
    "templatestring": "texts that are known",
}

FUNCTIONS: Mapping[str, Function | Special] = {
    **types.FUNCTIONS,
    **conversion.FUNCTIONS,
    **strings.FUNCTIONS,
    **patterns.FUNCTIONS,
    **numbers.FUNCTIONS,
    **collections.FUNCTIONS,
    **encoding.FUNCTIONS,
    **network.FUNCTIONS,
    **times.FUNCTIONS,
    **{name: Function(lambda *_args: None, reads_files=True, partly=_FILE_NOTES.get(name, _READS)) for name in FILES},
}
