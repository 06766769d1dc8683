"""VPC flow logs: a log on every VPC of every region, to one bucket, or to a log group or a stream of each region."""

from __future__ import annotations

from guardline.generator.hcl import hcl
from guardline.generator.log_destination import Destination, absent, billed, destination, written
from guardline.generator.markdown import markdown
from guardline.generator.root import Part, Root
from guardline.spec.practices.flow_logs import FlowLogs

_KINDS = {"s3": "s3", "cloudwatch-logs": "cloud-watch-logs", "firehose": "kinesis-data-firehose"}


def part(root: Root) -> Part:
    """What flow logs add to the root."""
    asked = root.spec.flow_logs
    if asked.mode == "reference":
        where, owner = markdown(asked.arn or ""), markdown(asked.owner or "")
        return Part(assumed=(f"Flow logs go to {where}, owned by {owner}; nothing here makes or changes them.",))
    if asked.mode == "off":
        return Part(assumed=(f"No flow logs are asked for: {markdown(asked.reason or '')}",))
    hive = asked.files is not None and asked.files.hive_partitions
    to = destination(root, asked, "flow-logs", "flow_log_bucket", hive_partitions=hive)
    role = f"{root.spec.name}-flow-logs"
    bucket = ("The bucket that receives the flow logs of every region.", "module.flow_log_bucket.name")
    return Part(
        values={"settings": _settings(asked, to), "to": to, "role": role},
        region={"flow_logs": "local.flow_logs"},
        outputs={"flow_log_bucket": bucket} if to.bucket else {},
        assumed=tuple(_assumed(root, asked)),
        absent=(*absent(to), *((f"the role {role}",) if to.log_group else ())),
        billed=billed(root, asked, "flow logs", parquet=asked.files is not None and asked.files.format == "parquet"),
    )


def _settings(asked: FlowLogs, to: Destination) -> dict[str, str]:
    """What each region gets; AWS's defaults are left out."""
    settings = dict(to.settings)
    if to.log_group:
        settings["role_arn"] = "module.flow_log_role.arn"
    if asked.destination != "s3":
        settings = {"destination": hcl(_KINDS[asked.destination]), **settings}
    settings["traffic"] = hcl(asked.traffic)
    if asked.format is not None:
        settings["format"] = hcl(asked.format)
    if asked.aggregation_seconds != 600:
        settings["aggregation_seconds"] = hcl(asked.aggregation_seconds)
    if asked.files is not None:
        settings["files"] = written(asked.files.model_dump())
    return settings


def _assumed(root: Root, asked: FlowLogs) -> list[str]:
    later = "the VPCs that the account owns when Terraform plans; a VPC made later is logged by the next apply."
    response = root.spec.response
    alerts = response is not None and response.alerts is not None
    silence = "" if alerts else " It raises no alert: that needs `response.alerts`."
    lines = [f"Flow logs are written for {later}{silence}"]
    if asked.destination == "firehose":
        lines.append(
            f"Every covered region has a delivery stream {markdown(asked.stream or '')} of this account: nothing here "
            "makes it."
        )
    return lines
