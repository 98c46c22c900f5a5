"""Saved queries of Athena over real records, beside the same questions asked in plain Python.

The corpus lies beside the checkout of its developers and of CI; a user's clone has none.
"""

import gzip
import json
import os
from collections import Counter, defaultdict
from datetime import datetime, timedelta

import pytest
from engine import NOW, Engine, trail_row
from saved import PARTITIONED, ROOT, database, named_queries, stack, tables

CORPUS = ROOT.parent / "shared" / "data" / "real"
DEPLOYED = stack(**PARTITIONED)
QUERIES = named_queries(DEPLOYED)


@pytest.fixture(scope="module")
def records():
    if not CORPUS.exists():
        assert os.environ.get("CI") != "true", "CI has no corpus beside the checkout"
        pytest.skip("no corpus beside the checkout")
    found = []
    for path in sorted(CORPUS.glob("*/*.json.gz")):
        found += json.loads(gzip.decompress(path.read_bytes()))["Records"]
    assert len(found) > 2000
    for one in found:
        # One source went through Logstash, which kept the time under another name.
        if "@timestamp" in one:
            one.setdefault("eventTime", one["@timestamp"][:19] + "Z")
    return found


@pytest.fixture(scope="module")
def run(records, tmp_path_factory):
    described = tables(DEPLOYED)
    engine = Engine(database(DEPLOYED), described, tmp_path_factory.mktemp("corpus"))
    # As if all of it had been delivered today, to the folder of its region.
    key = "AWSLogs/111122223333/CloudTrail/{}/2026/11/21/x.json.gz"
    rows = [trail_row(described["cloudtrail"], one, key.format(one.get("awsRegion") or "us-east-1")) for one in records]
    engine.fill("cloudtrail", rows)
    return lambda name, *parameters, now=NOW, edit=str: engine.run(edit(QUERIES[name]), *parameters, now=now)


def at(record, *path):
    """A value in a record, or None where any step is missing."""
    for step in path:
        record = record.get(step) if isinstance(record, dict) else None
    return record


def identity(record, *path):
    return at(record, "userIdentity", *path)


def who(record):
    return identity(record, "arn") or identity(record, "principalId") or identity(record, "accountId")


def when(record):
    return datetime.fromisoformat(record["eventTime"].removesuffix("Z"))


def text(value):
    """What was an object, in a text column."""
    return None if value is None else json.dumps(value, separators=(",", ":"))


def ids(rows):
    return Counter(row["eventid"] for row in rows)


@pytest.mark.parametrize(("name", "source"), [("a2-ec2-events", "ec2"), ("a3-s3-events", "s3")])
def test_events_of_a_service(run, records, name, source):
    wanted = [one for one in records if one.get("eventSource") == f"{source}.amazonaws.com"]
    rows = run(name)
    newest = sorted((one["eventTime"] for one in wanted), reverse=True)[:100]
    assert [row["eventtime"] for row in rows] == newest and len(newest) == 100
    mfa = ("sessionContext", "attributes", "mfaAuthenticated")
    said = {
        (one["eventID"], one["eventName"], identity(one, "arn"), identity(one, *mfa), text(one["requestParameters"]))
        for one in wanted
    }
    for row in rows:
        who = row["useridentity"]
        of_session = at(who, *(step.lower() for step in mfa))
        assert (row["eventid"], row["eventname"], who["arn"], of_session, row["requestparameters"]) in said


def test_nobody_in_it_signs_with_version_2(run, records):
    # Nearly a thousand say which version they sign with, and it is another.
    assert sum(at(one, "additionalEventData", "SignatureVersion") == "SigV4" for one in records) > 800
    assert not any(at(one, "additionalEventData", "SignatureVersion") == "SigV2" for one in records)
    assert run("a4-sigv2-requests") == run("a5-sigv2-requesters") == []


def test_a5_if_version_4_were_the_old_one(run, records):
    rows = run("a5-sigv2-requesters", edit=lambda sql: sql.replace("'SigV2'", "'SigV4'"))
    expected = defaultdict(set)
    for one in records:
        if one["eventSource"] == "s3.amazonaws.com" and at(one, "additionalEventData", "SignatureVersion") == "SigV4":
            expected[who(one)].add(one["eventID"])
    assert {row["requester"]: row["requests"] for row in rows} == {name: len(found) for name, found in expected.items()}
    assert len(rows) >= 3


def windowed(records, now, hours=24):
    since = now - timedelta(hours=hours)
    return [one for one in records if since <= when(one) <= now]


def test_a6_object_access(run, records):
    wanted = [one for one in records if one["eventName"] in ("GetObject", "PutObject")]
    assert wanted
    for latest in {one["eventTime"]: one for one in wanted}.values():
        bucket, now = latest["requestParameters"]["bucketName"], when(latest)
        expected = Counter(
            one["eventID"]
            for one in windowed(wanted, now)
            if one["eventSource"] == "s3.amazonaws.com" and one["requestParameters"]["bucketName"] == bucket
        )
        rows = run("a6-object-access", bucket, now=now)
        assert len(rows) == sum(expected.values()) >= 1
        assert {row["bucket"] for row in rows} == {bucket}


