"""A report of an organization: many accounts made of one module, in 34 regions, every fifth with a fault of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from guardline.spec import catalogue
from guardline.validator.control import Control, Status
from guardline.validator.controls import CATALOGUE
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.expectations.scope import RegionState, Scope, ScopeRegion
from guardline.validator.model.resource import Account, Origin
from guardline.validator.report import KEPT, Options, Report, Row, Source

REGIONS = tuple(region.name for region in catalogue.regions("aws"))[:34]
ACCOUNT_WIDE = 10
"""How many of the controls are asked of the account as a whole."""


def organization(accounts: int, controls: int = 45) -> Report:
    """A report of so many accounts and controls, and of 34 regions."""
    ids = [f"{100_000_000_000 + 7919 * number:012}" for number in range(accounts)]
    chosen = [control for control in CATALOGUE if control.id != KEPT][:controls]
    rows = tuple(
        row for place, control in enumerate(chosen) for row in _rows(control, place >= controls - ACCOUNT_WIDE, ids)
    )
    return Report(
        version="0.1.0",
        catalogue="c0ffee" + 58 * "0",
        generated_at="2026-01-31T12:00:00Z",
        as_of="2026-01-31",
        options=Options(),
        sources=tuple(Source("plan", f"plans/{each}.json", 64 * "a", "1.11.4", True, "design") for each in ids),
        scope=Scope(
            "aws",
            tuple(Account(each, each, "allowed_account_ids") for each in ids),
            tuple(ScopeRegion(name, RegionState.EXPECTED) for name in REGIONS),
            spec="environments/organization/guardline.yaml",
        ),
        rows=rows,
    )


def _rows(control: Control, is_wide: bool, accounts: list[str]) -> Iterator[Row]:
    for number, account in enumerate(accounts):
        for region in (None,) if is_wide else REGIONS:
            fails = not is_wide and number % 5 == 0 and region == REGIONS[number % len(REGIONS)]
            fails = fails and control.id == "s3-protection"
            name = f"{control.id}|aws|{account}|{region or '-'}|"
            module = f'module.region["{region}"].module.guardduty[0]' if region else "module.account"
            evidence = Origin(
                f"{module}.aws_guardduty_detector.this",
                "modules/argument/guardduty/main.tf",
                6,
                calls=((f"members/{account}/regions.tf", 27),),
            )
            yield Row(
                id=hashlib.sha256(name.encode()).hexdigest()[:16],
                control=control.id,
                title=control.title,
                practice=control.practice,
                practice_name=control.practice_name,
                severity=control.severity,
                account=account,
                region=region,
                subject=None,
                subject_id=None,
                verdict=Status.FAIL if fails else Status.PASS,
                reason="S3_DATA_EVENTS is DISABLED" if fails else f"it holds in {region or 'the account'}, as declared",
                fix=control.fix if fails else "",
                evidence=(evidence,),
                mappings=mapped(control.id),
            )
