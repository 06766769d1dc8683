"""Weakenings of the generated source of `environments/everything`: each takes away something that the spec asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Weakening:
    """A change of one file of the source.

    Attributes:
        name: what it does, for people.
        file: the file, seen from the root; modules are under ``modules/``.
        found: a regular expression of what is replaced, its first place.
        put: what stands there instead; "" drops it.
    """

    name: str
    file: str
    found: str
    put: str = ""

    def of(self, text: str) -> str:
        """The file's text, weakened.

        Raises:
            ValueError: the source no longer says what is weakened.
        """
        made, count = re.subn(self.found, lambda _: self.put, text, count=1, flags=re.MULTILINE | re.DOTALL)
        if not count:
            raise ValueError(f"{self.name}: {self.file} does not have {self.found!r}")
        return made


def block(kind: str, name: str = "this") -> str:
    """A whole resource."""
    return rf'^resource "{kind}" "{name}" \{{.*?^\}}\n'


def nested(name: str, inside: str = "  ") -> str:
    """A whole nested block, by its indent."""
    return rf"^{inside}{name} \{{.*?^{inside}\}}\n"


def argument(name: str) -> str:
    """A whole argument of one line."""
    return rf"^ *{name} += [^\n]*\n"


def _drop(name: str, file: str, kind: str, label: str = "this") -> Weakening:
    return Weakening(name, file, block(kind, label))


_B = "modules/bucket/main.tf"
_G = "modules/guardduty/main.tf"
_T = "modules/trail/main.tf"
_F = "modules/flow-logs/main.tf"
_D = "modules/dns-logs/main.tf"
_E = "modules/event-rules/main.tf"
_A = "modules/alert-topic/main.tf"
_R = "modules/response-function/main.tf"
_X = "modules/findings-bucket/main.tf"
_C = "modules/config-recorder/main.tf"
_H = "modules/security-hub/main.tf"
_Q = "modules/tamper-queries/main.tf"
_U = "modules/event-bus/main.tf"
_S = "suppression/main.tf"
_P = "modules/access-roles/main.tf"

WEAKENINGS: tuple[Weakening, ...] = (
    # detection
    Weakening("detector suspended", _G, r"enable                       = true", "enable = false"),
    Weakening("findings updated every six hours", "regions.tf", r'"FIFTEEN_MINUTES"', '"SIX_HOURS"'),
    Weakening("S3 protection off", "main.tf", r'("S3_DATA_EVENTS" +)= true', '"S3_DATA_EVENTS" = false'),
    Weakening("malware protection not declared", "main.tf", r'^ +"EBS_MALWARE_PROTECTION" += true\n'),
    Weakening("EKS agent not managed", "main.tf", r'"EKS_ADDON_MANAGEMENT" +=', '"EKS_ADDON_MANAGEMENT" = false #'),
    Weakening("features not declared", _G, block("aws_guardduty_detector_feature")),
    Weakening("a region left out", "regions.tf", r'^ +"us-east-1" += \[\]\n'),
    # export
    _drop(
        "findings are not exported", "modules/publishing-destination/main.tf", "aws_guardduty_publishing_destination"
    ),
    Weakening("the export's key is dropped", "modules/publishing-destination/main.tf", argument("kms_key_arn")),
    Weakening("findings kept for 90 days", "export.tf", r"retention_days = 365", "retention_days = 90"),
    Weakening("opt-in regions kept out of the export", "export.tf", argument("opt_in_regions")),
    Weakening("the export of one region is kept out", "export.tf", r', "us-east-1"'),
    Weakening("GuardDuty may not write to the export", _X, r'\["s3:PutObject"\]', '["s3:GetObject"]'),
    Weakening("GuardDuty may not use the export's key", _X, r'\["kms:GenerateDataKey"\]', '["kms:DescribeKey"]'),
    Weakening("the export's key does not rotate", _X, r"enable_key_rotation     = true", "enable_key_rotation = false"),
    Weakening("findings may come in plain", _X, r'  statement \{\n    sid       = "DenyUnencrypted".*?\n  \}\n'),
    # buckets
    _drop("public access block dropped", _B, "aws_s3_bucket_public_access_block"),
    Weakening("public access block incomplete", _B, r"block_public_policy     = true", "block_public_policy = false"),
    _drop("ownership dropped", _B, "aws_s3_bucket_ownership_controls"),
    Weakening("ACLs count again", _B, '"BucketOwnerEnforced"', '"ObjectWriter"'),
    Weakening("versioning suspended", _B, r'status = "Enabled"', 'status = "Suspended"'),
    _drop("versioning dropped", _B, "aws_s3_bucket_versioning"),
    _drop("encryption dropped", _B, "aws_s3_bucket_server_side_encryption_configuration"),
    Weakening("encryption without a key", _B, r'var.kms_key == null \? "AES256" : "aws:kms"', '"AES256"'),
    Weakening("no key for buckets", _B, argument("kms_master_key_id")),
    _drop("lifecycle dropped", _B, "aws_s3_bucket_lifecycle_configuration"),
    Weakening("records expire after a week", _B, r"days = expiration.value", "days = 7"),
    Weakening("old versions expire after a day", _B, r"noncurrent_days = 30", "noncurrent_days = 1"),
    Weakening("records archived at once", _B, r"days          = transition.value", "days = 1"),
    _drop("object lock dropped", _B, "aws_s3_bucket_object_lock_configuration"),
    Weakening("object lock of a day", _B, r"days = var.object_lock.days", "days = 1"),
    Weakening("plain HTTP allowed", _B, r"^  statement \{.*?^  \}\n"),
    _drop("bucket policy dropped", _B, "aws_s3_bucket_policy"),
    # flow logs
    Weakening("flow logs of rejected traffic alone", "flow-logs.tf", '"ALL"', '"REJECT"'),
    Weakening("flow logs of ten minutes", "flow-logs.tf", r"aggregation_seconds = 60", "aggregation_seconds = 600"),
    Weakening("flow logs in plain text", "flow-logs.tf", '"parquet"', '"plain-text"'),
    Weakening("flow logs without hourly prefixes", "flow-logs.tf", "hourly = true", "hourly = false"),
    Weakening("flow logs kept for a month", "flow-logs.tf", r"retention_days  = 365", "retention_days = 30"),
    Weakening("flow logs without a key", "flow-logs.tf", argument("own_key")),
    Weakening("flow logs go elsewhere", "flow-logs.tf", r"module.flow_log_bucket.arn", '"arn:aws:s3:::elsewhere"'),
    _drop("no flow logs", _F, "aws_flow_log"),
    Weakening("flow logs of tagged VPCs", _F, r'name   = "owner-id"', 'name = "tag:logged"'),
    Weakening(
        "deliveries of any account",
        "modules/log-bucket/main.tf",
        r"    condition \{\n      test     = \"StringEquals\".*?    \}\n",
    ),
    Weakening(
        "the flow logs' key does not rotate", "modules/log-bucket/main.tf", r"enable_key_rotation     = true", ""
    ),
    # DNS
    Weakening("query logs kept for a month", "dns-logs.tf", r"retention_days = 365", "retention_days = 30"),
    Weakening("query logs without a key", "dns-logs.tf", r", own_key = true", ", own_key = false"),
    _drop("no query logs", _D, "aws_route53_resolver_query_log_config_association"),
    Weakening(
        "query logs go elsewhere",
        _D,
        r"destination_arn = local.destination_arn",
        'destination_arn = "arn:aws:s3:::elsewhere"',
    ),
    Weakening("another query log", _D, r"aws_route53_resolver_query_log_config.this.id", '"rqlc-0123456789abcdef0"'),
    Weakening("other resolvers not denied", "regions.tf", argument("other_resolvers")),
    Weakening(
        "another port than DNS denied",
        "modules/other-resolvers/main.tf",
        r"from_port       = 53\n  to_port         = 53",
        "from_port = 54\n  to_port = 54",
    ),
    Weakening(
        "DNS denied on the way in", "modules/other-resolvers/main.tf", r"egress          = true", "egress = false"
    ),
    Weakening("any resolver may be asked", "dns-logs.tf", r'\["10.0.0.0/8"\]', '["0.0.0.0/0"]'),
    Weakening("log delivery may not write query logs", _D, block("aws_cloudwatch_log_resource_policy")),
    # trail
    Weakening("trail switched off", _T, r"enable_logging                = true", "enable_logging = false"),
    Weakening("trail of one region", _T, r"is_multi_region_trail         = true", "is_multi_region_trail = false"),
    Weakening(
        "trail without global services",
        _T,
        r"include_global_service_events = true",
        "include_global_service_events = false",
    ),
    Weakening(
        "trail without validation", _T, r"enable_log_file_validation    = true", "enable_log_file_validation = false"
    ),
    Weakening("trail without a key", _T, r"^  kms_key_id                    = [^\n]*\n"),
    Weakening("trail's key does not rotate", _T, r"enable_key_rotation     = true", "enable_key_rotation = false"),
    Weakening("trail's key of one region", "trail.tf", argument("multi_region_key")),
    Weakening("trail without insights", "trail.tf", argument("insights")),
    Weakening("trail with one insight", "trail.tf", r', "ApiErrorRateInsight"'),
    Weakening("trail without a copy", "trail.tf", argument("log_group")),
    Weakening("trail's copy for a week", "trail.tf", r"retention_days = 90 ", "retention_days = 7 "),
    Weakening("trail kept for a year", "trail.tf", r"retention_days     = 2555", "retention_days = 366"),
    Weakening("trail without object lock", "trail.tf", argument("object_lock")),
    Weakening("trail locked for a month", "trail.tf", r"days = 365 ", "days = 30 "),
    Weakening("trail archived after a day", "trail.tf", r"archive_after_days = 90", "archive_after_days = 1"),
    Weakening(
        "trail leaves another bucket out", "trail.tf", r'\["everything-config', '["customer-data", "everything-config'
    ),
    Weakening("trail without S3 objects", _T, r'equals = \["AWS::S3::Object"\]', 'equals = ["AWS::Lambda::Function"]'),
    Weakening(
        "trail of reads alone",
        _T,
        r'equals = \["Management"\]\n    \}',
        'equals = ["Management"]\n    }\n    field_selector {\n      field = "readOnly"\n'
        '      equals = ["true"]\n    }',
    ),
    Weakening(
        "anybody's trail may write",
        _T,
        r"    condition \{\n      test     = \"StringEquals\"\n      variable = \"aws:SourceArn\".*?    \}\n",
    ),
    # lists
    Weakening("trusted list not active", "modules/trusted-ip-list/main.tf", r"activate    = true", "activate = false"),
    Weakening("a trusted list of everybody", "lists.tf", r"203.0.113.0/28", "0.0.0.0/0"),
    Weakening("an address more in the trusted list", "lists.tf", r"203.0.113.0/28", "203.0.113.0/24"),
    Weakening("a threat list shortened", "lists.tf", r"198.51.100.77\n", ""),
    # suppression
    Weakening(
        "suppression of another type as well",
        _S,
        r'\["Recon:EC2/Portscan"\]',
        '["Recon:EC2/Portscan", "Recon:EC2/PortProbeUnprotectedPort"]',
    ),
    Weakening("suppression of more instances", _S, r'\["vuln-scanner"\]', '["vuln-scanner", "web"]'),
    Weakening("suppression without its resource", _S, r"    criterion \{\n      field  = \"resource.*?    \}\n"),
    Weakening("suppression without its severity", _S, r"    criterion \{\n      field     = \"severity\".*?    \}\n"),
    Weakening("suppression for ever", _S, r" \(until 2099-12-31\)"),
    # access
    Weakening("anybody may read", "access.tf", r"arn:aws:iam::111122223333:role/analysts", "*"),
    Weakening(
        "a foreign account may administer",
        "access.tf",
        r"arn:aws:iam::111122223333:role/security-engineers",
        "arn:aws:iam::999999999999:root",
    ),
    Weakening(
        "another role may respond as well",
        "access.tf",
        r'^    "arn:aws:iam::111122223333:role/soc",\n',
        '    "arn:aws:iam::111122223333:role/soc",\n    "arn:aws:iam::111122223333:role/interns",\n',
    ),
    Weakening("roles without a boundary", _P, argument("permissions_boundary")),
    # tamper
    Weakening("no tamper alarm", "alerts.tf", r'"CreateFilter",?\n? *'),
    _drop("no alarms at all", _E, "aws_cloudwatch_event_target"),
    Weakening("rules disabled", _E, r'"ENABLED"', '"DISABLED"'),
    _drop("no saved queries", _Q, "aws_athena_named_query"),
    Weakening("queries of another bucket", "tamper.tf", r"module.trail.bucket_name", '"elsewhere"'),
    Weakening("query results in plain", _Q, nested("encryption_configuration", "      ")),
    Weakening(
        "clients choose where results go",
        _Q,
        r"enforce_workgroup_configuration    = true",
        "enforce_workgroup_configuration = false",
    ),
    # response
    Weakening("alerts without e-mail", "alerts.tf", r'\["soc@example.com"\]', "[]"),
    Weakening("alerts to somebody else", "alerts.tf", r"soc@example.com", "nobody@example.com"),
    Weakening("alerts from severity 7", "alerts.tf", r'\{ "numeric" = \[">=", 4\] \}', '{ "numeric" = [">=", 7] }'),
    Weakening("no alert of new VPCs", "alerts.tf", r'\["CreateVpc", "CreateDefaultVpc"\]', '["CreateDefaultVpc"]'),
    Weakening("alerts in plain", _A, argument("kms_master_key_id")),
    Weakening("the alerts' key does not rotate", _A, r"enable_key_rotation     = true", "enable_key_rotation = false"),
    Weakening(
        "anybody's events in the alerts",
        _A,
        r"    condition \{\n      test     = \"StringEquals\"\n"
        r"      variable = \"aws:SourceAccount\"\n      values   = \[var.account_id\]\n"
        r"    \}\n  \}\n\n  statement \{\n    sid       = \"DenyPlain",
        '  }\n\n  statement {\n    sid       = "DenyPlain',
    ),
    Weakening("alerts over plain HTTP", _A, r"  statement \{\n    sid       = \"DenyPlainHttp\".*?^  \}\n"),
    Weakening("no subscription", _A, block("aws_sns_topic_subscription", "email")),
    Weakening("no topic policy", _A, block("aws_sns_topic_policy")),
    Weakening("events are not brought home", _U, block("aws_iam_role_policy", "forward")),
    Weakening("the bus lets anybody in", _U, r'"arn:\$\{var.partition\}:iam::\$\{var.account_id\}:root"', '"*"'),
    Weakening("no alarm of what is lost on the way", _U, block("aws_cloudwatch_metric_alarm", "alarms")),
    Weakening("no dead letters", _E, nested("dead_letter_config")),
    Weakening("no retries", _E, r"maximum_retry_attempts       = 185", "maximum_retry_attempts = 0"),
    Weakening(
        "dead letters kept for an hour", _E, r"message_retention_seconds = 1209600", "message_retention_seconds = 3600"
    ),
    Weakening("dead letters in plain", _E, r"sqs_managed_sse_enabled   = true", "sqs_managed_sse_enabled = false"),
    Weakening("no alarm of undelivered events", _E, block("aws_cloudwatch_metric_alarm", "undelivered")),
    Weakening("the response is a dry run", "response.tf", r'mode         = "act"', 'mode = "dry-run"'),
    Weakening("the response from severity 9", "response.tf", r'\[">=", 5\]', '[">=", 9]'),
    Weakening("an action fewer", "response.tf", r'\["isolate-instance", "stop-instance"\]', '["isolate-instance"]'),
    Weakening("a playbook of higher severity", "response.tf", r"min_severity = 5", "min_severity = 8"),
    Weakening(
        "nothing is spared",
        "response.tf",
        r'never        = \["bucket/\*-website", "user/break-glass-\*"\]',
        "never = []",
    ),
    Weakening("all is spared", "response.tf", r"opt_in_tags  = \[\]", 'opt_in_tags = ["never"]'),
    Weakening("one action an hour", "response.tf", r"rate_limit   = 10", "rate_limit = 1"),
    Weakening("one finding at once", "response.tf", r"concurrency  = 5", "concurrency = 1"),
    _drop("nobody may call the function", _R, "aws_lambda_permission"),
    Weakening("the function has no queue", _R, nested("dead_letter_config")),
    Weakening("the function's variables in plain", _R, argument("kms_key_arn")),
    _drop("no alarm of the function", _R, "aws_cloudwatch_metric_alarm"),
    Weakening("the function may not act", "modules/response-role/main.tf", block("aws_iam_role_policy")),
    Weakening(
        "the function may not isolate", "response.tf", r'actions            = \["isolate-instance", ', "actions = ["
    ),
    Weakening(
        "anybody may act",
        "modules/response-role/main.tf",
        r"    condition \{\n      test     = \"ArnEquals\".*?    \}\n",
    ),
    Weakening("the function is not tried again", _R, r"maximum_retry_attempts       = 2", "maximum_retry_attempts = 0"),
    Weakening(
        "the function's log without a key", _R, r"kms_key        = \{ arn = aws_kms_key.this.arn \}", "kms_key = null"
    ),
    # Security Hub and AWS Config
    Weakening("a standard fewer", "security-hub.tf", r'^ +"nist-800-53/v/5.0.0",\n'),
    _drop("no standards", _H, "aws_securityhub_standards_subscription"),
    Weakening("findings for each standard", "security-hub.tf", r"SECURITY_CONTROL", "STANDARD_CONTROL"),
    _drop("no aggregation", _H, "aws_securityhub_finding_aggregator"),
    Weakening("aggregation of some regions", _H, r'linking_mode = "ALL_REGIONS"', 'linking_mode = "NO_REGIONS"'),
    _drop("no hub", _H, "aws_securityhub_account"),
    Weakening("new controls stay off", _H, r"auto_enable_controls      = true", "auto_enable_controls = false"),
    Weakening("the recorder is off", _C, r"is_enabled = true", "is_enabled = false"),
    _drop("the recorder delivers nowhere", _C, "aws_config_delivery_channel"),
    Weakening(
        "the recorder leaves kinds out",
        _C,
        r"all_supported                 = true",
        'all_supported = false\n    resource_types = ["AWS::EC2::Instance"]',
    ),
    Weakening(
        "no global kinds are recorded",
        "config.tf",
        r'global_resources_region = "eu-west-1"',
        'global_resources_region = "none"',
    ),
    Weakening("recorded once a day", "config.tf", r'"CONTINUOUS"', '"DAILY"'),
    Weakening("the recorder's history for a month", "config.tf", r"retention_days = 365", "retention_days = 30"),
    Weakening("AWS Config may not write", "modules/config-bucket/main.tf", r'\["s3:PutObject"\]', '["s3:GetObject"]'),
    # service control policies
    Weakening(
        "everybody is exempt from the policies", "scp.tf", r"arn:aws:iam::\*:role/deploy", "arn:aws:iam::*:role/*"
    ),
)

UNSEEN = {
    "findings may come in plain": "GuardDuty encrypts with the destination's key whatever the bucket demands",
    "old versions expire after a day": "the spec says nothing of versions that are replaced",
    "deliveries of any account": "the other condition of the statement still names the account",
    "any resolver may be asked": "which rules a network ACL gets is known when Terraform plans",
    "no alarm of what is lost on the way": "it tells the home region of alarms that the regions raise as well",
    "the function's variables in plain": "AWS encrypts them with a key of its own, and they hold no secret",
    "the function's log without a key": "the spec says nothing of the function's log",
    "everybody is exempt from the policies": "for one account the policies are an output for others",
}
"""Why no cell changes."""
