"""AWS Config: what records how resources are configured."""

from __future__ import annotations

from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import Value


class Recorder(Resource, frozen=True):
    """The configuration recorder of a region; AWS allows one that customers manage.

    Source: https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationRecorder.html

    Attributes:
        all_supported: whether it records every kind of resource; None where it records all but some that it names.
    """

    all_supported: Value[bool | None]


class RecorderStatus(Resource, frozen=True):
    """Whether a recorder runs: without such a declaration it was made, and never started.

    Attributes:
        recorder: the recorder, by address or name.
        on: whether it records.
    """

    recorder: Value[Ref]
    on: Value[bool]


class DeliveryChannel(Resource, frozen=True):
    """Where a region's recorder delivers; AWS refuses to start a recorder without one."""
