"""The formats in which GuardDuty takes IP lists, told apart by their first lines.

Source: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_upload-lists.html, "List formats".
"""

from __future__ import annotations

import re
from typing import Literal

Format = Literal["TXT", "STIX", "OTX_CSV", "FIRE_EYE", "PROOF_POINT", "ALIEN_VAULT"]
"""As the API names them."""

_RIPE = re.compile(r"\d{1,3}(\.\d{1,3}){3}#\d+#\d+#")
_HEADERS: tuple[tuple[str, Format], ...] = (
    ("indicator type,indicator,description", "OTX_CSV"),
    ("reportid,title,threatscape,audience", "FIRE_EYE"),
    ("ip,category,score,first_seen,last_seen", "PROOF_POINT"),
)


def format_of(text: str) -> Format:
    """The format of a list; what is none of the others is plain text, one entry a line."""
    first = next((line.strip() for line in text.lstrip("\ufeff").splitlines() if line.strip()), "")
    if first.startswith("<") and "stix" in text[:4096].lower():
        return "STIX"
    header = re.sub(r"[\s\"]*,[\s\"]*", ",", first.lower()).strip('" ')
    for known, name in _HEADERS:
        if header.startswith(known):
            return name
    return "ALIEN_VAULT" if _RIPE.match(first) else "TXT"
