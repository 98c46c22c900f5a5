"""Every saved query of Athena by Trino's own grammar, which Athena's engine version 3 is made of, and by sqlglot's."""

import pytest
import sqlglot
from saved import PARTITIONED, SIMPLE, database, named_queries, stack
from sqlglot import exp
from trino_query_parser import parse_statement
from trino_query_parser.error import TrinoSyntaxError

DEPLOYED = {"partitioned": stack(**PARTITIONED), "simple": stack(**SIMPLE)}
QUERIES = [
    pytest.param(layout, name, sql, id=f"{name} ({layout})")
    for layout, deployed in DEPLOYED.items()
    for name, sql in named_queries(deployed).items()
    # Of the other layout only what differs.
    if layout == "partitioned" or name.startswith("a8-")
]


@pytest.mark.parametrize("sql", ["SELECT a FROM WHERE b", "SELECT a, FROM t", "SELECT a FROM t WHERE b == 1", "SELECT 1; SELECT 2"])
def test_the_grammar_refuses_what_is_no_sql(sql):
    with pytest.raises(TrinoSyntaxError):
        parse_statement(sql)


@pytest.mark.parametrize(("layout", "name", "sql"), QUERIES)
def test_a_query_is_one_statement_of_trinos_grammar(layout, name, sql):
    assert parse_statement(sql)[-1] == "<EOF>"


@pytest.mark.parametrize(("layout", "name", "sql"), QUERIES)
def test_a_query_reads_the_tables_of_its_stack_and_names_columns_that_they_have(layout, name, sql):
    deployed = DEPLOYED[layout]
    tables = {t["TableInput"]["Name"]: t["TableInput"] for t in deployed.of_type("AWS::Glue::Table").values()}
    (parsed,) = sqlglot.parse(sql, read="athena", error_level=sqlglot.ErrorLevel.RAISE)
    read = list(parsed.find_all(exp.Table))
    assert read and {table.db for table in read} == {database(deployed)}
    known = set()
    for table in read:
        described = tables[table.name]
        known |= {c["Name"] for c in [*described["StorageDescriptor"]["Columns"], *described.get("PartitionKeys", [])]}
    first = {column.parts[0].name for column in parsed.find_all(exp.Column)}
    aliases = {alias.alias for alias in parsed.find_all(exp.Alias, exp.TableAlias)} | {table.alias for table in read}
    arguments = {name.name for call in parsed.find_all(exp.Lambda) for name in call.expressions}
    assert first - known - aliases - arguments == set()


@pytest.mark.parametrize(("layout", "name", "sql"), QUERIES)
def test_a_query_bounds_its_folders_and_asks_only_in_where(layout, name, sql):
    parsed = sqlglot.parse_one(sql, read="athena")
    where = parsed.find(exp.Where)
    # Athena takes question marks there and nowhere else.
    assert len(list(parsed.find_all(exp.Placeholder))) == len(list(where.find_all(exp.Placeholder)))
    bounded = [column for column in where.find_all(exp.Column) if column.name == "dt"]
    tables = list(parsed.find_all(exp.Table))
    # Each table by itself; a join would otherwise read one of them from its first day. Files without folders have none.
    assert len(bounded) == (0 if layout == "simple" and name.startswith("a8-") else len(tables))
