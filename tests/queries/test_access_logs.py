"""S3 server access logs: the expression that takes their lines apart, and the queries over what it finds.

The expression is Java's; nothing in it is written otherwise in Python's.
"""

import json
import os
import re

import pytest
from engine import Engine
from saved import PARTITIONED, ROOT, SIMPLE, database, named_queries, stack, tables

SHARED = ROOT.parent / "shared" / "data" / "access_logs"
DEPLOYED = {"partitioned": stack(**PARTITIONED), "simple": stack(**SIMPLE)}
TABLE = tables(DEPLOYED["simple"])["access_logs"]
COLUMNS = [column["Name"] for column in TABLE["StorageDescriptor"]["Columns"]]
EXPRESSION = re.compile(TABLE["StorageDescriptor"]["SerdeInfo"]["Parameters"]["input.regex"])


def taken_apart(line):
    """As the SerDe does it: the whole line or nothing."""
    found = EXPRESSION.fullmatch(line)
    return dict(zip(COLUMNS, found.groups() if found else [None] * len(COLUMNS), strict=True))


FIELDS = {
    "bucket_owner": "79a5",
    "bucket": "shop",
    "time": "[21/Nov/2026:10:00:00 +0000]",
    "remote_ip": "198.51.100.7",
    "requester": "arn:aws:iam::111122223333:user/alice",
    "request_id": "R1",
    "operation": "REST.GET.OBJECT",
    "object_key": "a/b.csv",
    "request_uri": '"GET /shop/a/b.csv HTTP/1.1"',
    "http_status": "200",
    "error_code": "-",
    "bytes_sent": "100",
    "object_size": "100",
    "total_time": "7",
    "turn_around_time": "6",
    "referrer": '"-"',
    "user_agent": '"aws-cli/2 Python/3"',
    "version_id": "-",
    "host_id": "h+/=",
    "signature_version": "SigV4",
    "cipher_suite": "ECDHE",
    "authentication_type": "AuthHeader",
    "host_header": "shop.s3.eu-west-1.amazonaws.com",
    "tls_version": "TLSv1.3",
    "access_point_arn": "-",
    "acl_required": "-",
    "request_region": "eu-west-1",
}


def line(until="request_region", more="", **fields):
    names = list(FIELDS)[: list(FIELDS).index(until) + 1]
    return " ".join({**FIELDS, **fields}[name] for name in names) + more


def bare(text):
    return None if text == "-" else text.strip('"[]') if text[0] in '"[' else text


def test_there_is_a_group_for_each_column():
    assert list(FIELDS) == COLUMNS
    assert EXPRESSION.groups == len(COLUMNS)


def test_java_reads_it_as_python_does():
    # What the two spell or mean differently: named groups, possessive and lazy counts, classes of letters, flags.
    assert not re.search(r"\(\?[^:]|\\[dwsbAZpk]|[*+?}]\+", EXPRESSION.pattern)


@pytest.mark.parametrize("until", list(FIELDS)[list(FIELDS).index("version_id") :])
def test_a_line_may_end_after_any_field_from_the_version_on(until):
    found = taken_apart(line(until))
    assert found == {
        name: bare(text) if position <= list(FIELDS).index(until) else None
        for position, (name, text) in enumerate(FIELDS.items())
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        # What S3 adds one day is passed over.
        ({"more": " new field"}, {"request_region": "eu-west-1"}),
        # Lifecycle and the like write no request.
        ({"request_uri": "-", "operation": "S3.EXPIRE.OBJECT"}, {"request_uri": None, "operation": "S3.EXPIRE.OBJECT"}),
        ({"http_status": "-", "bytes_sent": "-", "object_size": "-"}, {"http_status": None, "bytes_sent": None}),
        ({"requester": "-"}, {"requester": None}),
        ({"requester": "-x"}, {"requester": "-x"}),
        # Quotes that somebody sent.
        ({"user_agent": '"say "hi" twice"'}, {"user_agent": 'say "hi" twice', "version_id": None, "host_id": "h+/="}),
        ({"user_agent": '"""'}, {"user_agent": '"'}),
        ({"user_agent": '""'}, {"user_agent": ""}),
        ({"referrer": '"https://a/?q="x""'}, {"referrer": 'https://a/?q="x"', "user_agent": "aws-cli/2 Python/3"}),
        ({"request_uri": '"GET /shop/"a" HTTP/1.1"'}, {"request_uri": 'GET /shop/"a" HTTP/1.1', "http_status": "200"}),
        # A request of more or fewer words than three.
        ({"request_uri": '"GET /a b c HTTP/1.1"'}, {"request_uri": "GET /a b c HTTP/1.1", "http_status": "200"}),
        ({"request_uri": '"-"'}, {"request_uri": "-", "http_status": "200"}),
        # A user agent that plays a request does not move the true one.
        (
            {"http_status": "403", "user_agent": '"x" 200 - 1 1 1 1 "-" "y"'},
            {"http_status": "403", "user_agent": 'x" 200 - 1 1 1 1 "-" "y'},
        ),
        # Nor does a path, which has no blanks.
        (
            {"http_status": "403", "request_uri": '"GET /a"200-1 HTTP/1.1"'},
            {"http_status": "403", "request_uri": 'GET /a"200-1 HTTP/1.1'},
        ),
    ],
)
def test_what_fields_may_hold(given, expected):
    found = taken_apart(line(**given))
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize("text", ["", "no line of S3", line().replace("21/Nov/2026", "2026-11-21"), line("user_agent")])
def test_what_is_no_line_is_a_row_of_nothing(text):
    assert set(taken_apart(text).values()) == {None}


