"""Loading a spec: its defaults, its values, and files that are no spec."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from guardline.spec.load import SpecError, load
from guardline.spec.regions import assign
from guardline.spec.wording import fields

from .conftest import MINIMAL

Mistakes = Callable[[str], list[tuple[int, int, str]]]
Write = Callable[[str], Path]


def test_a_minimal_spec_has_secure_defaults(write: Write) -> None:
    spec = load(write(MINIMAL))
    assert spec.partition == "aws"
    assert spec.terraform.aws_provider == 6
    assert spec.account is not None
    assert spec.account.id == "111122223333"
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
    (b"version: 1\nname: [a\n", "2:7: the `[` here is not closed"),
    (b"version: 1\n\tname: x\n", "2:1: a tab stands here"),
    (b"- a\n", "1:1: must be a mapping"),
    (b"just text", "1:1: must be a mapping"),
    (b"a: 1\n---\nb: 2\n", "not valid YAML"),
    (b"a: *nowhere\n", "1:4: this names an anchor"),
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

    def refuse(_: Path, _flags: int) -> int:  # chmod would not keep root out
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(SpecError, match=r"guardline\.yaml: cannot be read: Permission denied"):
        load(path)


def test_a_byte_order_mark_and_crlf_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "guardline.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + MINIMAL.replace("\n", "\r\n").encode())
    assert load(path).name == "production"
    path.write_bytes(b"\xef\xbb\xbfzebra: 1\r\n" + MINIMAL.encode())
    with pytest.raises(SpecError, match=r"guardline\.yaml:1:1: unknown key `zebra`"):
        load(path)


def test_the_file_is_named_as_the_user_named_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("guardline.yaml").write_text("")
    with pytest.raises(SpecError, match=r"^guardline\.yaml: the file is empty"):
        load(Path("guardline.yaml"))


def test_fields_of_every_block_can_be_listed() -> None:
    assert fields(())[:2] == ("version", "name")
    assert fields(("regions", "exclude", 3)) == ("region", "reason", "approved_by", "until", "deny_global_region")
    assert fields(("terraform", "backend", "s3"))[0] == "bucket"
    assert fields(("guardduty", "features", "runtime_monitoring"))[0] == "enabled"


def test_modules_behind_a_symlink_loop(write: Write) -> None:
    path = write(f"{MINIMAL}terraform: {{modules: loop/x}}\n")
    (path.parent / "loop").symlink_to("loop")
    with pytest.raises(SpecError, match=r"6:22: terraform\.modules: "):
        load(path)


WHO = "reason: r, approved_by: Ann, until: 2027-03-31"
ONE_REGION = MINIMAL.replace("{not_opted_in: rest}", "{not_opted_in: rest, %s}")


@pytest.mark.parametrize(
    ("regions", "says"),
    [
        (f"exclude: [{{region: rest, {WHO}}}, {{region: rest, {WHO}}}]", "`rest` is already under regions.exclude"),
        ("retiring: [{region: rest, mode: forget}]", "'rest' is not a region"),
        ("opted_in: [rest]", "'rest' is not a region"),
        ("opted_in: [us-east-1]", "us-east-1 is enabled by default"),
    ],
)
def test_rest_stands_once_and_among_exclusions_alone(mistakes: Mistakes, regions: str, says: str) -> None:
    ((_, _, message),) = mistakes(ONE_REGION % regions)
    assert says in message


def test_one_line_leaves_out_the_rest(write: Write) -> None:
    spec = load(write(ONE_REGION % f"opted_in: [us-east-1], exclude: [{{region: rest, {WHO}}}]"))
    assert [each.name for each in assign(spec) if each.state == "covered"] == ["eu-west-1", "us-east-1"]


@pytest.mark.parametrize("leaving", ["{trail: forget}", "{trail: {mode: forget, reason: r, approved_by: Ann}}"])
def test_what_leaves_may_say_who_approved_it(write: Write, leaving: str) -> None:
    spec = load(write(f"{MINIMAL}trail: {{mode: off, reason: r, approved_by: Ann}}\nleaving: {leaving}\n"))
    assert spec.leaving["trail"].mode == "forget"
    assert spec.trail.approved_by == "Ann"


def test_an_approver_belongs_to_mode_off(mistakes: Mistakes) -> None:
    ((_, _, message),) = mistakes(f"{MINIMAL}trail: {{approved_by: Ann}}\n")
    assert message == "trail.approved_by: `approved_by` belongs to mode off, and the mode here is create"
