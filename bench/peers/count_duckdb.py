"""Counts the three in the files below a folder with one query on one thread: count_duckdb.py FOLDER.

Of the ways to ask DuckDB this is the fastest that was found: a file is one JSON value, and only
five paths are taken out of its records. Read with a schema, guessed or given, it takes six times as
long or more.
"""

import sys
from pathlib import Path

import duckdb

folder = Path(sys.argv[1])


def inflated(path: Path) -> int:
    """How long a file is inflated, as its last four bytes say."""
    with path.open("rb") as file:
        file.seek(-4, 2)
        return int.from_bytes(file.read(), "little")


# DuckDB reads no value that is longer than it was told, and takes its buffers of that length.
longest = max(map(inflated, folder.rglob("*.json.gz")))
query = f"""
with
  records as (
    select unnest(json_extract(json, '$.Records[*]')) as record
    from read_json_objects('{folder}/**/*.json.gz', format = 'unstructured', maximum_object_size = {longest + 1024})
  ),
  fields as (
    select
      json_extract_string(
        record,
        [
          '$.errorCode', '$.eventSource', '$.additionalEventData.SignatureVersion',
          '$.userIdentity.accountId', '$.userIdentity.principalId'
        ]
      ) as field
    from records
  )
select
  count(*) filter (field[1] like 'AccessDenied%' or field[1] like '%UnauthorizedOperation'),
  count(*) filter (field[2] = 's3.amazonaws.com' and field[3] = 'SigV2'),
  count(*) filter (field[4] = 'anonymous' or field[5] = 'anonymous')
from fields
"""
counts = duckdb.connect(config={"threads": 1}).sql(query).fetchall()
print(*counts[0])
