"""The real provider 5.100 as the stub's oracle: what a provider block means, and questions asked in its name."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import Any

from tests.support.stubprovider import messages as m
from tests.support.stubprovider.local import Aws
from tests.support.stubprovider.real import Real
from tests.support.stubprovider.schema import Block
from tests.support.stubprovider.values import Object, Unknown, empty, pack

PASSED_ON = ("default_tags", "ignore_tags")
# As the demo's override file: a local AWS has no metadata service, and what it cannot answer soon it never will.
FIXED = {
    "skip_credentials_validation": True,
    "skip_region_validation": True,
    "skip_metadata_api_check": "true",
    "max_retries": 3,
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

    def __init__(self, real: Real, block: Block, aws: Aws) -> None:
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
        keys = self._aws.environment(account=account if account != self._aws.account else None)
        signed_in = {"access_key": keys["AWS_ACCESS_KEY_ID"], "secret_key": keys["AWS_SECRET_ACCESS_KEY"]}
        told = {**FIXED, **signed_in, **{name: config[name] for name in PASSED_ON}}
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


def _account(config: Object) -> str | None:
    """The account that a provider block means: the one allowed, or its role's."""
    allowed = config.get("allowed_account_ids")
    if isinstance(allowed, list) and allowed and isinstance(allowed[0], str):
        return allowed[0]
    roles = [each.get("role_arn") for each in config.get("assume_role") or []]
    return roles[-1].split(":")[4] if roles and isinstance(roles[-1], str) else None
