"""AWS Config: what records how resources are configured."""

from __future__ import annotations

import msgspec

from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import Value, known, unknown


class Recorder(Resource, frozen=True):
    """The configuration recorder of a region; AWS allows one that customers manage.

    Source: https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationRecorder.html

    Attributes:
        all_supported: whether it records every kind of resource; None where it records all but some that it names.
        name: its name; ``default`` where nobody gives one.
        frequency: ``CONTINUOUS`` or ``DAILY``.
        globals: whether it records the global kinds, such as IAM's.
    """

    all_supported: Value[bool | None]
    name: Value[str] = msgspec.field(default_factory=lambda: known("default"))
    frequency: Value[str] = msgspec.field(default_factory=lambda: known("CONTINUOUS"))
    globals: Value[bool] = msgspec.field(default_factory=lambda: known(False))


class RecorderStatus(Resource, frozen=True):
    """Whether a recorder runs: without such a declaration it was made, and never started.

    Attributes:
        recorder: the recorder, by address or name.
        on: whether it records.
    """

    recorder: Value[Ref]
    on: Value[bool]


class DeliveryChannel(Resource, frozen=True):
    """Where a region's recorder delivers; AWS refuses to start a recorder without one.

    Attributes:
        bucket: the bucket, by address or name.
    """

    bucket: Value[Ref] = msgspec.field(default_factory=lambda: unknown("its bucket is not said"))
