"""What was done, in a DynamoDB table: who may act on a thing now, what it was like before, and what came of it.

A record stands for one action on one thing. It is claimed by a conditional write, so that of two runs for the same
thing one acts; what the thing was like is written down before it is changed, so that a run that ends half-way leaves
what undoing needs. A claim ends after a while: whoever comes then carries on with what was written down.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LEASE = 120
"""Seconds that a claim holds: longer than the function may run, so that no two runs ever hold one."""

_HOUR = 3600
_WEEK = 7 * 24 * _HOUR


class BusyError(Exception):
    """Another run holds the claim: try again later."""


class NoRecordError(Exception):
    """There is no such record, or nothing in it to undo."""


@dataclass(frozen=True)
class Claim:
    """The right to act on a thing.

    Attributes:
        id: the record's.
        holder: who holds it.
        before: what an earlier run wrote down, that did not come to its end.
    """

    id: str
    holder: str
    before: Mapping[str, Any] | None


class Records:
    """The table."""

    def __init__(self, client: Any, table: str) -> None:
        """Use a table.

        Args:
            client: of DynamoDB.
            table: its name; its key is the text ``id``.
        """
        self._client, self._table = client, table

    def read(self, record: str) -> dict[str, Any] | None:
        """A record as plain values, or None."""
        item = self._client.get_item(TableName=self._table, Key={"id": {"S": record}}, ConsistentRead=True).get("Item")
        return None if item is None else {key: _plain(value) for key, value in item.items()}

    def claim(self, record: str, finding: str, about: Mapping[str, str]) -> Claim | None:
        """Claim a record for a finding.

        Args:
            record: its id.
            finding: the finding's id.
            about: what else is kept of it.

        Returns:
            The claim, or None where this finding was answered already, or its answer undone by people.

        Raises:
            BusyError: another run holds it.
        """
        holder, now = uuid.uuid4().hex, int(time.time())
        names, values = {"#state": "state"}, {":finding": finding, ":holder": holder, ":begun": "begun"}
        sets = ["#state = :begun", "holder = :holder", "lease = :lease"]
        for place, (key, value) in enumerate(about.items()):
            names[f"#a{place}"], values[f":a{place}"] = key, value
            sets.append(f"#a{place} = :a{place}")
        try:
            old = self._update(
                record,
                f"SET {', '.join(sets)} ADD findings :findings",
                "(attribute_not_exists(id) OR (#state IN (:done, :undone) AND NOT contains(findings, :finding))"
                " OR #state IN (:failed, :limited) OR (#state = :begun AND lease < :now))"
                " AND NOT contains(undone_for, :finding)",
                values | {":done": "done", ":undone": "undone", ":failed": "failed", ":limited": "limited"},
                {":findings": {"SS": [finding]}, ":lease": _number(now + LEASE), ":now": _number(now)},
                names,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            known = self.read(record) or {}
            if known.get("state") in ("begun", "undoing") and finding not in known.get("undone_for", ()):
                raise BusyError(f"another run is busy with {record}") from None
            return None
        carried_on = old.get("state") in ("begun", "failed")
        return Claim(record, holder, _loads(old.get("seen_before")) if carried_on else None)

    def counts(self, limit: int) -> bool:
        """Count one more action in this hour; whether there was room for it.

        Args:
            limit: how many there may be.
        """
        hour = int(time.time()) // _HOUR
        try:
            self._update(
                f"rate/{hour}",
                "ADD taken :one SET expires = :expires",
                "attribute_not_exists(taken) OR taken < :limit",
                {},
                {":one": _number(1), ":limit": _number(limit), ":expires": _number(hour * _HOUR + _WEEK)},
                {},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def begin(self, claim: Claim, before: Mapping[str, Any]) -> None:
        """Write down what the thing is like, before it is changed."""
        self._held(claim, "SET seen_before = :before", {":before": json.dumps(before, sort_keys=True)})

    def end(self, claim: Claim, state: str, what: str) -> None:
        """Write down what came of it: state ``done``, ``failed`` or ``limited``, and a sentence."""
        self._held(claim, "SET #state = :state, what = :what", {":state": state, ":what": what}, {"#state": "state"})

    def claim_undo(self, record: str) -> tuple[Claim, dict[str, Any]]:
        """Claim a record to undo what was done.

        Raises:
            NoRecordError: there is none, or nothing was changed, or it is undone.
            BusyError: another run holds it.
        """
        known = self.read(record)
        if known is None or "seen_before" not in known:
            raise NoRecordError(f"no record {record} of something changed")
        if known["state"] == "undone":
            raise NoRecordError(f"{record} is undone already")
        holder, now = uuid.uuid4().hex, int(time.time())
        try:
            self._update(
                record,
                "SET #state = :undoing, holder = :holder, lease = :lease, undone_for = findings",
                "#state IN (:done, :failed) OR (#state IN (:begun, :undoing) AND lease < :now)",
                {
                    ":undoing": "undoing", ":holder": holder, ":done": "done", ":failed": "failed", ":begun": "begun",
                },
                {":lease": _number(now + LEASE), ":now": _number(now)},
                {"#state": "state"},
            )  # fmt: skip
        except self._client.exceptions.ConditionalCheckFailedException:
            raise BusyError(f"another run is busy with {record}") from None
        return Claim(record, holder, _loads(known["seen_before"])), known

    def undo_failed(self, claim: Claim) -> None:
        """Let the next one try at once."""
        self._held(claim, "SET lease = :never", {}, more={":never": _number(0)})

    def once(self, key: str) -> bool:
        """Whether this is the first time that this key is seen; `again` takes it back."""
        try:
            self._update(
                key,
                "SET expires = :expires",
                "attribute_not_exists(id)",
                {},
                {":expires": _number(int(time.time()) + _WEEK)},
                {},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def again(self, key: str) -> None:
        """Forget a key of `once`."""
        self._client.delete_item(TableName=self._table, Key={"id": {"S": key}})

    def _held(
        self,
        claim: Claim,
        expression: str,
        values: Mapping[str, str],
        names: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        asked = {**values, ":holder": claim.holder}
        self._update(claim.id, expression, "holder = :holder", asked, more or {}, names or {})

    def _update(
        self,
        record: str,
        expression: str,
        condition: str,
        texts: Mapping[str, str],
        values: Mapping[str, Any],
        names: Mapping[str, str],
    ) -> dict[str, Any]:
        """Update on a condition; the old record as plain values."""
        answer = self._client.update_item(
            TableName=self._table,
            Key={"id": {"S": record}},
            UpdateExpression=expression,
            ConditionExpression=condition,
            ExpressionAttributeValues={key: {"S": text} for key, text in texts.items()} | dict(values),
            ReturnValues="ALL_OLD",
            **({"ExpressionAttributeNames": dict(names)} if names else {}),
        )
        return {key: _plain(value) for key, value in answer.get("Attributes", {}).items()}


def _number(value: int) -> dict[str, str]:
    return {"N": str(value)}


def _plain(value: Mapping[str, Any]) -> Any:
    ((kind, inner),) = value.items()
    return int(inner) if kind == "N" else inner


def _loads(text: str | None) -> Mapping[str, Any] | None:
    return None if text is None else dict(json.loads(text))
