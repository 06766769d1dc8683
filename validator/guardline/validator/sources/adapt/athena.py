"""Athena and Glue.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/athena_named_query (and
athena_workgroup, glue_catalog_table).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from guardline.validator.model.athena import LogTable, NamedQuery, Workgroup
from guardline.validator.model.resource import Resource
from guardline.validator.sources.adapt.common import ByType, common, default
from guardline.validator.sources.blocks import Wanted

_TABLE, _QUERY, _GROUP = "aws_glue_catalog_table", "aws_athena_named_query", "aws_athena_workgroup"

MAKES: Mapping[str, type[Resource]] = {_TABLE: LogTable, _QUERY: NamedQuery, _GROUP: Workgroup}
_WORKGROUP = Wanted(frozenset({_GROUP}), attributes=frozenset({"name", "id"}))


def tables(by_type: ByType) -> Iterator[LogTable]:
    """Tables."""
    for block in by_type.managed(_TABLE):
        yield LogTable(**common(block, "name"), place=default(block.tree.text("storage_descriptor", 0, "location"), ""))


def queries(by_type: ByType) -> Iterator[NamedQuery]:
    """Saved questions."""
    for block in by_type.managed(_QUERY):
        given = block.tree.at("workgroup").is_set
        yield NamedQuery(
            **common(block),
            text=default(block.tree.text("query"), ""),
            workgroup=block.link("workgroup", wanted=_WORKGROUP) if given else None,
        )


def workgroups(by_type: ByType) -> Iterator[Workgroup]:
    """Workgroups."""
    for block in by_type.managed(_GROUP):
        settings = block.tree.at("configuration", 0)
        results = settings.at("result_configuration", 0)
        encrypted = results.at("encryption_configuration", 0, "encryption_option")
        yield Workgroup(
            **common(block, "name"),
            enforced=default(settings.flag("enforce_workgroup_configuration"), True),
            encrypted=encrypted.text().map(bool),
            results=default(results.text("output_location"), ""),
        )
