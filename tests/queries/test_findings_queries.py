"""Saved queries over findings, made here in the shape that the function writes."""

import re

import pytest
import yaml
from engine import Engine, row, trail_row
from saved import PARTITIONED, ROOT, database, named_queries, stack, tables

ACCOUNT = "111122223333"
DEPLOYED = stack(**PARTITIONED)
QUERIES = named_queries(DEPLOYED)
ALICE = {"kind": "user", "name": "alice", "arn": f"arn:aws:iam::{ACCOUNT}:user/alice", "account": ACCOUNT,
         "principal_id": "AIDAALICE", "access_key": "AKIAALICE"}  # fmt: skip
DEPLOY = {"kind": "role-session", "name": "deploy/ci", "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/ci",
          "account": ACCOUNT, "principal_id": "AROADEPLOY:ci", "issuer": f"arn:aws:iam::{ACCOUNT}:role/deploy",
          "access_key": "ASIADEPLOY"}  # fmt: skip


def finding(detector, number, time, actor, **more):
    return {
        "type": "trailmeter.finding",
        "version": 1,
        "detector": detector,
        "title": detector,
        "severity": "medium",
        "pack": "default",
        "attack": ["T1580"],
        "namespace": "Trailmeter/Watch-Prod",
        "metric": detector,
        "value": 1,
        "event_time": time,
        "arrival_time": "2026-11-21T11:00:00Z",
        "event_id": f"e{number}",
        "account": ACCOUNT,
        "region": "eu-west-1",
        "actor": actor,
        "source_ip": "192.0.2.1",
        "event_source": "s3.amazonaws.com",
        "event_name": "GetObject",
        "read_only": True,
        "resources": ["arn:aws:s3:::shop/a", "arn:aws:s3:::shop"],
        "parameters": {"requestParameters.bucketName": "shop"},
        "object": "s3://logs/x.json.gz",
        **more,
    }


FINDINGS = [
    finding("AccessDenied", 1, "2026-11-21T09:00:00Z", ALICE, error_code="AccessDenied", error_message="no"),
    finding("SigV2", 1, "2026-11-21T09:00:00Z", ALICE, severity="low"),
    finding("AccessDenied", 2, "2026-11-21T09:10:00Z", ALICE, error_code="AccessDenied"),
    finding("TrailStopped", 3, "2026-11-20T08:00:00Z", DEPLOY, severity="high", event_name="StopLogging", resources=None),
    finding("Own", 4, "2026-11-19T08:00:00Z", DEPLOY, source_ip="203.0.113.9"),
    finding("AccessDenied", 5, "2026-11-01T08:00:00Z", DEPLOY),
    # As a loaded detector would say of what is no principal.
    finding("AnonymousPrincipal", 6, "2026-11-18T08:00:00Z", {"kind": "anonymous", "name": "anonymous"}),
]


def called(number, time, arn):
    return {"eventID": f"e{number}", "eventTime": time, "eventName": f"Call{number}", "userIdentity": {"arn": arn}}


CALLS = [
    called(3, "2026-11-20T08:00:00Z", DEPLOY["arn"]),
    called(10, "2026-11-20T07:31:00Z", DEPLOY["arn"]),
    called(11, "2026-11-20T08:29:00Z", DEPLOY["arn"]),
    called(12, "2026-11-20T08:31:00Z", DEPLOY["arn"]),
    called(13, "2026-11-20T08:05:00Z", ALICE["arn"]),
]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    described = tables(DEPLOYED)
    engine = Engine(database(DEPLOYED), described, tmp_path_factory.mktemp("findings"))
    folders = [({"detector": one["detector"], "dt": one["event_time"][:10]}, one) for one in FINDINGS]
    engine.fill("findings", [row(described["findings"], one, folder) for folder, one in folders])
    key = f"AWSLogs/{ACCOUNT}/CloudTrail/eu-west-1/2026/11/20/x.json.gz"
    engine.fill("cloudtrail", [trail_row(described["cloudtrail"], one, key) for one in CALLS])
    return lambda name, *parameters: engine.run(QUERIES[name], *parameters)


def test_the_newest_of_all_detectors(run):
    rows = run("findings-newest")
    assert [one["event_id"] for one in rows] == ["e2", "e1", "e1", "e3", "e4", "e6"]
    assert {one["detector"] for one in rows[1:3]} == {"AccessDenied", "SigV2"}
    assert rows[0]["actor"] == "alice"


