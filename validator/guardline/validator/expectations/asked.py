"""What a spec asks of single resources, beyond whether they are there: parts of `Requirements`."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Store(msgspec.Struct, frozen=True):
    """Where a practice's records go, and how they are kept.

    Attributes:
        kind: ``s3``, ``cloudwatch-logs`` or ``firehose``.
        name: the bucket or delivery stream, where the spec names it.
        of_others: whether another team keeps it: it is only asked whether it is that one.
        prefix: the folder that the records go to, where another team's bucket has one for them.
        days: how long records are kept at least; None where they are never deleted.
        archive_days: after how many days they move to S3 Glacier; None where they do not.
        lock: the mode of object lock (``governance`` or ``compliance``) and its days, or None.
        key: ``create``, ``create-multi-region`` or a key's ARN; None where AWS's own key will do.
        access_logs: whether S3 writes down who reads them.
        account: the account that owns the bucket, where the spec says which.
    """

    kind: str = "s3"
    name: str | None = None
    of_others: bool = False
    prefix: str | None = None
    days: int | None = None
    archive_days: int | None = None
    lock: tuple[str, int] | None = None
    key: str | None = None
    access_logs: bool = False
    account: str | None = None


class FlowLogging(msgspec.Struct, frozen=True):
    """What a flow log is to record, and how.

    Attributes:
        kind: as `Store.kind`.
        stream: the delivery stream's name, or None.
        record: the fields of a record; None for AWS's default ones.
        seconds: the longest time that a record may sum up.
        files: ``plain-text`` or ``parquet``.
        hive, hourly: how the files' prefixes are made.
    """

    kind: str
    stream: str | None
    record: str | None
    seconds: int
    files: str
    hive: bool
    hourly: bool


class Resolvers(msgspec.Struct, frozen=True):
    """Which resolvers VPCs may ask beside Amazon's.

    Attributes:
        allow: ranges of addresses.
        first_rule: the number of the first rule.
    """

    allow: tuple[str, ...]
    first_rule: int


class Recording(msgspec.Struct, frozen=True):
    """What the trail is to do beside recording.

    Attributes:
        insights: what CloudTrail Insights is to look for.
        copy_days: how long a copy in CloudWatch Logs is kept; None where there is to be none.
    """

    insights: frozenset[str]
    copy_days: int | None


class Rule(msgspec.Struct, frozen=True):
    """A suppression rule.

    Attributes:
        said: the filter's description: reason and last day.
        criteria: field of findings -> comparator (``equals``, ``less_than``, ...) -> its values, sorted.
    """

    said: str
    criteria: Mapping[str, Mapping[str, tuple[str, ...]]]


class Center(msgspec.Struct, frozen=True):
    """An IAM Identity Center.

    Attributes:
        instance: its ARN.
        region: where it was set up.
        accounts: in which groups get their permissions; empty for the root's own.
    """

    instance: str
    region: str
    accounts: frozenset[str]


class People(msgspec.Struct, frozen=True):
    """Who may take the parts of `access`.

    Attributes:
        parts: ``reader``, ``responder``, ``administrator`` -> the ARNs that may assume the role, or the ids of groups.
        mfa: whether only with a second factor.
        center: the Identity Center that gives groups their part; None for roles.
        boundary: the ARN of the roles' permissions boundary; None where each role's own policy is it.
    """

    parts: Mapping[str, frozenset[str]]
    mfa: bool
    boundary: str | None
    center: Center | None = None


class Answers(msgspec.Struct, frozen=True):
    """What the function that answers findings is to do.

    Attributes:
        playbooks: finding type -> actions, sorted, and the least severity that they answer.
        least: the least severity that any playbook answers.
        never, opt_out_tags, opt_in_tags: what it leaves alone.
        rate_limit: the most actions in an hour.
        concurrency: how many findings it may answer at once.
    """

    playbooks: Mapping[str, tuple[tuple[str, ...], int]]
    least: int
    never: frozenset[str]
    opt_out_tags: frozenset[str]
    opt_in_tags: frozenset[str]
    rate_limit: int
    concurrency: int


class Recorder(msgspec.Struct, frozen=True):
    """How AWS Config is to record.

    Attributes:
        name: the recorder's.
        frequency: ``CONTINUOUS`` or ``DAILY``.
        home: the region that records the global kinds as well.
    """

    name: str
    frequency: str
    home: str
