"""boto3 against a local AWS."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3

from guardline.localaws import LocalAws


@cache
def _session() -> Any:
    return boto3.Session(aws_access_key_id="local", aws_secret_access_key="local")  # noqa: S106 - nobody's password


def client(aws: LocalAws, service: str, region: str = "eu-west-1", *, checked: bool = True) -> Any:
    """A client of one service.

    Args:
        aws: where to.
        service: boto3's name.
        region: of the client.
        checked: False lets through what boto3 itself would refuse, so that the other side has to.
    """
    from botocore.config import Config

    config = Config(parameter_validation=checked, retries={"total_max_attempts": 1})
    return _session().client(service, region_name=region, endpoint_url=aws.url, config=config)
