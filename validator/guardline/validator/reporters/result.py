"""The result as JSON, schema v1: what other programs read. It only ever gains fields."""

from __future__ import annotations

import json
from typing import Any

from guardline.validator.control import Status
from guardline.validator.estate import Origin
from guardline.validator.report import Report, Row

SCHEMA = "guardline/result/v1"


def render(report: Report) -> str:
    """Return the result as JSON in ASCII, keys in a fixed order, with a newline at the end.

    ASCII, because a plan's text may hold what a terminal would obey; JSON's own escapes keep it whole.
    """
    return json.dumps(document(report), indent=2) + "\n"


def document(report: Report) -> dict[str, Any]:
    """Return the result as plain data, in the order of the schema (docs/schemas/result.schema.json)."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "guardline", "version": report.version},
        "catalogue": report.catalogue,
        "generated_at": report.generated_at,
        "as_of": report.as_of,
        "options": {
            "fail_on": str(report.options.fail_on),
            "allow_undetermined": report.options.allow_undetermined,
        },
        "sources": [
            {
                "kind": source.kind,
                "path": source.path,
                "sha256": source.sha256,
                "terraform_version": source.terraform_version,
                "complete": source.complete,
                "evidence_class": source.evidence_class,
                "note": source.note,
            }
            for source in report.sources
        ],
        "scope": _scope(report),
        "summary": {
            **{str(status): report.count(status) for status in Status},
            "regressions": report.regressions,
            "coverage": report.coverage,
            "exit_code": report.exit_code,
        },
        "cells": [_cell(row) for row in report.rows],
        "errors": [
            {"source": error.source, "file": error.file, "line": error.line, "message": error.message}
            for error in report.errors
        ],
    }


def _scope(report: Report) -> dict[str, Any]:
    scope = report.scope
    return {
        "partition": scope.partition,
        "spec": scope.spec,
        "accounts": [{"id": account.id, "known_from": account.known_from} for account in scope.accounts],
        "regions": [
            {"name": region.name, "state": str(region.state), "reason": region.reason} for region in scope.regions
        ],
        "not_asked": [{"practice": each.practice, "reason": each.reason} for each in scope.not_asked],
    }


def _cell(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "control": row.control,
        "title": row.title,
        "practice": row.practice,
        "severity": str(row.severity),
        "account": row.account,
        "region": row.region,
        "subject": row.subject,
        "subject_id": row.subject_id,
        "verdict": str(row.verdict),
        "underlying": None if row.underlying is None else str(row.underlying),
        "before": None if row.before is None else str(row.before),
        "regression": row.regression,
        "reason": row.reason,
        "fix": row.fix,
        "evidence": [_origin(origin) for origin in row.evidence],
        "cause": row.cause,
        "in_coverage": row.in_coverage,
        "waiver": None,
        "mappings": {framework: list(ids) for framework, ids in sorted(row.mappings.items())},
    }


def _origin(origin: Origin) -> dict[str, Any]:
    return {"address": origin.address, "file": origin.file, "line": origin.line, "chain": list(origin.chain)}
