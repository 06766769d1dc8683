"""The spec's `config` block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field

from guardline.spec.block import Block, Mode, owner_rules
from guardline.spec.inventory import Inventory
from guardline.spec.modes import check_mode
from guardline.spec.raw import Raw
from guardline.spec.regionchecks import Finding
from guardline.spec.values import BucketName, Text, Whole


def _recorder(value: str) -> str:
    # https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationRecorder.html
    if not re.fullmatch(r"[\w.:/-]{1,256}", value, re.ASCII):
        raise ValueError("must be 1 to 256 letters, digits and any of _ . : / -")
    return value


RecorderName = Annotated[str, AfterValidator(_recorder), Field(json_schema_extra={"minLength": 1, "maxLength": 256})]


class Config(Block):
    """AWS Config in every region: what Security Hub's standards ask, and an investigation later."""

    model_config = ConfigDict(json_schema_extra=owner_rules)

    mode: Mode = Field(
        default="create",
        description="create: Guardline writes it. reference: another team records (owner). off: not asked for "
        "(reason).",
    )
    recorder_name: RecorderName | None = Field(
        default=None,
        description="The recorder's name, where one exists already (AWS allows one, and it keeps its name); left out, "
        "the environment's.",
    )
    service_linked_role: Literal["create", "exists"] = Field(
        default="create",
        description="AWS Config's own role, one for the account. exists: the account has it, as it does once Config "
        "was ever set up in the console.",
    )
    bucket: BucketName | None = Field(
        default=None, description="Name of the bucket to create; left out, one is made up."
    )
    retention_days: Whole = Field(default=365, ge=1, le=36500, description="Days until what the bucket has is deleted.")
    frequency: Literal["continuous", "daily"] = Field(
        default="continuous", description="Whether each change is recorded, or once a day what has changed."
    )
    owner: Text | None = Field(default=None, description="With mode reference: who records.")
    reason: Text | None = Field(default=None, description="With mode off: why.")
    approved_by: Text | None = Field(default=None, description="With mode off: who accepted that.")


def check(raw: Raw) -> Iterator[Finding]:
    """The rules across its fields."""
    only = ("recorder_name", "service_linked_role", "bucket", "retention_days", "frequency")
    yield from check_mode(raw, "config", create=only, arn=False)


def renamed(raw: Raw, found: Inventory) -> Iterator[Finding]:
    """Recorders and channels that an inventory lists under another name: AWS allows one, and does not rename it."""
    if not isinstance(raw.at("config"), dict) or (raw.at("config", "mode") or "create") != "create":
        return
    name = raw.text("config", "recorder_name") or raw.text("name")
    left_out = {raw.text(*path, "region") for path, _ in raw.items("regions", "exclude")}
    place = ("config", "recorder_name") if raw.at("config", "recorder_name") is not None else ("config",)
    for region, there in found.regions.items():
        recorder = there.recorder
        if recorder is None or region in left_out:
            continue
        for what, existing in (("recorder", recorder.name), ("delivery channel", recorder.channel)):
            if existing not in (None, name):
                yield (
                    place,
                    (
                        f"{region} has the {what} {existing}, which AWS does not rename: give `recorder_name` that "
                        "name, delete it, or leave it to its owner with mode reference"
                    ),
                )
                return