def test_a7_anonymous_requesters(run, records):
    anonymous = [one for one in records if identity(one, "accountId") == "ANONYMOUS_PRINCIPAL"]
    assert len(anonymous) == 150
    now = max(when(one) for one in anonymous)
    buckets = {at(one, "requestParameters", "bucketName") for one in windowed(anonymous, now)} - {None}
    assert buckets
    for bucket in buckets:
        expected = defaultdict(set)
        for one in windowed(anonymous, now):
            if at(one, "requestParameters", "bucketName") == bucket:
                expected[one["sourceIPAddress"], one["eventName"], one.get("errorCode")].add(one["eventID"])
        rows = run("a7-anonymous-requesters", bucket, now=now)
        found = {(row["sourceipaddress"], row["eventname"], row["errorcode"]): row["requests"] for row in rows}
        assert found == {key: len(events) for key, events in expected.items()}


def names_of(record):
    issuer = identity(record, "sessionContext", "sessionIssuer") or {}
    found = [identity(record, name) for name in ("arn", "userName", "principalId", "invokedBy")]
    return {*found, issuer.get("arn"), issuer.get("userName")} - {None}


def test_calls_and_errors_of_the_busiest_principals(run, records):
    by_name = defaultdict(list)
    for one in records:
        for name in names_of(one):
            by_name[name].append(one)
    busiest = sorted(by_name, key=lambda name: -len(by_name[name]))[:25]
    assert len(busiest) == 25
    for name in busiest:
        rows = run("calls-of-principal", name)
        assert len(rows) == min(1000, len(by_name[name])), name
        if len(rows) < 1000:
            assert ids(rows) == Counter(one.get("eventID") for one in by_name[name]), name
        failed = defaultdict(set)
        for one in by_name[name]:
            if one.get("errorCode") and name != identity(one, "invokedBy"):
                failed[one["eventSource"], one["eventName"], one["errorCode"]].add(one["eventID"])
        found = {(r["eventsource"], r["eventname"], r["errorcode"]): r["calls"] for r in run("errors-of-principal", name)}
        assert found == {key: len(events) for key, events in failed.items()}, name


@pytest.mark.parametrize(
    ("query", "path"),
    [("calls-of-address", ["sourceIPAddress"]), ("calls-of-access-key", ["userIdentity", "accessKeyId"])],
)
def test_calls_by_another_value(run, records, query, path):
    by_value = defaultdict(list)
    for one in records:
        if at(one, *path):
            by_value[at(one, *path)].append(one)
    assert len(by_value) > 10
    for text in sorted(by_value, key=lambda text: (len(by_value[text]), text))[-15:]:
        rows = run(query, text)
        assert len(rows) == min(1000, len(by_value[text])), text
        if len(rows) < 1000:
            assert ids(rows) == Counter(one.get("eventID") for one in by_value[text]), text


def test_makers_of_access_keys(run, records):
    made = defaultdict(list)
    for one in records:
        for path in (["credentials", "accessKeyId"], ["accessKey", "accessKeyId"]):
            if at(one, "responseElements", *path):
                made[at(one, "responseElements", *path)].append(one["eventID"])
    assert len(made) > 5
    for access_key, events in made.items():
        assert ids(run("maker-of-access-key", access_key)) == Counter(events)


def test_what_is_new(run, records):
    # Everything of the corpus was delivered today.
    addresses = {one.get("sourceIPAddress") for one in records} - {None, "AWS Internal"}
    expected = {text for text in addresses if not text.endswith(".amazonaws.com")}
    assert {row["sourceipaddress"] for row in run("new-addresses")} == expected
    principals = {
        identity(one, "sessionContext", "sessionIssuer", "arn")
        or identity(one, "arn")
        or identity(one, "principalId")
        or identity(one, "invokedBy")
        or identity(one, "accountId")
        for one in records
    }
    assert {row["principal"] for row in run("new-principals")} == principals


def test_calls_that_mention_a_resource(run, records):
    buckets = Counter(at(one, "requestParameters", "bucketName") for one in records)
    del buckets[None]
    ((busiest, _),) = buckets.most_common(1)
    for name in ("sg-", "i-0", "arn:aws:iam::aws:policy/", f'"{busiest}"'):
        expected = 0
        for one in records:
            said = [text(one[field]) for field in ("requestParameters", "responseElements") if one.get(field)]
            arns = [f'"{resource["ARN"]}"' for resource in one.get("resources") or [] if resource.get("ARN")]
            expected += any(name in part for part in [*said, *arns])
        assert expected and len(run("calls-on-resource", name)) == min(expected, 1000), name
