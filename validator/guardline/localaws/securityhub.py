"""Security Hub as the local AWS serves it: the hub of each account and region, standards, products, one aggregator.

What moto serves besides (findings) stays moto's.
Source: https://docs.aws.amazon.com/securityhub/1.0/APIReference/
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import RLock
from typing import Any

from guardline.localaws import hub_members, hub_organization
from guardline.localaws.restjson import Answer, Caller, Handler, Parameters, Refused, Service

MODES = ("ALL_REGIONS", "ALL_REGIONS_EXCEPT_SPECIFIED", "SPECIFIED_REGIONS", "NO_REGIONS")
# What EnableSecurityHub switches on unless the call says otherwise.
DEFAULTS = (
    "arn:{partition}:securityhub:{region}::standards/aws-foundational-security-best-practices/v/1.0.0",
    "arn:{partition}:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0",
)
# AWS's services that a hub receives from the start. Sources: securityhub-internal-providers in the user guide, and
# https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/securityhub/product_subscription_test.go,
# which switches one off before it can subscribe to it.
SENDERS = (
    "access-analyzer",
    "config",
    "firewall-manager",
    "guardduty",
    "health",
    "inspector",
    "iot-device-defender",
    "macie",
    "ssm-patch-manager",
)


@dataclass
class Hub:
    """A hub: settings, tags, and by the subscription's ARN what it receives."""

    generator: str
    tags: dict[str, str]
    auto_enable: bool = True
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    standards: dict[str, str] = field(default_factory=dict)
    products: set[str] = field(default_factory=set)


@dataclass
class Aggregator:
    """An account's aggregator, in its home region."""

    arn: str
    region: str
    mode: str
    regions: tuple[str, ...]

    def answer(self) -> Answer:
        """As AWS shows it."""
        return {
            "FindingAggregatorArn": self.arn,
            "FindingAggregationRegion": self.region,
            "RegionLinkingMode": self.mode,
            "Regions": list(self.regions) or None,
        }


