"""What AWS fills in when it makes something: ids, ARNs and the rest that is known after apply only."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.stubprovider.schema import Block
from tests.support.stubprovider.values import Object, Unknown, Value

# How ids and ARNs of a type are built from its own attributes and its place. What is not listed gets a serial number.
# Sources: each type's page, "Attribute Reference", and the Service Authorization Reference for ARNs.
FORMS: Mapping[str, Mapping[str, str]] = {
    "aws_guardduty_detector": {"arn": "arn:{partition}:guardduty:{region}:{account}:detector/{id}"},
    "aws_guardduty_detector_feature": {"id": "{detector_id}/{name}"},
    "aws_guardduty_filter": {
        "id": "{detector_id}:{name}",
        "arn": "arn:{partition}:guardduty:{region}:{account}:detector/{detector_id}/filter/{name}",
    },
    "aws_guardduty_ipset": {
        "id": "{detector_id}:{serial}",
        "arn": "arn:{partition}:guardduty:{region}:{account}:detector/{detector_id}/ipset/{serial}",
    },
    "aws_guardduty_threatintelset": {
        "id": "{detector_id}:{serial}",
        "arn": "arn:{partition}:guardduty:{region}:{account}:detector/{detector_id}/threatintelset/{serial}",
    },
    "aws_guardduty_publishing_destination": {"id": "{detector_id}:{serial}"},
    "aws_guardduty_organization_admin_account": {"id": "{admin_account_id}"},
    "aws_guardduty_organization_configuration": {"id": "{detector_id}"},
    "aws_guardduty_organization_configuration_feature": {"id": "{detector_id}/{name}"},
    "aws_guardduty_member": {"id": "{detector_id}:{account_id}"},
    "aws_s3_bucket": {
        "bucket": "{bucket_prefix}{serial}",
        "id": "{bucket}",
        "arn": "arn:{partition}:s3:::{bucket}",
        "bucket_domain_name": "{bucket}.s3.{suffix}",
        "bucket_regional_domain_name": "{bucket}.s3.{region}.{suffix}",
        "region": "{region}",
    },
    "aws_s3_object": {"id": "{key}", "arn": "arn:{partition}:s3:::{bucket}/{key}"},
    "aws_kms_key": {
        "id": "{key_id}",
        "key_id": "{serial}",
        "arn": "arn:{partition}:kms:{region}:{account}:key/{key_id}",
    },
    "aws_kms_alias": {"id": "{name}", "arn": "arn:{partition}:kms:{region}:{account}:{name}"},
    "aws_cloudtrail": {"id": "{arn}", "arn": "arn:{partition}:cloudtrail:{region}:{account}:trail/{name}"},
    "aws_flow_log": {"id": "fl-{serial}", "arn": "arn:{partition}:ec2:{region}:{account}:vpc-flow-log/{id}"},
    "aws_route53_resolver_query_log_config": {
        "id": "rqlc-{serial}",
        "arn": "arn:{partition}:route53resolver:{region}:{account}:resolver-query-log-config/{id}",
        "owner_id": "{account}",
        "share_status": "NOT_SHARED",
    },
    "aws_sns_topic": {"id": "{arn}", "arn": "arn:{partition}:sns:{region}:{account}:{name}", "owner": "{account}"},
    "aws_sns_topic_subscription": {"id": "{arn}", "arn": "{topic_arn}:{serial}", "owner_id": "{account}"},
    "aws_sqs_queue": {
        "id": "{url}",
        "url": "https://sqs.{region}.{suffix}/{account}/{name}",
        "arn": "arn:{partition}:sqs:{region}:{account}:{name}",
    },
    "aws_dynamodb_table": {"id": "{name}", "arn": "arn:{partition}:dynamodb:{region}:{account}:table/{name}"},
    "aws_lambda_function": {
        "id": "{function_name}",
        "arn": "arn:{partition}:lambda:{region}:{account}:function:{function_name}",
        "qualified_arn": "arn:{partition}:lambda:{region}:{account}:function:{function_name}:$LATEST",
        "invoke_arn": "arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations",
        "version": "$LATEST",
    },
    "aws_lambda_permission": {"id": "{statement_id}", "statement_id": "{statement_id_prefix}{serial}"},
    "aws_cloudwatch_event_bus": {"id": "{name}", "arn": "arn:{partition}:events:{region}:{account}:event-bus/{name}"},
    # {bus} is empty on the default bus, and else its name and a slash.
    "aws_cloudwatch_event_rule": {
        "id": "{bus}{name}",
        "arn": "arn:{partition}:events:{region}:{account}:rule/{bus}{name}",
    },
    "aws_cloudwatch_event_target": {"id": "{rule}-{target_id}"},
    "aws_cloudwatch_log_group": {"id": "{name}", "arn": "arn:{partition}:logs:{region}:{account}:log-group:{name}"},
    "aws_cloudwatch_metric_alarm": {
        "id": "{alarm_name}",
        "arn": "arn:{partition}:cloudwatch:{region}:{account}:alarm:{alarm_name}",
    },
    "aws_iam_role": {
        "id": "{name}",
        "arn": "arn:{partition}:iam::{account}:role{path}{name}",
        "unique_id": "AROA{serial}",
    },
    "aws_iam_policy": {"id": "{arn}", "arn": "arn:{partition}:iam::{account}:policy{path}{name}"},
    "aws_iam_role_policy": {"id": "{role}:{name}"},
    "aws_organizations_organization": {
        "id": "o-{serial}",
        "arn": "arn:{partition}:organizations::{account}:organization/{id}",
    },
    "aws_organizations_policy": {"id": "p-{serial}"},
    "aws_securityhub_account": {"id": "{account}", "arn": "arn:{partition}:securityhub:{region}:{account}:hub/default"},
    "aws_securityhub_standards_subscription": {"id": "{standards_arn}"},
    "aws_securityhub_organization_admin_account": {"id": "{admin_account_id}"},
    "aws_securityhub_organization_configuration": {"id": "{account}"},
    "aws_config_configuration_recorder": {"id": "{name}"},
    "aws_config_configuration_recorder_status": {"id": "{name}"},
    "aws_config_delivery_channel": {"id": "{name}"},
    "aws_athena_workgroup": {"id": "{name}", "arn": "arn:{partition}:athena:{region}:{account}:workgroup/{name}"},
    "aws_glue_catalog_database": {"id": "{account}:{name}", "catalog_id": "{account}"},
    "aws_glue_catalog_table": {"id": "{account}:{database_name}:{name}", "catalog_id": "{account}"},
}
# What a type is known by when it is listed nowhere: the first of these that it has.
NAMES = ("name", "bucket", "arn", "account_id", "detector_id")


@dataclass(frozen=True)
class Place:
    """Where something is made."""

    partition: str
    suffix: str
    region: str
    account: str


class Maker:
    """Fills in what is unknown; each thing that it makes has a serial number of its own."""

    def __init__(self) -> None:
        self._numbers = itertools.count()

    def fill(self, type_: str, block: Block, planned: Object, place: Place) -> Object:
        """What was planned, with nothing unknown and nothing else changed."""
        serial = hashlib.sha256(f"{type_} {next(self._numbers)}".encode()).hexdigest()[:32]
        facts = {**vars(place), "serial": serial, "bus": _bus(planned.get("event_bus_name"))}
        forms = {**_usual(type_, block), **FORMS.get(type_, {})}
        made = {name: value for name, value in planned.items() if not isinstance(value, Unknown)}

        def one(name: str) -> Value:
            if name not in made:
                made[name] = _nothing(block.attributes[name].type) if name in block.attributes else []
                form = forms.get(name)
                if form is not None:
                    made[name] = form.format_map(_Reading(facts, one, planned))
            return made[name]

        for name in planned:
            one(name)
        return {name: _filled(made[name]) for name in planned}


class _Reading(dict[str, Value]):
    """The place's facts, then the thing's own attributes, which may themselves have to be made first."""

    def __init__(self, facts: Mapping[str, Value], one: Any, planned: Object) -> None:
        super().__init__(facts)
        self._one, self._planned = one, planned

    def __missing__(self, name: str) -> Value:
        return (self._one(name) if name in self._planned else None) or ""


def _usual(type_: str, block: Block) -> Mapping[str, str]:
    named = next((name for name in NAMES if name in block.attributes and block.attributes[name].required), None)
    service, _, noun = type_.removeprefix("aws_").partition("_")
    return {
        "id": "{serial}" if named is None else f"{{{named}}}",
        "arn": f"arn:{{partition}}:{service}:{{region}}:{{account}}:{noun}/{{id}}",
        "name": "{name_prefix}{serial}",
        "owner_id": "{account}",
        "account_id": "{account}",
        "region": "{region}",
    }


def _bus(name: Value) -> str:
    """How the bus shows in the ARN of a rule; it may be given as its own ARN."""
    return "" if not isinstance(name, str) or name in ("", "default") else f"{name.rpartition('/')[2]}/"


def _filled(value: Value) -> Value:
    """Unknown parts of blocks and lists are nothing. An unknown attribute of a block shows in no verdict."""
    if isinstance(value, Unknown):
        return None
    if isinstance(value, list):
        return [_filled(each) for each in value]
    if isinstance(value, dict):
        return {name: _filled(each) for name, each in value.items()}
    return value


def _nothing(type_: Any) -> Value:
    """The empty value of a type. Text is empty, too: anything else would show in a name's prefix and the like."""
    if isinstance(type_, str):
        return {"string": "", "number": 0, "bool": False}[type_]
    return (
        {name: _nothing(each) for name, each in type_[1].items()}
        if type_[0] == "object"
        else ({} if type_[0] == "map" else [])
    )
