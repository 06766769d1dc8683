"""Loading a spec: every mistake once, at its line and column, in words that say what is accepted."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from guardline.spec.load import Mistake, SpecError, load
from guardline.spec.wording import fields

from .conftest import MINIMAL

Mistakes = Callable[[str], list[tuple[int, int, str]]]
Write = Callable[[str], Path]


def test_a_minimal_spec_has_secure_defaults(write: Write) -> None:
    spec = load(write(MINIMAL))
    assert spec.partition == "aws"
    assert spec.terraform.aws_provider == 6
    assert spec.allowed_account_ids == ("111122223333",)
    assert spec.guardduty.finding_publishing_frequency == "FIFTEEN_MINUTES"
    assert set(spec.guardduty.features.states().values()) == {True}
    assert set(spec.guardduty.features.agents().values()) == {True}
    assert (spec.flow_logs.mode, spec.flow_logs.traffic, spec.trail.mode) == ("create", "ALL", "create")
    assert spec.trusted_ips is None


def test_every_field_together(write: Write) -> None:
    path = write(
        """\
        version: 1
        name: production
        partition: aws
        home_region: eu-west-1
        contacts: {owner: security@example.com, review_every_days: 30}
        terraform:
          aws_provider: 5
          required_version: ">= 1.6, < 2.0"
          backend: {s3: {bucket: tf-state, key: guardline/production, region: eu-west-1, use_lockfile: true}}
          provider:
            profile: null
            assume_role: {role_arn: "arn:aws:iam::111122223333:role/deploy", external_id: a-b, session_name: guardline}
            allowed_account_ids: ["111122223333"]
            default_tags: {owner: security, until: 2027-01-01, at: "12:30", on: off}
          modules: modules
        regions:
          opted_in: [ap-east-1, me-central-1]
          not_opted_in: rest
          exclude: [{region: ap-northeast-3, reason: denied by SCP, approved_by: CISO, until: 2027-03-31}]
          retiring: [{region: sa-east-1, mode: forget}]
        account: {id: "111122223333"}
        guardduty:
          finding_publishing_frequency: SIX_HOURS
          features: {rds_login_events: false, runtime_monitoring: {eks_addon: true, ec2_agent: false}}
        flow_logs: {mode: reference, scope: subnets, arn: "arn:aws:s3:::logs", owner: platform}
        trail: {mode: off, reason: Control Tower owns it}
        trusted_ips: {file: lists/trusted.txt}
        """
    )
    (path.parent / "lists").mkdir()
    (path.parent / "lists" / "trusted.txt").write_text("198.51.100.7\n")
    spec = load(path)
    assert spec.terraform.backend is not None
    assert spec.terraform.backend.s3.encrypt is True
    assert spec.terraform.provider.default_tags == {
        "owner": "security", "until": "2027-01-01", "at": "12:30", "on": "off",
    }  # fmt: skip
    assert spec.guardduty.features.states()["RDS_LOGIN_EVENTS"] is False
    assert spec.guardduty.features.agents() == {
        "EKS_ADDON_MANAGEMENT": True, "ECS_FARGATE_AGENT_MANAGEMENT": True, "EC2_AGENT_MANAGEMENT": False,
    }  # fmt: skip
    assert str(spec.regions.exclude[0].until) == "2027-03-31"
    assert (spec.trail.mode, spec.trail.reason) == ("off", "Control Tower owns it")


def test_five_mistakes_are_five_each_at_its_place(write: Write) -> None:
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
    ("flow_logs: {destination: firehose}", 6, 26, "must be `s3`"),
    ("flow_logs: [x]", 6, 1, "flow_logs: must be a mapping"),
    ("trail: {bucket: Upper-case}", 6, 17, "a bucket name holds lower-case letters"),
    ("trail: {bucket: a..b}", 6, 17, "a bucket name holds lower-case letters"),
    ("trail: {bucket: 192.168.5.4}", 6, 17, "must not look like an IP address"),
    ("trail: {bucket: xn--bucket}", 6, 17, "must not begin with xn--"),
    ("trail: {bucket: bucket-s3alias}", 6, 17, "must not end with -s3alias"),
    ("trail: {bucket: ab}", 6, 17, "this one has 2"),
    ("trail: {bucket: same}\nflow_logs: {bucket: same}", 7, 21, "same is already trail.bucket"),
    ("dns_logs: {mode: create}", 6, 1, "this version of Guardline does not know `dns_logs` yet"),
    ("organization: {}", 6, 1, "does not know `organization` yet"),
    ("guardduty: {export: {mode: create}}", 6, 13, "does not know `guardduty.export` yet"),
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
    ("terraform: {modules: ../../modules}", 6, 22, "leads outside the spec folder"),
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


@pytest.mark.parametrize("name", ["A", "a", "x" * 25, "-a", "a--b", "a_b", "1a", "a-", "amzn-s3-demo-x"])
def test_bad_names(mistakes: Mistakes, name: str) -> None:
    [(line, column, message)] = mistakes(MINIMAL.replace("production", name))
    assert (line, column) == (2, 7)
    assert "must" in message


@pytest.mark.parametrize("partition", ["aws-us-gov", "aws-cn", "aws-eusc"])
def test_partitions_without_opt_in_regions_need_no_regions_block(write: Write, partition: str) -> None:
    homes = {"aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1", "aws-eusc": "eusc-de-east-1"}
    text = f"version: 1\nname: production\npartition: {partition}\nhome_region: {homes[partition]}\n"
    assert load(write(f'{text}account: {{id: "111122223333"}}\n')).partition == partition


def test_an_unknown_partition_is_one_mistake(mistakes: Mistakes) -> None:
    [(line, _, message)] = mistakes(MINIMAL + "partition: aws-gov\n")
    assert line == 6
    assert "did you mean `aws-us-gov`?" in message


def test_text_that_looks_like_terraform_is_legal(write: Write) -> None:
    text = '${file("x")} %{ if true } "quoted" \\ back\nsecond line\t'
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    spec = load(write(f'{MINIMAL}terraform: {{provider: {{default_tags: {{note: "{escaped}"}}}}}}\n'))
    assert spec.terraform.provider.default_tags == {"note": text}


def test_runtime_monitoring_may_be_a_plain_false(write: Write) -> None:
    for value in ("false", "{enabled: false}"):
        features = load(
            write(f"{MINIMAL}guardduty: {{features: {{runtime_monitoring: {value}}}}}\n")
        ).guardduty.features
        assert features.states()["RUNTIME_MONITORING"] is False
        assert set(features.agents().values()) == {False}


def test_the_list_s_own_lines_are_reported_in_the_list(write: Write) -> None:
    path = write(f"{MINIMAL}trusted_ips: {{file: ips.txt}}\nzebra: 1\n")
    (path.parent / "ips.txt").write_text("198.51.100.7\n\n0.0.0.0/0\nnonsense\n")
    with pytest.raises(SpecError) as raised:
        load(path)
    listed = (path.parent / "ips.txt").as_posix()
    assert [(mistake.file, mistake.line, mistake.column) for mistake in raised.value.mistakes] == [
        (path.as_posix(), 7, 1), (listed, 3, 1), (listed, 4, 1),
    ]  # fmt: skip


def test_a_list_s_symlink_may_not_leave_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "spec"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("198.51.100.7\n")
    (folder / "ips.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "guardline.yaml").write_text(f"{MINIMAL}trusted_ips: {{file: ips.txt}}\n")
    with pytest.raises(SpecError, match=r"6:21: .*leads outside the spec's own folder"):
        load(folder / "guardline.yaml")


def test_shared_modules_may_lie_anywhere_in_the_git_repository(tmp_path: Path) -> None:
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    folder = tmp_path / "repository" / "environments" / "demo"
    folder.mkdir(parents=True)
    path = folder / "guardline.yaml"
    path.write_text(f"{MINIMAL}terraform: {{modules: ../../modules}}\n")
    assert load(path).terraform.modules == "../../modules"
    path.write_text(f"{MINIMAL}terraform: {{modules: ../../../modules}}\n")
    with pytest.raises(SpecError, match="leads outside the git repository"):
        load(path)


# Each line has ten of the line before: a hundred thousand values once aliases are followed.
LAUGHS = b"a: &a [x,x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (letter, letter, b",".join([b"*%c" % (letter - 1)] * 10)) for letter in b"bcde"
)
BAD_FILES = [
    (b"", "the file is empty; a spec begins with"),
    (b"# nothing but a comment\n", "the file is empty"),
    (b"\xff\xfe\x00\x01", "1: is not text in UTF-8"),
    (b"version: 1\nname: \xe9\n", "2: is not text in UTF-8"),
    (b"\x00\x01\x02", "1:1: not valid YAML"),
    (b"version: 1\nname: [a\n", "3:1: not valid YAML"),
    (b"version: 1\n\tname: x\n", "2:1: not valid YAML"),
    (b"- a\n", "1:1: must be a mapping"),
    (b"just text", "1:1: must be a mapping"),
    (b"a: 1\n---\nb: 2\n", "not valid YAML"),
    (b"a: *nowhere\n", "1:4: not valid YAML"),
    (b'a: "\\UFFFFFFFF"\n', "out of range"),
    (b"%YAML 1." + b"9" * 5000 + b"\n---\na: 1\n", "not valid YAML"),
    (b"[" * 5000, "nested too deeply"),
    (b"a: " + b"[" * 40 + b"]" * 40, "nested more than 30 deep"),
    (b"a: &a [*a]\n", "nested more than 30 deep"),
    (LAUGHS, "more than 20000 values"),
    (b"a: " + b"x" * 300_000, "is larger than 256 KiB"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "words"), BAD_FILES)
def test_files_that_are_no_spec(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "guardline.yaml"
    path.write_bytes(content)
    with pytest.raises(SpecError) as raised:
        load(path)
    assert len(raised.value.mistakes) == 1
    assert words in str(raised.value)


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, words in ((".", "is a directory"), ("none.yaml", "does not exist"), ("pipe", "not a regular file")):
        with pytest.raises(SpecError, match=words):
            load(tmp_path / name)


def test_an_unreadable_file(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(MINIMAL)

    def refuse(_: Path) -> bytes:  # chmod would not keep root out
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(SpecError, match=r"guardline\.yaml: cannot be read: Permission denied"):
        load(path)


def test_a_byte_order_mark_and_crlf_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "guardline.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + MINIMAL.replace("\n", "\r\n").encode())
    assert load(path).name == "production"


def test_the_file_is_named_as_the_user_named_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("guardline.yaml").write_text("")
    with pytest.raises(SpecError, match=r"^guardline\.yaml: the file is empty"):
        load(Path("guardline.yaml"))


def test_fields_of_every_block_can_be_listed() -> None:
    assert fields(())[:2] == ("version", "name")
    assert fields(("regions", "exclude", 3)) == ("region", "reason", "approved_by", "until")
    assert fields(("terraform", "backend", "s3"))[0] == "bucket"
    assert fields(("guardduty", "features", "runtime_monitoring"))[0] == "enabled"


LINES = st.sampled_from(
    [*MINIMAL.splitlines(), "regions: {", "- x", "a: &a [*a]", "trail:", "  mode: off", "? ", "!!set {a}", "<<: *a",
     "[", "terraform: {provider: {default_tags: {a: b}}}", "trusted_ips: {file: guardline.yaml}", "home_region: [1]", "'",
     "regions: [{}]", "regions: {exclude: [1, {region: [x]}], retiring: x, opted_in: [{}]}", "terraform: {modules: ~}"]
)  # fmt: skip


@given(text=st.one_of(st.text(), st.lists(LINES | st.text(max_size=20)).map("\n".join)))
@example('version: "\\U00110000"')
@example("trusted_ips: {file: " + "x" * 5000 + "}")
def test_nothing_but_a_spec_error_whatever_the_text(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "guardline.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    found = _mistakes(path)
    assert all(mistake.message and "\n" not in mistake.message for mistake in found)


def _mistakes(path: Path) -> tuple[Mistake, ...]:
    try:
        load(path)
    except SpecError as error:
        return error.mistakes
    return ()
