"""The findings that an account has now, as GuardDuty gives them: not those that are archived already.

Only reads: guardduty:ListDetectors, ListFindings and GetFindings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from guardline.spec.exported_findings import Exported, exported

_AT_ONCE = 50
"""Findings that one call reads: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetFindings.html."""


def read(regions: Iterable[str], client: Callable[[str], Any]) -> Iterator[Exported]:
    """Every finding of these regions that is not archived.

    Args:
        regions: the regions' names.
        client: from a region to boto3's client of GuardDuty.

    Raises:
        ClientError: AWS refuses a call.
        BotoCoreError: no call arrives.
    """
    current = {"Criterion": {"service.archived": {"Eq": ["false"]}}}
    for region in regions:
        guardduty = client(region)
        for detector in guardduty.list_detectors()["DetectorIds"]:
            pages = guardduty.get_paginator("list_findings").paginate(DetectorId=detector, FindingCriteria=current)
            ids = [each for page in pages for each in page["FindingIds"]]
            for begin in range(0, len(ids), _AT_ONCE):
                answer = guardduty.get_findings(DetectorId=detector, FindingIds=ids[begin : begin + _AT_ONCE])
                yield from (exported(each, region) for each in answer["Findings"])
