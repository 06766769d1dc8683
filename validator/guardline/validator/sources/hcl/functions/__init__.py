"""The functions of the Terraform language that guardline evaluates.

Source: https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

from collections.abc import Mapping

from guardline.validator.sources.hcl.functions import collections, encoding, network, numbers, strings, types
from guardline.validator.sources.hcl.functions.base import Function, Special, call

__all__ = ["FILES", "FUNCTIONS", "Function", "Special", "call"]

FILES = (
    "abspath", "file", "filebase64", "fileexists", "filemd5", "filesha1", "filesha256", "filesha512",
    "filebase64sha256", "filebase64sha512", "fileset", "templatefile",
)  # fmt: skip

FUNCTIONS: Mapping[str, Function | Special] = {
    **types.FUNCTIONS,
    **strings.FUNCTIONS,
    **numbers.FUNCTIONS,
    **collections.FUNCTIONS,
    **encoding.FUNCTIONS,
    **network.FUNCTIONS,
    **{name: Function(lambda *_args: None, reads_files=True) for name in FILES},
}
