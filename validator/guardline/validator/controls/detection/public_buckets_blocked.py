"""Control public-buckets-blocked."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed
from guardline.validator.controls.shared.cells import account_cells
from guardline.validator.controls.shared.when_applicable import is_asked
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.s3 import PublicAccessBlock

ID = "public-buckets-blocked"


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    return account_cells(estate, scope) if is_asked(scope, ID) else iter(())


def _check(estate: Estate, _scope: Scope, cell: Cell) -> Verdict:
    selection = estate.select(PublicAccessBlock, cell.account)
    whole = [one for one in selection if one.bucket is None]
    for one in whole:
        if one.complete.get():
            return passed("no bucket of the account can be made public", one.origin)
    if whole:
        return failed("the account's public access block is not complete", *(one.origin for one in whole))
    selection.assert_complete()
    return failed("the account has no public access block, and the spec asks for one", missing=PublicAccessBlock)


CONTROL = Control(
    id=ID,
    title="No bucket of the account can be made public",
    practice=2,
    severity=Severity.MEDIUM,
    why=(
        "A bucket that is made public by mistake or by an intruder is open at once. The block of the whole account "
        "outweighs whatever the bucket's own settings say."
    ),
    passes="S3's public access block of the account is declared with all four settings on.",
    fails="It is missing, or lacks a setting.",
    unsure="A setting is known only after apply, or the source is incomplete.",
    fix="Declare `aws_s3_account_public_access_block` with all four settings true.",
    limits="Asked under a spec with `block_public_buckets: true`.",
    cells=_cells,
    check=_check,
    links=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",),
)
