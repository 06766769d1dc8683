"""Whose account it is, and every region that it has enabled, asked side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING, Any

from guardline.generator.discover.client import SERVICES, RegionClient
from guardline.generator.discover.region import region_inventory
from guardline.spec import catalogue
from guardline.spec.inventory import Inventory

if TYPE_CHECKING:
    import boto3

WORKERS = 16  # regions asked at once: each is a handful of small requests, and no service limit is per account


class DiscoverError(Exception):
    """The account cannot be read at all; the text says why and what helps."""


def discover(
    session: boto3.Session, home: str, taken_at: datetime, tell: Callable[[str], None] = lambda _: None
) -> Inventory:
    """Ask AWS what the account has.

    Args:
        session: whose credentials to use.
        home: the region to ask for the account and its regions.
        taken_at: the time to write down, UTC.
        tell: is given the name of each region that has answered.

    Raises:
        DiscoverError: there are no credentials, or the account and its regions cannot be asked.
    """
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    settings = Config(retries={"mode": "standard", "max_attempts": 5}, connect_timeout=10, read_timeout=30)
    try:
        identity = session.client("sts", region_name=home, config=settings).get_caller_identity()
        answer = session.client("ec2", region_name=home, config=settings).describe_regions(AllRegions=False)
    except (BotoCoreError, ClientError) as error:
        raise DiscoverError(f"AWS cannot be asked: {error}") from None
    partition = str(identity["Arn"]).split(":")[1]
    # A local AWS lists the regions of every partition.
    others = {each.name for other in catalogue.partitions() if other != partition for each in catalogue.regions(other)}
    names = sorted({region["RegionName"] for region in answer["Regions"]} - others)
    # Clients first: a session makes them one at a time, and only then may threads use them.
    clients = [_client(session, name, settings) for name in names]
    account = str(identity["Account"])

    def ask(client: RegionClient) -> Any:
        found = region_inventory(client, account)
        tell(client.region)
        return found

    with ThreadPoolExecutor(WORKERS) as pool:
        regions = dict(zip(names, pool.map(ask, clients), strict=True))
    return Inventory(
        schema="guardline/inventory/v1",
        partition=partition,
        account=account,
        taken_at=taken_at.replace(microsecond=0),
        regions=regions,
        unseen=tuple(each for client in clients for each in client.unseen),
    )


def _client(session: boto3.Session, region: str, settings: Any) -> RegionClient:
    clients: Mapping[str, Any] = {
        service: session.client(service, region_name=region, config=settings) for service in SERVICES
    }
    return RegionClient(region, clients)
