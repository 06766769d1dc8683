"""Random configurations of AWS: modules, repetition, locals, dynamic blocks, providers, policies.

One root holds many cases, each a module of its own with modules in it, so that one plan answers for all of them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from tests.support.hcl_expressions import Expressions

REGIONS = ("eu-west-1", "us-east-1", "ap-south-1", "us-west-2")
FEATURES = ("S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS", "EBS_MALWARE_PROTECTION")

# A variable's type, default, and values that a caller may give, convertible ones among them.
VARIABLES = (
    ("string", '"s"', ('"t"', "7", "true", "1.50", "null")),
    ("number", "3", ("4", '"5"', '"1.50"', "2.5")),
    ("bool", "true", ("false", '"true"', '"false"')),
    ("list(string)", '["x"]', ('["a", 1, true]', "[]", 'toset(["q", "p"])', '["b", "a", "b"]')),
    ("set(string)", '["x"]', ('["b", "a", "b"]', "[1, 2]", 'toset(["q"])')),
    ("map(string)", '{ k = "v" }', ('{ a = 1, b = "x" }', "{}", "{ t = true }")),
    ("list(number)", "[1]", ('["2", 3]', "range(3)")),
    ("object({ name = string, size = optional(number, 2), on = optional(bool) })", '{ name = "d" }',
     ('{ name = "n", size = "9" }', "{ name = 5, on = true, more = 1 }", '{ name = "z", size = null }')),
    ("map(object({ cidr = string, logs = optional(bool, true) }))", "{}",
     ('{ a = { cidr = "10.1.0.0/16" }, b = { cidr = "10.2.0.0/16", logs = false } }',
      '{ only = { cidr = "10.3.0.0/16", logs = "true" } }')),
    ("tuple([string, number])", '["a", 1]', ("[1, 2]", '["x", "3"]')),
    ("any", '"any"', ("[1, 2]", '{ a = "b" }', "5")),
)  # fmt: skip
_LEAVES = {
    "string": "text", "number": "number", "bool": "truth", "list(string)": "texts", "map(string)": "map",
    "list(number)": "numbers",
}  # fmt: skip


class _Scoped(Expressions):
    """Expressions that take some of their leaves from the names in scope."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.names: dict[str, list[str]] = {}
        for kind in ("text", "number", "truth", "texts", "map", "numbers"):
            self.kinds[kind] = self._or_name(kind, self.kinds[kind])

    def _or_name(self, kind: str, made: Callable[[int], str]) -> Callable[[int], str]:
        def choose(depth: int) -> str:
            names = self.names.get(kind, [])
            return self.random.choice(names) if names and depth <= 1 and self.random.random() < 0.7 else made(depth)

        return choose


