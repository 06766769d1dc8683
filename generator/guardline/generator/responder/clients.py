"""Clients of AWS: the function's own, and those of the role that acts in the finding's account."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Protocol


class Clients(Protocol):
    """Makes clients that act in one account and region."""

    def client(self, service: str) -> Any:
        """A client, e.g. of ``ec2``."""
        ...


@lru_cache(maxsize=8)
def own(service: str, region: str) -> Any:
    """A client in the function's own role."""
    return _session(None).client(service, region_name=region, config=_config())


class Acting:
    """Clients in the role that acts, which each account has. CloudTrail shows the finding as the session's name."""

    def __init__(self, role_arn: str, session_name: str, home: str, region: str) -> None:
        """Sign in when the first client is asked for.

        Args:
            role_arn: the role.
            session_name: what CloudTrail shows.
            home: the region whose STS is asked.
            region: where the clients act.
        """
        self._role_arn, self._session_name, self._home, self._region = role_arn, session_name, home, region
        self._keys: dict[str, str] | None = None
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """A client, e.g. of ``ec2``."""
        if self._keys is None:
            answer = own("sts", self._home).assume_role(
                RoleArn=self._role_arn, RoleSessionName=self._session_name, DurationSeconds=900
            )["Credentials"]
            self._keys = {
                "aws_access_key_id": answer["AccessKeyId"],
                "aws_secret_access_key": answer["SecretAccessKey"],
                "aws_session_token": answer["SessionToken"],
            }
        if service not in self._clients:
            made = _session(None).client(service, region_name=self._region, config=_config(), **self._keys)
            self._clients[service] = made
        return self._clients[service]


@lru_cache(maxsize=1)
def _session(_none: None) -> Any:
    import boto3

    return boto3.Session()


@lru_cache(maxsize=1)
def _config() -> Any:
    from botocore.config import Config

    # All calls of one finding fit into the function's minute, slow ones too.
    return Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "max_attempts": 3})
