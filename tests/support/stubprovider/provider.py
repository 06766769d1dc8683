"""The provider that Terraform talks to.

Validation and planning are the real provider 5.100's own, asked with the region taken out; what is new in provider 6,
the region, is added here. Nothing is applied by the real provider: things are made in memory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.stubprovider import messages as m
from tests.support.stubprovider.local import Aws, Local
from tests.support.stubprovider.made import Maker, Place
from tests.support.stubprovider.oracle import Oracle, Settings
from tests.support.stubprovider.provider6 import Catalogue, Mode, Served
from tests.support.stubprovider.real import Real
from tests.support.stubprovider.schema import message
from tests.support.stubprovider.values import Object, Unknown, Value, pack, unpack, whole

IMPORTED = re.compile(r"^(?P<id>.+)@(?P<region>[a-z]{2,4}(-[a-z]+)+-\d{1,2})$")


@dataclass
class Seen:
    """What Terraform has asked for: for tests to look at."""

    calls: dict[str, int] = field(default_factory=dict)
    peers: set[str] = field(default_factory=set)


class StubProvider:
    """The stub.

    Args:
        mode: `argument` for provider 6's schema, `alias` for 5.100's own.
        real: the running provider 5.100.
        aws: where data sources are read, and some things made.
    """

    def __init__(self, mode: Mode, real: Real, aws: Aws) -> None:
        self.mode = mode
        self.types: frozenset[tuple[str, str]] = frozenset()  # ("resource" or "data", type): what is served
        self.seen = Seen()
        self._catalogue = Catalogue(mode)
        self.oracle = Oracle(real, self._catalogue.provider.block, aws)
        self._local = Local(aws)
        self._maker = Maker()
        self._settings: dict[str, Settings] = {}  # by connection: requests do not say which provider block they are for
        self._memory: dict[tuple[str, str, str, str], Object] = {}  # by type, account, region and id

    def answer(self, call: str, request: Any, peer: str) -> Any:
        """Answer one call of the protocol from one connection."""
        self.seen.calls[call] = self.seen.calls.get(call, 0) + 1
        self.seen.peers.add(peer)
        return getattr(self, f"_{CALLS[call]}")(request, peer)

    # --- the provider ---

    def _schemas(self, _request: m.Empty, _peer: str) -> m.Schemas:
        wanted = [(kind, type_) for kind, type_ in sorted(self.types) if self._catalogue.knows(kind, type_)]
        return m.Schemas(
            provider=message(self._catalogue.provider),
            resources={name: message(self._catalogue.resource(name).schema) for kind, name in wanted if kind != "data"},
            data_sources={
                name: message(self._catalogue.data_source(name).schema) for kind, name in wanted if kind == "data"
            },
            capabilities=m.Capabilities(schema_optional=True),
        )

    def _prepare(self, request: m.PrepareConfig, _peer: str) -> m.PreparedConfig:
        return m.PreparedConfig(config=request.config)

    def _configure(self, request: m.Configure, peer: str) -> m.Diagnosed:
        try:
            self._settings[peer] = self.oracle.settings(unpack(request.config))
        except ValueError as error:
            return m.Diagnosed((_error("Invalid provider configuration", str(error)),))
        return m.Diagnosed()

    def _stop(self, _request: m.Empty, _peer: str) -> m.Diagnosed:
        return m.Diagnosed()

    # --- resources ---

    def _validate(self, request: m.Validate, _peer: str) -> m.Diagnosed:
        served = self._catalogue.resource(request.type)
        native = pack(served.to_native(unpack(request.config)))
        answer: m.Diagnosed = self.oracle.ask("ValidateResourceTypeConfig", m.Validate(request.type, native))
        return answer

    def _upgrade(self, request: m.Upgrade, _peer: str) -> m.Upgraded:
        """A state of either style: what it lacks is null, what is not known here is dropped."""
        block = self._catalogue.resource(request.type).schema.block
        return m.Upgraded(pack(whole(block, json.loads(request.state.json))))

    def _read(self, request: m.Read, peer: str) -> m.WasRead:
        served, settings = self._catalogue.resource(request.type), self._settings[peer]
        state = unpack(request.state)
        if served.regional and state["region"] is None:
            # As provider 6 does: a state that provider 5 wrote gets the provider block's region when it is read.
            state["region"] = settings.region
        region = state["region"] if served.regional else settings.region
        found = self._local.read(request.type, settings.account, region, state)
        return m.WasRead(pack(None if found is None else {**state, **found}), private=request.private)

    def _plan(self, request: m.Plan, peer: str) -> m.Planned:
        served, settings = self._catalogue.resource(request.type), self._settings[peer]
        prior, proposed, config = unpack(request.prior), unpack(request.proposed), unpack(request.config)
        if proposed is None:
            return m.Planned(request.proposed, private=request.private)
        region: Value = None
        if served.regional:
            region = proposed["region"] or settings.region
            complaint = _misplaced(region, settings.region)
            if complaint is not None:
                return m.Planned(diagnostics=(complaint,))
        before = prior["region"] if served.regional and prior is not None else None
        native = m.Plan(
            request.type,
            pack(served.to_native(prior, before)),
            pack(served.to_native(proposed, before)),
            pack(served.to_native(config)),
            request.private,
        )
        answer: m.Planned = self.oracle.ask("PlanResourceChange", native, settings)
        if answer.state is None:
            return answer
        planned = served.from_native(unpack(answer.state), proposed)
        replace = tuple(_within(path, served) for path in answer.replace)
        if served.regional:
            planned["region"] = region
            if prior is not None and region != before and not (before is None and region == settings.region):
                replace = (*replace, m.Path((m.Step(attribute="region"),)))
        return m.Planned(pack(planned), replace, answer.private, answer.diagnostics, answer.legacy)

    def _apply(self, request: m.Apply, peer: str) -> m.Applied:
        served, settings = self._catalogue.resource(request.type), self._settings[peer]
        prior, planned = unpack(request.prior), unpack(request.planned)
        kept = planned if planned is not None else prior
        region = kept["region"] if served.regional and isinstance(kept["region"], str) else settings.region
        decided = self._local.apply(request.type, settings.account, region, prior, planned)
        if planned is None:
            self._memory.pop(self._key(request.type, settings, served, prior), None)
            return m.Applied(request.planned)
        place = Place(*_partition(region), region, settings.account)
        made = self._maker.fill(request.type, served.schema.block, {**planned, **decided}, place)
        self._memory[self._key(request.type, settings, served, made)] = made
        return m.Applied(pack(made), request.private)

    def _import(self, request: m.Import, peer: str) -> m.Imported:
        served, settings = self._catalogue.resource(request.type), self._settings[peer]
        id_, region = request.id, settings.region
        found = IMPORTED.match(request.id) if served.regional else None
        if found is not None:
            id_, region = found["id"], found["region"]
        answer: m.Imported = self.oracle.ask("ImportResourceState", m.Import(request.type, id_), settings, region)
        refused = tuple(each for each in answer.diagnostics if "support import" in each.summary)
        if refused:
            return m.Imported(diagnostics=refused)
        held = self._memory.get((request.type, settings.account, region if _placed(served) else "", id_))
        if held is None:
            held = self._local.find(request.type, settings.account, region, id_)
        if held is None:
            return m.Imported(diagnostics=(_error("Cannot import", f"There is no {request.type} {id_} in {region}."),))
        state = whole(served.schema.block, {**held, **({"region": region} if served.regional else {})})
        return m.Imported((m.ImportedResource(request.type, pack(state)),))

    def _key(self, type_: str, settings: Settings, served: Served, value: Object) -> tuple[str, str, str, str]:
        region = value["region"] if served.regional else settings.region
        return type_, settings.account, region if _placed(served) else "", str(value.get("id"))

    # --- data sources ---

    def _validate_data(self, request: m.Validate, _peer: str) -> m.Diagnosed:
        served = self._catalogue.data_source(request.type)
        native = pack(served.to_native(unpack(request.config)))
        answer: m.Diagnosed = self.oracle.ask("ValidateDataSourceConfig", m.Validate(request.type, native))
        return answer

    def _read_data(self, request: m.ReadData, peer: str) -> m.DataRead:
        served, settings = self._catalogue.data_source(request.type), self._settings[peer]
        config = unpack(request.config)
        region = (config["region"] if served.regional else None) or settings.region
        native = m.ReadData(request.type, pack(served.to_native(config)))
        answer: m.DataRead = self.oracle.ask("ReadDataSource", native, settings, region)
        if answer.state is None:
            return answer
        state = served.from_native(unpack(answer.state), config)
        if served.regional:
            state["region"] = region
        return m.DataRead(pack(state), answer.diagnostics)


CALLS: Mapping[str, str] = {
    "GetSchema": "schemas",
    "PrepareProviderConfig": "prepare",
    "Configure": "configure",
    "ValidateResourceTypeConfig": "validate",
    "ValidateDataSourceConfig": "validate_data",
    "UpgradeResourceState": "upgrade",
    "ReadResource": "read",
    "PlanResourceChange": "plan",
    "ApplyResourceChange": "apply",
    "ImportResourceState": "import",
    "ReadDataSource": "read_data",
    "Stop": "stop",
}


def _error(summary: str, detail: str) -> m.Diagnostic:
    return m.Diagnostic(m.ERROR, summary, detail)


def _partition(region: str) -> tuple[str, str]:
    """A region's partition and DNS suffix."""
    prefixes = {"cn-": ("aws-cn", "amazonaws.com.cn"), "us-gov-": ("aws-us-gov", "amazonaws.com"),
                "eusc-": ("aws-eusc", "amazonaws.eu")}  # fmt: skip
    return next((each for prefix, each in prefixes.items() if region.startswith(prefix)), ("aws", "amazonaws.com"))


def _misplaced(region: Value, home: str) -> m.Diagnostic | None:
    """As provider 6: a region of another partition than the provider block's is refused."""
    if isinstance(region, Unknown) or _partition(region)[0] == _partition(home)[0]:
        return None
    own, other = _partition(home)[0], _partition(region)[0]
    return _error(
        "Invalid Region",
        f"partition ({other}) for per-resource Region ({region}) is not the provider's configured partition ({own})",
    )


def _placed(served: Served) -> bool:
    """Whether things of a type are in a region, as far as the stub can tell."""
    return served.regional or served.native is served.schema


def _within(path: m.Path, served: Served) -> m.Path:
    """A path into a list of 5.100's that is a set here ends at the set."""
    return m.Path(path.steps[:1]) if served.turned(path.steps[0].attribute) else path