# --- Lines of others ------------------------------------------------------------------------------------------------


def shared(name):
    path = SHARED / name
    if not path.exists():
        assert os.environ.get("CI") != "true", f"CI has no {name} beside the checkout"
        pytest.skip(f"no {name} beside the checkout")
    return path.read_text(encoding="utf-8").splitlines()


# The columns that those expectations call otherwise.
THEIRS = {"owner": "bucket_owner", "key": "object_key", "status": "http_status", "total_time_ms": "total_time",
          "turnaround_ms": "turn_around_time", "timestamp": "time"}  # fmt: skip


def test_published_lines_come_apart_as_published():
    lines = shared("logstash_patterns_core_s3.log")
    expected = [json.loads(one) for one in shared("logstash_patterns_core_s3.expected.jsonl")]
    assert len(lines) == len(expected) >= 3
    for wanted in expected:
        found = taken_apart(lines[wanted.pop("line") - 1])
        for name, text in wanted.items():
            absent = isinstance(text, str) and text.startswith("<field absent")
            # Theirs keeps the hyphen of a quoted field and drops all others; the column keeps neither in quotes nor out.
            assert found[THEIRS.get(name, name)] == (None if absent or text is None else str(text)), name


def test_real_lines_come_apart():
    lines = [one for one in shared("opensearch_s3_raw.log") if one.strip()]
    assert len(lines) >= 5
    for one in lines:
        found = taken_apart(one)
        assert found["bucket"] == one.split(" ")[1]
        assert found["operation"].startswith("REST."), found
        assert found["signature_version"] in ("SigV4", None)
        # What is in quotes, found in another way.
        request, referrer, agent = re.findall(r'"([^"]*)"', one)
        assert (found["request_uri"], found["referrer"], found["user_agent"]) == (request, referrer, agent)


# --- Queries --------------------------------------------------------------------------------------------------------

LINES = [
    ("shop", "2026/11/21", line(request_id="R1")),
    ("shop", "2026/11/21", line(request_id="R2", operation="REST.PUT.OBJECT", signature_version="SigV2", time="[21/Nov/2026:11:00:00 +0000]")),
    ("shop", "2026/11/21", line(request_id="R3", requester="-", signature_version="-", remote_ip="203.0.113.9")),
    ("shop", "2026/11/21", line(request_id="R4", requester="-", remote_ip="203.0.113.9", http_status="403", error_code="AccessDenied")),
    ("shop", "2026/11/21", line(request_id="R4", requester="-", remote_ip="203.0.113.9", http_status="403", error_code="AccessDenied")),
    ("shop", "2026/11/21", line(request_id="R5", requester="-", operation="REST.OPTIONS.PREFLIGHT")),
    ("shop", "2026/11/21", "no line of S3"),
    ("shop", "2026/11/18", line(request_id="R6", time="[18/Nov/2026:10:00:00 +0000]", signature_version="SigV2")),
    ("shop", "2026/11/01", line(request_id="R7", time="[01/Nov/2026:10:00:00 +0000]", signature_version="SigV2")),
    ("other", "2026/11/21", line(request_id="R8", bucket="other", requester="-", signature_version="SigV2")),
]  # fmt: skip


@pytest.fixture(scope="module", params=DEPLOYED)
def run(request, tmp_path_factory):
    deployed = DEPLOYED[request.param]
    described = tables(deployed)
    engine = Engine(database(deployed), described, tmp_path_factory.mktemp("access"))
    rows = []
    for bucket, day, text in LINES:
        folder = {"source_account": "111111111111", "source_region": "eu-west-1", "source_bucket": bucket, "dt": day}
        keys = [key["Name"] for key in described["access_logs"].get("PartitionKeys", [])]
        rows.append({**taken_apart(text), **{key: folder[key] for key in keys}})
    engine.fill("access_logs", rows)
    queries = named_queries(deployed)
    return lambda name, *parameters: engine.run(queries[name], *parameters)


def test_a8_requests_signed_with_version_2(run):
    rows = run("a8-sigv2-requests", "shop")
    assert [(row["time"], row["operation"]) for row in rows] == [
        ("21/Nov/2026:11:00:00 +0000", "REST.PUT.OBJECT"),
        ("18/Nov/2026:10:00:00 +0000", "REST.GET.OBJECT"),
    ]
    assert rows[0]["requester"] == FIELDS["requester"]


def test_a8_access_to_objects(run):
    rows = run("a8-object-access", "shop")
    assert rows[0]["operation"] == "REST.PUT.OBJECT"
    assert [row["requester"] for row in rows[1:]].count(None) == 3
    assert len(rows) == 5
    assert {row["object_key"] for row in rows} == {"a/b.csv"}


def test_a8_who_comes_without_credentials(run):
    columns = ("remote_ip", "http_status", "error_code", "requests", "last_user_agent")
    assert sorted((tuple(row[column] for column in columns) for row in run("a8-anonymous-requesters", "shop")), key=str) == [
        ("203.0.113.9", "200", None, 1, "aws-cli/2 Python/3"),
        ("203.0.113.9", "403", "AccessDenied", 1, "aws-cli/2 Python/3"),
    ]
    assert [row["requests"] for row in run("a8-anonymous-requesters", "other")] == [1]
    assert run("a8-anonymous-requesters", "none") == []
