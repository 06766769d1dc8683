"""AWS Config.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/config_configuration_recorder (and
config_configuration_recorder_status, config_delivery_channel).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypedDict

from guardline.validator.model.config import DeliveryChannel, Recorder, RecorderStatus
from guardline.validator.model.resource import Resource
from guardline.validator.model.value import Value, known
from guardline.validator.sources.adapt.common import ByType, common, default, filled
from guardline.validator.sources.adapt.s3 import BUCKET
from guardline.validator.sources.blocks import Block, Wanted

_RECORDER = "aws_config_configuration_recorder"
_STATUS = "aws_config_configuration_recorder_status"
_CHANNEL = "aws_config_delivery_channel"

MAKES: Mapping[str, type[Resource]] = {_RECORDER: Recorder, _STATUS: RecorderStatus, _CHANNEL: DeliveryChannel}


def recorders(by_type: ByType) -> Iterator[Recorder]:
    """Recorders."""
    for block in by_type.managed(_RECORDER):
        yield Recorder(**common(block, "name"), all_supported=_all_supported(block), **_more(block))


class _More(TypedDict):
    name: Value[str]
    frequency: Value[str]
    globals: Value[bool]


def _more(block: Block) -> _More:
    """What AWS fills in where nobody configures it: the name, and that every change is recorded."""
    mode = ("recording_mode", 0, "recording_frequency")
    frequency: Value[str | None] = known(None)
    if block.is_configured("recording_mode"):
        frequency = block.tree.text(*mode)
    group = block.tree.flag("recording_group", 0, "include_global_resource_types")
    return _More(
        name=default(block.tree.text("name"), "default"),
        frequency=default(frequency, "CONTINUOUS"),
        globals=default(group if block.is_configured("recording_group") else known(False), False),
    )


def _all_supported(block: Block) -> Value[bool | None]:
    """Whether everything is recorded; an absent recording group records all. None for all but some kinds."""
    group = block.tree.blocks("recording_group")
    # AWS fills in what nobody configures: such a group, known only after apply, records everything.
    silent = not group.is_known and not block.is_configured("recording_group")
    if silent or (group.is_known and not group.get()):
        return known(True)
    excluded = ("recording_group", 0, "exclusion_by_resource_types", 0, "resource_types")
    names = block.tree.texts(*excluded)
    if names.known_or(()) or (not names.is_known and block.is_configured(*excluded)):
        return known(None)
    if not block.tree.flag("recording_group", 0, "all_supported").is_known and not block.is_configured(
        "recording_group", 0, "all_supported"
    ):
        return known(True)
    flag = filled(block.tree, block.tree.flag("recording_group", 0, "all_supported"), True)
    return flag.map(_optional)


def _optional(everything: bool) -> bool | None:
    return everything


def statuses(by_type: ByType) -> Iterator[RecorderStatus]:
    """Whether recorders run."""
    for block in by_type.managed(_STATUS):
        wanted = Wanted(frozenset({_RECORDER}), attributes=frozenset({"name", "id"}))
        recorder = block.link("name", wanted=wanted)
        shared = common(block)
        shared["names"] = frozenset({f"{block.root}{block.address}"})  # its id is the recorder's
        if recorder.is_known:
            shared["origin"] = block.origin.following(recorder.get().chain)
        yield RecorderStatus(**shared, recorder=recorder, on=default(block.tree.flag("is_enabled"), False))


def delivery_channels(by_type: ByType) -> Iterator[DeliveryChannel]:
    """Delivery channels."""
    for block in by_type.managed(_CHANNEL):
        yield DeliveryChannel(**common(block, "name"), bucket=block.link("s3_bucket_name", wanted=BUCKET))
