"""What a spec decides, as it shows in the root: providers, regions, features, names and policies by partition."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from guardline.generator.baseline import Baseline
from guardline.generator.render import render_modules
from guardline.spec import catalogue
from guardline.spec.features import FEATURES
from tests.generator.conftest import spec_text

Make = Callable[..., Path]
STYLES = {5: "alias", 6: "argument"}


def root(spec: Path) -> dict[str, str]:
    """The root's files by name."""
    return {str(path): text for path, text in Baseline.of(spec).folders[1].files.items()}


def minimal(partition: str = "aws", provider: int = 5, home: str = "eu-west-1", more: str = "") -> str:
    rest = "regions: {not_opted_in: rest}\n" if partition == "aws" and "regions:" not in more else ""
    return (
        f"version: 1\nname: small\npartition: {partition}\nhome_region: {home}\n"
        f'terraform: {{aws_provider: {provider}}}\n{rest}account: {{id: "111122223333"}}\n{more}'
    )


def every_region(partition: str = "aws") -> str:
    names = [region.name for region in catalogue.regions(partition) if not region.default_enabled]
    return f"regions: {{opted_in: [{', '.join(names)}]}}\n"


def providers(text: str) -> dict[str | None, str]:
    """Provider blocks by alias."""
    blocks = re.findall(r'^provider "aws" \{\n(.*?)^\}', text, re.MULTILINE | re.DOTALL)
    return {(found[1] if (found := re.search(r'^  alias += "(\w+)"', block, re.MULTILINE)) else None): block
            for block in blocks}  # fmt: skip


def test_alias_style_has_a_provider_and_a_module_call_for_every_region(environment: Make) -> None:
    files = root(environment(minimal(more=every_region())))
    names = [region.name for region in catalogue.regions("aws")]
    found = providers(files["providers.tf"])
    assert len(names) == 36
    assert set(found) == {None, *(name.replace("-", "_") for name in names if name != "eu-west-1")}
    for name in names:
        label = name.replace("-", "_")
        block = found[None if name == "eu-west-1" else label]
        assert f'"{name}"' in block
        call = re.search(rf'^module "{label}" \{{\n(.*?)^\}}', files["regions.tf"], re.MULTILINE | re.DOTALL)
        assert call
        assert (f"aws = aws.{label}\n" in call[1]) == (name != "eu-west-1")
        assert f'"{name}"' in files["outputs.tf"]
    known = catalogue.region
    refused = {name for name in names if (region := known(name)) and region.skip_region_validation}
    assert {alias for alias, block in found.items() if "skip_region_validation = true" in re.sub(" +", " ", block)} == {
        name.replace("-", "_") for name in refused
    }
    assert refused == {"ap-southeast-6", "me-west-1", "sa-west-1"}


def test_argument_style_has_one_provider_and_every_region_in_the_loop(environment: Make) -> None:
    files = root(environment(minimal(provider=6, more=every_region())))
    assert set(providers(files["providers.tf"])) == {None}
    assert re.findall(r'^    "([a-z0-9-]+)" += \[', files["regions.tf"], re.MULTILINE) == [
        region.name for region in catalogue.regions("aws")
    ]
    assert "region                       = each.key\n" in files["regions.tf"]


@pytest.mark.parametrize("provider", STYLES)
def test_every_plan_is_declared_on_or_off(environment: Make, provider: int) -> None:
    spec = environment(minimal(provider=provider, more="guardduty: {features: {s3_data_events: false}}\n"))
    main = root(spec)["main.tf"]
    for plan in FEATURES:
        wanted = "false" if plan.name == "S3_DATA_EVENTS" else "true"
        assert re.search(rf'^    "{plan.name}" += {wanted}$', main, re.MULTILINE)
    order = [main.index(f'"{agent}"') for agent in FEATURES[-1].agents]
    assert order == sorted(order)


@pytest.mark.parametrize("provider", STYLES)
def test_a_plan_is_left_out_only_where_it_is_known_to_be_missing(environment: Make, provider: int) -> None:
    """In China AWS documents that Runtime Monitoring is missing; elsewhere silence is not absence."""
    files = root(environment(minimal("aws-cn", provider, "cn-north-1")))
    assert files["regions.tf"].count('["RUNTIME_MONITORING"]') == 2
    assert "| RUNTIME_MONITORING | ENABLED | cn-north-1, cn-northwest-1 |" in files["README.md"]
    unknown = catalogue.region("ap-southeast-6")
    assert unknown
    assert unknown.offers("RUNTIME_MONITORING") is None
    assert "RUNTIME_MONITORING" not in root(environment(minimal(provider=provider, more=every_region())))["regions.tf"]


@pytest.mark.parametrize(
    ("partition", "home", "suffix"),
    [
        ("aws", "eu-west-1", "amazonaws.com"),
        ("aws-us-gov", "us-gov-west-1", "amazonaws.com"),
        ("aws-cn", "cn-north-1", "amazonaws.com.cn"),
        ("aws-eusc", "eusc-de-east-1", "amazonaws.eu"),
    ],
)
def test_names_follow_the_partition(environment: Make, partition: str, home: str, suffix: str) -> None:
    files = root(environment(minimal(partition, home=home, more="trusted_ips: {file: trusted-ips.txt}\n")))
    main = re.sub(" +", " ", files["main.tf"] + files["lists.tf"])
    assert f'dns_suffix = "{suffix}"' in main
    assert f'partition = "{partition}"' in main
    assert not any("arn:aws:" in text for name, text in files.items() if name.endswith(".tf"))


def test_no_partition_is_written_into_a_module() -> None:
    for provider in STYLES:
        for path, text in _modules(provider).items():
            # The path of a service-linked role names its service alike in every partition.
            assert not re.search(r'"arn:aws|(?<!/aws-service-role/config\.)amazonaws\.com/', text), path


