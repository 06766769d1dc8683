"""Every mistake once, at its line and column, in words that say what is accepted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from guardline.spec.load import SpecError, load

from .conftest import MINIMAL

Mistakes = Callable[[str], list[tuple[int, int, str]]]


def test_five_mistakes_are_five_each_at_its_place(write: Callable[[str], Path]) -> None:
    path = write(
        """\
        version: 1
        name: production
        home_regoin: eu-west-1
        account: {id: 111122223333}
        regions:
          not_opted_in: rest
          opted_in: [ap-eats-1]
        trail:
          mode: create
          bucket: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        flow_logs: {traffic: EVERYTHING}
        """
    )
    with pytest.raises(SpecError) as raised:
        load(path)
    assert [(mistake.line, mistake.column) for mistake in raised.value.mistakes] == [
        (3, 1), (4, 15), (7, 14), (10, 11), (11, 22),
    ]  # fmt: skip
    lines = str(raised.value).splitlines()
    assert lines[0] == f"{path.as_posix()}:3:1: unknown key `home_regoin`; did you mean `home_region`?"
    assert lines[2].endswith(
        "regions.opted_in[0]: 'ap-eats-1' is not a region of partition aws; did you mean `ap-east-1`?"
    )
    assert lines[3].endswith("trail.bucket: a bucket name has 3 to 63 characters; this one has 70")
    assert lines[-1] == "5 mistakes"


KEY = "arn:aws:kms:eu-west-1:111122223333:key/0123abcd-0123-0123-0123-0123456789ab"

# Each case: lines added to the minimal spec (which has 5), the mistake's line and column, and words of its message.
ONE = [
    ("flow_logs: {mode: off}", 6, 19, "mode off needs `reason`"),
    ("trail: {mode: reference, owner: x}", 6, 15, "mode reference needs `arn`"),
    ("trail: {mode: reference, arn: 'arn:aws:cloudtrail:eu-west-1:111122223333:trail/main'}", 6, 15, "needs `owner`"),
    ("trail: {owner: platform}", 6, 16, "`owner` belongs to mode reference, and the mode here is create"),
    ("trail: {reason: x}", 6, 17, "`reason` belongs to mode off"),
    ("flow_logs: {mode: off, reason: x, bucket: some-bucket}", 6, 43, "`bucket` belongs to mode create"),
    ("flow_logs: {mode: of}", 6, 19, "must be `create`, `reference` or `off`; did you mean `off`?"),
    ("flow_logs: {scope: subnets}", 6, 20, "belongs to mode reference"),
    ("flow_logs: {retention_days: 0}", 6, 29, "must be at least 1"),
    ("flow_logs: {retention_days: '30'}", 6, 29, "must be a whole number"),
    ("flow_logs: {destination: firehose}", 6, 26, "firehose needs `stream`"),
    ("flow_logs: {destination: kinesis}", 6, 26, "must be `s3`, `cloudwatch-logs` or `firehose`"),
    ("flow_logs: {stream: siem}", 6, 21, "`stream` belongs to destination firehose, not s3"),
    ("flow_logs: {destination: firehose, stream: a/b}", 6, 44, "must be the name of a delivery stream"),
    ("flow_logs: {destination: firehose, stream: siem, retention_days: 30}", 6, 66, "or cloudwatch-logs, not firehose"),
    ("flow_logs: {destination: firehose, stream: siem, kms_key: create}", 6, 59, "the delivery stream encrypts"),
    ("flow_logs: {destination: cloudwatch-logs, retention_days: 31}", 6, 59, "CloudWatch Logs offers 1, 3, 5"),
    ("flow_logs: {destination: cloudwatch-logs, bucket: some-bucket}", 6, 51, "belongs to destination s3"),
    ("flow_logs: {destination: cloudwatch-logs, files: {}}", 6, 43, "`files` belongs to destination s3"),
    (f"flow_logs: {{destination: cloudwatch-logs, kms_key: '{KEY}'}}", 6, 52, "a key of its own region"),
    (f"flow_logs: {{kms_key: '{KEY.replace('eu-west-1', 'us-east-1')}'}}", 6, 22, "the key is in us-east-1"),
    (f"flow_logs: {{kms_key: '{KEY.replace('arn:aws:', 'arn:aws-cn:')}'}}", 6, 22, "the ARN is in partition aws-cn"),
    ("flow_logs: {kms_key: alias/mine}", 6, 22, "must be `create`, or a key's ARN"),
    ("flow_logs: {format: '${srcaddr}, ${dstaddr}'}", 6, 21, "fields of a flow log record with one space between"),
    ("flow_logs: {aggregation_seconds: 300}", 6, 34, "must be 60 or 600"),
    ("flow_logs: {aggregation_seconds: 60.0}", 6, 34, "must be a whole number"),
    ("flow_logs: {files: {format: csv}}", 6, 29, "must be `plain-text` or `parquet`"),
    ("flow_logs: {mode: off, reason: x, files: {}}", 6, 35, "`files` belongs to mode create"),
    ("dns_logs: {mode: reference, arn: 'arn:aws:s3:::b'}", 6, 18, "mode reference needs `owner`"),
    ("dns_logs: {destination: firehose}", 6, 25, "firehose needs `stream`"),
    ("dns_logs: {deny_other_resolvers: {allow: [10.0.0.1/8]}}", 6, 43, "must be an IPv4 range like 10.0.0.0/16"),
    ("dns_logs: {deny_other_resolvers: {allow: [10.0.0.0/8, 10.0.0.0/8]}}", 6, 55, "is there already"),
    ("dns_logs: {deny_other_resolvers: {first_rule: 0}}", 6, 47, "must be at least 1"),
    ("dns_logs: {bucket: same}\ntrail: {bucket: same}", 6, 20, "same is already trail.bucket"),
    ("trail: {kms_key: mine}", 6, 18, "must be `create`, `create-multi-region`, or a key's ARN"),
    (f"trail: {{kms_key: '{KEY.replace('eu-west-1', 'us-east-1')}'}}", 6, 18, "the key is in us-east-1"),
    ("trail: {s3_data_events: reads}", 6, 25, "did you mean `read`?"),
    ("trail: {s3_data_events: none, excluded_buckets: [some-bucket]}", 6, 31, "there is nothing to leave out"),
    ("trail: {insights: [Rate]}", 6, 20, "`ApiCallRateInsight` or `ApiErrorRateInsight`"),
    ("trail: {retention_days: 30, archive_after_days: 30}", 6, 49, "archive them before that"),
    ("trail: {retention_days: 30, object_lock: {mode: governance, days: 60}}", 6, 67, "are to be deleted after 30"),
    ("trail: {object_lock: {mode: legal, days: 60}}", 6, 29, "must be `governance` or `compliance`"),
    ("trail: {cloudwatch_logs: {retention_days: 20}}", 6, 43, "CloudWatch Logs offers 1, 3, 5"),
    ("trail: {log_archive: {bucket: archive, owner: x}, bucket: mine-too}", 6, 59, "`log_archive` names another"),
    ("trail: {log_archive: {bucket: archive, owner: x}, bucket_in: log-archive}", 6, 62, "`log_archive` names another"),
    ("trail: {bucket_in: log-archive}", 6, 20, "name the account in `organization.log_archive_account`"),
    ("trail: {bucket_in: elsewhere}", 6, 20, "management"),
    ("trail: {log_archive: {bucket: archive, owner: x, prefix: /a}}", 6, 58, "no / at an end"),
    ("trail: {mode: off, reason: x, kms_key: create}", 6, 40, "`kms_key` belongs to mode create"),
    ("flow_logs: [x]", 6, 1, "flow_logs: must be a mapping"),
    ("trail: {bucket: Upper-case}", 6, 17, "a bucket name holds lower-case letters"),
    ("trail: {bucket: a..b}", 6, 17, "a bucket name holds lower-case letters"),
    ("trail: {bucket: 192.168.5.4}", 6, 17, "must not look like an IP address"),
    ("trail: {bucket: xn--bucket}", 6, 17, "must not begin with xn--"),
    ("trail: {bucket: bucket-s3alias}", 6, 17, "must not end with -s3alias"),
    ("trail: {bucket: ab}", 6, 17, "this one has 2"),
    ("trail: {bucket: same}\nflow_logs: {bucket: same}", 7, 21, "same is already trail.bucket"),
    ("guardduty: {features: {s3_data_event: true}}", 6, 24, "did you mean `s3_data_events`?"),
    ("guardduty: {features: {s3_data_events: yes}}", 6, 40, "must be true or false"),
    ("guardduty: {features: {runtime_monitoring: on}}", 6, 44, "must be a mapping"),
    ("guardduty: {features: {runtime_monitoring: {enabled: false, ec2_agent: true}}}", 6, 72, "cannot be managed"),
    ("guardduty: {finding_publishing_frequency: one_hour}", 6, 43, "did you mean `ONE_HOUR`?"),
    ("zebra: 1", 6, 1, "unknown key `zebra`; accepted here: `version`, `name`"),
    ("name: again", 6, 1, "`name` is given twice; the first is on line 2"),
    ("1: x", 6, 1, "a key must be text"),
    ("? [a]\n: x", 6, 3, "a key must be text"),
    ("trail: !!python/object:os.system {}", 6, 1, "the tag 'tag:yaml.org,2002:python/object:os.system' is"),
    ("contacts: {owner: ' '}", 6, 19, "must not be empty"),
    ("contacts: {}", 6, 1, "`owner` is missing in contacts"),
    ('contacts: {owner: "a\\0b"}', 6, 19, "U+0000"),
    ('contacts: {owner: "a\\uD800b"}', 6, 19, "U+D800"),
    ("terraform: {aws_provider: 4}", 6, 27, "must be 5 or 6"),
    ("terraform: {aws_provider: '6'}", 6, 27, "must be 5 or 6"),
    ("terraform: {aws_provider: 6.0}", 6, 27, "must be a whole number"),
    ("terraform: {required_version: 1.6}", 6, 31, "must be text; put it in quotes"),
    ("terraform: {required_version: latest}", 6, 31, "must be a Terraform version constraint"),
    ("terraform: {backend: local}", 6, 22, "must be a mapping"),
    ("terraform: {backend: {s3: {bucket: abc, key: k, region: mars}}}", 6, 57, "'mars' is not an AWS region"),
    ("terraform: {backend: {s3: {bucket: abc, key: /k, region: eu-west-1}}}", 6, 46, "neither begins nor ends"),
    ("terraform: {backend: {s3: {bucket: {a: b}, key: k, region: eu-west-1}}}", 6, 28, "must be text"),
    ("terraform: {modules: /etc}", 6, 22, "must be a relative path"),
    ("terraform: {modules: ../../../modules}", 6, 22, "leads more than two folders above the spec's own"),
    ("terraform: {provider: {allowed_account_ids: ['444455556666']}}", 6, 24, "does not hold 111122223333"),
    ("terraform: {provider: {allowed_account_ids: [1]}}", 6, 46, "must be the 12 digits of an AWS account in quotes"),
    ("terraform: {provider: {assume_role: {role_arn: x}}}", 6, 48, "must be the ARN of a role"),
    (
        "terraform: {provider: {assume_role: {role_arn: 'arn:aws:iam::444455556666:role/x'}}}",
        6, 48, "the role is in account 444455556666, but account.id is 111122223333",
    ),
    (
        "terraform: {provider: {assume_role: {role_arn: 'arn:aws-cn:iam::111122223333:role/x'}}}",
        6, 48, "the ARN is in partition aws-cn",
    ),
    ("terraform: {provider: {default_tags: {'AWS:x': y}}}", 6, 39, "must not begin with aws:"),
    ("terraform: {provider: {default_tags: {a: 1}}}", 6, 42, "must be text"),
    (f"terraform: {{provider: {{default_tags: {{a: {'x' * 257}}}}}}}", 6, 42, "this one has 257"),
    (f"terraform: {{provider: {{default_tags: {{{'k' * 129}: x}}}}}}", 6, 39, "this one has 129"),
    ("terraform: {provider: {default_tags: {Owner: a, owner: b}}}", 6, 56, "only by case"),
    (f"terraform: {{provider: {{default_tags: {{{', '.join(f'k{n}: v' for n in range(51))}}}}}}}", 6, 24, "51 entries"),
    ('terraform: {modules: "a\\nb"}', 6, 22, "must be a relative path"),
    ("trusted_ips: {file: none.txt}", 6, 21, "none.txt does not exist"),
    ("trusted_ips: {file: ../x.txt}", 6, 21, ".. is not accepted"),
    ("trusted_ips: {file: /etc/hostname}", 6, 21, "must be a relative path"),
    ("trusted_ips: {file: .}", 6, 21, "is not a regular file"),
    ("trusted_ips: {}", 6, 1, "`file` is missing in trusted_ips"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "line", "column", "words"), ONE)
def test_one_mistake(mistakes: Mistakes, lines: str, line: int, column: int, words: str) -> None:
    found = mistakes(f"{MINIMAL}{lines}\n")
    assert [entry[:2] for entry in found] == [(line, column)], found
    assert words in found[0][2]


# Each case: the fields after `version`, and the mistake.
REGIONS = [
    ("regions: {}", 4, 1, "these opt-in regions have no state: af-south-1, ap-east-1"),
    ("", 1, 1, "these opt-in regions have no state"),
    ("regions: {opted_in: [ap-eats-1]}", 4, 22, "did you mean `ap-east-1`?"),
    ("regions: {not_opted_in: all}", 4, 25, "must be `rest`"),
    ("regions: {not_opted_in: rest, opted_in: [us-gov-east-1]}", 4, 42, "is in partition aws-us-gov, not in aws"),
    ("regions: {not_opted_in: rest, opted_in: [eu-west-2]}", 4, 42, "enabled by default"),
    ("regions: {not_opted_in: rest, opted_in: [ap-east-1, ap-east-1]}", 4, 53, "already under regions.opted_in"),
    (
        "regions: {not_opted_in: rest, opted_in: [ap-east-1], retiring: [{region: ap-east-1, mode: forget}]}",
        4, 74, "already under regions.opted_in; a region has exactly one state",
    ),
    ("regions: {not_opted_in: rest, retiring: [{region: eu-west-1, mode: forget}]}", 4, 51, "must be covered"),
    ("regions: {not_opted_in: rest, retiring: [{region: eu-west-2, mode: keep}]}", 4, 68, "`forget` or `destroy`"),
    (
        "regions: {not_opted_in: rest, exclude: [{region: eu-west-2, reason: r, approved_by: a, until: 2027-02-30}]}",
        4, 95, "must be a date like 2027-03-31",
    ),
    ("regions: {not_opted_in: rest, exclude: [{region: eu-west-2, reason: r, approved_by: a}]}", 4, 41, "`until` is"),
    ("regions: {not_opted_in: rest, opted_in: ap-east-1}", 4, 41, "must be a list"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "line", "column", "words"), REGIONS)
def test_region_mistakes(mistakes: Mistakes, lines: str, line: int, column: int, words: str) -> None:
    found = mistakes(
        f'version: 1\nname: production\nhome_region: eu-west-1\n{lines}\naccount: {{id: "111122223333"}}\n'
    )
    assert [entry[:2] for entry in found] == [(line, column)], found
    assert words in found[0][2]


@pytest.mark.parametrize(
    ("home", "words"),
    [
        ("ap-east-1", "is an opt-in region"),
        ("us-gov-west-1", "is in partition aws-us-gov, not in aws"),
        ("eu-west-11", "did you mean `eu-west-1`?"),
        ("1", "must be text"),
        ("[a]", "must be text"),
    ],
)
def test_home_region(mistakes: Mistakes, home: str, words: str) -> None:
    [(line, _, message)] = mistakes(MINIMAL.replace("eu-west-1", home))
    assert line == 3
    assert words in message


@pytest.mark.parametrize(
    ("version", "words"), [("2", "must be 1"), ("true", "whole number"), ("1.0", "whole number"), ("'1'", "must be 1")]
)
def test_version(mistakes: Mistakes, version: str, words: str) -> None:
    [(line, column, message)] = mistakes(MINIMAL.replace("version: 1", f"version: {version}"))
    assert (line, column) == (1, 10)
    assert words in message


@pytest.mark.parametrize("name", ["A", "a", "ab", "x" * 25, "-a", "a--b", "a_b", "1a", "a-", "amzn-s3-demo-x"])
def test_bad_names(mistakes: Mistakes, name: str) -> None:
    [(line, column, message)] = mistakes(MINIMAL.replace("production", name))
    assert (line, column) == (2, 7)
    assert "must" in message
