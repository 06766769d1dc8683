"""One waiver as somebody wrote it, and the rules that it must keep: without them it waives nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import msgspec

from guardline.spec.mistakes import did_you_mean
from guardline.validator.controls import CATALOGUE, by_id
from guardline.validator.expectations.scope import Waiver
from guardline.validator.report import Row
from guardline.validator.semantics.wildcards import covers

REQUIRED = ("control", "reason", "owner", "approver", "created", "expires")
OPTIONAL = ("scope", "compensating_control", "ticket")
SCOPE = ("account", "region", "subject")


class Policy(msgspec.Struct, frozen=True):
    """What the team allows.

    Attributes:
        longest_days: from the day that a waiver was written to the last on which it may hold.
        warn_days: how long before its end a waiver is called out.
    """

    longest_days: int = 365
    warn_days: int = 30


class Place(msgspec.Struct, frozen=True):
    """Lines of a file: those of the block that a comment stands in or before."""

    file: str
    first: int
    last: int


class Written(msgspec.Struct, frozen=True, dict=True):
    """A waiver that keeps the rules.

    Attributes:
        where: the file and line that it is written at.
        control: the id of the control.
        scope: pattern of account, region and subject; ``*`` stands for any text, and what is not named is any.
        block: the lines that it is about, where it is a comment in Terraform source.
    """

    where: str
    control: str
    reason: str
    owner: str
    approver: str
    expires: date
    created: date | None = None
    ticket: str | None = None
    compensating_control: str | None = None
    scope: Mapping[str, str] = msgspec.field(default_factory=dict)
    block: Place | None = None

    @cached_property
    def waiver(self) -> Waiver:
        """What the report shows of it."""
        return Waiver(
            self.where,
            self.reason,
            self.approver,
            self.expires.isoformat(),
            self.owner,
            self.created.isoformat() if self.created else None,
            self.ticket,
            self.compensating_control,
        )

    def covers(self, row: Row) -> bool:
        """Whether it is about a cell."""
        if row.control != self.control or (self.block is not None and not _stands_in(row, self.block)):
            return False
        account, region = self.scope.get("account", "*"), self.scope.get("region", "*")
        subjects = {row.subject or "", row.subject_id or ""}
        return (
            _matches(account, row.account or "")
            and _matches(region, row.region or "")
            and any(_matches(self.scope.get("subject", "*"), each) for each in subjects)
        )


def _matches(pattern: str, text: str) -> bool:
    """``*`` is any text, ``?`` one character; addresses hold brackets, which mean themselves."""
    return covers(pattern, text)


def _stands_in(row: Row, block: Place) -> bool:
    """Whether what decided a cell, or a module call that leads to it, stands in the block."""
    places = ((each.file, each.line) for origin in row.evidence[:1] for each in (origin,))
    calls = (call for origin in row.evidence[:1] for call in origin.calls)
    return any(
        file == block.file and line is not None and block.first <= line <= block.last
        for file, line in (*places, *calls)
    )


def faults(
    given: Mapping[str, Any], policy: Policy, as_of: date, required: tuple[str, ...] = REQUIRED
) -> Iterator[str]:
    """What is wrong with a waiver; nothing where it keeps the rules.

    Args:
        given: its fields as they are written, dates as text.
        policy: what the team allows.
        as_of: the day of the run.
        required: the fields that it must have.
    """
    for key in given:
        if key not in (*REQUIRED, *OPTIONAL):
            hint = f"; write it under `scope`: scope: {{{key}: ...}}" if key in SCOPE and required == REQUIRED else None
            yield f"unknown key `{key}`{hint or did_you_mean(str(key), (*REQUIRED, *OPTIONAL))}"
    missing = [key for key in required if given.get(key) in (None, "")]
    if missing:
        yield f"{' and '.join(f'`{key}`' for key in missing)} {'is' if len(missing) == 1 else 'are'} missing"
    texts = [key for key in (*REQUIRED, "ticket", "compensating_control") if key in given]
    yield from (f"`{key}` must be text" for key in texts if not isinstance(given[key], str | None))
    control = given.get("control")
    if isinstance(control, str) and control and by_id(control) is None:
        yield f"there is no control {control}{did_you_mean(control, (each.id for each in CATALOGUE))}"
    owner, approver = given.get("owner"), given.get("approver")
    if isinstance(owner, str) and isinstance(approver, str) and owner.strip().casefold() == approver.strip().casefold():
        yield "the approver is the owner: somebody else has to accept it"
    yield from _scope_faults(given.get("scope"))
    yield from _date_faults(given, policy, as_of)


def _scope_faults(scope: Any) -> Iterator[str]:
    if scope is None:
        return
    if not isinstance(scope, dict) or not all(isinstance(each, str) and each for each in scope.values()):
        yield "`scope` must be a mapping of account, region and subject to patterns in quotes"
        return
    yield from (f"unknown key `scope.{key}`{did_you_mean(key, SCOPE)}" for key in scope if key not in SCOPE)


def _date_faults(given: Mapping[str, Any], policy: Policy, as_of: date) -> Iterator[str]:
    days = {key: day(given[key]) for key in ("created", "expires") if isinstance(given.get(key), str) and given[key]}
    yield from (f"`{key}` must be a date like 2027-03-31" for key, found in days.items() if found is None)
    created, expires = days.get("created"), days.get("expires")
    if created is not None and created > as_of:
        yield f"`created` is {created}, which is still to come"
    if expires is None or (created is None and "created" in days):
        return
    longest = timedelta(days=policy.longest_days)
    if created is not None and expires < created:
        yield f"it ends on {expires}, before it was created"
    elif expires - (created or as_of) > longest:
        yield f"it ends on {expires}, and a waiver may hold for {policy.longest_days} days"


def day(text: Any) -> date | None:
    """A date as it is written in a waiver, or None."""
    try:
        return date.fromisoformat(text) if isinstance(text, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None
