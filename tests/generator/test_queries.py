"""The queries over the trail, read by a parser of Athena's SQL: each is one, and names columns that the table has."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from textwrap import dedent

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError

from guardline.generator.render import render_modules

TEXT = render_modules(6, "argument")[PurePosixPath("tamper-queries/queries.tf")]
SELECT = dedent(re.findall(r"select = <<-SQL\n(.*?)^ *SQL$", TEXT, re.DOTALL | re.MULTILINE)[0])
QUERIES = {
    name: dedent(query).replace("${local.select}", SELECT)
    for name, query in re.findall(
        r'^    "([a-z-]+)" = \{\n.*?query +=  ?<<-SQL\n(.*?)^ *SQL$', TEXT, re.DOTALL | re.MULTILINE
    )
}
# The partition keys stand beside the columns of the records.
COLUMNS = {*re.findall(r'name += "(\w+)"', TEXT), "account", "region", "day"}
NAMES = {"who-weakened-guardduty", "who-weakened-the-record", "who-silenced-what", "refused-guardduty-calls",
         "who-changes-guardduty"}  # fmt: skip


def parsed(query: str) -> exp.Select:
    """The one statement that a text holds.

    Raises:
        ParseError: it is no SQL of Athena's.
    """
    (statement,) = sqlglot.parse(query, dialect="athena")
    assert isinstance(statement, exp.Select)
    return statement


def test_all_of_them_are_read() -> None:
    assert set(QUERIES) == NAMES
    assert not any("${" in query for query in QUERIES.values())


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_query_is_one_statement_that_reads_what_the_table_has(name: str) -> None:
    statement = parsed(QUERIES[name])
    assert [table.name for table in statement.find_all(exp.Table)] == ["cloudtrail"]
    aliases = {each.alias for each in statement.expressions if each.alias}
    # `useridentity.arn` is the field of a column, which the parser takes for a column of a table.
    named = {column.table or column.name for column in statement.find_all(exp.Column)}
    assert named <= COLUMNS | aliases, named - COLUMNS
    assert "day" in named, "a query without the partition reads every record there is"


@pytest.mark.parametrize("fault", ["SELECT FROM WHERE", "SELECT a, FROM (t", "SELECT a FROM t WHERE x IN (1"])
def test_what_is_no_query_is_found_out(fault: str) -> None:
    with pytest.raises(ParseError):
        parsed(fault)
