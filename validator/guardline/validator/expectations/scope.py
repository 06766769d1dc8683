"""The scope: which accounts and regions are expected, and what the spec asks of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property

import msgspec
from msgspec.structs import replace

from guardline.validator.expectations.asked import (
    Answers,
    FlowLogging,
    People,
    Recorder,
    Recording,
    Resolvers,
    Rule,
    Store,
)
from guardline.validator.model.resource import Account, Origin, Resource


class RegionState(StrEnum):
    """The one state that every region of the partition ends in."""

    EXPECTED = "expected"
    RETIRING = "retiring"
    EXCLUDED = "excluded"
    NOT_OPTED_IN = "not-opted-in"
    NOT_ASKED = "not-asked"  # left out on the command line (--regions)


class Waiver(msgspec.Struct, frozen=True):
    """Why a cell counts as accepted, and by whom. None is what nobody wrote down.

    Attributes:
        source: ``spec``: the spec leaves it out; else where the waiver is written.
        reason: why.
        approver: who accepted the gap.
        expires: ISO date, the last day on which it holds.
        owner: who asked for it, in a written waiver.
        created: ISO date, when it was written.
        ticket: where it was discussed.
        compensating_control: what holds instead.
    """

    source: str
    reason: str | None = None
    approver: str | None = None
    expires: str | None = None
    owner: str | None = None
    created: str | None = None
    ticket: str | None = None
    compensating_control: str | None = None

    @property
    def is_approved(self) -> bool:
        """Whether somebody answers for it, with a reason."""
        return bool(self.reason and self.approver)


class ScopeRegion(msgspec.Struct, frozen=True):
    """A region of the partition and its state, with the reason where one was given, and who left it out."""

    name: str
    state: RegionState
    reason: str | None = None
    waiver: Waiver | None = None


class NotAsked(msgspec.Struct, frozen=True):
    """A practice that the spec switches off or leaves out.

    Attributes:
        practice: the number of its recommendation.
        reason: what is left out, and why.
        key: the spec's key of what is left out, e.g. ``flow_logs``, where it is one that an earlier spec may have had.
            Not part of the identity.
        waiver: the spec's own words. Not part of the identity.
    """

    practice: int
    reason: str
    key: str | None = None
    waiver: Waiver | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NotAsked) and (self.practice, self.reason) == (other.practice, other.reason)

    def __hash__(self) -> int:
        return hash((self.practice, self.reason))


class Departure(msgspec.Struct, frozen=True):
    """What was covered before the change, and is not after it.

    Attributes:
        account: whose.
        region: the region that leaves; None where a practice or the whole account leaves.
        key: the spec's key of the practice that leaves; None without a region: the account leaves.
        evidence: what shows it, or where it would be.
        cause: the control that fails for the same fault, where it is asked too.
        unsure: why it is not known whether it leaves; None where it does.
    """

    account: Account
    region: str | None
    key: str | None
    evidence: tuple[Origin, ...] = ()
    cause: str | None = None
    unsure: str | None = None


class Base(msgspec.Struct, frozen=True):
    """What the spec of the base branch says.

    Attributes:
        covered: the regions that it covers.
        left_out: the keys of what it leaves out.
        accounts: the accounts that it covers.
        off: key of an account -> the covered regions that it has not enabled.
    """

    covered: frozenset[str]
    left_out: frozenset[str]
    accounts: tuple[Account, ...] = ()
    off: Mapping[str, frozenset[str]] = msgspec.field(default_factory=dict)


class Inventoried(msgspec.Struct, frozen=True):
    """Something that the spec's inventory lists: its id in AWS, and how a reason speaks of it."""

    id: str
    said: str


