"""AWS Config.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/config_configuration_recorder (and
config_configuration_recorder_status, config_delivery_channel).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from guardline.validator.estate import Thing
from guardline.validator.sources.adapt.common import ByType, common, default
from guardline.validator.sources.blocks import Block, Wanted
from guardline.validator.things.config import DeliveryChannel, Recorder, RecorderStatus
from guardline.validator.value import Value, known

_RECORDER = "aws_config_configuration_recorder"
_STATUS = "aws_config_configuration_recorder_status"
_CHANNEL = "aws_config_delivery_channel"

MAKES: Mapping[str, type[Thing]] = {_RECORDER: Recorder, _STATUS: RecorderStatus, _CHANNEL: DeliveryChannel}


def recorders(by_type: ByType) -> Iterator[Recorder]:
    """Recorders."""
    for block in by_type.managed(_RECORDER):
        yield Recorder(**common(block, "name"), all_supported=_all_supported(block))


def _all_supported(block: Block) -> Value[bool | None]:
    """Whether everything is recorded; an absent recording group records all. None for all but some kinds."""
    group = block.tree.blocks("recording_group")
    if group.is_known and not group.get():
        return known(True)
    if block.tree.at("recording_group", 0, "exclusion_by_resource_types", 0, "resource_types").is_set:
        return known(None)
    flag = default(block.tree.flag("recording_group", 0, "all_supported"), True)
    return flag.map(lambda everything: everything)


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
        yield DeliveryChannel(**common(block, "name"))