def _modules(provider: int) -> dict[str, str]:
    from guardline.generator.render import render_modules

    return {str(path): text for path, text in render_modules(provider).items() if "tests" not in path.parts}


def test_shared_modules_depend_on_the_region_style_alone(environment: Make) -> None:
    one, two = environment(minimal(), name="one"), environment(spec_text(5), name="two")
    for spec, after in ((one, ", "), (two, "\n  ")):
        text = spec.read_text(encoding="utf-8")
        spec.write_text(text.replace("aws_provider: 5", f"aws_provider: 5{after}modules: ../../m"), encoding="utf-8")
    assert Baseline.of(one).folders[0].path.name == "m"
    assert Baseline.of(one).folders[0].files == Baseline.of(two).folders[0].files


def test_a_retiring_region_keeps_its_provider_while_its_resources_leave(environment: Make) -> None:
    forget = root(environment(provider=5, retiring="forget"))
    assert "sa_east_1" in providers(forget["providers.tf"])
    assert 'module "sa_east_1"' not in forget["regions.tf"]
    assert "from = module.sa_east_1\n" in forget["regions.tf"]
    assert '">= 1.6, >= 1.7"' in forget["versions.tf"]
    destroy = root(environment(provider=5, retiring="destroy"))
    assert "sa_east_1" in providers(destroy["providers.tf"])
    assert "sa_east_1" not in destroy["regions.tf"]
    assert '">= 1.6"' in destroy["versions.tf"]


def test_a_retiring_region_leaves_the_loop(environment: Make) -> None:
    forget = root(environment(provider=6, retiring="forget"))["regions.tf"]
    assert '"sa-east-1" =' not in forget
    assert re.search(r'moved \{\n  from = module.region\["sa-east-1"\]\n  to   = module.sa_east_1\n\}', forget)
    destroy = root(environment(provider=6, retiring="destroy"))["regions.tf"]
    assert "sa" not in {name.partition("-")[0] for name in re.findall(r'"([a-z]{2}-[a-z0-9-]+)"', destroy)}


@pytest.mark.parametrize("provider", STYLES)
def test_what_another_team_owns_and_what_is_off_is_not_written_and_is_said(environment: Make, provider: int) -> None:
    more = (
        'trail: {mode: reference, arn: "arn:aws:cloudtrail:eu-west-1:111122223333:trail/org", owner: platform team}\n'
        "flow_logs: {mode: off, reason: no VPC is allowed here}\n"
    )
    files = root(environment(minimal(provider=provider, more=more)))
    code = "".join(text for name, text in files.items() if name.endswith(".tf"))
    assert "trail" not in code
    assert "flow_log" not in code
    assert "trusted" not in code
    assert "owned by platform team" in files["README.md"]
    assert "No flow logs are asked for: no VPC is allowed here" in files["README.md"]


@pytest.mark.parametrize(("provider", "style"), STYLES.items())
@pytest.mark.parametrize("module", ["guardduty", "organization-members"])
def test_what_aws_adds_to_a_plan_does_not_show_in_every_plan_of_terraform(
    provider: int, style: str, module: str
) -> None:
    """RDS_DATA_RISK appears by itself, for a detector and for an organization: an enumeration of the API has it."""
    text = render_modules(provider, style)[PurePosixPath(module, "main.tf")]
    plans = re.findall(r'^resource "aws_guardduty_\w+_feature" "this" \{\n(.*?)^\}', text, re.MULTILINE | re.DOTALL)
    assert ["ignore_changes = [additional_configuration]" in each for each in plans] == [True]


def test_the_readme_says_what_terraform_cannot_declare(environment: Make) -> None:
    readme = root(environment())["README.md"]
    assert "a new detector has AI_PROTECTION and RDS_DATA_RISK on, and AI_ANALYST off" in readme
    for name in ("AI_PROTECTION", "AI_ANALYST", "RDS_DATA_RISK"):
        assert name in readme
    for region in catalogue.regions("aws"):
        assert re.search(rf"[ ,:]{region.name}[,. ]", readme), region.name


def test_text_of_the_spec_cannot_break_out_of_the_readme(environment: Make) -> None:
    spec = environment()
    spec.write_text(
        spec.read_text().replace("denied by policy | SCP", '"<script>x</script> ](http://x) \\n# head | `x`"')
    )
    readme = root(spec)["README.md"]
    assert "<script>" not in readme.replace("\\<", "")
    assert "\n# head" not in readme
    row = next(line for line in readme.splitlines() if "ap-northeast-1" in line)
    assert len(re.findall(r"(?<!\\)\|", row)) == 3


def test_the_names_of_buckets_fit_and_hold_the_account(environment: Make) -> None:
    spec = environment(minimal(more="trusted_ips: {file: trusted-ips.txt}\n").replace("small", "a" * 24))
    names = re.findall(
        r'bucket_name += "(.*)"|^  name +?= "(.*-flow-logs-.*)"', "".join(root(spec).values()), re.MULTILINE
    )
    found = [first or second for first, second in names]
    assert len(set(found)) == 3
    assert all(len(name) <= 63 and name.endswith("-111122223333") for name in found)


def test_settings_of_the_provider_are_on_every_block(environment: Make) -> None:
    blocks = providers(root(environment(provider=5))["providers.tf"])
    assert len(blocks) == 4
    for block in blocks.values():
        assert 'allowed_account_ids = ["111122223333"]' in block
        assert 'role_arn    = "arn:aws:iam::111122223333:role/terraform"' in block
        assert '"note"  = "a $${literal} %%{text} with \\"quotes\\"\\nand a second line"' in block
