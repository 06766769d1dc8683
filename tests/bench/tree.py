"""A tree of Terraform source, the same bytes every time: what the benchmark gives to every tool that reads source.

A GuardDuty baseline in every default region, and applications, each a module of its own with a network, an instance
group, a bucket, a function and their policies, written the way that people write: locals, conditions, `for_each`,
dynamic blocks, heredocs.
"""

from __future__ import annotations

from pathlib import Path

from tests.bench.resources import ACCOUNT, FEATURES, REGIONS, alias

_BASELINE = """\
variable "features" {
  type    = set(string)
  default = [%s]
}

variable "list_bucket" {
  type = string
}

resource "aws_guardduty_detector" "this" {
  enable                       = true
  finding_publishing_frequency = "FIFTEEN_MINUTES"
}

resource "aws_guardduty_detector_feature" "this" {
  for_each = var.features

  detector_id = aws_guardduty_detector.this.id
  name        = each.key
  status      = "ENABLED"

  dynamic "additional_configuration" {
    for_each = each.key == "RUNTIME_MONITORING" ? ["EC2_AGENT_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT"] : []
    content {
      name   = additional_configuration.value
      status = "ENABLED"
    }
  }
}

resource "aws_guardduty_ipset" "trusted" {
  activate    = true
  detector_id = aws_guardduty_detector.this.id
  format      = "TXT"
  location    = "s3://${var.list_bucket}/trusted.txt"
  name        = "trusted"
}
"""

_NETWORK = """\
data "aws_availability_zones" "here" {
  state = "available"
}

locals {
  zones   = slice(data.aws_availability_zones.here.names, 0, var.zones)
  subnets = { for index in range(var.zones) : "private-${index}" => cidrsubnet(var.cidr, 4, index) }
  tags    = merge(var.tags, { application = "@APP@", managed-by = "terraform" })
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr
  enable_dns_hostnames = true
  enable_dns_support   = true
  tags                 = merge(local.tags, { Name = "@APP@" })
}

resource "aws_subnet" "private" {
  for_each = local.subnets

  vpc_id            = aws_vpc.this.id
  cidr_block        = each.value
  availability_zone = local.zones[tonumber(regex("[0-9]+$", each.key))]
  tags              = merge(local.tags, { Name = "@APP@-${each.key}" })
}

resource "aws_flow_log" "this" {
  count = var.flow_logs ? 1 : 0

  vpc_id                   = aws_vpc.this.id
  traffic_type             = "ALL"
  log_destination_type     = "s3"
  log_destination          = "arn:aws:s3:::${var.log_bucket}/flow-logs"
  max_aggregation_interval = 60
  tags                     = local.tags
}

resource "aws_security_group" "instances" {
  name        = "@APP@-instances"
  description = "Instances of @APP@"
  vpc_id      = aws_vpc.this.id

  dynamic "ingress" {
    for_each = var.open_ports
    content {
      description = "port ${ingress.value}"
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = [var.cidr]
    }
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }

  tags = local.tags
}
"""

_COMPUTE = """\
resource "aws_launch_template" "this" {
  name_prefix   = "@APP@-"
  image_id      = var.image
  instance_type = var.size == "large" ? "m6i.2xlarge" : (var.size == "small" ? "t3.small" : "m6i.large")

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
  }

  user_data = base64encode(<<-EOT
    #!/bin/bash
    %{ for name, value in var.environment ~}
    export ${name}="${value}"
    %{ endfor ~}
    exec /opt/@APP@/start --port ${var.open_ports[0]}
  EOT
  )

  tag_specifications {
    resource_type = "instance"
    tags          = merge(local.tags, { Name = "@APP@" })
  }
}

resource "aws_autoscaling_group" "this" {
  name                = "@APP@"
  min_size            = var.instances.min
  max_size            = max(var.instances.max, var.instances.min)
  vpc_zone_identifier = [for subnet in aws_subnet.private : subnet.id]

  launch_template {
    id      = aws_launch_template.this.id
    version = "$Latest"
  }
}

resource "aws_lambda_function" "worker" {
  function_name = "@APP@-worker"
  role          = aws_iam_role.worker.arn
  runtime       = "python3.12"
  handler       = "worker.handle"
  filename      = "worker.zip"
  timeout       = 60
  memory_size   = 512

  environment {
    variables = { for name, value in var.environment : upper(replace(name, "-", "_")) => value }
  }
}

resource "aws_cloudwatch_log_group" "worker" {
  name              = "/aws/lambda/${aws_lambda_function.worker.function_name}"
  retention_in_days = 365
}
"""