class Requirements(msgspec.Struct, frozen=True):
    """What a spec asks for, where it differs from the controls' own expectations: made by `practices.asked_by`.

    Attributes:
        features: feature name -> wanted on (True) or asked to be off (False: the cell is not expected).
        agents: the agents of Runtime Monitoring that AWS is to install, by name.
        publishing_frequency: the wanted frequency, or None.
        traffic: the traffic type flow logs must record.
        flow_log_scope: ``vpc`` or ``subnets``.
        trusted_ips: the lines of the trusted IP list, or None when none is asked for.
        threat_ips: the entries of each threat list, sorted, or None when none is asked for.
        filters: the names of the filters asked for, in the order of their ranks.
        off: control id -> reason, for what the spec switches off.
        declared: control id -> reference (ARN, owner) for practices in mode `reference`.
        excluded_buckets: ARNs of buckets whose object events may be left out.
        s3_events: the kinds of S3 object event that are to be recorded: ``read``, ``write`` or both.
        waivers: control id -> who left it out and why, of those that would be asked else.
        wanted: ids of the controls to ask even where their artefact appears nowhere in the source.
        already_logged: control id -> VPC id -> the log that it has by the spec's inventory.
        integrations: the products that Security Hub is to take in, like ``product/aws/macie``.
        administrators: names or ARNs of the identities that may administer GuardDuty; empty where the spec names none.
        response_mode: what the function that answers findings is to do: ``act``, ``dry-run`` or ``notify``; or None.
        answers: finding type -> the actions that answer it.
        answering: what else the function is to do, or None where there is to be none.
        emails: the e-mail addresses that receive alerts.
        chats: the channels that do, as `Subscription.address` writes them.
        webhooks: the HTTPS addresses that do.
        alert_severity: the least severity that raises an alert.
        stores: control id -> how that practice's records are kept.
        flow_logging: how flows are recorded; None where nobody is asked to.
        queries_to: where query logs go, as `Store.kind`; None where nobody is asked for them.
        query_stream: the delivery stream of query logs, or None.
        resolvers: which other resolvers may be asked; None where nobody is to deny any.
        recording: what the trail does beside recording; None where it is another team's.
        log_buckets: whether the buckets of flow logs, query logs and AWS Config may be left out of object events.
        rules: name of a filter -> the suppression rule that it is to be.
        people: who may take the parts of `access`, where these are roles.
        standards: the ends of the ARNs of Security Hub's standards, or None.
        findings_per: ``SECURITY_CONTROL`` or ``STANDARD_CONTROL``, or None.
        recorder: how AWS Config is to record, or None.
        on_request: features that are declared because the spec says so -> wanted on.
        legacy_off: whether EKS Runtime Monitoring is to be switched off first.
        exempt_roles: the roles that service control policies are to exempt; None where there are to be none.
        queried_bucket: the bucket of another team's trail that queries are to read, or None.
        targets: what the policies are to be attached to; empty for the organization's root.
    """

    features: Mapping[str, bool] = msgspec.field(default_factory=dict)
    agents: frozenset[str] = frozenset()
    publishing_frequency: str | None = None
    traffic: str = "ALL"
    flow_log_scope: str = "vpc"
    trusted_ips: tuple[str, ...] | None = None
    threat_ips: frozenset[tuple[str, ...]] | None = None
    filters: tuple[str, ...] = ()
    off: Mapping[str, str] = msgspec.field(default_factory=dict)
    waivers: Mapping[str, Waiver] = msgspec.field(default_factory=dict)
    declared: Mapping[str, str] = msgspec.field(default_factory=dict)
    excluded_buckets: tuple[str, ...] = ()
    s3_events: frozenset[str] = frozenset({"read", "write"})
    wanted: frozenset[str] = frozenset()
    already_logged: Mapping[str, Mapping[str, Inventoried]] = msgspec.field(default_factory=dict)
    integrations: frozenset[str] = frozenset()
    administrators: frozenset[str] = frozenset()
    response_mode: str | None = None
    answers: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    answering: Answers | None = None
    emails: frozenset[str] = frozenset()
    chats: frozenset[str] = frozenset()
    webhooks: frozenset[str] = frozenset()
    alert_severity: int | None = None
    stores: Mapping[str, Store] = msgspec.field(default_factory=dict)
    flow_logging: FlowLogging | None = None
    queries_to: str | None = None
    query_stream: str | None = None
    resolvers: Resolvers | None = None
    recording: Recording | None = None
    log_buckets: bool = True
    rules: Mapping[str, Rule] = msgspec.field(default_factory=dict)
    people: People | None = None
    standards: frozenset[str] | None = None
    findings_per: str | None = None
    recorder: Recorder | None = None
    on_request: Mapping[str, bool] = msgspec.field(default_factory=dict)
    legacy_off: bool = False
    exempt_roles: tuple[str, ...] | None = None
    targets: tuple[str, ...] = ()
    queried_bucket: str | None = None


ELSEWHERE = "not in this source"
"""How a reason begins that something may be in another root; reporters draw such cells together."""


class Partial(msgspec.Struct, frozen=True):
    """Sources that nobody calls the whole of their accounts: another root may hold what these do not.

    Attributes:
        held: the kinds of resource that they hold or declare, now or before the change.
        touched: key of an account -> the regions that they work in, now or before the change.
    """

    held: frozenset[type[Resource]]
    touched: Mapping[str, frozenset[str]]

    def why_elsewhere(self, account: Account, region: str | None, missing: type[Resource] | None) -> str | None:
        """Why what is missing may be in another root, or None: sources that work in two regions mean all of them."""
        if missing is not None and missing not in self.held:
            return f"{ELSEWHERE}, which holds nothing of the kind: {_WAY_OUT}"
        here = self.touched.get(account.key, frozenset())
        if region is not None and len(here) == 1 and region not in here:
            return f"{ELSEWHERE}, which works in {min(here)} alone: {_WAY_OUT}"
        return None


_WAY_OUT = "name who owns it in a spec, give every root, or say --whole"


