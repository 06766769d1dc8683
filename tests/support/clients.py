"""boto3 against a local AWS."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3

from guardline.localaws import LocalAws


@cache
def _session(key: str) -> Any:
    return boto3.Session(aws_access_key_id=key, aws_secret_access_key="local")  # noqa: S106 - nobody's password


def client(
    aws: LocalAws, service: str, region: str = "eu-west-1", *, checked: bool = True, account: str | None = None
) -> Any:
    """A client of one service.

    Args:
        aws: where to.
        service: boto3's name.
        region: of the client.
        account: whose; None is the local AWS's own.
        checked: False lets through what boto3 itself would refuse, so that the other side has to.
    """
    return _client(aws.url, service, region, checked, aws.environment(region, account)["AWS_ACCESS_KEY_ID"])


@cache  # to make one takes longer than most calls
def _client(url: str, service: str, region: str, checked: bool, key: str) -> Any:
    from botocore.config import Config

    config = Config(parameter_validation=checked, retries={"total_max_attempts": 1})
    return _session(key).client(service, region_name=region, endpoint_url=url, config=config)
