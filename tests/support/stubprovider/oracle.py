"""The real provider 5.100 as the stub's oracle: what a provider block means, and questions asked in its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from guardline.localaws import LocalAws
from tests.support.stubprovider import messages as m
from tests.support.stubprovider.real import Real
from tests.support.stubprovider.schema import Block
from tests.support.stubprovider.values import Object, Unknown, empty, pack

LOCAL = {"access_key": "local", "secret_key": "local"}
PASSED_ON = ("default_tags", "ignore_tags")
# As the demo's override file: a local AWS has no metadata service, and what it cannot answer now it never will.
FIXED = {
    "skip_credentials_validation": True,
    "skip_requesting_account_id": True,
    "skip_region_validation": True,
    "skip_metadata_api_check": "true",
    "max_retries": 1,
}


@dataclass(frozen=True)
class Settings:
    """What a provider block says.

    Attributes:
        region: its region.
        account: the account that it means.
        native: what the real provider is told, but for the region.
    """

    region: str
    account: str
    native: Object


class Oracle:
    """The real provider, which has one configuration at a time: asked by one thread at a time.

    Args:
        real: the running provider.
        block: the schema of its provider block.
        aws: where it reads data sources.
    """

    def __init__(self, real: Real, block: Block, aws: LocalAws) -> None:
        self._real = real
        self._block = block
        self._aws = aws
        self._lock = Lock()
        self._native: Object | None = None
        self._region = ""

    def settings(self, config: Object) -> Settings:
        """What a provider block means.

        Raises:
            ValueError: its region is not known.
        """
        region = config["region"] or self._aws.environment()["AWS_REGION"]
        if isinstance(region, Unknown):
            raise ValueError("the provider's region must be known when Terraform plans")  # noqa: TRY004 - a value of the user's
        account = _account(config) or self._aws.account
        told = {**FIXED, **self.credentials(account), **{name: config[name] for name in PASSED_ON}}
        return Settings(region, account, {**empty(self._block), **told})

    def ask(self, call: str, request: Any, settings: Settings | None = None, region: str | None = None) -> Any:
        """One call of the protocol.

        Args:
            call: its name.
            request: its request.
            settings: the provider block in whose name it is asked; validation needs none.
            region: where data is read; a plan depends on no region.
        """
        with self._lock:
            if settings is not None and (settings.native != self._native or region not in (None, self._region)):
                self._native, self._region = settings.native, region or settings.region
                told = pack({**self._native, "region": self._region})
                answer: m.Diagnosed = self._real.ask("Configure", m.Configure("1.11.4", told))
                if any(each.severity == m.ERROR for each in answer.diagnostics):
                    raise RuntimeError(f"provider 5.100 refused its settings: {answer.diagnostics}")
            return self._real.ask(call, request)

    def credentials(self, account: str) -> Mapping[str, str]:
        """Credentials that mean this account to the local AWS, under the provider block's own names."""
        if account == self._aws.account:
            return LOCAL
        import boto3

        own = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
        sts = boto3.client("sts", region_name="us-east-1", endpoint_url=self._aws.url, **own)
        role = f"arn:aws:iam::{account}:role/stub"
        given = sts.assume_role(RoleArn=role, RoleSessionName="stub")["Credentials"]
        names = {"access_key": "AccessKeyId", "secret_key": "SecretAccessKey", "token": "SessionToken"}
        return {ours: str(given[theirs]) for ours, theirs in names.items()}


def _account(config: Object) -> str | None:
    """The account that a provider block means: the one allowed, or its role's."""
    allowed = config.get("allowed_account_ids")
    if isinstance(allowed, list) and allowed and isinstance(allowed[0], str):
        return allowed[0]
    roles = [each.get("role_arn") for each in config.get("assume_role") or []]
    return roles[0].split(":")[4] if roles and isinstance(roles[0], str) else None