def test_what_a_detector_found(run):
    rows = run("findings-of-detector", "AccessDenied")
    assert [one["event_id"] for one in rows] == ["e2", "e1", "e5"]
    assert rows[1] == {
        "event_time": "2026-11-21T09:00:00Z",
        "actor": "alice",
        "arn": ALICE["arn"],
        "access_key": "AKIAALICE",
        "source_ip": "192.0.2.1",
        "user_agent": None,
        "event_source": "s3.amazonaws.com",
        "event_name": "GetObject",
        "resources": "arn:aws:s3:::shop/a, arn:aws:s3:::shop",
        "parameters": {"requestParameters.bucketName": "shop"},
        "error_code": "AccessDenied",
        "error_message": "no",
        "account": ACCOUNT,
        "region": "eu-west-1",
        "event_id": "e1",
        "object": "s3://logs/x.json.gz",
    }
    assert [one["event_id"] for one in run("findings-of-detector", "Own")] == ["e4"]


@pytest.mark.parametrize("who", [DEPLOY["issuer"], DEPLOY["arn"], "deploy/ci", "ASIADEPLOY"])
def test_what_is_said_of_a_principal(run, who):
    rows = run("findings-of-principal", who)
    assert [(one["detector"], one["resources"]) for one in rows] == [
        ("TrailStopped", None),
        ("Own", "arn:aws:s3:::shop/a, arn:aws:s3:::shop"),
        ("AccessDenied", "arn:aws:s3:::shop/a, arn:aws:s3:::shop"),
    ]


def test_principals_by_how_many_detectors_found_them(run):
    assert [(one["principal"], one["detectors"], one["events"], one["which"]) for one in run("findings-by-principal")] == [
        (DEPLOY["issuer"], 2, 2, "Own, TrailStopped"),
        (ALICE["arn"], 2, 2, "AccessDenied, SigV2"),
        ("anonymous", 1, 1, "AnonymousPrincipal"),
    ]


def test_what_a_pack_found(run):
    columns = ("detector", "severity", "principal", "source_ip", "events", "last_event_id")
    assert [tuple(one[column] for column in columns) for one in run("findings-of-default")] == [
        ("AccessDenied", "medium", ALICE["arn"], "192.0.2.1", 2, "e2"),
        ("SigV2", "low", ALICE["arn"], "192.0.2.1", 1, "e1"),
        ("AnonymousPrincipal", "medium", "anonymous", "192.0.2.1", 1, "e6"),
    ]
    assert [one["detector"] for one in run("findings-of-threats")] == ["TrailStopped"]
    assert run("findings-of-cis") == []


def test_what_was_called_around_what_a_detector_found(run):
    rows = run("calls-around-findings", "TrailStopped")
    assert [(one["finding_id"], one["eventid"]) for one in rows] == [("e3", "e10"), ("e3", "e11")]


def packaged():
    """Names by pack, as the files have them."""
    own = {}
    for path in sorted((ROOT / "detectors").glob("*/*.yaml")):
        if path.name != "pack.yaml":
            own.setdefault(path.parent.name, {})[path] = yaml.safe_load(path.read_text(encoding="utf-8"))["name"]
    by_path = {path.relative_to(ROOT / "detectors").as_posix(): name for pack in own.values() for path, name in pack.items()}
    packs = {}
    for pack, names in own.items():
        about = yaml.safe_load((ROOT / "detectors" / pack / "pack.yaml").read_text(encoding="utf-8"))
        packs[pack] = {*names.values(), *(by_path[path] for path in about.get("includes", []))}
    return packs


def test_every_packaged_detector_is_projected_and_those_that_were_named():
    values = tables(DEPLOYED)["findings"]["Parameters"]["projection.detector.values"].split(",")
    assert len(values) == len(set(values))
    assert set(values) == {"Own", *(name for names in packaged().values() for name in names)}


@pytest.mark.parametrize("pack", packaged())
def test_the_query_of_a_pack_names_its_detectors(pack):
    text = QUERIES[f"findings-of-{pack}"]
    listed = text[text.index("detector IN (") :]
    assert set(listed[: listed.index(")")].split("'")[1::2]) == packaged()[pack]


def fields_of(file, struct):
    """The fields of a struct of the function's own, which serde writes by their names."""
    text = (ROOT / "shared" / "detection" / "src" / file).read_text(encoding="utf-8")
    body = re.search(rf"^pub struct {struct}\b.*?\{{\n(.*?)^\}}", text, re.MULTILINE | re.DOTALL)[1]
    return set(re.findall(r"^    pub (\w+):", body, re.MULTILINE))


def test_the_table_has_a_column_for_each_field_of_a_finding():
    described = tables(DEPLOYED)["findings"]
    columns = {column["Name"]: column["Type"] for column in described["StorageDescriptor"]["Columns"]}
    fields = (fields_of("finding.rs", "Finding") - {"tag", "event"}) | {"type"} | fields_of("finding/event.rs", "Event")
    # The detector is the folder's name.
    assert {*columns, "detector"} == fields
    assert set(re.findall(r"(\w+):", columns["actor"])) == fields_of("finding/actor.rs", "Actor")
