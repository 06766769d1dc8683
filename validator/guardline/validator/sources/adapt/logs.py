"""CloudWatch Logs.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_log_group
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from guardline.validator.model.logs import LogGroup, LogPolicy
from guardline.validator.model.resource import Resource
from guardline.validator.sources.adapt.common import KEY_OR_ALIAS, ByType, common, default
from guardline.validator.sources.adapt.policies import Documents

_GROUP = "aws_cloudwatch_log_group"

_POLICY = "aws_cloudwatch_log_resource_policy"

MAKES: Mapping[str, type[Resource]] = {_GROUP: LogGroup, _POLICY: LogPolicy}


def log_policies(by_type: ByType) -> Iterator[LogPolicy]:
    """Policies of log groups."""
    documents = Documents(by_type)
    for block in by_type.managed(_POLICY):
        yield LogPolicy(**common(block), text=documents.draft(block, "policy_document"))


def log_groups(by_type: ByType) -> Iterator[LogGroup]:
    """Log groups."""
    for block in by_type.both(_GROUP):
        tree = block.tree
        yield LogGroup(
            **common(block, "name"),
            name=default(tree.text("name"), ""),
            days=default(tree.number("retention_in_days"), 0),
            key=block.link("kms_key_id", wanted=KEY_OR_ALIAS) if tree.at("kms_key_id").is_set else None,
        )
