"""CloudWatch's alarms.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_metric_alarm
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from guardline.validator.model.alarms import MetricAlarm
from guardline.validator.model.resource import Resource
from guardline.validator.model.value import Value, known
from guardline.validator.sources.adapt.common import ByType, common, default
from guardline.validator.sources.blocks import Block

_ALARM = "aws_cloudwatch_metric_alarm"

MAKES: Mapping[str, type[Resource]] = {_ALARM: MetricAlarm}


def metric_alarms(by_type: ByType) -> Iterator[MetricAlarm]:
    """Alarms on one metric."""
    for block in by_type.managed(_ALARM):
        yield MetricAlarm(
            **common(block),
            metric=default(block.tree.text("metric_name"), ""),
            queue=_dimension(block, "QueueName"),
            function=_dimension(block, "FunctionName"),
            acts=_acts(block),
            topics=_topics(block),
        )


def _dimension(block: Block, name: str) -> Value[str]:
    dimensions = block.tree.at("dimensions")
    if isinstance(dimensions.after, Mapping) and name not in dimensions.after and not dimensions.at(name).is_pending:
        return known("")
    return default(dimensions.text(name), "")


def _topics(block: Block) -> Value[tuple[str, ...]]:
    """Those whose ARNs are known: of others, AWS makes the ARN."""
    given = block.tree.at("alarm_actions")
    several = given.after if isinstance(given.after, list) else []
    return known(tuple(sorted(each for each in several if isinstance(each, str) and ":sns:" in each)), given.leaf)


def _acts(block: Block) -> Value[bool]:
    enabled: Value[bool] = default(block.tree.flag("actions_enabled"), True)
    given = known(True) if block.tree.at("alarm_actions").is_set else known(False)
    return enabled.map(lambda on: on and given.get())