_STORAGE = """\
resource "aws_s3_bucket" "data" {
  bucket = "@APP@-data-${var.account}"
  tags   = local.tags
}

resource "aws_s3_bucket_versioning" "data" {
  bucket = aws_s3_bucket.data.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "data" {
  bucket                  = aws_s3_bucket.data.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

data "aws_iam_policy_document" "data" {
  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.data.arn, "${aws_s3_bucket.data.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "data" {
  bucket = aws_s3_bucket.data.id
  policy = data.aws_iam_policy_document.data.json
}

resource "aws_iam_role" "worker" {
  name = "@APP@-worker"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "worker" {
  name = "data"
  role = aws_iam_role.worker.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = "arn:aws:s3:::@APP@-data-${var.account}/*"
      }],
      [for name in sort(keys(var.environment)) : {
        Effect   = "Allow"
        Action   = "ssm:GetParameter"
        Resource = "arn:aws:ssm:*:${var.account}:parameter/@APP@/${name}"
      }],
    )
  })
}
"""

_VARIABLES = """\
variable "account" {
  type = string
}

variable "cidr" {
  description = "Address range of the network."
  type        = string
  validation {
    condition     = can(cidrhost(var.cidr, 0))
    error_message = "Not an address range."
  }
}

variable "environment" {
  type    = map(string)
  default = { log-level = "info", queue = "@APP@" }
}

variable "flow_logs" {
  type    = bool
  default = true
}

variable "image" {
  type    = string
  default = "ami-0123456789abcdef0"
}

variable "instances" {
  type    = object({ min = number, max = optional(number, 4) })
  default = { min = 2 }
}

variable "log_bucket" {
  type = string
}

variable "open_ports" {
  type    = list(number)
  default = [443, 8443]
}

variable "size" {
  type    = string
  default = "medium"
}

variable "tags" {
  type    = map(string)
  default = {}
}

variable "zones" {
  type    = number
  default = 3
}

output "vpc_id" {
  value = aws_vpc.this.id
}

output "bucket" {
  value = aws_s3_bucket.data.bucket
}
"""

_PARTS = {"network.tf": _NETWORK, "compute.tf": _COMPUTE, "storage.tf": _STORAGE, "variables.tf": _VARIABLES}

_TRAIL = """\
resource "aws_s3_bucket" "logs" {
  bucket = "logs-%(account)s"
}

resource "aws_cloudtrail" "this" {
  name                       = "all"
  s3_bucket_name             = aws_s3_bucket.logs.bucket
  is_multi_region_trail      = true
  enable_log_file_validation = true
}
"""


def write(root: Path, applications: int) -> int:
    """Write the tree into an empty folder.

    Args:
        root: the folder; it becomes a git tree, so that nothing above it is looked at.
        applications: how many applications, each of 6 kB.

    Returns:
        The size of its files, in bytes.
    """
    features = ", ".join(f'"{name}"' for name in FEATURES)
    files = {"baseline/main.tf": _BASELINE % features, "trail.tf": _TRAIL % {"account": ACCOUNT}}
    files["providers.tf"] = "\n".join(_provider(region) for region in REGIONS)
    files["baseline.tf"] = "\n".join(_baseline(region) for region in REGIONS)
    names = [f"app-{number:03}" for number in range(applications)]
    files["applications.tf"] = "\n".join(_application(name, number) for number, name in enumerate(names))
    for name in names:
        files |= {f"applications/{name}/{part}": text.replace("@APP@", name) for part, text in _PARTS.items()}
    (root / ".git").mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return sum(len(text.encode()) for text in files.values())


def _provider(region: str) -> str:
    named = f'  alias               = "{alias(region)}"\n' if region != REGIONS[0] else ""
    return f'provider "aws" {{\n{named}  region              = "{region}"\n  allowed_account_ids = ["{ACCOUNT}"]\n}}\n'


def _passed(region: str) -> str:
    return f"  providers = {{ aws = aws.{alias(region)} }}\n" if region != REGIONS[0] else ""


def _baseline(region: str) -> str:
    return (
        f'module "baseline_{alias(region)}" {{\n  source      = "./baseline"\n{_passed(region)}'
        "  list_bucket = aws_s3_bucket.logs.bucket\n}\n"
    )


def _application(name: str, number: int) -> str:
    region, size = REGIONS[number % len(REGIONS)], '"large"' if number % 3 else "null"
    return (
        f'module "{name.replace("-", "_")}" {{\n  source     = "./applications/{name}"\n{_passed(region)}'
        f'  account    = "{ACCOUNT}"\n  cidr       = "10.{number % 256}.0.0/16"\n'
        f"  log_bucket = aws_s3_bucket.logs.bucket\n  size       = {size}\n}}\n"
    )