class Configurations:
    """Generates roots.

    Args:
        seed: the same seed gives the same root.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - cases for a test, not secrets
        self.expressions = _Scoped(seed)

    def files(self, cases: int) -> dict[str, str]:
        """A root of that many cases: path -> text."""
        made = {"main.tf": "".join(self._root(cases)), "terraform.tfvars": self._given()}
        for number in range(cases):
            folder = f"cases/c{number}"
            made[f"{folder}/main.tf"] = "".join(self._case(number))
            made[f"{folder}/net/main.tf"] = "".join(self._network())
        return made

    # -- the root ------------------------------------------------------------------------------------------------

    def _root(self, cases: int) -> Iterator[str]:
        yield 'variable "region" {\n  type    = string\n  default = "eu-west-1"\n}\n'
        yield 'variable "switch" {\n  default = "true"\n}\n'
        yield 'variable "sizes" {\n  type    = map(number)\n  default = {}\n}\n'
        yield f"locals {{\n  regions = {list(REGIONS)!r}\n  second  = local.regions[1]\n}}\n".replace("'", '"')
        regions = ("var.region", "local.second", 'format("ap-%s-1", "south")', "element(local.regions, 7)")
        for alias, region in zip((None, "a", "b", "c"), regions, strict=True):
            named = f'  alias  = "{alias}"\n' if alias else ""
            yield f'provider "aws" {{\n{named}  region = {region}\n}}\n'
        for number in range(cases):
            yield f'module "c{number}" {{\n  source = "./cases/c{number}"\n'
            if alias := self.random.choice((None, "a", "b", "c")):
                yield f"  providers = {{ aws = aws.{alias} }}\n"
            yield self._repetition()
            name = self.random.choice((f'"n{number}"', f'"n-${{local.second}}-{number}"', str(number)))
            yield f"  name = {name}\n"
            for index, (_, _, values) in enumerate(VARIABLES):
                if self.random.random() < 0.5:
                    yield f"  v{index} = {self.random.choice(values)}\n"
            yield "}\n"

    def _given(self) -> str:
        switch = self.random.choice(("true", "false"))
        return f'switch = {switch}\nsizes  = {{ a = "4", b = 5 }}\n'

    def _repetition(self) -> str:
        return self.random.choice((
            "", "", "  count = 2\n", "  count = var.switch ? 1 : 0\n", '  for_each = toset(["x", "y.z"])\n',
            '  for_each = { for key, value in var.sizes : "k-${key}" => value if value > 4 }\n',
        ))  # fmt: skip

    # -- one case ------------------------------------------------------------------------------------------------

    def _case(self, number: int) -> Iterator[str]:
        names: dict[str, list[str]] = {"text": ["var.name"]}
        yield 'variable "name" {\n  type = string\n}\n'
        for index, (kind, default, _) in enumerate(VARIABLES):
            nullable = "  nullable = false\n" if index % 2 == 0 else ""
            yield f'variable "v{index}" {{\n  type    = {kind}\n  default = {default}\n{nullable}}}\n'
            if leaf := _LEAVES.get(kind):
                names.setdefault(leaf, []).append(f"var.v{index}")
        names["text"].append("var.v7.name")
        names["number"].append("var.v7.size")
        self.expressions.names = names
        yield "locals {\n"
        for index in range(4):
            kind = self.random.choice(("text", "number", "truth", "texts", "map"))
            yield f"  l{index} = {self._safe(kind)}\n"
            names.setdefault(kind, []).append(f"local.l{index}")
        yield "  all = {\n"
        for index in range(len(VARIABLES)):
            yield f"    v{index} = var.v{index}\n"
        yield "    l = [local.l0, local.l1, local.l2, local.l3]\n  }\n}\n"
        yield 'resource "aws_s3_object" "all" {\n  bucket = "b"\n  key = "k"\n  content = jsonencode(local.all)\n}\n'
        yield from self._detector()
        yield from self._vpcs(number)
        yield from self._policy()

    def _detector(self) -> Iterator[str]:
        count = self.random.choice(("", "  count = var.v2 ? 1 : 0\n", '  for_each = toset(["d"])\n'))
        own = {"": "", "  count = var.v2 ? 1 : 0\n": "[0]"}.get(count, '["d"]')
        yield f'resource "aws_guardduty_detector" "d" {{\n{count}  enable = {self._truth()}\n}}\n'
        features = self.random.sample(FEATURES, 3)
        otherwise = self.random.choice(("DISABLED", "ENABLED"))
        status = f'each.value ? "ENABLED" : "{otherwise}"'
        wanted = ", ".join(f"{name} = {self._truth()}" for name in features)
        kept = " if length(aws_guardduty_detector.d) >= 0" if own else ""
        detector = f'try(aws_guardduty_detector.d{own}.id, "none")' if own else "aws_guardduty_detector.d.id"
        yield (
            'resource "aws_guardduty_detector_feature" "f" {\n'
            f"  for_each    = {{ for name, on in {{ {wanted} }} : name => on{kept} }}\n"
            f"  detector_id = {detector}\n  name        = each.key\n  status      = {status}\n}}\n"
        )

    def _vpcs(self, number: int) -> Iterator[str]:
        yield (
            'resource "aws_vpc" "many" {\n  for_each   = var.v8\n  cidr_block = each.value.cidr\n'
            f"  tags       = merge({{ Name = each.key }}, {self._map()})\n}}\n"
        )
        yield (
            'resource "aws_vpc" "counted" {\n  count      = length(var.v3)\n'
            f'  cidr_block = cidrsubnet("10.{number}.0.0/16", 4, count.index)\n}}\n'
        )
        yield (
            'resource "aws_flow_log" "many" {\n  for_each = { for key, vpc in aws_vpc.many : key => vpc.id '
            "if var.v8[key].logs }\n  vpc_id = each.value\n"
            f'  traffic_type = {self._truth()} ? "ALL" : "REJECT"\n'
            '  log_destination_type = "s3"\n  log_destination = "arn:aws:s3:::logs"\n}\n'
        )
        yield (
            'resource "aws_flow_log" "counted" {\n  count = length(aws_vpc.counted)\n'
            "  vpc_id = element(aws_vpc.counted[*].id, count.index)\n"
            f'  traffic_type = element(["ALL", "ACCEPT"], {self._number()} > 2 ? 0 : 1)\n'
            '  log_destination_type = "s3"\n  log_destination = "arn:aws:s3:::logs"\n}\n'
        )
        count, ports = self.random.choice(("", "  count = 2\n")), self.random.choice(('[80, "443"]', "var.v6", "[]"))
        yield f'module "net" {{\n  source = "./net"\n{count}  cidr = ["10.200.0.0/16", 1][0]\n  ports = {ports}\n}}\n'

    def _network(self) -> Iterator[str]:
        yield 'variable "cidr" {}\nvariable "ports" {\n  type = set(number)\n}\n'
        yield 'resource "aws_vpc" "this" {\n  cidr_block = var.cidr\n}\n'
        yield (
            'resource "aws_security_group" "g" {\n  name   = "g"\n  vpc_id = aws_vpc.this.id\n'
            '  dynamic "ingress" {\n    for_each = var.ports\n    iterator = port\n    content {\n'
            '      description = "p${port.key}"\n      from_port   = port.value\n      to_port     = port.value + 1\n'
            '      protocol    = "tcp"\n      cidr_blocks = [var.cidr]\n    }\n  }\n}\n'
        )
        if self.random.random() < 0.5:
            yield (
                'resource "aws_flow_log" "l" {\n  vpc_id = aws_vpc.this.id\n  traffic_type = "ALL"\n'
                '  log_destination_type = "s3"\n  log_destination = "arn:aws:s3:::logs"\n}\n'
            )
        yield 'output "vpc_id" {\n  value = aws_vpc.this.id\n}\n'

    def _policy(self) -> Iterator[str]:
        actions = self.random.sample(('"s3:Get*"', '"s3:PutObject"', '"guardduty:*"', '"sts:AssumeRole"'), 2)
        condition = self.random.choice(("", _CONDITION % ("StringEquals", "SourceAccount", '"222", "111"'),
                                        _CONDITION % ("Bool", "SecureTransport", '"false"')))  # fmt: skip
        condition += self.random.choice(("", _CONDITION % ("StringEquals", "SourceAccount", '"333"')))
        source = self.random.choice(("", "source_policy_documents = [data.aws_iam_policy_document.base.json]"))
        sid, texts = self.random.choice(("Base", "Last")), self._texts()
        yield (
            'data "aws_iam_policy_document" "base" {\n  statement {\n    sid = "Base"\n    actions = ["s3:List*"]\n'
            '    resources = ["*"]\n  }\n}\n'
            'data "aws_iam_policy_document" "d" {\n'
            f"  {source}\n"
            '  dynamic "statement" {\n    for_each = var.v3\n    content {\n'
            f'      sid = "S${{statement.key}}"\n      effect = {self._truth()} ? "Allow" : "Deny"\n'
            f"      actions = [{', '.join(actions)}]\n"
            '      resources = ["arn:aws:s3:::${statement.value}", "arn:aws:s3:::&{aws:username}/*"]\n'
            f"{condition}    }}\n  }}\n"
            f'  statement {{\n    sid = "{sid}"\n    not_actions = ["iam:*"]\n'
            '    not_resources = ["b", "a"]\n'
            '    principals {\n      type = "AWS"\n      identifiers = ["222233334444", "111122223333"]\n    }\n'
            '    principals {\n      type = "Service"\n      identifiers = ["events.amazonaws.com"]\n    }\n'
            f"  }}\n}}\n"
            'resource "aws_sns_topic" "t" {\n  name   = "t"\n  policy = data.aws_iam_policy_document.d.json\n}\n'
            'resource "aws_sqs_queue" "q" {\n  name   = "q"\n'
            f'  policy = jsonencode({{ Version = "2012-10-17", Statement = [for w in {texts} : {{ Sid = w }}] }})\n'
            "}\n"
        )

    def _truth(self) -> str:
        return self._safe("truth")

    def _number(self) -> str:
        return self._safe("number")

    def _texts(self) -> str:
        return self._safe("texts")

    def _map(self) -> str:
        return f"{{ for k, v in {self._safe('map')} : md5(k) => md5(jsonencode(v)) }}"

    def _safe(self, kind: str) -> str:
        """An expression of a kind, or another where Terraform would refuse it."""
        while True:
            made = self.expressions.kinds[kind](3)
            # Maps of lists are left out: beside an empty map of texts Terraform refuses them by type alone, and of
            # what type an empty collection is, is not kept here.
            if "transpose" not in made and "...}" not in made:
                return f"try({made}, {_FALLBACK[kind]})"


_FALLBACK = {"text": '"f"', "number": "1", "truth": "true", "texts": '["f"]', "map": "{}", "numbers": "[1]"}
_CONDITION = """\
      condition {
        test     = "%s"
        variable = "aws:%s"
        values   = [%s]
      }
"""
