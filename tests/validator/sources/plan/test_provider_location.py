"""Plans to estates: in which account and region everything is."""

from __future__ import annotations

from typing import Any

import pytest

from guardline.validator.model.deployments import Deployment
from guardline.validator.model.guardduty import Detector
from guardline.validator.model.resource import Account
from guardline.validator.model.value import known
from guardline.validator.sources.plan.load import Hints, load
from tests.support.plans import Json, change, looked_at, plan, prior, provider, refers, resource

DETECTOR = "aws_guardduty_detector"


def detectors(data: bytes, hints: Hints | None = None) -> dict[str, Detector]:
    return {found.origin.address: found for found in load(data, hints).after.all(Detector)}


def place_of(providers: Json, **more: Any) -> Detector:
    data = plan([change(f"{DETECTOR}.d", {"enable": True})], [resource(DETECTOR, "d", "aws.x")], providers, **more)
    return detectors(data)[f"{DETECTOR}.d"]


def test_region_from_a_literal_and_from_a_variable() -> None:
    assert place_of({"aws.x": provider("eu-west-1")}).location.region == known("eu-west-1")
    variables = {"r": {"value": "ap-south-1"}, "m": {"value": {"a.b": "sa-east-1"}}}
    assert place_of({"aws.x": provider(refers("var.r"))}, variables=variables).location.region == known("ap-south-1")
    through_a_map = provider(refers('var.m["a.b"]', "var.m"))
    assert place_of({"aws.x": through_a_map}, variables=variables).location.region == known("sa-east-1")


@pytest.mark.parametrize(
    "region",
    [
        None,  # AWS_REGION decides
        {},  # a function call: a plan carries nothing of it
        refers("var.r"),  # the text is no region: a function around it has left no trace
        refers("var.r", "var.s"),
        refers("local.r"),
        "mars-north-1",
    ],
)
def test_unknown_region(region: object) -> None:
    variables = {"r": {"value": "west"}, "s": {"value": "eu"}}
    found = place_of({"aws.x": provider(region)}, variables=variables)
    assert not found.location.region.is_known


def test_default_region_is_for_providers_without_one() -> None:
    data = plan([change(f"{DETECTOR}.d", {})], [resource(DETECTOR, "d")], {"aws": provider(None)})
    hints = Hints(default_region="eu-west-3")
    assert detectors(data, hints)[f"{DETECTOR}.d"].location.region == known("eu-west-3")


def test_provider_block_in_a_module_uses_the_call() -> None:
    child = {
        "resources": [resource(DETECTOR, "d", "module.m:aws")],
        "variables": {"region": {}},
    }
    call = {"module": child, "expressions": {"region": refers("each.key")}}
    addresses = [f'module.m["{name}"].{DETECTOR}.d' for name in ("eu-west-1", "eu-west-2")]
    data = plan(
        [change(address, {"enable": True}) for address in addresses],
        providers={"module.m:aws": {**provider(refers("var.region")), "module_address": "module.m"}},
        calls={"m": call},
    )
    regions = [found.location.region for found in detectors(data).values()]
    assert regions == [known("eu-west-1"), known("eu-west-2")]


def test_the_region_argument_of_provider_6_wins() -> None:
    data = plan(
        [
            change(f'{DETECTOR}.d["eu-west-1"]', {"region": "eu-west-1"}),
            change(f'{DETECTOR}.d["eu-west-2"]', {}, {"region": True}),
        ],
        [resource(DETECTOR, "d", region=refers("each.key"))],
    )
    regions = [found.location.region for found in detectors(data).values()]
    assert regions == [known("eu-west-1"), known("eu-west-2")]


