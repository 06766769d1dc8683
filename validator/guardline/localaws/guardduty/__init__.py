"""GuardDuty as the local AWS serves it: detectors and what is on them, organizations, tags; by account and region."""

from __future__ import annotations

from guardline.localaws.guardduty import destinations, detectors, filters, findings, lists, organization, tags
from guardline.localaws.guardduty.state import State
from guardline.localaws.restjson import Answer, Caller, Handler, Parameters, Service


def service() -> tuple[Service, State]:
    """GuardDuty without any detector yet, and the state it keeps."""
    state = State()
    handlers: dict[str, Handler] = {
        **detectors.handlers(state),
        **destinations.handlers(state),
        **filters.handlers(state),
        **findings.handlers(state),
        **lists.handlers(state, lists.TRUSTED),
        **lists.handlers(state, lists.THREAT),
        **organization.handlers(state),
        **tags.handlers(state),
    }
    return Service("guardduty", {name: _once(state, name, handler) for name, handler in handlers.items()}), state


def _once(state: State, name: str, handler: Handler) -> Handler:
    """Answer a request that comes again with its ClientToken as the first time, and do nothing more: what AWS's
    clients send again when a connection breaks must not make a second thing."""

    def answer(caller: Caller, asked: Parameters) -> Answer:
        token = asked.get("ClientToken")
        if token is None:
            return handler(caller, asked)
        with state.lock:
            key = (caller.account, caller.region, name, str(token))
            if key not in state.answered:
                state.answered[key] = handler(caller, asked)
            return state.answered[key]

    return answer
