"""What moto's AWS Config gets wrong for the baseline, mended in the request."""

from __future__ import annotations

import json
from typing import Any


def mend(target: str, body: bytes) -> bytes:
    """A request's body as moto understands it.

    moto 5.2.5 refuses a recorder for all kinds of resources whose exclusions are an object without a list, which is
    how Terraform says that nothing is excluded once it has read an existing recorder.

    Args:
        target: the X-Amz-Target header.
        body: as it came.
    """
    if not target.endswith(".PutConfigurationRecorder"):
        return body
    try:
        content: Any = json.loads(body)
        group = content["ConfigurationRecorder"]["recordingGroup"]
        excluded = group["exclusionByResourceTypes"]
    except (ValueError, LookupError, TypeError):
        return body  # nothing to mend, or moto says what is wrong with it
    if isinstance(excluded, dict) and not excluded.get("resourceTypes"):
        del group["exclusionByResourceTypes"]
    return json.dumps(content).encode()
