"""What people give in the place of a plan's JSON: another encoding, a wrapper's line before it, another command's
output. It is read where that is safe; else the message says what it is, and the way out."""

from __future__ import annotations

import codecs
import re

from guardline.validator.endings import SOURCE

MAKE = "make it with `terraform show -json PLAN > plan.json`"

_WRAPPER = (
    "begins with the line that the wrapper of the action hashicorp/setup-terraform writes; give the action "
    "`terraform_wrapper: false`, or delete that line"
)
_LINES = (
    "holds workflow commands (`::...`) beside the JSON, which the wrapper of the action hashicorp/setup-terraform "
    "writes; give the action `terraform_wrapper: false`, or delete those lines"
)
_UTF_16 = (
    "is UTF-16 text, which `>` writes in Windows PowerShell; write UTF-8 with `terraform show -json PLAN | Out-File "
    "-Encoding utf8 plan.json`"
)
_LOG = "is the log of `terraform plan -json`, and not a plan: plan with `-out=PLAN`, and make its JSON with "
_SOURCE = (*SOURCE, ".hcl", ".tfvars")


def utf_8(data: bytes) -> bytes:
    """A JSON text without a byte order mark.

    Raises:
        ValueError: it is something else; the message is for people.
    """
    data = data.removeprefix(codecs.BOM_UTF8)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or data[:4:2] == b"\0\0" or data[1:4:2] == b"\0\0":
        raise ValueError(_UTF_16)
    if b"\x00" in data[:4096]:
        raise ValueError("is binary, and not a saved Terraform plan")
    if data[:4096].lstrip().startswith(b"[command]"):
        raise ValueError(_WRAPPER)
    return data


def instead(data: bytes, name: str) -> str | None:
    """What a file that is not JSON is, with the way out; None where nothing tells.

    Args:
        data: its bytes.
        name: its name.
    """
    start = data[:4096].lstrip()
    if name.endswith(_SOURCE):
        return "is a file of Terraform source: name its folder"
    if start.startswith(b"::") or data[-4096:].rstrip().rpartition(b"\n")[2].startswith(b"::"):
        return _LINES
    if start.startswith(b'{"@level"'):
        return _LOG + "`terraform show -json PLAN > plan.json`"
    if not start.startswith((b"{", b"[")):
        if re.match(rb"(?:\s*#[^\n]*\n)*\s*version:\s*1\b", data):
            return "is a spec: give the folder of Terraform or the plan first, and the spec with --spec"
        return f"is text, and not JSON; {MAKE}"
    return None