@pytest.mark.parametrize(
    ("expressions", "account", "how"),
    [
        ({"allowed_account_ids": ["111122223333"]}, "111122223333", "allowed_account_ids"),
        ({"allowed_account_ids": ["111122223333", "444455556666"]}, None, None),
        ({}, None, None),
    ],
)
def test_account(expressions: Json, account: str | None, how: str | None) -> None:
    given = {name: {"constant_value": value} for name, value in expressions.items()}
    found = place_of({"aws.x": provider("us-east-1", **given)})
    assert (found.location.account.id, found.location.account.known_from) == (account, how)


def test_of_several_roles_the_last_one_is_the_account() -> None:
    first, last = ({"role_arn": {"constant_value": f"arn:aws:iam::{each}:role/x"}} for each in ("1" * 12, "4" * 12))
    unknown = {"role_arn": refers("var.later")}
    for roles, account in (([first, last], "4" * 12), ([first], "1" * 12), ([first, unknown], None), ([], None)):
        assert place_of({"aws.x": provider(assume_role=roles)}).location.account.id == account


def test_account_of_an_assumed_role_and_of_the_caller() -> None:
    role = [{"role_arn": {"constant_value": "arn:aws:iam::444455556666:role/x/y"}}]
    assert place_of({"aws.x": provider(assume_role=role)}).location.account == Account(
        "444455556666", "444455556666", "assume_role"
    )
    caller = prior(looked_at("data.aws_caller_identity.me", account_id="777788889999"))
    data = plan(
        [change(f"{DETECTOR}.d", {})],
        [resource(DETECTOR, "d"), resource("data.aws_caller_identity", "me")],
        prior_state=caller,
    )
    assert detectors(data)[f"{DETECTOR}.d"].location.account.known_from == "caller identity"
    hinted = Hints(accounts={"aws": "123456789012"})
    assert detectors(data, hinted)[f"{DETECTOR}.d"].location.account.id == "123456789012"


def test_providers_with_the_callers_credentials_are_in_the_callers_account() -> None:
    providers = {"aws": provider("us-east-1"), "aws.west": provider("us-west-2"), "aws.x": provider(profile="other")}
    data = plan(
        [change(f"{DETECTOR}.w", {}), change(f"{DETECTOR}.x", {})],
        [
            resource(DETECTOR, "w", "aws.west"),
            resource(DETECTOR, "x", "aws.x"),
            resource("data.aws_caller_identity", "me"),
        ],
        providers,
        prior_state=prior(looked_at("data.aws_caller_identity.me", account_id="777788889999")),
    )
    accounts = [found.location.account.id for found in detectors(data).values()]
    assert accounts == ["777788889999", None]


def test_callers_of_two_accounts_with_the_same_credentials_to_be_seen() -> None:
    """A plan leaves out the dynamic block in which one of them assumes a role."""
    providers = {"aws": provider("us-east-1"), "aws.audit": provider("us-east-1"), "aws.west": provider("us-west-2")}
    data = plan(
        [change(f"{DETECTOR}.{name}", {}) for name in "dxw"],
        [
            resource(DETECTOR, "d"),
            resource(DETECTOR, "x", "aws.audit"),
            resource(DETECTOR, "w", "aws.west"),
            resource("data.aws_caller_identity", "me"),
            resource("data.aws_caller_identity", "audit", "aws.audit"),
        ],
        providers,
        prior_state=prior(
            looked_at("data.aws_caller_identity.me", account_id="777788889999"),
            looked_at("data.aws_caller_identity.audit", account_id="444455556666"),
        ),
    )
    places = [found.location for found in detectors(data).values()]
    assert [place.account.id for place in places] == ["777788889999", "444455556666", "777788889999"]
    assert [place.through for place in places] == [None, None, "aws.west"]


def test_credentials_that_differ_are_accounts_that_differ() -> None:
    providers = {
        "aws": provider("us-east-1"),
        "aws.other": provider("us-east-1", profile="other"),
        "aws.west": provider("us-west-2"),
    }
    names = {"aws": "a", "aws.other": "b", "aws.west": "c"}
    data = plan(
        [change(f"{DETECTOR}.{name}", {}) for name in names.values()],
        [resource(DETECTOR, name, key) for key, name in names.items()],
        providers,
    )
    keys = [found.location.account.key for found in detectors(data).values()]
    assert keys[0] == keys[2] != keys[1]


