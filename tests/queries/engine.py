"""Saved queries run by DuckDB, over tables as Glue describes them.

Athena itself runs nowhere but in AWS. What runs here is the saved query, parsed as Athena's dialect by sqlglot and written
out in DuckDB's, nothing of it changed but the clock. The tables have the columns and types of the template, and rows as the
SerDe hands them out: names in small letters, what is no column left out, what is a text column and was an object as JSON.
"""

import json
import re
from datetime import datetime
from functools import cache

import duckdb
import sqlglot
from sqlglot import exp

NOW = datetime(2026, 11, 21, 12, 0)  # of UTC

KEY = re.compile(r"AWSLogs/(?:o-[a-z0-9]+/)?(\d{12})/CloudTrail/([a-z0-9-]+)/(\d{4}/\d\d/\d\d)/")


@cache
def kind(glue):
    """A type of Hive as sqlglot has it."""
    return exp.DataType.build(glue, dialect="hive")


def value(found, wanted):
    """A value of JSON as the SerDe puts it into a column of that type."""
    if found is None:
        return None
    match wanted.this:
        case exp.DataType.Type.STRUCT:
            if not isinstance(found, dict):
                return None
            lower = {key.lower(): item for key, item in found.items()}
            return {field.name: value(lower.get(field.name), field.args["kind"]) for field in wanted.expressions}
        case exp.DataType.Type.ARRAY:
            return [value(item, wanted.expressions[0]) for item in found] if isinstance(found, list) else None
        case exp.DataType.Type.MAP:
            text = wanted.expressions[1]
            return {key: value(item, text) for key, item in found.items()} if isinstance(found, dict) else None
        case exp.DataType.Type.TEXT:
            return found if isinstance(found, str) else json.dumps(found, separators=(",", ":"))
    return found


def row(table, record, partitions=None):
    """A record as a row of the table."""
    lower = {key.lower(): item for key, item in record.items()}
    columns = {
        column["Name"]: value(lower.get(column["Name"]), kind(column["Type"]))
        for column in table["StorageDescriptor"]["Columns"]
    }
    assert {key["Name"] for key in table.get("PartitionKeys", [])} == set(partitions or {}), "the folders of the file"
    return {**columns, **(partitions or {})}


def trail_row(table, record, key):
    account, region, day = KEY.search(key).groups()
    return row(table, record, {"account": account, "region": region, "dt": day})


class Engine:
    """A database with the tables of a stack."""

    def __init__(self, database, tables, folder):
        self._folder = folder
        self._database = database
        self._connection = duckdb.connect()
        self._connection.execute(f"CREATE SCHEMA {database}")
        self._types = {}
        for name, table in tables.items():
            columns = [*table["StorageDescriptor"]["Columns"], *table.get("PartitionKeys", [])]
            self._types[name] = {column["Name"]: kind(column["Type"]).sql("duckdb") for column in columns}
            described = ", ".join(f'"{column}" {of}' for column, of in self._types[name].items())
            self._connection.execute(f"CREATE TABLE {database}.{name} ({described})")

    def fill(self, table, rows):
        path = self._folder / f"{table}.ndjson"
        path.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
        columns = ", ".join(f"'{column}': '{of}'" for column, of in self._types[table].items())
        self._connection.execute(
            f"INSERT INTO {self._database}.{table} SELECT * FROM read_json("
            f"'{path}', format = 'newline_delimited', maximum_object_size = 67108864, columns = {{{columns}}})"
        )

    def run(self, sql, *parameters, now=NOW):
        """Rows as dicts, in their order."""
        result = self._connection.execute(translated(sql, now), list(parameters))
        names = [column[0] for column in result.description]
        return [dict(zip(names, found, strict=True)) for found in result.fetchall()]


def translated(sql, now=NOW):
    """A query of Athena in DuckDB's words, at that time."""
    clock = {
        exp.CurrentDate: ("DATE", now.date().isoformat()),
        exp.CurrentTimestamp: ("TIMESTAMP", now.isoformat()),
        exp.Localtimestamp: ("TIMESTAMP", now.isoformat()),
    }

    def at_now(node):
        # DuckDB has no zones without an extension that it would download. Every time in the logs is of UTC.
        if isinstance(node, exp.FromISO8601Timestamp):
            return exp.cast(node.this, "TIMESTAMP")
        if type(node) not in clock:
            return node
        of, text = clock[type(node)]
        return exp.cast(exp.Literal.string(text), of)

    parsed = sqlglot.parse_one(sql, read="athena", error_level=sqlglot.ErrorLevel.RAISE)
    return parsed.transform(at_now).sql("duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE)
