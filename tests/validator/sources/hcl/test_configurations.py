"""Whole configurations against the real Terraform: modules, repetition, variables, templates, files.

`terraform_data` is built into Terraform, so no provider is needed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from guardline.validator.sources.hcl.config import load
from guardline.validator.sources.hcl.constants import plain_json
from guardline.validator.sources.hcl.instances import ModuleInstance, World
from guardline.validator.sources.hcl.variables import Inputs, given
from tests.support.source_trees import write

FILES = {
    "main.tf": """
variable "regions" {
  type = map(object({ cidr = string, tags = optional(map(string), { a = "d" }), logs = optional(bool) }))
}
variable "names" { type = set(string) }
variable "count_of" { default = "2" }
locals {
  logged   = { for name, each in var.regions : name => each if coalesce(each.logs, true) }
  by_first = { for name in keys(var.regions) : substr(name, 0, 2) => name... }
  text     = <<-EOT
    # ${length(var.names)} names
    %{for n in var.names~}
    - ${upper(n)} $${literal} %%{literal}
    %{endfor~}
    done
  EOT
  flush    = <<EOT
  a
%{if length(var.names) > 1~}
  many
%{else~}
  few
%{endif~}
EOT
  file     = file("${path.module}/data/x.txt")
  template = templatefile("data/t.tftpl", { names = var.names, on = true })
  found    = fileset(path.module, "data/**")
  merged   = merge([for name, each in var.regions : { "${name}-cidr" = each.cidr }]...)
}
resource "terraform_data" "each" {
  for_each = local.logged
  input    = { name = each.key, cidr = cidrsubnet(each.value.cidr, 8, 1), tags = each.value.tags }
}
resource "terraform_data" "counted" {
  count = var.count_of
  input = "n${count.index}"
}
resource "terraform_data" "none" {
  count = 0
}
module "net" {
  source   = "./net"
  for_each = var.regions
  name     = each.key
  sizes    = [length(each.key), "3"]
}
module "many" {
  source = "./net"
  count  = 2
  name   = "m${count.index}"
}
output "o" {
  value = {
    logged   = keys(local.logged)
    by_first = local.by_first
    text     = local.text
    flush    = local.flush
    file     = local.file
    template = local.template
    found    = local.found
    merged   = local.merged
    each     = { for k, v in terraform_data.each : k => v.input }
    counted  = terraform_data.counted[*].input
    legacy   = terraform_data.counted.*.input[1]
    none     = length(terraform_data.none)
    tried    = try(terraform_data.none[0].input, terraform_data.counted[0].input)
    nets     = { for k, m in module.net : k => m.all }
    many     = module.many[*].all.name
    second   = module.many[1].inner
    path     = module.many[0].path
    override = local.overridden
    workspace = terraform.workspace
  }
}
""",
    "locals.tf.json": json.dumps({"locals": {"from_json": "${upper(\"x\")}-y", "overridden": 1}}),
    "override.tf": 'locals {\n  overridden = "yes ${local.from_json}"\n}\n',
    "net/main.tf": """
variable "name" {}
variable "sizes" {
  type     = list(number)
  default  = [1]
  nullable = false
}
locals { all = { name = "<${var.name}>", total = sum(var.sizes), last = reverse(var.sizes)[0] } }
module "inner" {
  source = "./inner"
  things = [for n in range(length(var.sizes)) : { id = n, label = format("%s-%02d", var.name, n) }]
}
output "all" { value = local.all }
output "inner" { value = module.inner.labels }
output "path" { value = path.module }
""",
    "net/inner/main.tf": """
variable "things" { type = list(object({ id = string, label = string })) }
output "labels" { value = { for t in var.things : t.id => t.label } }
""",
    "terraform.tfvars": """
regions = {
  "eu-west-1" = { cidr = "10.0.0.0/16" }
  "eu.x"      = { cidr = "10.1.0.0/16", tags = { b = 1 }, logs = false }
  us          = { cidr = "10.2.0.0/16", logs = true }
}
names = ["b", "a", "b"]
""",
    "data/x.txt": "line\n${not a template}\n",
    "data/t.tftpl": "%{ for i, n in names }${i}=${n};%{ endfor }${on ? \"on\" : \"off\"}\n",
    "data/deep/y.txt": "",
}  # fmt: skip


def of_terraform(root: Path) -> Any:
    terraform = shutil.which("terraform")
    assert terraform is not None, "this test needs terraform on PATH"
    environment = {name: value for name, value in os.environ.items() if name != "TF_CLI_CONFIG_FILE"}
    for arguments in (["init"], ["apply", "-auto-approve"], ["output", "-json", "o"]):
        done = subprocess.run(
            [terraform, *arguments], cwd=root, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def of_guardline(root: Path) -> Any:
    configuration = load(root)
    values, errors = given(configuration, Inputs())
    assert not [*configuration.errors, *errors]
    return plain_json(ModuleInstance(World(configuration, values, "default"), configuration.modules[()]).output("o"))


@pytest.mark.terraform
def test_a_configuration_has_terraforms_values(tmp_path: Path) -> None:
    ours = of_guardline(write(tmp_path / "ours", FILES))
    theirs = of_terraform(write(tmp_path / "theirs", FILES))
    assert ours == theirs