def test_what_is_no_longer_configured_is_placed_by_its_own_arn() -> None:
    arn = "arn:aws:guardduty:eu-west-3:111122223333:detector/abc"
    gone = change(f"module.eu.{DETECTOR}.d", None, before={"id": "abc", "arn": arn, "enable": True})
    before = load(plan([gone, change("aws_vpc.v", {})], [resource("aws_vpc", "v")])).before
    assert before is not None
    assert before.all(Detector)[0].location.region == known("eu-west-3")
    assert "eu-west-3" in before.regions  # the change empties a region that nothing else touches


def test_touched_regions() -> None:
    providers = {"aws": provider("us-east-1"), "aws.idle": provider("ap-east-1"), "aws.x": provider("me-south-1")}
    data = plan([change("aws_sqs_queue.q", {}), change("aws_sqs_queue.r", {"region": "eu-south-1"})],
                [resource("aws_sqs_queue", "q", "aws.x"), resource("aws_sqs_queue", "r")], providers)  # fmt: skip
    assert load(data).after.regions == {"us-east-1", "me-south-1", "eu-south-1"}


def implied(modules: str) -> Json:
    """What a plan lists for a module that inherits its provider through a caller without any."""
    return {"name": "aws", "module_address": modules}


def nested(*names: str) -> bytes:
    """A detector in nested modules whose provider configuration is implied."""
    path = ".".join(f"module.{name}" for name in names)
    calls: Json = {}
    module: Json = {"resources": [resource(DETECTOR, "d", f"{path}:aws")]}
    for name in reversed(names):
        calls = {name: {"module": module}}
        module = {"module_calls": calls}
    return plan(
        [change(f"{path}.{DETECTOR}.d", {"enable": True})],
        [],
        {"aws": provider("eu-west-1"), f"{path}:aws": implied(path)},
        calls,
    )


@pytest.mark.parametrize("names", [("a", "b"), ("a", "b", "c")])
def test_a_provider_inherited_through_a_module_without_resources(names: tuple[str, ...]) -> None:
    (found,) = detectors(nested(*names)).values()
    assert found.location.region == known("eu-west-1")


def test_it_may_be_another_where_one_may_have_been_handed_on_further_up() -> None:
    alias = b'"provider_config": {"aws.x": {"name": "aws", "alias": "x"}, '
    with_alias = nested("a", "b", "c").replace(b'"provider_config": {', alias)
    (found,) = detectors(with_alias).values()
    assert not found.location.region.is_known
    with_alias = nested("a", "b").replace(b'"provider_config": {', alias)
    (found,) = detectors(with_alias).values()
    assert found.location.region == known("eu-west-1")


def test_an_empty_provider_block_in_a_module_of_the_root_is_its_own() -> None:
    (found,) = detectors(nested("a")).values()
    assert not found.location.region.is_known


def test_what_another_provider_of_aws_makes_is_placed_and_makes_no_account() -> None:
    data = plan(
        [change(f"{DETECTOR}.d", {}), change("awscc_guardduty_detector.x", {})],
        [resource(DETECTOR, "d"), resource("awscc_guardduty_detector", "x", "awscc")],
        {"aws": provider("eu-west-1", allowed_account_ids={"constant_value": ["111122223333"]}),
         "awscc": {"name": "awscc", "expressions": {"region": {"constant_value": "us-east-1"}}}},
    )  # fmt: skip
    found = load(data).after
    (deployment,) = found.all(Deployment)
    assert (deployment.regions, deployment.makes) == (known(frozenset({"us-east-1"})), frozenset({Detector}))
    assert [account.id for account in found.accounts] == ["111122223333"]
    assert found.regions == {"eu-west-1"}
