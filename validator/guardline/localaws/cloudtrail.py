"""What moto's CloudTrail gets wrong for the baseline, mended in the request."""

from __future__ import annotations

import json
from typing import Any


def correct(target: str, body: bytes) -> bytes:
    """A request's body as moto understands it.

    moto 5.2.5 knows trails by name, and deletes nothing, in silence, when one is named by its ARN as Terraform does.

    Args:
        target: the X-Amz-Target header.
        body: as it came.
    """
    if not target.endswith(".DeleteTrail"):
        return body
    try:
        content: Any = json.loads(body)
    except ValueError:
        return body  # moto says what is wrong with it
    name = content.get("Name") if isinstance(content, dict) else None
    if not isinstance(name, str):
        return body
    return json.dumps({**content, "Name": name.rpartition(":trail/")[2]}).encode()
