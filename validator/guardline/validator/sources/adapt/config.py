"""AWS Config.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/config_configuration_recorder (and
config_configuration_recorder_status, config_delivery_channel).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from guardline.validator.model.config import DeliveryChannel, Recorder, RecorderStatus
from guardline.validator.model.resource import Resource
from guardline.validator.model.value import Value, known
from guardline.validator.sources.adapt.common import ByType, common, default, filled
from guardline.validator.sources.blocks import Block, Wanted

_RECORDER = "aws_config_configuration_recorder"
_STATUS = "aws_config_configuration_recorder_status"
_CHANNEL = "aws_config_delivery_channel"

MAKES: Mapping[str, type[Resource]] = {_RECORDER: Recorder, _STATUS: RecorderStatus, _CHANNEL: DeliveryChannel}


def recorders(by_type: ByType) -> Iterator[Recorder]:
    """Recorders."""
    for block in by_type.managed(_RECORDER):
        yield Recorder(**common(block, "name"), all_supported=_all_supported(block))


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
        yield DeliveryChannel(**common(block, "name"))
