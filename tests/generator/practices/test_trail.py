"""Where an organization's trail is kept: beside it, or in the log archive account by a root that is applied first."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from guardline.generator.account_roles import WAVES
from guardline.generator.baseline import Baseline
from guardline.generator.deploy import policy
from guardline.generator.fan_out import waves
from guardline.generator.manifest import RefusedError
from guardline.generator.root import Root

Make = Callable[..., Path]

SPEC = """\
version: 1
name: acme
home_region: eu-west-1
terraform: {{aws_provider: {provider}, provider: {{default_tags: {{owner: security}}}}}}
regions: {{not_opted_in: rest}}
organization:
  id: o-exampleorgid
  management_account: "000011112222"
  admin_account: "111122223333"
  log_archive_account: "222233334444"
  members: [{{id: "333344445555", name: payments}}]
fan_out: {{terragrunt: true}}
trail: {{{trail}}}
{more}
"""
KEPT = "bucket_in: log-archive"
ALL = f"{KEPT}, access_logs: true, retention_days: 400, object_lock: {{mode: governance, days: 30}}"
BUCKET, LOGS = "acme-trail-222233334444", "acme-access-logs-222233334444"
ALIAS = "arn:aws:kms:eu-west-1:222233334444:alias/acme-trail"
KEY = "arn:aws:kms:eu-west-1:222233334444:key/12345678-1234-1234-1234-123456789012"


def baseline(environment: Make, trail: str = KEPT, more: str = "", provider: int = 6) -> Baseline:
    return Baseline.of(environment(SPEC.format(provider=provider, trail=trail, more=more)))


def text(baseline: Baseline, file: str) -> str:
    """A file of a root, with single spaces; empty where there is none."""
    path = PurePosixPath(file)
    found = (each.files for each in baseline.folders if each.path == baseline.root / path.parent)
    return next((re.sub(" +", " ", files.get(PurePosixPath(path.name), "")) for files in found), "")


def root(baseline: Baseline, duty: str) -> Root:
    return next(each for each in baseline.roots if each.duty == duty)


def granted(root: Root) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for statement in policy(root)["Statement"]:
        for action in statement["Action"]:
            found.setdefault(action, set()).update(statement["Resource"])
    return found


@pytest.mark.parametrize("provider", [5, 6], ids=["alias", "argument"])
def test_the_trail_names_what_the_log_archive_keeps(environment: Make, provider: int) -> None:
    made = baseline(environment, ALL, provider=provider)
    kept, trail = text(made, "trail-bucket/trail-bucket.tf"), text(made, "management/trail.tf")
    for line in (f'bucket_name = "{BUCKET}"', f'access_log_bucket_name = "{LOGS}"', "retention_days = 400"):
        assert line in kept
        assert line not in trail
    assert 'trail_account_id = "000011112222"' in kept
    assert f'log_archive = {{ bucket = "{BUCKET}" }}' in trail
    assert f'kms_key_arn = "{ALIAS}"' in trail
    assert "kms_key_by_alias = true" in trail
    # Its own object events would record each other; those of the other bucket are nobody's business.
    assert f'excluded_buckets = ["{LOGS}"' in trail


def test_a_key_of_the_users_own_is_named_as_it_is(environment: Make) -> None:
    made = baseline(environment, f'{KEPT}, kms_key: "{KEY}"')
    for file in ("trail-bucket/trail-bucket.tf", "management/trail.tf"):
        assert f'kms_key_arn = "{KEY}"' in text(made, file)
    assert "kms_key_by_alias" not in text(made, "management/trail.tf")


@pytest.mark.parametrize("trail", ["mode: create", "bucket_in: management", 'mode: "off", reason: x'])
def test_there_is_no_such_root_where_the_bucket_is_beside_the_trail(environment: Make, trail: str) -> None:
    made = baseline(environment, trail)
    assert "trail-bucket" not in {each.duty for each in made.roots}
    assert [path.parts[0] for folder in made.folders for path in folder.files if "trail-bucket" in path.parts] == []


def test_it_is_applied_first_by_the_log_archives_account(environment: Make) -> None:
    made = baseline(environment)
    first = waves(made.roots)[0]
    (there,) = first.roots
    assert (first.name, there.account_id, there.folder) == (WAVES[0], "222233334444", PurePosixPath("trail-bucket"))
    assert re.findall(r'"(\.\./.*?)"', text(made, "management/terragrunt.hcl")) == ["../security", "../trail-bucket"]
    assert "for root in trail-bucket security management organization members/*;" in text(made, "README.md")


def test_queries_of_the_management_account_may_read_what_they_are_about(environment: Make) -> None:
    reads = "read_by_trail_account = true"
    assert reads in text(baseline(environment, more="tamper: {alarm: false}"), "trail-bucket/trail-bucket.tf")
    for more in ("", "tamper: {alarm: false, queries: false}", "tamper: {mode: reference, owner: x}"):
        assert reads not in text(baseline(environment, more=more), "trail-bucket/trail-bucket.tf")


def test_each_account_is_granted_what_it_makes(environment: Make) -> None:
    made = baseline(environment)
    kept, trail = granted(root(made, "trail-bucket")), granted(root(made, "management"))
    assert "arn:aws:kms:eu-west-1:222233334444:alias/acme-*" in kept["kms:CreateAlias"]
    assert kept["s3:PutBucketPolicy"] == {"arn:aws:s3:::acme-*"}
    assert not any(action.startswith("cloudtrail:") for action in kept)
    assert "cloudtrail:CreateTrail" in trail
    assert trail["kms:DescribeKey"] == {"arn:aws:kms:eu-west-1:222233334444:key/*"}
    assert "kms:CreateKey" not in trail


def test_conditions_by_tag_are_for_the_accounts_own_keys(environment: Make) -> None:
    """Of an alias, which has no tags, only the key is asked; another account's key is that account's to open."""
    made = baseline(environment)

    def conditions(duty: str, action: str) -> list[object]:
        statements = policy(root(made, duty))["Statement"]
        return [each.get("Condition") for each in statements if action in each["Action"]]

    assert conditions("management", "kms:DescribeKey") == [None]
    assert conditions("trail-bucket", "kms:DescribeKey") == [{"StringEquals": {"aws:ResourceTag/owner": "security"}}]
    assert conditions("trail-bucket", "kms:CreateAlias") == [
        {"StringEqualsIfExists": {"aws:ResourceTag/owner": "security"}}
    ]


def test_a_trail_that_has_a_bucket_is_not_moved_by_a_word(environment: Make) -> None:
    baseline(environment, "mode: create").write()
    moved = baseline(environment)
    before = {path: path.read_bytes() for path in moved.root.rglob("*.tf")}
    with pytest.raises(RefusedError, match=r"trail\.bucket_in: .*terraform state rm module\.trail\.module\.bucket"):
        moved.write()
    assert {path: path.read_bytes() for path in moved.root.rglob("*.tf")} == before
    moved.write(force=True)
    baseline(environment, ALL).write()  # it is there by now, and changes as everything does


def test_a_new_trail_is_kept_there_from_its_first_day(environment: Make) -> None:
    baseline(environment, 'mode: "off", reason: x').write()
    baseline(environment).write()
