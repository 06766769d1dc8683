"""The inventory: what an account already has, read from AWS once, committed beside the spec, and adopted from there.

`guardline init --discover` writes it; the spec's `inventory` names it. The format is ``guardline/inventory/v1``, and it
only ever gains fields.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field

from guardline.spec import regular
from guardline.spec.block import Block
from guardline.spec.values import AccountId, Text

SCHEMA = "guardline/inventory/v1"
MAX_BYTES = 8 << 20  # ten thousand VPCs are some 3 MB


class Entry(Block):
    """One mapping of the inventory. Fields of later versions are read over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Named(Entry):
    """Something with an id and a name."""

    id: Text = Field(description="Its id in AWS.")
    name: Text = Field(description="Its name.")


class Destination(Entry):
    """A publishing destination of a detector."""

    id: Text = Field(description="Its id in AWS.")
    arn: Text = Field(description="The bucket's ARN, with a prefix where there is one.")


class Detector(Entry):
    """A detector, with what hangs on it."""

    id: Text = Field(description="Its id in AWS.")
    enabled: bool = Field(description="Whether it runs; a suspended one is there all the same.")
    filters: tuple[Text, ...] = Field(default=(), description="The names of its filters.")
    trusted_ip_lists: tuple[Named, ...] = Field(default=(), description="Its trusted IP lists.")
    threat_ip_lists: tuple[Named, ...] = Field(default=(), description="Its threat lists.")
    destinations: tuple[Destination, ...] = Field(default=(), description="Where it exports findings to.")


class Hub(Entry):
    """Security Hub in a region."""

    arn: Text = Field(description="The hub's ARN.")
    standards: tuple[Text, ...] = Field(default=(), description="ARNs of the standards' subscriptions.")
    aggregator: Text | None = Field(default=None, description="The ARN of the finding aggregator, in its home region.")


class FlowLog(Entry):
    """A flow log on a VPC."""

    id: Text = Field(description="Its id in AWS.")
    traffic: Literal["ALL", "ACCEPT", "REJECT"] = Field(description="What it records.")
    destination: Text | None = Field(default=None, description="The ARN of where it goes.")


class Vpc(Entry):
    """A VPC that the account owns, with the logs it has."""

    id: Text = Field(description="Its id in AWS.")
    flow_logs: tuple[FlowLog, ...] = Field(default=(), description="Active flow logs on the VPC itself.")
    query_logs: tuple[Text, ...] = Field(default=(), description="Ids of the Resolver query log configs it has.")


class Trail(Entry):
    """A trail, listed in its home region."""

    name: Text = Field(description="Its name.")
    arn: Text = Field(description="Its ARN.")
    multi_region: bool = Field(description="Whether it records every region.")
    organization: bool = Field(default=False, description="Whether it records every account of the organization.")
    logging: bool = Field(description="Whether it is on.")


class Recorder(Entry):
    """AWS Config in a region; there is one recorder and one delivery channel at most."""

    name: Text = Field(description="The recorder's name.")
    channel: Text | None = Field(default=None, description="The delivery channel's name.")


class RegionInventory(Entry):
    """What one region holds."""

    detectors: tuple[Detector, ...] = Field(default=(), description="GuardDuty; AWS allows one.")
    hub: Hub | None = Field(default=None, description="Security Hub, where it is on.")
    recorder: Recorder | None = Field(default=None, description="AWS Config, where it is set up.")
    trails: tuple[Trail, ...] = Field(default=(), description="The trails whose home region this is.")
    vpcs: tuple[Vpc, ...] = Field(default=(), description="The VPCs that the account owns.")


class Unseen(Entry):
    """A question that AWS did not answer: what it is about may exist."""

    region: Text = Field(description="The region.")
    operation: Text = Field(description="The API operation, e.g. `guardduty:ListDetectors`.")
    reason: Text = Field(description="AWS's error code.")


class Inventory(Entry):
    """What an account already has."""

    format: Literal["guardline/inventory/v1"] = Field(alias="schema", description="The format of this file.")
    partition: Text = Field(description="The partition.")
    account: AccountId = Field(description="The account.")
    taken_at: datetime = Field(description="When AWS was asked, UTC.")
    regions: dict[Text, RegionInventory] = Field(
        max_length=200, description="Each region that the account has enabled."
    )
    unseen: tuple[Unseen, ...] = Field(default=(), description="What could not be seen.")

    def text(self) -> str:
        """The file's text: the same account gives the same bytes, but for `taken_at`."""
        return self.model_dump_json(indent=2, by_alias=True) + "\n"


class InventoryError(ValueError):
    """An inventory that cannot be used; the text says why."""


def read(folder: Path, file: str) -> Inventory:
    """Read an inventory that lies in the spec's own folder.

    Args:
        folder: the spec's folder; symlinks may not lead out of it.
        file: the path as the spec gives it.

    Raises:
        InventoryError: it is missing, outside the folder, too large, or not an inventory.
    """
    from pydantic import ValidationError

    try:
        path = (folder / file).resolve(strict=True)
        if not path.is_relative_to(folder.resolve()):
            raise InventoryError(f"{file} leads outside the spec's own folder")
        return Inventory.model_validate_json(regular.read(path, MAX_BYTES))
    except FileNotFoundError:
        raise InventoryError(f"{file} does not exist (seen from the spec's own folder)") from None
    except RuntimeError:  # how Python 3.11 and 3.12 report a symlink loop
        raise InventoryError(f"{file} is a symlink that leads to itself") from None
    except regular.NotRegularError as error:
        raise InventoryError(f"{file} {error.strerror}") from None
    except OSError as error:
        raise InventoryError(f"{file} cannot be read: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "the file"
        raise InventoryError(
            f"{file} is not an inventory ({SCHEMA}): {where}: {first['msg']}; `guardline init --discover` writes one"
        ) from None
