"""What moto's CloudTrail gets wrong for the baseline: requests are mended, and a trail tells of its selectors."""

from __future__ import annotations

import json
from functools import cache
from typing import Any


def mend(target: str, body: bytes) -> bytes:
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


@cache
def correct() -> None:
    """Let a trail say that it has selectors, without which Terraform never reads them. Once for each process.

    moto 5.2.5 keeps them and says that there are none, and adds Insights selectors to those there were.
    Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Trail.html
    """
    from moto.cloudtrail.models import Trail

    trail: Any = Trail  # methods are replaced, which no checker allows on the class itself
    shown = trail.description

    def description(self: Any, include_region: bool = False) -> dict[str, Any]:
        described: dict[str, Any] = shown(self, include_region)
        described["HasCustomEventSelectors"] = bool(self.event_selectors or self.advanced_event_selectors)
        described["HasInsightSelectors"] = bool(self.insight_selectors)
        return described

    def put_insight_selectors(self: Any, insight_selectors: list[dict[str, str]]) -> None:
        self.insight_selectors = insight_selectors

    trail.description = description
    trail.put_insight_selectors = put_insight_selectors
