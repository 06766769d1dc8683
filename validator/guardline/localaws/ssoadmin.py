"""What moto's IAM Identity Center lacks: the tags of permission sets, and how far their provisioning has come."""

from __future__ import annotations

from typing import Any

from guardline.localaws.jsonrpc import Service
from guardline.localaws.restjson import Answer, Caller, Parameters, Refused

REQUEST = "00000000-0000-4000-8000-000000000000"  # every one is done before anybody asks after it


def correct() -> None:
    """Give permission sets the ARNs that AWS gives: moto 5.2.5 hangs their id on the instance's own ARN."""
    from moto.moto_api._internal import mock_random
    from moto.ssoadmin.models import PermissionSet

    def generate_id(instance_arn: str) -> str:
        tail: str = mock_random.get_random_hex(16)
        return f"{instance_arn.replace(':instance/', ':permissionSet/')}/ps-{tail}"

    permission_set: Any = PermissionSet  # a method is replaced, which no checker allows on the class itself
    permission_set.generate_id = staticmethod(generate_id)


def service() -> Service:
    """Identity Center's operations beside moto's."""
    return Service(
        "sso-admin",
        {
            "DescribePermissionSetProvisioningStatus": _provisioning,
            "ListTagsForResource": _list_tags,
            "ProvisionPermissionSet": _provision,
            "TagResource": _tag,
            "UntagResource": _untag,
        },
    )


def _provision(caller: Caller, asked: Parameters) -> Answer:
    """Done at once, in any instance: moto has one with a name of its own."""
    arn = _permission_set(caller, {"ResourceArn": asked["PermissionSetArn"]}).permission_set_arn
    return {"PermissionSetProvisioningStatus": {"Status": "SUCCEEDED", "RequestId": REQUEST, "PermissionSetArn": arn}}


def _provisioning(_caller: Caller, asked: Parameters) -> Answer:
    request = asked["ProvisionPermissionSetRequestId"]
    return {"PermissionSetProvisioningStatus": {"Status": "SUCCEEDED", "RequestId": request}}


def _list_tags(caller: Caller, asked: Parameters) -> Answer:
    return {"Tags": _permission_set(caller, asked).tags}


def _tag(caller: Caller, asked: Parameters) -> Answer:
    found = _permission_set(caller, asked)
    tags = {tag["Key"]: tag["Value"] for tag in (*found.tags, *asked["Tags"])}
    found.tags = [{"Key": key, "Value": value} for key, value in tags.items()]
    return {}


def _untag(caller: Caller, asked: Parameters) -> Answer:
    found = _permission_set(caller, asked)
    found.tags = [tag for tag in found.tags if tag["Key"] not in asked["TagKeys"]]
    return {}


def _permission_set(caller: Caller, asked: Parameters) -> Any:
    """moto's own permission set.

    Raises:
        Refused: there is none of that ARN.
    """
    from moto.ssoadmin.models import ssoadmin_backends

    backends: Any = ssoadmin_backends
    for each in backends[caller.account][caller.region].permission_sets:
        if each.permission_set_arn == asked["ResourceArn"]:
            each.tags = each.tags or []
            return each
    raise Refused(f"Could not find PermissionSet with id {asked['ResourceArn']}", "ResourceNotFoundException")
