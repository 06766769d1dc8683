"""Control tamper-queries."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Cell, Control, Severity, Verdict, failed
from guardline.validator.controls.shared.as_asked import Tests
from guardline.validator.controls.shared.buckets import Fault
from guardline.validator.controls.shared.trails import recording
from guardline.validator.controls.shared.when_applicable import is_asked
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.athena import LogTable, NamedQuery, Workgroup
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Account
from guardline.validator.model.s3 import Bucket
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.unknown_parts import shown

ID = "tamper-queries"
WORD = "guardduty"
"""What each question is about."""


def _cells(_estate: Estate, scope: Scope) -> Iterator[Cell]:
    """Of an organization, the administrator asks."""
    accounts = [one for one in scope.accounts if scope.administrator_of(one) is None]
    return (Cell(account) for account in accounts) if is_asked(scope, ID) else iter(())


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    queries = [one for one in estate.all(NamedQuery) if WORD in (one.text.known_or(WORD) or "").lower()]
    if not queries:
        estate.select(NamedQuery, cell.account).assert_complete()
        return failed("no saved query asks who changed GuardDuty", missing=NamedQuery)
    tests = Tests()
    tests.ask(_tables(estate, scope, cell.account, queries))
    tests.ask(_workgroups(estate, queries))
    origins = tuple(one.origin for one in queries)
    count = f"{len(queries)} saved queries ask" if len(queries) > 1 else "a saved query asks"
    return tests.verdict("for the queries", f"{count} of the trail who changed GuardDuty", *origins)


def _tables(estate: Estate, scope: Scope, account: Account, queries: list[NamedQuery]) -> Iterator[Fault]:
    tables = estate.all(LogTable)
    buckets = {scope.asked.queried_bucket} if scope.asked is not None and scope.asked.queried_bucket else set[str]()
    if not buckets:
        refs = [trail.bucket.get() for trail in recording(estate, account)]
        found = [(estate.find(Bucket, ref), ref) for ref in refs]
        buckets = {bucket.name if bucket is not None else ref.id or "" for bucket, ref in found}
    if not tables:
        if (why := estate.why_incomplete(LogTable)) is not None:
            raise UnknownValue(why)
        yield Fault("there is no table over the trail", queries[0].origin)
    elif not any(f"s3://{bucket}/" in f"{table.place.get()}/" for table in tables for bucket in buckets):
        names = ", ".join(map(shown, sorted(buckets))) or "the trail's"
        yield Fault(f"no table reads the bucket {names}", tables[0].origin)


def _workgroups(estate: Estate, queries: list[NamedQuery]) -> Iterator[Fault]:
    for query in queries:
        if query.workgroup is None:
            continue
        group = estate.find(Workgroup, query.workgroup.get())
        if group is None:
            raise UnknownValue(f"the workgroup of {query.origin.address} is not in the source")
        if not group.encrypted.get():
            yield Fault("the results are not encrypted by the workgroup", group.origin)
        if not group.enforced.get():
            yield Fault("a client may set aside what the workgroup says of the results", group.origin)


CONTROL = Control(
    id=ID,
    title="Questions about tampering are at hand",
    practice=6,
    severity=Severity.LOW,
    why=(
        "When an alarm comes, somebody must find out who did what, and when, over all regions. Written in advance, the "
        "question takes a minute; else it begins with reading how CloudTrail's files are laid out."
    ),
    passes=(
        "Saved queries of Athena ask about GuardDuty, a table of the Glue catalogue reads the trail's bucket, and the "
        "queries' workgroup encrypts what they find, whatever a client says."
    ),
    fails="There is no such query, no such table, or the workgroup does not see to the results.",
    unsure="A table's place or a workgroup is known only after apply or not in the source, or it is incomplete.",
    fix=(
        "Declare `aws_athena_named_query`, `aws_glue_catalog_table` and `aws_athena_workgroup` over the trail's bucket."
    ),
    limits="Asked under a spec with `tamper.queries`. Whether a query finds what it asks for is not seen.",
    cells=_cells,
    check=_check,
    links=("https://docs.aws.amazon.com/athena/latest/ug/cloudtrail-logs.html",),
)