class State:
    """Every hub of this AWS by (account, region), and every aggregator by account. A lock keeps requests apart."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.hubs: dict[tuple[str, str], Hub] = {}
        self.aggregators: dict[str, Aggregator] = {}
        self.organization = hub_organization.State()

    def clear(self) -> None:
        """Forget everything."""
        with self.lock:
            self.hubs.clear()
            self.aggregators.clear()
            self.organization.clear()

    def turn_on(self, caller: Caller, asked: Parameters) -> None:
        """Give the caller a hub, as EnableSecurityHub does."""
        hub = Hub(asked.get("ControlFindingGenerator", "SECURITY_CONTROL"), dict(asked.get("Tags", {})))
        if asked.get("EnableDefaultStandards", True):
            for arn in DEFAULTS:
                standard = arn.format(partition=caller.partition, region=caller.region)
                hub.standards[_subscription(caller, standard)] = standard
        hub.products = {f"{_prefix(caller)}:product-subscription/aws/{name}" for name in SENDERS}
        self.hubs[caller.account, caller.region] = hub

    def hub(self, caller: Caller) -> Hub:
        """The caller's hub.

        Raises:
            Refused: Security Hub is not on there.
        """
        found = self.hubs.get((caller.account, caller.region))
        if found is None:
            message = f"Account {caller.account} is not subscribed to AWS Security Hub"
            raise Refused(message, "InvalidAccessException", 401)
        return found

    def aggregator(self, caller: Caller, arn: str) -> Aggregator:
        """The caller's aggregator.

        Raises:
            Refused: there is none of that ARN in that region.
        """
        self.hub(caller)
        found = self.aggregators.get(caller.account)
        if found is None or (found.arn, found.region) != (arn, caller.region):
            raise _missing(arn)
        return found


def service() -> tuple[Service, State]:
    """Security Hub where it is on nowhere yet, and the state it keeps."""
    state = State()
    of_organization = hub_organization.handlers(state.organization)
    handlers = {**_hubs(state), **_standards(state), **_products(state), **_aggregators(state), **_tags(state)}
    handlers |= of_organization | hub_members.handlers(
        state.organization,
        lambda caller: (caller.account, caller.region) in state.hubs,
        lambda caller: state.turn_on(caller, {}),
    )
    return Service("securityhub", {name: _apart(state, handler) for name, handler in handlers.items()}), state


def _apart(state: State, handler: Handler) -> Handler:
    def answer(caller: Caller, asked: Parameters) -> Answer:
        with state.lock:
            return handler(caller, asked)

    return answer


def _hubs(state: State) -> dict[str, Handler]:
    def enable(caller: Caller, asked: Parameters) -> Answer:
        if (caller.account, caller.region) in state.hubs:
            raise Refused("Account is already subscribed to Security Hub", "ResourceConflictException", 409)
        state.turn_on(caller, asked)
        return {}

    def describe(caller: Caller, asked: Parameters) -> Answer:
        hub = state.hub(caller)
        if asked.get("HubArn", _hub_arn(caller)) != _hub_arn(caller):
            raise _missing(asked["HubArn"])
        return {
            "HubArn": _hub_arn(caller),
            "SubscribedAt": hub.since.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "AutoEnableControls": hub.auto_enable,
            "ControlFindingGenerator": hub.generator,
        }

    def update(caller: Caller, asked: Parameters) -> Answer:
        hub = state.hub(caller)
        hub.auto_enable = asked.get("AutoEnableControls", hub.auto_enable)
        hub.generator = asked.get("ControlFindingGenerator", hub.generator)
        return {}

    def disable(caller: Caller, _: Parameters) -> Answer:
        state.hub(caller)
        state.organization.ends(caller.account, caller.region)
        del state.hubs[caller.account, caller.region]
        return {}

    return {
        "EnableSecurityHub": enable,
        "DescribeHub": describe,
        "UpdateSecurityHubConfiguration": update,
        "DisableSecurityHub": disable,
    }


def _standards(state: State) -> dict[str, Handler]:
    def shown(arn: str, standard: str, status: str = "READY") -> dict[str, Any]:
        return {
            "StandardsSubscriptionArn": arn,
            "StandardsArn": standard,
            "StandardsInput": {},
            "StandardsStatus": status,
            "StandardsControlsUpdatable": "READY_FOR_UPDATES",
        }

    def enable(caller: Caller, asked: Parameters) -> Answer:
        hub = state.hub(caller)
        wanted = [each["StandardsArn"] for each in asked["StandardsSubscriptionRequests"]]
        for standard in wanted:
            _check_place(caller, standard, "standard")
        made = {_subscription(caller, standard): standard for standard in wanted}
        hub.standards |= made
        return {"StandardsSubscriptions": [shown(*each, "PENDING") for each in made.items()]}

    def disable(caller: Caller, asked: Parameters) -> Answer:
        hub = state.hub(caller)
        wanted = asked["StandardsSubscriptionArns"]
        if unknown := [arn for arn in wanted if arn not in hub.standards]:
            raise Refused(f"Invalid parameter: {unknown[0]}", "InvalidInputException")
        return {"StandardsSubscriptions": [shown(arn, hub.standards.pop(arn), "DELETING") for arn in wanted]}

    def enabled(caller: Caller, asked: Parameters) -> Answer:
        hub = state.hub(caller)
        wanted = asked.get("StandardsSubscriptionArns") or list(hub.standards)
        found = [shown(arn, hub.standards[arn]) for arn in wanted if arn in hub.standards]
        return {"StandardsSubscriptions": found}

    return {"BatchEnableStandards": enable, "BatchDisableStandards": disable, "GetEnabledStandards": enabled}


def _products(state: State) -> dict[str, Handler]:
    def enable(caller: Caller, asked: Parameters) -> Answer:
        hub = state.hub(caller)
        product = asked["ProductArn"]
        _check_place(caller, product, "product")
        subscription = f"{_prefix(caller)}:product-subscription/{product.rpartition(':product/')[2]}"
        if subscription in hub.products:
            raise Refused("Account is already subscribed to the product", "ResourceConflictException", 409)
        hub.products.add(subscription)
        return {"ProductSubscriptionArn": subscription}

    def disable(caller: Caller, asked: Parameters) -> Answer:
        hub = state.hub(caller)
        arn = asked["ProductSubscriptionArn"]
        if arn not in hub.products:
            raise _missing(arn)
        hub.products.remove(arn)
        return {}

    def list_(caller: Caller, _: Parameters) -> Answer:
        return {"ProductSubscriptions": sorted(state.hub(caller).products)}

    return {
        "EnableImportFindingsForProduct": enable,
        "DisableImportFindingsForProduct": disable,
        "ListEnabledProductsForImport": list_,
    }


def _aggregators(state: State) -> dict[str, Handler]:
    def create(caller: Caller, asked: Parameters) -> Answer:
        state.hub(caller)
        if caller.account in state.aggregators:
            raise Refused("A finding aggregator already exists for the account", "LimitExceededException", 429)
        mode, regions = _linked(asked)
        arn = f"{_prefix(caller)}:finding-aggregator/{secrets.token_hex(16)}"
        state.aggregators[caller.account] = Aggregator(arn, caller.region, mode, regions)
        return state.aggregators[caller.account].answer()

    def get(caller: Caller, asked: Parameters) -> Answer:
        return state.aggregator(caller, asked["FindingAggregatorArn"]).answer()

    def update(caller: Caller, asked: Parameters) -> Answer:
        found = state.aggregator(caller, asked["FindingAggregatorArn"])
        found.mode, found.regions = _linked(asked)
        return found.answer()

    def delete(caller: Caller, asked: Parameters) -> Answer:
        state.aggregator(caller, asked["FindingAggregatorArn"])
        del state.aggregators[caller.account]
        return {}

    def list_(caller: Caller, _: Parameters) -> Answer:
        state.hub(caller)
        found = state.aggregators.get(caller.account)
        return {"FindingAggregators": [{"FindingAggregatorArn": found.arn}] if found is not None else []}

    return {
        "CreateFindingAggregator": create,
        "GetFindingAggregator": get,
        "UpdateFindingAggregator": update,
        "DeleteFindingAggregator": delete,
        "ListFindingAggregators": list_,
    }


def _tags(state: State) -> dict[str, Handler]:
    def kept(caller: Caller, asked: Parameters) -> dict[str, str]:
        if asked["ResourceArn"] != _hub_arn(caller):
            raise _missing(asked["ResourceArn"])
        return state.hub(caller).tags

    def tag(caller: Caller, asked: Parameters) -> Answer:
        kept(caller, asked).update(asked["Tags"])
        return {}

    def untag(caller: Caller, asked: Parameters) -> Answer:
        tags = kept(caller, asked)
        for key in asked["TagKeys"]:
            tags.pop(key, None)
        return {}

    def list_(caller: Caller, asked: Parameters) -> Answer:
        return {"Tags": kept(caller, asked)}

    return {"TagResource": tag, "UntagResource": untag, "ListTagsForResource": list_}


def _prefix(caller: Caller) -> str:
    return f"arn:{caller.partition}:securityhub:{caller.region}:{caller.account}"


def _hub_arn(caller: Caller) -> str:
    return f"{_prefix(caller)}:hub/default"


def _subscription(caller: Caller, standard: str) -> str:
    """The ARN of an account's subscription to a standard: it ends as the standard's does."""
    return f"{_prefix(caller)}:subscription/{standard.rpartition(':')[2].partition('/')[2]}"


def _check_place(caller: Caller, arn: str, kind: str) -> None:
    """A standard or product is one of the caller's region, or (the oldest standard) of none."""
    parts = arn.split(":", 5)
    right = len(parts) == 6 and parts[1] == caller.partition and parts[2] == "securityhub"
    if not right or parts[3] not in ("", caller.region) or not parts[5].startswith((kind, "ruleset")):
        raise Refused(f"Invalid parameter: {arn} is no {kind} of {caller.region}", "InvalidInputException")


def _linked(asked: Parameters) -> tuple[str, tuple[str, ...]]:
    mode, regions = asked["RegionLinkingMode"], tuple(asked.get("Regions") or ())
    listed = mode in ("ALL_REGIONS_EXCEPT_SPECIFIED", "SPECIFIED_REGIONS")
    if mode not in MODES or listed != bool(regions):
        raise Refused(f"Invalid linking mode or regions: {mode}, {list(regions)}", "InvalidInputException")
    return mode, regions


def _missing(arn: str) -> Refused:
    return Refused(f"The resource {arn} was not found", "ResourceNotFoundException", 404)
