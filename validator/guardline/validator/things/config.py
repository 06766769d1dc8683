"""AWS Config: what records how resources are configured."""

from __future__ import annotations

from dataclasses import dataclass

from guardline.validator.estate import Ref, Thing
from guardline.validator.value import Value


@dataclass(frozen=True, slots=True)
class Recorder(Thing):
    """The configuration recorder of a region; AWS allows one that customers manage.

    Source: https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationRecorder.html

    Attributes:
        all_supported: whether it records every kind of resource; None where it records all but some that it names.
    """

    all_supported: Value[bool | None]


@dataclass(frozen=True, slots=True)
class RecorderStatus(Thing):
    """Whether a recorder runs: without such a declaration it was made, and never started.

    Attributes:
        recorder: the recorder, by address or name.
        on: whether it records.
    """

    recorder: Value[Ref]
    on: Value[bool]


@dataclass(frozen=True, slots=True)
class DeliveryChannel(Thing):
    """Where a region's recorder delivers; AWS refuses to start a recorder without one."""