class Administration(msgspec.Struct, frozen=True):
    """Who watches an organization's accounts: the administrator enables them all but the management account.

    Attributes:
        management: the management account.
        administrator: the account that administers GuardDuty.
        organization: the organization's id, e.g. ``o-exampleorgid``; None where nobody names it.
    """

    management: Account
    administrator: Account
    organization: str | None = None


class Scope(msgspec.Struct, frozen=True, dict=True):
    """The denominator: accounts x regions x controls.

    Attributes:
        partition: ``aws``, ...
        accounts: the expected accounts.
        regions: every region of the partition with its state.
        spec: the spec's path, or None.
        asked: what the spec asks for, or None without a spec: then the controls' own rules hold.
        not_asked: practices outside coverage, with reasons.
        unread: key of an account -> why nothing can be missing there: no source of it was read.
        administration: under an organization, who administers GuardDuty for the accounts.
        as_of: the day that what expires is compared with; None when nobody gave one.
        expected_by_account: key of an account -> the regions expected of it, where that is not all of them.
        unknown_regions: key of an account -> why the region that it is to be asked about is unknown.
        partial: without a spec, what the sources hold, unless they are the whole of their accounts.
        spec_line: tells the line of the spec that asks for a control, by the control's id.
        named: the regions that --regions names; None: it names none.
        base: what the base branch's spec says, where one is compared with.
        departures: what the change stops covering; `evaluate` finds it.
        references: control id -> what the command line says that another root owns.
        retiring: the accounts on their way out, each with who left it out: their cells are waived.
        off: key of an account that has not enabled every covered region -> who said so.
    """

    partition: str
    accounts: tuple[Account, ...]
    regions: tuple[ScopeRegion, ...]
    spec: str | None = None
    asked: Requirements | None = None
    not_asked: tuple[NotAsked, ...] = ()
    as_of: date | None = None
    unread: Mapping[str, str] = msgspec.field(default_factory=dict)
    administration: Administration | None = None
    expected_by_account: Mapping[str, frozenset[str]] = msgspec.field(default_factory=dict)
    unknown_regions: Mapping[str, str] = msgspec.field(default_factory=dict)
    partial: Partial | None = None
    spec_line: Callable[[str], int] | None = None
    named: frozenset[str] | None = None
    base: Base | None = None
    departures: tuple[Departure, ...] = ()
    references: Mapping[str, str] = msgspec.field(default_factory=dict)
    retiring: Mapping[Account, Waiver] = msgspec.field(default_factory=dict)
    off: Mapping[str, Waiver] = msgspec.field(default_factory=dict)

    @cached_property
    def expected(self) -> tuple[str, ...]:
        """The names of the expected regions, in the catalogue's order."""
        return tuple(region.name for region in self.regions if region.state is RegionState.EXPECTED)

    @cached_property
    def left_out(self) -> Mapping[str, Waiver]:
        """The excluded and retiring regions that are not outside the question, each with who left it out."""
        states = (RegionState.EXCLUDED, RegionState.RETIRING)
        there = [one for one in self.regions if one.state in states and (self.named is None or one.name in self.named)]
        return {one.name: one.waiver or Waiver("spec") for one in there}

    @cached_property
    def account_waivers(self) -> Mapping[str, Waiver]:
        """Key of a retiring account -> who left it out."""
        return {account.key: waiver for account, waiver in self.retiring.items()}

    def waiver_of(self, control: str, region: str | None, account: Account) -> Waiver | None:
        """Who left a cell out, or None: it is asked, or nothing says who."""
        if (of_account := self.account_waivers.get(account.key)) is not None:
            return of_account
        of_region = self.left_out.get(region) if region is not None else None
        return of_region or (self.asked.waivers.get(control) if self.asked is not None else None)

    @cached_property
    def whole(self) -> Scope:
        """The same scope, with nothing left out of it."""
        regions = (
            ScopeRegion(r.name, RegionState.EXPECTED if r.name in self.left_out else r.state) for r in self.regions
        )
        asked = self.asked and replace(self.asked, features={}, off={}, waivers={})
        return replace(self, accounts=(*self.accounts, *self.retiring), regions=tuple(regions), asked=asked)

    def expected_in(self, account: Account) -> tuple[str, ...]:
        """The names of the regions expected of an account, in the catalogue's order."""
        own = self.expected_by_account.get(account.key)
        return self.expected if own is None else tuple(name for name in self.expected if name in own)

    def administrator_of(self, account: Account) -> Account | None:
        """The account that administers GuardDuty for this one, where that is another one."""
        if self.administration is None or self.administration.administrator.key == account.key:
            return None
        return self.administration.administrator

    def enabling(self, account: Account) -> Account | None:
        """The administrator that turns GuardDuty on in the account; None where the account must do it itself.

        AWS excepts the management account: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateMembers.html
        """
        if self.administration is not None and self.administration.management.key == account.key:
            return None
        return self.administrator_of(account)
