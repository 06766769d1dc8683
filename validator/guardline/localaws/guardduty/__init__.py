"""GuardDuty as the local AWS serves it: detectors, filters, IP lists and tags, kept per account and region."""

from __future__ import annotations

from guardline.localaws.guardduty import detectors, filters, lists, tags
from guardline.localaws.guardduty.state import State
from guardline.localaws.restjson import Service


def service() -> tuple[Service, State]:
    """GuardDuty without any detector yet, and the state it keeps."""
    state = State()
    handlers = {
        **detectors.handlers(state),
        **filters.handlers(state),
        **lists.handlers(state, lists.TRUSTED),
        **lists.handlers(state, lists.THREAT),
        **tags.handlers(state),
    }
    return Service("guardduty", handlers), state
